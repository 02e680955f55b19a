package mapping

import (
	"math/big"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// A new record in another currency adds up as the document does: each amount of the record is converted once, and those of its
// lines by running total, in the order of the lines, so that the lines' sum is the converted sum. Systems of accounts do so themselves.
//
//	three lines of 33.34 USD, 100.02 in all, at 3.64    121.36, 121.36, 121.35: 364.07 in all

// running is the sum of one field over the lines so far.
type running struct{ given, written int64 }

// useOwnRate has a document that says the rate from its currency to its base currency converted by it.
func (s *Scope) useOwnRate(document jsontext.Value) {
	text := document.Get("exchange_rate")
	if text.IsNone() {
		return
	}
	from, to := document.Get("currency").Text(), document.Get("base_currency").Text()
	if rate, ok := canonical.ParseRate(text.Text()); ok && from != "" && to != "" && from != to {
		s.ctx.Rates = s.ctx.Rates.WithOwn(from, to, rate)
		s.rateDate = document.Get("invoice_date").Text()
	}
}

// exchange converts the amounts of a new record, or of a line of one. An amount that cannot be is left to its codec, which says so.
func (m *Mapping) exchange(f *frame, s *Scope) {
	from, whole := s.currency, true
	taxed, retained := m.isTaxed(f), m.table.Progress && m.isRetained(f)
	for _, slot := range m.moneySlots {
		row := m.rowOf[slot]
		money, ok := canonical.MoneyOf(f.slots[slot])
		if !ok || money.Currency == s.currency || row >= 0 && m.rows[row].codec.OwnCurrency {
			continue
		}
		from = money.Currency
		converted, ok := s.exchange(money, slot)
		if !ok {
			whole = false
			continue
		}
		s.converted(money.Currency, s.currency)
		f.slots[slot] = s.money(converted)
	}
	if retained && whole && from != s.currency {
		m.settleRetained(f, s)
	}
	if taxed && whole && from != s.currency {
		net, _ := canonical.MoneyOf(f.slots[m.sums.net])
		total, _ := canonical.MoneyOf(f.slots[m.sums.total])
		f.slots[m.sums.tax] = s.money(canonical.Money{AmountMinor: total.AmountMinor - net.AmountMinor, Currency: s.currency})
	}
}

// exchange converts an amount of a record, or of a line, where it adds to those of the lines before.
func (s *Scope) exchange(money canonical.Money, slot int) (canonical.Money, bool) {
	if len(s.lines) == 0 {
		converted, _, err := s.ctx.Rates.Convert(money, s.currency)
		return converted, err == nil
	}
	here := &s.lines[len(s.lines)-1]
	if here.running == nil {
		here.running = map[runningKey]running{}
	}
	key := runningKey{slot, money.Currency, s.currency}
	sum := here.running[key]
	total := sum.given + money.AmountMinor
	if (total > sum.given) != (money.AmountMinor > 0) && money.AmountMinor != 0 {
		return canonical.Money{}, false // beyond 64 bits
	}
	converted, _, err := s.ctx.Rates.Convert(canonical.Money{AmountMinor: total, Currency: money.Currency}, s.currency)
	if err != nil {
		return canonical.Money{}, false
	}
	here.running[key] = running{total, converted.AmountMinor}
	converted.AmountMinor -= sum.written
	return converted, true
}

// runningKey is a field of the lines, in one currency, written in another.
type runningKey struct {
	slot     int
	from, to string
}

// sums are the slots of a record's, or a line's, amounts that add up; -1 if it has no such field.
type sums struct{ net, tax, total int }

// isTaxed says whether the amount without tax and the tax add up to the amount with it, in one currency.
func (m *Mapping) isTaxed(f *frame) bool {
	if m.sums.net < 0 || m.sums.tax < 0 || m.sums.total < 0 {
		return false
	}
	net, hasNet := canonical.MoneyOf(f.slots[m.sums.net])
	tax, hasTax := canonical.MoneyOf(f.slots[m.sums.tax])
	total, hasTotal := canonical.MoneyOf(f.slots[m.sums.total])
	return hasNet && hasTax && hasTotal && net.Currency == tax.Currency && net.Currency == total.Currency &&
		net.AmountMinor+tax.AmountMinor == total.AmountMinor
}

// writeComputed makes a new line right for a platform that computes the amount of quantity and price. A line that counts by amount
// alone, and one whose amount the two do not give, to the minor unit, is one unit at its amount.
func (m *Mapping) writeComputed(f *frame, s *Scope) {
	quantity, price := &f.slots[m.lump.quantity], &f.slots[m.lump.price]
	amount, ok := canonical.MoneyOf(f.slots[m.lump.amount])
	if !ok || amount.Currency != s.currency {
		return
	}
	if discount, ok := canonical.MoneyOf(slotOf(f, m.lump.discount)); ok && discount.Currency == s.currency {
		amount.AmountMinor += discount.AmountMinor
	}
	counted := !isNothing(*quantity) && !isNothing(*price)
	manual := slotOf(f, m.lump.extended).Text() == "manual"
	if counted && !manual && m.gives(*quantity, *price, amount, s) || !counted && amount.AmountMinor == 0 {
		return
	}
	if m.table.Manual != "" {
		if counted && !manual {
			f.slots[m.lump.extended] = jsontext.NewString("manual")
		}
		return
	}
	if counted {
		s.lost(m.pointers[m.lump.quantity], Approximated)
		s.lost(m.pointers[m.lump.price], Approximated)
	}
	if unit := slotOf(f, m.lump.unit); !unit.IsNone() && counted {
		s.lost(m.pointers[m.lump.unit], NoCounterpart) // one unit of it would be another amount of it
		f.slots[m.lump.unit] = jsontext.Value{}
	}
	units := "1"
	if amount.AmountMinor < 0 { // a deduction is less than nothing of something, never something at less than nothing
		units, amount.AmountMinor = "-1", -amount.AmountMinor
	}
	decimal, _ := jsontext.NormalDecimal(amount.Decimal())
	*quantity, *price = jsontext.NewString(units), jsontext.NewString(decimal)
	s.source = s.currency // in which the price is now
}

// gives says whether quantity times price, in the record's currency and rounded to it, is the amount.
func (m *Mapping) gives(quantity, price jsontext.Value, amount canonical.Money, s *Scope) bool {
	written := price.Text()
	if s.source != "" && s.source != s.currency {
		var err error
		if written, err = s.ctx.Rates.ConvertPrice(written, s.source, s.currency, canonical.PriceScale); err != nil {
			return true // the codec of the price says what is wrong
		}
	}
	units, ok := new(big.Rat).SetString(quantity.Text())
	each, known := new(big.Rat).SetString(written)
	if !ok || !known {
		return true
	}
	product, err := canonical.RoundMoney(units.Mul(units, each), s.currency)
	return err == nil && product == amount
}

func slotOf(f *frame, slot int) jsontext.Value {
	if slot < 0 {
		return jsontext.Value{}
	}
	return f.slots[slot]
}

func isNothing(v jsontext.Value) bool { return v.IsNone() || v.Text() == "0" }
