package mapping

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
)

// Context is what a translation must know and the record does not say.
type Context struct {
	// Variant says which kind of record it is, in the platform's own word, where its records do not: see Table.Variants.
	Variant string
	// Currency is the ISO 4217 currency of the platform's record, unless the record names its own. Empty: see Report.
	Currency string
	// References has the platform's own id for canonical ids that the document refers to.
	References map[string]string
	// Rates are the rates of exchange; the zero value is the pegs.
	Rates canonical.Rates
	// Settings say how the platform's books are kept; nil: nobody said.
	Settings *books.Settings
	// Lenient has two things left to the record, and reported, that are else refused: a word of an enumeration that the platform's table
	// does not know, and an impossible value in a field that the platform computes.
	Lenient bool
	// Stop is asked now and then in a long translation, which ends with its error: the request has ended. Nil: it never does.
	// It is [context.Context.Err] most often.
	Stop func() error
}

// Report says what a translation did that its result does not show.
type Report struct {
	Currency       string         // the currency of the platform's amounts
	CurrencySource CurrencySource // and who said so
	Conversions    []Conversion   // of money into another currency, one for each pair
	Resolved       []Resolved     // references that the platform's record holds
	Unresolved     []Unresolved   // references that it does not hold
	Unmapped       []string       // JSON pointers of input fields that travel in provider_metadata only; * is any line
	Lost           []Loss         // canonical fields that the platform's record does not hold
	Problems       []Problem      // members of the platform's record that were not understood, and stay with it alone
}

// CurrencySource says where the currency of a platform's amounts comes from.
type CurrencySource string

// The sources of a currency.
const (
	CurrencyOfPayload  CurrencySource = "payload"   // the record names it
	CurrencyOfContext  CurrencySource = "context"   // Context.Currency
	CurrencyOfDocument CurrencySource = "canonical" // that of the canonical amounts, which is written with them
	CurrencyOfPlatform CurrencySource = "platform"  // the platform's own currency, because nothing else was said
)

// Conversion is a change of currency.
type Conversion struct {
	From, To, Rate string
	Source         canonical.RateSource
	Date           string // the day of the record whose rate it is (YYYY-MM-DD); empty: the rate is of no day that is known
}

// Resolved is a reference of the document that the platform's record holds.
type Resolved struct {
	Field       string // JSON pointer in the document
	CanonicalID string
	PlatformID  string
	Injected    bool // the id was put in by this translation
	Reason      Reason
}

// Unresolved is a reference of the document that the platform's record does not hold.
type Unresolved struct {
	Field       string // JSON pointer in the document
	CanonicalID string
	Reason      Reason
}

// Loss is a field of the document that the platform's record does not hold, or not exactly.
type Loss struct {
	Field  string // JSON pointer in the document
	Reason Reason
}

// Problem is a member of a platform's record that is no canonical field as it stands.
type Problem struct {
	Field  string // JSON pointer in the record
	Reason Reason
}

// Reason says why something is as the report has it.
type Reason string

// Reasons of resolved references.
const (
	Unchanged   Reason = "unchanged"    // the record pointed there already
	FromContext Reason = "from_context" // Context.References has it
)

// Reasons of unresolved references.
const (
	NotInContext  Reason = "not_in_context"  // Context.References does not have it
	NoTargetField Reason = "no_target_field" // the platform's record has no such reference
)

// Reasons of problems.
const (
	OtherUnit   Reason = "other_unit"   // it is a quantity in another unit
	UnknownWord Reason = "unknown_word" // it is none of the words that are known
	Impossible  Reason = "impossible"   // it is no value of its field, which the platform computes

	PreviousUnknown Reason = "previous_unknown" // it does not say what stood before this period, so that what this period adds is not known
)

// Reasons of losses.
const (
	NoField       Reason = "no_field"       // the platform's record has no such field
	NoCounterpart Reason = "no_counterpart" // the platform has the field, but no way to say this value; it stays as it was
	Approximated  Reason = "approximated"   // the platform has no such word; the closest one is written
	TooLong       Reason = "too_long"       // the platform refuses so long a text; the field stays as it was
)
