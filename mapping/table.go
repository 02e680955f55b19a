package mapping

import (
	"fmt"

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
	// Says has what every record of the table says without a field for it: words, by canonical field.
	Says map[string]string
	// Variants are the kinds of records, where a record does not say of itself which it is.
	Variants Variants
	// LumpSum is of lines whose amount the platform computes: one that was born elsewhere, and whose quantity and price do not give
	// its amount, is one unit at that price.
	LumpSum bool
	// Manual is of lines whose amount the platform computes unless the canonical field extended_type says manual: it says so then.
	Manual string
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
	lump        lump
	sums        sums
	frames      frames
}

// lump are the slots of a line of which a platform computes the amount; -1 if it has no such field.
type lump struct{ quantity, price, amount, discount, extended, unit int }

// said is a field that every record of a table has, with its value.
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

// Compile checks a table against the canonical fields of its type and makes it ready for use. Local is the currency in
// which the platform's amounts are if nothing says otherwise.
func Compile(name canonical.PlatformName, local string, t canonical.EntityType, table Table) (*Mapping, error) {
	return compile(name, local, t, canonical.Fields(t), table)
}

func compile(name canonical.PlatformName, local string, t canonical.EntityType, fields []canonical.Field, table Table) (*Mapping, error) {
	m := &Mapping{
		platform: name, entity: t, local: local, table: table,
		fields:      append(envelope[:2:2], fields...),
		shape:       &shape{slot: -1},
		root:        &node{leaf: -1},
		currencyRow: -1, currency: -1, variant: -1, mirrorSlot: -1,
	}
	m.nodes = 1
	slots := map[string]int{}
	for slot, f := range m.fields {
		slots[f.Path] = slot
		m.rowOf = append(m.rowOf, -1)
		m.paths = append(m.paths, f.Keys())
		m.pointers = append(m.pointers, m.paths[slot].Pointer())
		if slot > numberSlot {
			m.shape.add(m.paths[slot], slot)
		}
		switch f.Type {
		case canonical.CurrencyType:
			if f.Path == "currency" {
				m.currency = slot
			}
		case canonical.MoneyType:
			m.moneySlots = append(m.moneySlots, slot)
		}
	}
	for slot, key := range [...]string{idSlot: "id", numberSlot: "number"} {
		m.paths[slot] = jsontext.Path{"external_ids", string(name), key}
		m.pointers[slot] = m.paths[slot].Pointer()
	}

	for i, r := range table.Rows {
		if err := m.add(i, r, slots); err != nil {
			return nil, fmt.Errorf("%s %s: row %s: %w", name, t, r.Canonical, err)
		}
	}
	if err := m.room(); err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, t, err)
	}
	for slot := numberSlot + 1; slot < len(m.fields); slot++ {
		if m.rowOf[slot] < 0 {
			m.rowless = append(m.rowless, slot)
		}
	}
	for _, field := range table.Key {
		slot, ok := slots[field]
		if !ok {
			return nil, fmt.Errorf("%s %s: key: no canonical field %s", name, t, field)
		}
		m.keySlots = append(m.keySlots, slot)
	}
	if table.Number != "" {
		slot, ok := slots[table.Number]
		if !ok || m.rowOf[numberSlot] >= 0 {
			return nil, fmt.Errorf("%s %s: number: no canonical field %s, or a row has it", name, t, table.Number)
		}
		m.mirrorSlot = slot
	}
	if len(table.Variants.Kinds) > 0 {
		if err := m.addVariants(slots); err != nil {
			return nil, fmt.Errorf("%s %s: variants: %w", name, t, err)
		}
	}
	for field, word := range table.Says {
		slot, ok := slots[field]
		if !ok || m.rowOf[slot] >= 0 {
			return nil, fmt.Errorf("%s %s: says: no canonical field %s, or a row has it", name, t, field)
		}
		m.says = append(m.says, said{slot, jsontext.NewString(word)})
	}
	slotNamed := func(field string) int {
		if slot, ok := slots[field]; ok {
			return slot
		}
		return -1
	}
	m.sums = sums{slotNamed("amount"), slotNamed("tax_amount"), slotNamed("amount_including_tax")}
	if excluding := slotNamed("amount_excluding_tax"); excluding >= 0 {
		m.sums = sums{excluding, slotNamed("tax_amount"), slotNamed("amount")}
	}
	m.lump.amount = -1
	if table.LumpSum || table.Manual != "" {
		m.lump = lump{
			slotNamed("quantity"), slotNamed("unit_price"), slotNamed("amount"), slotNamed("discount_amount"), slotNamed("extended_type"), slotNamed("unit"),
		}
		if m.lump.discount >= 0 && m.rowOf[m.lump.discount] < 0 {
			m.lump.discount = -1 // the platform has none
		}
	}
	m.frames.mapping = m
	return m, nil
}

