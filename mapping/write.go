package mapping

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// FromCanonical writes a document as a record of the platform.
func (m *Mapping) FromCanonical(document, onto jsontext.Value, ctx Context) (jsontext.Value, Report, error) {
	s := m.scope(ctx)
	defer s.release()
	s.onto = !onto.IsNone()
	s.record = s.onto
	switch {
	case document.Kind() != jsontext.Object:
		s.refuseDocument("", "an object")
	case s.onto && onto.Kind() != jsontext.Object:
		s.refusePayload("", "an object")
	default:
		if object := document.Get("object"); !object.IsNone() && object.Text() != string(m.entity) {
			s.refuseDocument("/object", string(m.entity))
		}
		base := onto
		if !s.onto {
			base = s.metadata(document)
		}
		if own := m.table.Own; own.Key != "" {
			if s.own = own.of(base); s.own == "" && !s.onto {
				s.own = own.of(base.With(own.Code, document.Get("currency"))) // the code is the document's by then
			}
		}
		ids := document.Get("external_ids")
		s.foreign = ids.Len() > 0 && ids.Get(string(s.platform)).IsNone()
		if !s.onto {
			s.useOwnRate(document)
		}
		if s.foreign && base.IsAbsent() {
			document = m.withRetainage(document, s)
		}
		s.reserve(document.Len())
		out, _ := m.write(document, base, s)
		if err := s.err(); err == nil {
			s.report.Currency = s.currency
			return out, s.report, nil
		}
	}
	return jsontext.Value{}, s.report, s.err()
}

// metadata is what a document carries of the platform's own record.
func (s *Scope) metadata(document jsontext.Value) jsontext.Value {
	all := document.Get("provider_metadata")
	own := all.Get(string(s.platform))
	if all.IsNone() || own.IsNone() && all.Kind() == jsontext.Object {
		return jsontext.Value{}
	}
	if own.Kind() != jsontext.Object {
		s.refuseDocument("/provider_metadata", "an object of objects, by platform")
		return jsontext.Value{}
	}
	return own
}

// write makes a record, or a line of one, of a document and of what the record has. It reports whether it is another.
func (m *Mapping) write(document, base jsontext.Value, s *Scope) (jsontext.Value, bool) {
	f := m.frames.get()
	defer m.frames.put(f)

	m.load(document, f, s)
	m.walk(m.root, base, f, nil)
	outerCurrency, outerSource := s.currency, s.source
	m.writeCurrency(f, s)
	if m.variant >= 0 {
		m.writeVariant(f, s)
	}
	if s.foreign && base.IsAbsent() && !s.onto {
		m.exchange(f, s)
		if m.lump.amount >= 0 {
			m.writeComputed(f, s)
		}
	}
	if m.table.Posts && !s.onto {
		m.post(f, s)
	}
	for i := range m.rows {
		m.writeRow(&m.rows[i], f, s)
	}
	m.reportUnwritten(f, s)
	if len(s.lines) > 0 {
		s.currency, s.source = outerCurrency, outerSource
	}
	if !f.dirty && !base.IsAbsent() {
		return base, false
	}
	return m.rebuild(m.root, base, f, s), true
}

// writeCurrency settles in which currency the record is. One that the platform has is in its own; a new one is in the
// context's, else in that of the document, which is then written with it.
func (m *Mapping) writeCurrency(f *frame, s *Scope) {
	top := len(s.lines) == 0
	implied := s.currency
	if top {
		implied = s.localCurrency()
	}
	stated := ""
	if m.currencyRow >= 0 {
		stated = m.stated(f, s)
	}
	of := m.currencyOf(f)
	currency, source := implied, CurrencyOfPlatform
	switch {
	case s.onto && stated != "":
		currency, source = stated, CurrencyOfPayload
	case s.ctx.Currency != "":
		if top || m.currencyRow >= 0 {
			source = CurrencyOfContext
		}
	case top && s.onto:
	case top && of != "" && m.currencyRow >= 0:
		currency, source = of, CurrencyOfDocument
	case !top && !s.record && m.currencyRow >= 0 && !f.slots[m.currency].IsNone():
		currency = f.slots[m.currency].Text()
	}
	if of == "" {
		of = s.source
	}
	s.currency, s.source = currency, of
	if top {
		s.report.CurrencySource = source
	}
	if m.currencyRow >= 0 {
		slot := m.rows[m.currencyRow].slot
		if !f.slots[slot].IsNone() || currency != implied {
			f.slots[slot] = jsontext.NewString(currency)
		} else {
			f.slots[slot] = jsontext.Value{}
		}
	}
}

