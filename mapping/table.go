package mapping

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Table is the mapping of one entity type of one platform.
type Table struct {
	Rows []Row

	// Key names the canonical fields that together identify a record which has no id of its own.
	Key []string
	// Number names the canonical field that external_ids shows as the platform's number, where no row reads it.
	Number string
	// Own says how a record names the platform's own currency; the zero value: it does not.
	Own OwnCurrency
	// Says has what every record of the table says without a field for it: words, by canonical field.
	Says map[string]string
	// Implies has what every record of the table is and does not say: words, by canonical field. A document that says one of them, loses
	// nothing.
	Implies map[string]string
	// Variants are the kinds of records, where a record does not say of itself which it is.
	Variants Variants
	// LumpSum is of lines whose amount the platform computes: one that was born elsewhere, and whose quantity and price do not give
	// its amount, is one unit at that price.
	LumpSum bool
	// Posts is of lines that stand in books: a new one that names no account, item or the like gets the account of its code by the
	// context's settings.
	Posts bool
	// Retainage is of lines that stand in books: what is retained or released of a new invoice stands on lines of its own.
	Retainage bool
	// Progress is of lines that say what is done and stored to date, and what is retained of it: a new invoice that was born in books has
	// what is retained or released in them, and not on lines of its own.
	Progress bool
	// Manual is of lines whose amount the platform computes unless the canonical field extended_type says manual: it says so then.
	Manual string
}

// OwnCurrency is how a record names the platform's own currency: by the member Code, if the member Key has this text. Otherwise
// Key is the id of another currency.
type OwnCurrency struct{ Key, Text, Code string }

// of is the currency that a record names as the platform's own; empty if it names none.
func (o OwnCurrency) of(record jsontext.Value) string {
	code := record.Get(o.Code).Text()
	if _, ok := canonical.Exponent(code); !ok || o.Key == "" || record.Get(o.Key).Text() != o.Text {
		return ""
	}
	return code
}

// Row pairs a canonical field with a field of the platform.
type Row struct {
	Canonical string
	Platform  []string // dotted paths: the one written first, then the other forms in which the platform says the same
	Codec     Codec
	Fallback  string   // canonical field that speaks for this one where the platform leaves it empty
	Unit      string   // canonical field that says in what unit the value is; empty: there is but one
	Units     []string // the units, in capitals, in which the value is this field; none said is one of them
}

// Map makes a row.
func Map(canonicalPath string, codec Codec, platformPaths ...string) Row {
	return Row{Canonical: canonicalPath, Codec: codec, Platform: platformPaths}
}

// Or makes the row read another canonical field where the platform leaves this one empty.
func (r Row) Or(field string) Row {
	r.Fallback = field
	return r
}

// In makes the row one whose value is the field only if another field says one of these units, or none: a quantity of days is no number
// of hours.
func (r Row) In(unit string, units ...string) Row {
	r.Unit, r.Units = unit, units
	return r
}

// Canonical fields of the platform's own identity. They become external_ids.<platform>.id and .number.
const (
	ExternalID     = "external_ids.id"
	ExternalNumber = "external_ids.number"
)

var envelope = []canonical.Field{
	{Path: ExternalID, Type: canonical.TextType, About: "The record's own id on the platform."},
	{Path: ExternalNumber, Type: canonical.TextType, About: "The record's own number on the platform."},
}

const (
	idSlot     = 0
	numberSlot = 1
)

// Mapping is a compiled table.
type Mapping struct {
	platform canonical.PlatformName
	entity   canonical.EntityType // empty for the lines of a record
	local    string
	table    Table

	fields      []canonical.Field // by slot
	paths       []jsontext.Path   // by slot: where it stands in the document
	rowOf       []int             // by slot: the row, or -1
	moneySlots  []int
	rowless     []int    // slots without a row
	pointers    []string // by slot: JSON pointer in the document
	shape       *shape
	rows        []row
	idKey       string // member that holds the record's own id
	root        *node
	leaves      []leaf
	nodes       int
	currencyRow int
	currency    int // slot, or -1
	variant     int // slot of the kind of the record, or -1
	keySlots    []int
	mirrorSlot  int
	says        []said
	implies     []said
	lump        lump
	posting     posting
	retained    retained
	sums        sums
	frames      frames
}

// lump are the slots of a line of which a platform computes the amount; -1 if it has no such field.
type lump struct{ quantity, price, amount, discount, extended, unit int }

// said is a field that every record of a table has, or implies, with its value.
type said struct {
	slot  int
	value jsontext.Value
}

type row struct {
	slot     int
	paths    []jsontext.Path // in the record
	codec    Codec
	leaves   []int
	fallback int // slot, or -1
	unit     int // slot, or -1
	units    []string
	lines    *Mapping
}

type leaf struct {
	row     int
	pointer string // in the payload
	node    *node
	above   []*node

	computed bool // by the platform
}

// node is a key of the platform's record.
type node struct {
	key     string
	index   int
	pointer string // in the payload
	leaf    int    // -1 if no row reads the value itself
	next    map[string]*node
	order   []*node
	place   int // in the order of the node above
}

// child finds the node of a key. Members come most often in the order of the table: where one is expected, it is tried first.
func (n *node) child(key string, expected *int) *node {
	if *expected < len(n.order) {
		if child := n.order[*expected]; child.key == key {
			*expected++
			return child
		}
	}
	child := n.next[key]
	if child != nil {
		*expected = child.place + 1
	}
	return child
}

// shape is a key of the canonical document.
type shape struct {
	key  string
	slot int // -1 for an object
	next map[string]*shape
	kids []*shape
	at   int // among the kids of the shape above
}

// kid finds the shape of a key, as node.child does.
func (s *shape) kid(key string, expected *int) *shape {
	if *expected < len(s.kids) {
		if kid := s.kids[*expected]; kid.key == key {
			*expected++
			return kid
		}
	}
	kid := s.next[key]
	if kid != nil {
		*expected = kid.at + 1
	}
	return kid
}

// Computed marks the fields of the record, or of its lines, that the platform computes: see [Context.Lenient]. It is for the time before
// the mapping is used.
func (m *Mapping) Computed(is func(path jsontext.Path, ofLine bool) bool) {
	for i := range m.rows {
		r := &m.rows[i]
		for j, leaf := range r.leaves {
			m.leaves[leaf].computed = is(r.paths[j], m.entity == "")
		}
		if r.lines != nil {
			r.lines.Computed(is)
		}
	}
}

// Fields lists every canonical field with where the platform's record has it, if it does, and the codec between the two.
func (m *Mapping) Fields() []Field {
	var list []Field
	for slot, f := range m.fields {
		field := Field{Field: f, Document: m.paths[slot], Identity: slot <= numberSlot}
		i := m.rowOf[slot]
		switch {
		case i >= 0:
			field.Record, field.Codec = m.rows[i].paths, m.rows[i].codec.Name
		case field.Identity:
			continue
		}
		switch {
		case f.Type == canonical.LinesType && i >= 0:
			field.Lines = m.rows[i].lines.Fields()
		case f.Type == canonical.LinesType:
			for _, of := range f.Lines {
				field.Lines = append(field.Lines, Field{Field: of, Document: of.Keys()})
			}
		}
		list = append(list, field)
	}
	return list
}
