package mapping

import (
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

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
		nodes:       1,
		currencyRow: -1, currency: -1, variant: -1, mirrorSlot: -1,
	}
	slots := m.addFields()
	for i, r := range table.Rows {
		if err := m.add(i, r, slots); err != nil {
			return nil, fmt.Errorf("%s %s: row %s: %w", name, t, r.Canonical, err)
		}
	}
	for _, step := range []func(map[string]int) error{m.room, m.addKey, m.addVariants, m.addSaid, m.addSums, m.addPosting, m.addRetained} {
		if err := step(slots); err != nil {
			return nil, fmt.Errorf("%s %s: %w", name, t, err)
		}
	}
	for slot := numberSlot + 1; slot < len(m.fields); slot++ {
		if m.rowOf[slot] < 0 {
			m.rowless = append(m.rowless, slot)
		}
	}
	m.frames.mapping = m
	return m, nil
}

// addFields gives each canonical field its slot, and returns the slots by the fields' names.
func (m *Mapping) addFields() map[string]int {
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
		m.paths[slot] = jsontext.Path{"external_ids", string(m.platform), key}
		m.pointers[slot] = m.paths[slot].Pointer()
	}
	return slots
}

// addKey finds the fields that identify a record without an id, and the one that is its number.
func (m *Mapping) addKey(slots map[string]int) error {
	for _, field := range m.table.Key {
		slot, ok := slots[field]
		if !ok {
			return fmt.Errorf("key: no canonical field %s", field)
		}
		m.keySlots = append(m.keySlots, slot)
	}
	if m.table.Number == "" {
		return nil
	}
	slot, ok := slots[m.table.Number]
	if !ok || m.rowOf[numberSlot] >= 0 {
		return fmt.Errorf("number: no canonical field %s, or a row has it", m.table.Number)
	}
	m.mirrorSlot = slot
	return nil
}

// addSaid finds the fields that every record of the table has, or implies, with one value.
func (m *Mapping) addSaid(slots map[string]int) error {
	for list, words := range map[*[]said]map[string]string{&m.says: m.table.Says, &m.implies: m.table.Implies} {
		for field, word := range words {
			slot, ok := slots[field]
			if !ok || m.rowOf[slot] >= 0 {
				return fmt.Errorf("says: no canonical field %s, or a row has it", field)
			}
			*list = append(*list, said{slot, jsontext.NewString(word)})
		}
	}
	return nil
}

// addSums finds the amounts that add up, and those of a line that the platform computes.
func (m *Mapping) addSums(slots map[string]int) error {
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
	if m.table.LumpSum || m.table.Manual != "" {
		m.lump = lump{
			slotNamed("quantity"), slotNamed("unit_price"), slotNamed("amount"), slotNamed("discount_amount"), slotNamed("extended_type"), slotNamed("unit"),
		}
		if m.lump.discount >= 0 && m.rowOf[m.lump.discount] < 0 {
			m.lump.discount = -1 // the platform has none
		}
	}
	return nil
}

// add compiles a row.
func (m *Mapping) add(index int, r Row, slots map[string]int) error {
	compiled, err := m.checkRow(r, slots)
	if err != nil {
		return err
	}
	if r.Codec.Type == canonical.LinesType {
		if compiled.lines, err = compile(m.platform, m.local, "", m.fields[compiled.slot].Lines, *r.Codec.lines); err != nil {
			return err
		}
	}
	if r.Codec.Type == canonical.CurrencyType && r.Codec.OfRecord {
		m.currencyRow = index
	}
	for _, path := range r.Platform {
		keys := jsontext.ParsePath(path)
		compiled.paths = append(compiled.paths, keys)
		n, above := m.addNodes(keys)
		if n.leaf >= 0 {
			return fmt.Errorf("platform field %s has a row already", path)
		}
		n.leaf = len(m.leaves)
		compiled.leaves = append(compiled.leaves, n.leaf)
		m.leaves = append(m.leaves, leaf{row: index, pointer: n.pointer, node: n, above: above})
	}
	if compiled.slot == idSlot && len(compiled.paths[0]) == 1 {
		m.idKey = compiled.paths[0][0]
	}
	m.rowOf[compiled.slot] = index
	m.rows = append(m.rows, compiled)
	return nil
}

// checkRow checks a row against the canonical fields.
func (m *Mapping) checkRow(r Row, slots map[string]int) (row, error) {
	slot, ok := slots[r.Canonical]
	if !ok {
		return row{}, fmt.Errorf("no such canonical field")
	}
	f := m.fields[slot]
	if m.rowOf[slot] >= 0 {
		return row{}, fmt.Errorf("a row has this field already")
	}
	if r.Codec.Type != f.Type || r.Codec.Refers != f.Refers {
		return row{}, fmt.Errorf("codec %s reads %s, the field is %s", r.Codec.Name, r.Codec.Type, f.Type)
	}
	for _, w := range r.Codec.words {
		if _, ok := f.Normal(jsontext.NewString(w)); !ok {
			return row{}, fmt.Errorf("%q is no word of the field", w)
		}
	}
	switch {
	case len(r.Platform) == 0:
		return row{}, fmt.Errorf("no platform field")
	case r.Codec.Type == canonical.LinesType && len(r.Platform) != 1:
		return row{}, fmt.Errorf("lines have one platform field")
	}
	compiled := row{slot: slot, codec: r.Codec, fallback: -1, unit: -1, units: r.Units}
	for field, slot := range map[string]*int{r.Unit: &compiled.unit, r.Fallback: &compiled.fallback} {
		if field == "" {
			continue
		}
		if *slot, ok = slots[field]; !ok {
			return row{}, fmt.Errorf("no canonical field %s", field)
		}
	}
	return compiled, nil
}

// addNodes finds or makes the nodes of a path in the platform's record, and returns the last one, and those above it.
func (m *Mapping) addNodes(keys jsontext.Path) (n *node, above []*node) {
	n = m.root
	for i, key := range keys {
		child := n.next[key]
		if child == nil {
			child = &node{key: key, leaf: -1, index: m.nodes, pointer: jsontext.AppendPointer(n.pointer, key), place: len(n.order)}
			m.nodes++
			if n.next == nil {
				n.next = map[string]*node{}
			}
			n.next[key] = child
			n.order = append(n.order, child)
		}
		n = child
		if i < len(keys)-1 {
			above = append(above, n)
		}
	}
	return n, above
}

// room checks that all fields can be written at once: none where another one needs an object.
func (m *Mapping) room(map[string]int) error {
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
