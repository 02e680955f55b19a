package mapping

import (
	"slices"
	"strings"

	"structural.app/structural/jsontext"
)

// leaveOtherUnits leaves what is in another unit than the canonical field has to the record alone.
func (m *Mapping) leaveOtherUnits(f *frame, s *Scope) {
	for i := range m.rows {
		r := &m.rows[i]
		if r.unit < 0 || f.slots[r.slot].IsNone() || r.isIn(f.slots[r.unit]) {
			continue
		}
		f.slots[r.slot] = jsontext.Value{}
		for _, leaf := range r.leaves {
			f.act[leaf] = keep
			if !f.found[leaf].IsNone() {
				s.problem(m.leaves[leaf].pointer, OtherUnit)
			}
		}
	}
}

// isIn says whether a unit is one in which the row's value is its field.
func (r *row) isIn(unit jsontext.Value) bool {
	text := strings.ToUpper(unit.Text())
	return text == "" || slices.Contains(r.units, text)
}

// isOtherUnit says whether the record, or else the document, has the value of a row in another unit. Then it is not written.
func (m *Mapping) isOtherUnit(r *row, f *frame, s *Scope) bool {
	if r.unit < 0 {
		return false
	}
	unit := f.slots[r.unit]
	if of := m.rowOf[r.unit]; of >= 0 {
		if old, present := m.old(&m.rows[of], f, s); present {
			unit = old
		}
	}
	return !r.isIn(unit)
}

// problem reports a member of the record that is not understood, and left as it is.
func (s *Scope) problem(pointer string, why Reason) {
	field := s.prefix(func(p place) string { return p.payload }) + pointer
	s.report.Problems = append(s.report.Problems, Problem{Field: field, Reason: why})
}
