package mapping

import (
	"strconv"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// derive adds to an invoice what this period says, and reports where the record does not say what stood before it.
func (m *Mapping) derive(document jsontext.Value, s *Scope) jsontext.Value {
	derived, open := books.Derive(document, s.ctx.Settings)
	for _, line := range open {
		pointer := ""
		for i := range m.rows {
			if r := &m.rows[i]; r.lines != nil && line != books.TheWhole {
				pointer = m.leaves[r.leaves[0]].pointer + "/" + strconv.Itoa(line)
			}
		}
		s.problem(pointer, PreviousUnknown)
	}
	return derived
}

// withRetainage makes the lines of a new invoice from elsewhere such as the platform keeps.
func (m *Mapping) withRetainage(document jsontext.Value, s *Scope) jsontext.Value {
	if m.entity != canonical.Invoice {
		return document
	}
	for i := range m.rows {
		if lines := m.rows[i].lines; lines != nil && lines.table.Retainage {
			return books.Split(document, s.ctx.Settings)
		}
	}
	return document
}
