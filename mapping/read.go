package mapping

import (
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// ToCanonical reads a record of the platform.
func (m *Mapping) ToCanonical(payload jsontext.Value, ctx Context) (jsontext.Value, Report, error) {
	s := m.scope(ctx)
	defer s.release()
	if m.variant >= 0 && ctx.Variant == "" {
		s.refuseContext("/variant", m.table.Variants.expected())
	}
	if payload.Kind() != jsontext.Object {
		s.refusePayload("", "an object")
		return jsontext.Value{}, s.report, s.err()
	}
	s.own = m.table.Own.of(payload)
	s.currency, s.report.CurrencySource = s.localCurrency(), CurrencyOfPlatform
	if s.ctx.Currency != "" && s.own == "" {
		s.report.CurrencySource = CurrencyOfContext
	}
	s.reserve(payload.Len()*3/2 + 8) // an amount is an object of two more
	document := m.read(payload, s)
	if err := s.err(); err != nil {
		return jsontext.Value{}, s.report, err
	}
	if s.report.Currency == "" {
		s.report.Currency = s.currency
	}
	if m.entity == canonical.Invoice {
		document = m.derive(document, s)
	}
	return document, s.report, nil
}

// read makes a document, or a line of one, of a record.
func (m *Mapping) read(payload jsontext.Value, s *Scope) jsontext.Value {
	f := m.frames.get()
	defer m.frames.put(f)

	m.walk(m.root, payload, f, s)
	outer := s.currency
	m.readCurrency(f, s)
	for i := range m.rows {
		m.readRow(&m.rows[i], f, s)
	}
	for i := range m.rows {
		r := &m.rows[i]
		switch {
		case r.fallback < 0:
		case f.slots[r.slot].IsAbsent():
			f.slots[r.slot] = f.slots[r.fallback]
		case f.slots[r.slot].Equal(f.slots[r.fallback]): // only the record tells that both are there
			f.act[r.leaves[0]] = keep
		}
	}
	m.leaveOtherUnits(f, s)
	for _, said := range m.says {
		f.slots[said.slot] = said.value
	}
	if m.variant >= 0 {
		m.readVariant(f, s)
	}
	s.currency = outer

	rest := jsontext.Value{}
	if s.err() == nil {
		rest = m.rest(m.root, payload, f, s)
	}
	return m.assemble(f, rest, s)
}

// walk finds the members of a record that have a row. Without a scope it reports nothing.
func (m *Mapping) walk(n *node, object jsontext.Value, f *frame, s *Scope) {
	members := object.Members()
	next := 0
	for i := range members {
		v := &members[i].Value
		child := n.child(members[i].Key, &next)
		f.trail = append(f.trail, child)
		if child == nil {
			continue
		}
		switch {
		case v.Kind() == jsontext.Object && child.next != nil:
			f.have[child.index] = anObject
			m.walk(child, *v, f, s)
		case v.Kind() == jsontext.Null:
			f.have[child.index] = aNull
			if child.leaf >= 0 {
				f.found[child.leaf] = *v
			}
		case child.leaf >= 0:
			f.have[child.index] = aValue
			f.found[child.leaf] = *v
		default:
			f.have[child.index] = aValue
			if s != nil {
				s.refusePayload(child.pointer, "an object")
			}
		}
	}
}

// readCurrency finds the currency of the record, which its amounts need.
func (m *Mapping) readCurrency(f *frame, s *Scope) {
	if m.currencyRow < 0 {
		return
	}
	if stated := m.stated(f, s); stated != "" {
		s.currency = stated
		if len(s.lines) == 0 {
			s.report.CurrencySource, s.report.Currency = CurrencyOfPayload, stated
		}
	}
}

// stated is the currency that a record says it is in.
func (m *Mapping) stated(f *frame, s *Scope) string {
	r := &m.rows[m.currencyRow]
	for _, leaf := range r.leaves {
		if in := f.found[leaf]; !in.IsNone() {
			if v, expected := r.codec.Decode(s, in); expected == "" && !v.IsAbsent() {
				return v.Text()
			}
		}
	}
	return ""
}

func (m *Mapping) readRow(r *row, f *frame, s *Scope) {
	if r.lines != nil {
		m.readLines(r, f, s)
		return
	}
	var value jsontext.Value
	present := 0
	for _, leaf := range r.leaves {
		in := f.found[leaf]
		if in.IsAbsent() {
			continue
		}
		present++
		if in.Kind() == jsontext.Null {
			continue
		}
		v, expected := r.codec.Decode(s, in)
		switch {
		case expected == "":
		case s.ctx.Lenient && r.codec.Type == canonical.WordType && in.Kind() == jsontext.String:
			s.problem(m.leaves[leaf].pointer, UnknownWord)
			continue
		case s.ctx.Lenient && m.leaves[leaf].computed:
			s.problem(m.leaves[leaf].pointer, Impossible)
			continue
		default:
			s.refusePayload(m.leaves[leaf].pointer, expected)
			continue
		}
		if value.IsAbsent() {
			value = v
		}
	}
	f.slots[r.slot] = value

	if first := r.leaves[0]; present == 1 && m.givesBack(r, s, value, f.found[first]) {
		f.act[first] = drop
	}
}

// givesBack reports whether writing a value gives back by itself what was read, so that it need not travel as metadata. A
// reference and the kind of the record do not: writing them needs what is known from elsewhere.
func (m *Mapping) givesBack(r *row, s *Scope, value, in jsontext.Value) bool {
	if value.IsAbsent() || in.IsAbsent() || r.codec.Type == canonical.ReferenceType || r.slot == m.variant {
		return false
	}
	out, why := r.codec.Encode(s, value, jsontext.Value{})
	return why == "" && out.Kind() == in.Kind() && out.Literal() == in.Literal()
}

func (m *Mapping) readLines(r *row, f *frame, s *Scope) {
	leaf := r.leaves[0]
	in := f.found[leaf]
	if in.IsNone() {
		return
	}
	if in.Kind() != jsontext.Array {
		s.refusePayload(m.leaves[leaf].pointer, "an array of objects")
		return
	}
	lines := s.room(in.Len())
	s.lines = append(s.lines, place{payload: m.leaves[leaf].pointer, document: m.pointers[r.slot]})
	here := &s.lines[len(s.lines)-1]
	for i, element := range in.Members() {
		if here.index = i; s.isOver() {
			break
		}
		if element.Value.Kind() != jsontext.Object {
			s.refusePayload("", "an object")
			continue
		}
		lines = append(lines, jsontext.Member{Value: r.lines.read(element.Value, s)})
	}
	s.lines = s.lines[:len(s.lines)-1]
	f.slots[r.slot] = jsontext.ArrayOf(lines)
	f.act[leaf] = drop
}

// rest is what no row has read; it is absent if nothing is left. It follows the trail that walk has left.
func (m *Mapping) rest(n *node, object jsontext.Value, f *frame, s *Scope) jsontext.Value {
	base := len(f.stack)
	for _, member := range object.Members() {
		child := f.trail[f.at]
		f.at++
		switch {
		case child == nil:
			s.unmapped(n, member.Key)
		case member.Value.Kind() == jsontext.Object && child.next != nil:
			left := m.rest(child, member.Value, f, s)
			if !left.IsAbsent() {
				member.Value = left
			} else if member.Value.Len() > 0 {
				continue
			}
		case child.leaf >= 0 && f.act[child.leaf] == drop:
			continue
		}
		f.stack = append(f.stack, member)
	}
	if len(f.stack) == base {
		return jsontext.Value{}
	}
	return jsontext.NewObject(f.settle(s, base)...)
}

// unmapped reports a member that has no row; of lines, once.
func (s *Scope) unmapped(n *node, key string) {
	if s.first(n, key) {
		if s.report.Unmapped == nil {
			s.report.Unmapped = make([]string, 0, 8)
		}
		path := s.anyLine(func(p place) string { return p.payload }) + n.pointer
		s.report.Unmapped = append(s.report.Unmapped, jsontext.AppendPointer(path, key))
	}
}

// assemble makes the document of its fields.
func (m *Mapping) assemble(f *frame, rest jsontext.Value, s *Scope) jsontext.Value {
	base := len(f.stack)
	id := f.slots[idSlot]
	if id.IsAbsent() {
		if key := m.key(f); key != "" {
			id = jsontext.NewString(key)
		}
	}
	number := f.slots[numberSlot]
	if m.mirrorSlot >= 0 {
		number = f.slots[m.mirrorSlot]
	}
	if m.entity != "" {
		if !id.IsAbsent() {
			f.push("id", s.mint(m.entity, id.Text()))
		}
		f.push("object", jsontext.NewString(string(m.entity)))
	}
	if !id.IsAbsent() || !number.IsAbsent() {
		inner := len(f.stack)
		if !id.IsAbsent() {
			f.push("id", id)
		}
		if !number.IsAbsent() {
			f.push("number", number)
		}
		own := jsontext.NewObject(f.settle(s, inner)...)
		f.push("external_ids", s.only(own))
	}
	for _, kid := range m.shape.kids {
		f.gather(kid, s)
	}
	if !rest.IsAbsent() {
		f.push("provider_metadata", s.only(rest))
	}
	return jsontext.NewObject(f.settle(s, base)...)
}

// only makes an object whose one member is named after the platform.
func (s *Scope) only(v jsontext.Value) jsontext.Value {
	one := [1]jsontext.Member{{Key: string(s.platform), Value: v}}
	return jsontext.NewObject(s.hold(one[:])...)
}

func (f *frame) push(key string, v jsontext.Value) {
	f.stack = append(f.stack, jsontext.Member{Key: key, Value: v})
}

func (f *frame) gather(sh *shape, s *Scope) {
	if sh.slot >= 0 {
		if v := f.slots[sh.slot]; !v.IsAbsent() {
			f.push(sh.key, v)
		}
		return
	}
	base := len(f.stack)
	for _, kid := range sh.kids {
		f.gather(kid, s)
	}
	if len(f.stack) > base {
		f.push(sh.key, jsontext.NewObject(f.settle(s, base)...))
	}
}

// key makes the id of a record that has none from the fields that identify it together.
func (m *Mapping) key(f *frame) string {
	if len(m.keySlots) == 0 {
		return ""
	}
	var parts []string
	for _, slot := range m.keySlots {
		v := f.slots[slot]
		part := v.Text()
		if v.Kind() == jsontext.Number {
			part = v.Literal()
		}
		if part == "" {
			return ""
		}
		parts = append(parts, strings.ReplaceAll(part, "/", "//"))
	}
	return strings.Join(parts, "/")
}
