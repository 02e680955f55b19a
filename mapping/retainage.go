package mapping

import (
	"fmt"
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
		switch lines := m.rows[i].lines; {
		case lines == nil:
		case lines.table.Retainage:
			return books.Split(document, s.ctx.Settings)
		case lines.table.Progress:
			joined, shared := books.Join(document)
			for _, line := range shared {
				s.lost("/lines/"+strconv.Itoa(line), Approximated)
			}
			return joined
		}
	}
	return document
}

// retained are the slots of a line's amounts of the period that add up: see exchangeRetained.
type retained struct{ gross, retained, released, due int }

// addRetained finds them.
func (m *Mapping) addRetained(slots map[string]int) error {
	if !m.table.Progress {
		return nil
	}
	for field, slot := range map[string]*int{
		"period_amount": &m.retained.gross, "retainage.work_amount": &m.retained.retained,
		"retainage.work_released_amount": &m.retained.released, "amount": &m.retained.due,
	} {
		of, ok := slots[field]
		if !ok {
			return fmt.Errorf("progress: no canonical field %s", field)
		}
		*slot = of
	}
	return nil
}

// isRetained says whether gross, less what is retained, with what is released, is due, in the amounts of a line, in one currency.
func (m *Mapping) isRetained(f *frame) bool {
	due, ok := m.retainedOf(f)
	return ok && due == 0
}

// retainedOf is by how much the due amount of a line is less than the others give.
func (m *Mapping) retainedOf(f *frame) (minor int64, ok bool) {
	var currency string
	for slot, sign := range map[int]int64{m.retained.gross: 1, m.retained.retained: -1, m.retained.released: 1, m.retained.due: -1} {
		money, has := canonical.MoneyOf(f.slots[slot])
		if !has || currency != "" && money.Currency != currency {
			return 0, false
		}
		minor, currency = minor+sign*money.AmountMinor, money.Currency
	}
	return minor, true
}

// settleRetained makes the amounts of a converted line add up again: each was rounded by itself. What is retained takes the difference,
// or what is released, where nothing is retained.
func (m *Mapping) settleRetained(f *frame, s *Scope) {
	more, ok := m.retainedOf(f)
	if !ok || more == 0 {
		return
	}
	retained, _ := canonical.MoneyOf(f.slots[m.retained.retained])
	released, _ := canonical.MoneyOf(f.slots[m.retained.released])
	if retained.AmountMinor == 0 && released.AmountMinor != 0 {
		released.AmountMinor -= more
		f.slots[m.retained.released] = s.money(released)
		return
	}
	retained.AmountMinor += more
	f.slots[m.retained.retained] = s.money(retained)
}