func (m *Mapping) add(index int, r Row, slots map[string]int) error {
	slot, ok := slots[r.Canonical]
	if !ok {
		return fmt.Errorf("no such canonical field")
	}
	f := m.fields[slot]
	if m.rowOf[slot] >= 0 {
		return fmt.Errorf("a row has this field already")
	}
	if r.Codec.Type != f.Type || r.Codec.Refers != f.Refers {
		return fmt.Errorf("codec %s reads %s, the field is %s", r.Codec.Name, r.Codec.Type, f.Type)
	}
	for _, w := range r.Codec.words {
		if _, ok := f.Normal(jsontext.NewString(w)); !ok {
			return fmt.Errorf("%q is no word of the field", w)
		}
	}
	if len(r.Platform) == 0 {
		return fmt.Errorf("no platform field")
	}
	compiled := row{slot: slot, codec: r.Codec, fallback: -1, unit: -1, units: r.Units}
	if r.Unit != "" {
		if compiled.unit, ok = slots[r.Unit]; !ok {
			return fmt.Errorf("no canonical field %s", r.Unit)
		}
	}
	if r.Fallback != "" {
		if compiled.fallback, ok = slots[r.Fallback]; !ok {
			return fmt.Errorf("no canonical field %s", r.Fallback)
		}
	}
	if r.Codec.Type == canonical.LinesType {
		if len(r.Platform) != 1 {
			return fmt.Errorf("lines have one platform field")
		}
		lines, err := compile(m.platform, m.local, "", f.Lines, *r.Codec.lines)
		if err != nil {
			return err
		}
		compiled.lines = lines
	}
	if r.Codec.Type == canonical.CurrencyType && r.Codec.OfRecord {
		m.currencyRow = index
	}
	for _, path := range r.Platform {
		n := m.root
		keys := jsontext.ParsePath(path)
		compiled.paths = append(compiled.paths, keys)
		var above []*node
		for _, key := range keys {
			child := n.next[key]
			if child == nil {
				child = &node{
					key: key, leaf: -1, index: m.nodes, pointer: jsontext.AppendPointer(n.pointer, key), place: len(n.order),
				}
				m.nodes++
				if n.next == nil {
					n.next = map[string]*node{}
				}
				n.next[key] = child
				n.order = append(n.order, child)
			}
			n = child
			above = append(above, n)
		}
		if n.leaf >= 0 {
			return fmt.Errorf("platform field %s has a row already", path)
		}
		n.leaf = len(m.leaves)
		compiled.leaves = append(compiled.leaves, n.leaf)
		m.leaves = append(m.leaves, leaf{row: index, pointer: n.pointer, node: n, above: above[:len(above)-1]})
	}
	if slot == idSlot && len(compiled.paths[0]) == 1 {
		m.idKey = compiled.paths[0][0]
	}
	m.rowOf[slot] = index
	m.rows = append(m.rows, compiled)
	return nil
}

// room checks that all fields can be written at once: none where another one needs an object.
func (m *Mapping) room() error {
	objects := map[*node]string{}
	for _, r := range m.rows {
		for _, n := range m.leaves[r.leaves[0]].above {
			objects[n] = m.leaves[r.leaves[0]].pointer
		}
	}
	for _, r := range m.rows {
		if l := m.leaves[r.leaves[0]]; objects[l.node] != "" {
			return fmt.Errorf("%s and %s cannot both be written", l.pointer, objects[l.node])
		}
	}
	return nil
}

func (s *shape) add(path jsontext.Path, slot int) {
	for _, key := range path {
		child := s.next[key]
		if child == nil {
			child = &shape{key: key, slot: -1, at: len(s.kids)}
			if s.next == nil {
				s.next = map[string]*shape{}
			}
			s.next[key] = child
			s.kids = append(s.kids, child)
		}
		s = child
	}
	s.slot = slot
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