// currencyOf is the currency of a document: that which it names, else that of its amounts, else that of its first line.
func (m *Mapping) currencyOf(f *frame) string {
	if m.currency >= 0 {
		if c := f.slots[m.currency]; !c.IsNone() {
			return c.Text()
		}
	}
	for _, slot := range m.moneySlots {
		if v := f.slots[slot]; !v.IsNone() && !m.fields[slot].Derived {
			return v.Get("currency").Text()
		}
	}
	for slot, field := range m.fields {
		if field.Type != canonical.LinesType || f.slots[slot].Len() == 0 {
			continue
		}
		line := f.slots[slot].Members()[0].Value
		if i := m.rowOf[slot]; i >= 0 && m.rows[i].lines.currencyRow >= 0 && !line.Get("currency").IsNone() {
			continue // that is written with the line
		}
		for _, member := range line.Members() {
			if money, ok := canonical.MoneyOf(member.Value); ok {
				return money.Currency
			}
		}
	}
	return ""
}

func (m *Mapping) writeRow(r *row, f *frame, s *Scope) {
	if r.lines != nil {
		m.writeLines(r, f, s)
		return
	}
	v := f.slots[r.slot]
	if v.IsAbsent() && s.onto {
		return
	}
	if m.isOtherUnit(r, f, s) {
		if !v.IsNone() {
			s.lost(m.pointers[r.slot], NoCounterpart)
		}
		return
	}
	said := v
	if !v.IsNone() && r.codec.Adapt != nil {
		adapted, expected := r.codec.Adapt(s, v)
		if expected != "" {
			s.refuseDocument(m.pointers[r.slot], expected)
			return
		}
		v = adapted
	}
	if v.IsNone() {
		m.empty(r, f, s)
		return
	}
	old, present := m.old(r, f, s)
	switch {
	case !old.IsAbsent() && old.Equal(v):
		m.resolved(r, f, s, v, Unchanged)
	case r.slot == idSlot && old.IsAbsent() && (s.onto || v.Text() == m.key(f)): // the platform gives ids, or the fields are one
	case old.IsAbsent() && r.fallback >= 0 && f.slots[r.fallback].Equal(said):
	case !present:
		m.insert(r, f, s, v)
	default:
		m.replace(r, f, s, v, old)
	}
}

// old is what the record has, read as canonical.
func (m *Mapping) old(r *row, f *frame, s *Scope) (old jsontext.Value, present bool) {
	for _, leaf := range r.leaves {
		in := f.found[leaf]
		if in.IsAbsent() {
			continue
		}
		present = true
		if in.Kind() == jsontext.Null {
			continue
		}
		if v, expected := r.codec.Decode(s, in); expected == "" && !v.IsAbsent() {
			return v, true
		}
	}
	return jsontext.Value{}, present
}

// empty takes a value away: the document is all that there is, or says null.
func (m *Mapping) empty(r *row, f *frame, s *Scope) {
	for _, leaf := range r.leaves {
		in := f.found[leaf]
		if in.IsNone() {
			continue
		}
		v, expected := r.codec.Decode(s, in)
		left := r.codec.Type == canonical.WordType || m.leaves[leaf].computed
		if expected == "" && v.IsAbsent() || expected != "" && !s.onto && left {
			continue // it says nothing, or what is not known: that travelled with the document
		}
		switch {
		case !s.onto:
			f.set(leaf, drop, jsontext.Value{})
		case r.codec.Blank.IsAbsent():
			s.lost(m.pointers[r.slot], NoCounterpart)
		default:
			f.set(leaf, write, r.codec.Blank)
		}
	}
}

// insert writes a field that the record does not have, in the first form that there is room for.
func (m *Mapping) insert(r *row, f *frame, s *Scope, v jsontext.Value) {
	if r.slot == m.variant {
		return
	}
	place := -1
	for _, leaf := range r.leaves {
		if f.hasRoom(&m.leaves[leaf]) {
			place = leaf
			break
		}
	}
	if place < 0 {
		m.unwritten(r, s, v, NoCounterpart)
		return
	}
	if out, ok := m.encode(r, s, v, jsontext.Value{}); ok {
		f.set(place, write, out)
	}
}

