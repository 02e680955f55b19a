package books

import (
	"math/big"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Join is the opposite of [Split]: of an invoice of the books whose lines on the retention account are known, see [Derive], it makes one
// whose lines say themselves what was done in this period and what is retained or released of it. What a retention line says is shared
// out among the lines of its tax code, else among all, by their gross amounts and by running total, so that its sum stays. Deductions
// get no share where there is other work. A document without such lines stays as it is.
//
// shared lists the retention lines of which several lines have a share: how much of it is whose, the books do not say.
func Join(document jsontext.Value) (joined jsontext.Value, shared []int) {
	lines := document.Get("lines").Members()
	var work, retention []jsontext.Value
	var places []int // of the retention lines
	for i := range lines {
		if _, ok := canonical.MoneyOf(lines[i].Value.Get("period_gross_amount")); !ok {
			return document, nil
		}
		if lines[i].Value.At("retainage", "line").IsNone() {
			work = append(work, lines[i].Value)
		} else {
			retention, places = append(retention, lines[i].Value), append(places, i)
		}
	}
	if len(retention) == 0 || document.Get("gross_amount").IsNone() {
		return document, nil
	}
	if len(work) == 0 { // all that is invoiced is what is released
		work = []jsontext.Value{jsontext.NewObject(
			jsontext.Member{Key: "description", Value: retention[0].Get("description")},
			jsontext.Member{Key: "period_gross_amount", Value: retention[0].Get("period_gross_amount")},
		)}
	}
	shares := make([]figures, len(work))
	for i := range work {
		gross, _ := canonical.MoneyOf(work[i].Get("period_gross_amount"))
		shares[i] = figures{gross: gross.AmountMinor, currency: gross.Currency}
	}
	for i, line := range retention {
		if shareOut(line, work, shares) > 1 {
			shared = append(shared, places[i])
		}
	}
	made := make([]jsontext.Member, len(work))
	for i := range work {
		made[i].Value = shares[i].ofWork(work[i])
	}
	return document.With("lines", jsontext.ArrayOf(made)), shared
}

// shareOut shares out what a retention line says, and returns among how many lines.
func shareOut(line jsontext.Value, work []jsontext.Value, shares []figures) int {
	code := line.Get("tax_code").Text()
	among := func(takes func(i int) bool) (which []int) {
		for i := range work {
			if takes(i) {
				which = append(which, i)
			}
		}
		return which
	}
	same := func(i int) bool { return code != "" && work[i].Get("tax_code").Text() == code }
	which := among(func(i int) bool { return same(i) && shares[i].gross > 0 })
	for _, takes := range []func(i int) bool{
		same, func(i int) bool { return shares[i].gross > 0 }, func(i int) bool { return shares[i].gross != 0 }, func(int) bool { return true },
	} {
		if len(which) == 0 {
			which = among(takes)
		}
	}
	retained, _ := canonical.MoneyOf(line.At("retainage", "retained_amount"))
	released, _ := canonical.MoneyOf(line.At("retainage", "released_amount"))
	for k, part := range parts(retained.AmountMinor, which, shares) {
		shares[which[k]].retained += part
	}
	for k, part := range parts(released.AmountMinor, which, shares) {
		shares[which[k]].released += part
	}
	return len(which)
}

// parts divides an amount by the gross amounts of some lines, by running total.
func parts(minor int64, which []int, shares []figures) []int64 {
	made, sum, whole := make([]int64, len(which)), new(big.Int), new(big.Int)
	weight := func(i int) *big.Int {
		w := big.NewInt(shares[i].gross)
		return w.Abs(w)
	}
	for _, i := range which {
		whole.Add(whole, weight(i))
	}
	given := int64(0)
	for k, i := range which {
		sum.Add(sum, weight(i))
		to := minor
		if k < len(which)-1 && whole.Sign() > 0 { // the last one takes the rest, and of nothing the first one all
			to = rounded(new(big.Int).Mul(big.NewInt(minor), sum), whole)
		}
		made[k] = to - given
		given = to
	}
	return made
}

// rounded is a quotient, half away from zero. The divisor is more than nothing.
func rounded(of, by *big.Int) int64 {
	half := new(big.Int).Set(by)
	if of.Sign() < 0 {
		half.Neg(half)
	}
	twice := new(big.Int).Lsh(of, 1)
	return twice.Quo(twice.Add(twice, half), new(big.Int).Lsh(by, 1)).Int64()
}

// ofWork is a line of work done in this period. What is retained of it is retained of the work.
func (f figures) ofWork(line jsontext.Value) jsontext.Value {
	due, ok := f.due()
	if !ok {
		return line
	}
	_, ofLine := forms()
	line = ofLine.with(ofLine.without(line), f.money(due), "amount")
	line = ofLine.with(line, f.money(f.gross), "period_amount")
	line = ofLine.with(line, f.money(f.retained), "retainage", "work_amount")
	return ofLine.with(line, f.money(f.released), "retainage", "work_released_amount")
}
