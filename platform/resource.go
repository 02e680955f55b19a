package platform

import (
	"slices"

	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// Resource says where a platform takes the records of one entity type, and what it takes of them. Its facts are those of the
// platform's own API.
type Resource struct {
	// NoSpec says that it is not known where the platform takes such records, if anywhere: nothing is sent.
	NoSpec bool
	// Path is where a record is made, by POST. Parameters are in braces; {id} is that of the record.
	Path string
	// UpdatePath is where one is changed, by PATCH. Empty: records are not changed there.
	UpdatePath string
	// Root are the members of a body beside the record: the project that it belongs to.
	Root []Taken
	// Wrapper is the member of a body that the record is in. Empty: the body is the record.
	Wrapper string
	// RequiredOfNew says that a change need not repeat what is required of a new record.
	RequiredOfNew bool
	// Fields are what the platform takes of a record.
	Fields []Taken
	// Computed are the members that the platform computes, and never takes.
	Computed []string
	// Currency is the member that says the currency of the record's amounts, where the platform does not take it: it takes amounts in
	// its own currency alone. Empty: it takes the currency, or there is none.
	Currency string
	// Booked is the member that must be less than nothing: more is a refund, which the platform does not take there. Empty: any sign
	// will do.
	Booked string
	// PaysOut says that it must be more than nothing instead.
	PaysOut bool
	// Amounts are the fields that are then not taken.
	Amounts []string
	// Variant is where the platform takes records of another variant of the type. Nil: all are taken here.
	Variant *Resource
	// Extends is the member of a record that says the id of another one, of which the record is further lines; Path is where one line is
	// made. Empty: the record stands alone.
	Extends string
	// Lines are the record's lines. Nil: it has none, or they are not taken.
	Lines *LineResource
}

// LineResource says where and how a platform takes the lines of a record.
type LineResource struct {
	Member string // of a record, and of a body that has the lines in it
	// Path is where one line is made, by POST, after the record; {id} is the record's. Empty: a new record's body has its lines.
	Path string
	// InBody says that lines are sent in the body of the record, changed ones too.
	InBody bool
	// AddPath is where a line is added to a record that there is, by POST. Empty: Path.
	AddPath string
	// UpdatePath is where one line is changed, by PATCH; {line} is its id. Empty: the body of the record's change has the lines.
	UpdatePath string
	Wrapper    string // of a line that is sent by itself
	Root       []Taken
	Fields     []Taken
	Computed   []string
	// Required says that a record without lines has no amount.
	Required bool
}

// Taken is a field that a platform takes.
type Taken struct {
	Name string
	// From are the members of the record that say it, dotted paths, the first that is filled. Empty: Name.
	From []string
	// Or are the names of other fields that will do where this one is required.
	Or []string
	// Unless is a member of the record, and the text that it has where this one is not required.
	Unless     [2]string
	Required   bool
	CreateOnly bool
	UpdateOnly bool          // of a line: it names the one that is changed
	As         jsontext.Kind // what it is sent as, of a number or a text; Absent: as it stands
	Members    []string      // of an object, those that are taken; nil: all
	MaxLength  int           // in characters; 0: no limit
	Words      []string      // the only ones that it takes; nil: any
	Reason     string        // why it is missing; empty: "not_in_record"
	Refused    string        // why it is not taken this time; empty: it is
	// Setting is what the connection's settings say of it, of a new record that does not; empty: nothing. Nil: they never do.
	Setting func(*books.Settings) string
}

// Takes makes fields that are taken by their own names.
func Takes(names ...string) []Taken {
	fields := make([]Taken, len(names))
	for i, name := range names {
		fields[i] = Taken{Name: name}
	}
	return fields
}

// TakesUpTo makes texts that are taken up to a length in characters.
func TakesUpTo(length int, names ...string) []Taken {
	fields := Takes(names...)
	for i := range fields {
		fields[i].MaxLength = length
	}
	return fields
}

// sources are the members of a record that say a field.
func (t Taken) sources() []jsontext.Path {
	if len(t.From) == 0 {
		return []jsontext.Path{{t.Name}}
	}
	paths := make([]jsontext.Path, len(t.From))
	for i, from := range t.From {
		paths[i] = jsontext.ParsePath(from)
	}
	return paths
}

// TakesAs makes fields that are taken as numbers, or as texts, whichever the record has.
func TakesAs(kind jsontext.Kind, names ...string) []Taken {
	fields := Takes(names...)
	for i := range fields {
		fields[i].As = kind
	}
	return fields
}

// Refuses says why a platform takes no such record at all; empty if it does.
func (r *Resource) Refuses(record jsontext.Value) string {
	switch {
	case r.NoSpec:
		return HasNoSpec
	case r.Extends != "" && record.Get(r.Lines.Member).Len() == 0:
		return HasNoLines
	case r.Booked == "":
		return ""
	}
	amount, ok := jsontext.ParseDecimal(record.Get(r.Booked).Literal())
	if sign := amount.Sign(); ok && (sign > 0 && !r.PaysOut || sign < 0 && r.PaysOut) {
		return IsRefund
	}
	return ""
}

// HasNoSpec says that it is not known which operation takes such records.
const HasNoSpec = "no_spec"

// IsRefund says that a payment goes the other way.
const IsRefund = "refund"

// How a platform takes a field.
const (
	TakesAlways   = "settable"    // of a new record and of one that there is
	TakesOfNew    = "create_only" // of a new record
	TakesComputed = "computed"    // never: it computes the field
	TakesIdentity = "identity"    // never: it gives the field
	TakesNever    = "no_field"    // never: its API has no such field
)

// Takes says how the platform takes a member of a record, or of a line of one, by its path.
func (r *Resource) Takes(path jsontext.Path, ofLine bool) string {
	if r == nil {
		return TakesNever
	}
	fields, computed := slices.Concat(r.Root, r.Fields), r.Computed
	switch {
	case ofLine && r.Lines == nil:
		return TakesNever
	case ofLine:
		fields, computed = r.Lines.Fields, r.Lines.Computed
	case r.Lines != nil && path[0] == r.Lines.Member:
		return TakesAlways
	}
	for _, field := range fields {
		if !field.isOf(path) || field.UpdateOnly {
			continue
		}
		if field.CreateOnly {
			return TakesOfNew
		}
		return TakesAlways
	}
	switch {
	case path[0] == "id":
		return TakesIdentity
	case slices.Contains(computed, path[0]):
		return TakesComputed
	}
	return r.Variant.Takes(path, ofLine)
}

// isOf says whether a field is what stands at a path of a record: there itself, or in an object that is taken whole.
func (t Taken) isOf(path jsontext.Path) bool {
	return slices.ContainsFunc(t.sources(), func(source jsontext.Path) bool {
		return len(source) <= len(path) && slices.Equal(source, path[:len(source)]) &&
			(len(source) == len(path) || t.Members == nil || slices.Contains(t.Members, path[len(source)]))
	})
}