func (f *frame) hasRoom(l *leaf) bool {
	if f.have[l.node.index] == anObject {
		return false
	}
	for _, n := range l.above {
		if f.have[n.index] == aValue {
			return false
		}
	}
	return true
}

// replace writes a field that the record has, in every form in which it says the same.
func (m *Mapping) replace(r *row, f *frame, s *Scope, v, old jsontext.Value) {
	if r.slot == idSlot && s.onto && len(s.lines) == 0 {
		s.refuseDocument(m.pointers[idSlot], "the id of the record that is written onto")
		return
	}
	for _, leaf := range r.leaves {
		in := f.found[leaf]
		if in.IsAbsent() {
			continue
		}
		if in.Kind() != jsontext.Null {
			has, expected := r.codec.Decode(s, in)
			if expected == "" && !has.IsAbsent() && !has.Equal(old) {
				continue
			}
		}
		out, ok := m.encode(r, s, v, in)
		if !ok {
			return
		}
		if out.Kind() != in.Kind() || out.Literal() != in.Literal() {
			f.set(leaf, write, out)
		}
	}
}

func (f *frame) set(leaf int, a action, out jsontext.Value) {
	f.act[leaf], f.out[leaf], f.dirty = a, out, true
}

// encode writes a value and reports what is lost by it.
func (m *Mapping) encode(r *row, s *Scope, v, prev jsontext.Value) (jsontext.Value, bool) {
	out, why := r.codec.Encode(s, v, prev)
	if out.IsAbsent() {
		m.unwritten(r, s, v, why)
		return out, false
	}
	switch {
	case r.codec.Type == canonical.ReferenceType:
		key, _ := token(out)
		had, _ := token(prev)
		if s.report.Resolved == nil {
			s.report.Resolved = make([]Resolved, 0, 4)
		}
		s.report.Resolved = append(s.report.Resolved, Resolved{
			Field: s.documentPointer(m.pointers[r.slot]), CanonicalID: v.Text(), PlatformID: key,
			Injected: key != had, Reason: FromContext,
		})
	case why != "":
		s.lost(m.pointers[r.slot], why)
	}
	return out, true
}

// unwritten reports a value that the record cannot hold.
func (m *Mapping) unwritten(r *row, s *Scope, v jsontext.Value, why Reason) {
	switch {
	case r.slot == idSlot: // an id of another form, such as one made of several fields, is not written
	case r.codec.Type != canonical.ReferenceType:
		s.lost(m.pointers[r.slot], why)
	case why == NotInContext:
		s.unresolved(m.pointers[r.slot], v, why)
	default:
		s.refuseContext(jsontext.AppendPointer("/references", v.Text()), r.codec.wanted)
	}
}

// resolved reports that the record holds a reference, and why.
func (m *Mapping) resolved(r *row, f *frame, s *Scope, v jsontext.Value, why Reason) {
	if r.codec.Type != canonical.ReferenceType {
		return
	}
	for _, leaf := range r.leaves {
		if key, ok := token(f.found[leaf]); ok {
			s.report.Resolved = append(s.report.Resolved, Resolved{
				Field: s.documentPointer(m.pointers[r.slot]), CanonicalID: v.Text(), PlatformID: key, Reason: why,
			})
			return
		}
	}
}

// reportUnwritten reports the fields of the document that the platform does not have.
func (m *Mapping) reportUnwritten(f *frame, s *Scope) {
	for _, slot := range m.rowless {
		v := f.slots[slot]
		isSame := func(s said) bool { return s.slot == slot && s.value.Equal(v) }
		if v.IsNone() || m.fields[slot].Derived || slices.ContainsFunc(m.says, isSame) || slices.ContainsFunc(m.implies, isSame) {
			continue
		}
		if s.report.Lost == nil {
			s.report.Lost = make([]Loss, 0, 16) // where there is one, there are more
		}
		switch {
		case m.fields[slot].Type == canonical.ReferenceType:
			s.unresolved(m.pointers[slot], v, NoTargetField)
		case s.first(m.root, m.pointers[slot]):
			s.lost(m.pointers[slot], NoField)
		}
	}
}
