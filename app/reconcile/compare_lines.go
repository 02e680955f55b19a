package reconcile

import (
	"maps"
	"math/big"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// comparedLine is a line with an amount, and where it stands.
type comparedLine struct {
	index int
	value jsontext.Value
}

// linesOf are the lines of a document that say an amount or a quantity of their own: no comments, and no lines of the books that say what is
// retained or released of the others.
func linesOf(document jsontext.Value) []comparedLine {
	members := document.Get("lines").Members()
	lines := make([]comparedLine, 0, len(members))
	for i, m := range members {
		line := m.Value
		empty := line.Get("amount").IsNone() && line.Get("quantity").IsNone()
		if line.Get("line_type").Text() == "comment" || !line.At("retainage", "line").IsNone() || empty {
			continue
		}
		lines = append(lines, comparedLine{i, line})
	}
	return lines
}

// compareLines compares the lines of the first platform that has any with those of the others.
func (d *differing) compareLines() {
	var first *Reading
	var own []comparedLine
	for i := range d.readings {
		r := &d.readings[i]
		lines := linesOf(r.Document)
		switch {
		case len(lines) == 0:
		case first == nil:
			first, own = r, lines
		default:
			d.compareLinesOf(first, r, own, lines)
			d.compareTaxes(first, r, own, lines)
		}
	}
}

// linePair is a line of each of two platforms.
type linePair struct{ a, b comparedLine }

// compareLinesOf pairs the lines of two platforms, and compares amount, quantity and price of each pair. Lines that have no partner are one
// difference, of how many lines there are.
func (d *differing) compareLinesOf(first, second *Reading, a, b []comparedLine) {
	amountA, amountB := jsontext.Path{"amount"}, jsontext.Path{"amount"}
	pairs := pairLines(a, b)
	if len(pairs) == 0 && len(a) != len(b) {
		// The books may say what is retained on lines of their own, behind those of the work, which say it before retainage then.
		gross := jsontext.Path{"period_gross_amount"}
		switch {
		case d.areRetention(first, b, len(a)):
			b, amountA = b[:len(a)], gross
		case d.areRetention(second, a, len(b)):
			a, amountB = a[:len(b)], gross
		}
	}
	if len(a) == len(b) {
		pairs = pairRest(pairs, a, b)
	}
	if len(pairs) < max(len(a), len(b)) {
		d.add(Difference{Field: "/lines", Kind: Different}, []said{
			{first, jsontext.NewInt(int64(len(a)))}, {second, jsontext.NewInt(int64(len(b)))},
		})
	}
	for _, pair := range pairs {
		d.comparePair(first, second, pair, amountA, amountB)
	}
}

// lineKeys are what lines are paired by, the stronger first.
var lineKeys = []string{"line_number", "schedule_number", "item_number"}

// pairLines pairs lines by the first of their numbers that all lines of both sides have, each line another one, and that some share. nil:
// there is none.
func pairLines(a, b []comparedLine) (pairs []linePair) {
	for _, key := range lineKeys {
		ofA, ofB := byNumber(a, key), byNumber(b, key)
		if ofA == nil || ofB == nil {
			continue
		}
		for i := range a {
			if other, ok := ofB[a[i].value.Get(key).Literal()]; ok {
				pairs = append(pairs, linePair{a[i], other})
			}
		}
		if pairs != nil {
			return pairs
		}
	}
	return nil
}

// pairRest pairs those that have no partner yet in their order; there are as many of each.
func pairRest(pairs []linePair, a, b []comparedLine) []linePair {
	pairedA, pairedB := map[int]bool{}, map[int]bool{}
	for _, pair := range pairs {
		pairedA[pair.a.index], pairedB[pair.b.index] = true, true
	}
	rest := slices.DeleteFunc(slices.Clone(b), func(line comparedLine) bool { return pairedB[line.index] })
	for _, line := range a {
		if !pairedA[line.index] {
			pairs, rest = append(pairs, linePair{line, rest[0]}), rest[1:]
		}
	}
	return pairs
}

func byNumber(lines []comparedLine, key string) map[string]comparedLine {
	found := make(map[string]comparedLine, len(lines))
	for _, line := range lines {
		number := line.value.Get(key)
		if _, taken := found[number.Literal()]; taken || number.IsNone() {
			return nil
		}
		found[number.Literal()] = line
	}
	return found
}

// areRetention says whether the lines behind the first n are together what another platform's document says is released less what is
// retained.
func (d *differing) areRetention(says *Reading, lines []comparedLine, n int) bool {
	retained, ok := canonical.MoneyOf(says.Document.At("retainage", "retained_amount"))
	released, known := canonical.MoneyOf(says.Document.At("retainage", "released_amount"))
	if !ok || !known || len(lines) <= n || retained.Currency != released.Currency {
		return false
	}
	due := less(released, retained)
	sum, ok := sumOf(lines[n:], "amount")
	if !ok || due == nil {
		return false
	}
	kind, _ := differAmounts(*due, sum, int64(len(lines)-n), d.rates)
	return kind == ""
}

// sumOf is the sum of an amount of the lines, all of which must say it, in one currency.
func sumOf(lines []comparedLine, field string) (sum canonical.Money, ok bool) {
	for i, line := range lines {
		amount, says := canonical.MoneyOf(line.value.Get(field))
		if !says || i > 0 && amount.Currency != sum.Currency {
			return sum, false
		}
		total := sum.AmountMinor + amount.AmountMinor
		if (total > sum.AmountMinor) != (amount.AmountMinor > 0) && amount.AmountMinor != 0 {
			return sum, false
		}
		sum = canonical.Money{AmountMinor: total, Currency: amount.Currency}
	}
	return sum, len(lines) > 0
}

// comparePair compares two lines. The difference is said of the first one's place.
func (d *differing) comparePair(first, second *Reading, pair linePair, amountA, amountB jsontext.Path) {
	place := jsontext.ElementPointer("/lines", pair.a.index)
	a, b := pair.a.value, pair.b.value
	report := func(field string, kind DifferenceKind, amount *canonical.Money, of, other jsontext.Value) {
		d.add(Difference{Field: place + "/" + field, Kind: kind, Amount: amount}, []said{{first, of}, {second, other}})
	}
	one, says := canonical.MoneyOf(a.At(amountA...))
	other, does := canonical.MoneyOf(b.At(amountB...))
	kind, amount := DifferenceKind(""), (*canonical.Money)(nil)
	if says && does {
		if kind, amount = differAmounts(one, other, 1, d.rates); kind != "" {
			report("amount", kind, amount, a.At(amountA...), b.At(amountB...))
		}
	}
	// A line whose amount quantity and price do not give in the other currency is one unit at its amount there.
	as := Different
	if says && does && kind == "" && (isLump(b, other) || isLump(a, one)) {
		as = Approximated
	}
	if of, on := a.Get("quantity"), b.Get("quantity"); !of.IsNone() && !on.IsNone() && !of.Equal(on) {
		report("quantity", as, nil, of, on)
	}
	if of, on := a.Get("unit_price"), b.Get("unit_price"); !of.IsNone() && !on.IsNone() && !d.samePrice(of, on, one.Currency, other.Currency) {
		report("unit_price", as, nil, of, on)
	}
}

// isLump says whether a line is one unit at its amount, or the deduction of one.
func isLump(line jsontext.Value, amount canonical.Money) bool {
	if units := line.Get("quantity").Text(); units != "1" && units != "-1" {
		return false
	}
	price, err := canonical.ParseMoney(line.Get("unit_price").Text(), amount.Currency)
	return err == nil && abs(price.AmountMinor) == abs(amount.AmountMinor)
}

// priceRounding is how far apart two prices may be in two currencies, in one of the two: the last digit that is kept of a price.
var priceRounding = big.NewRat(1, 100_000)

// samePrice says whether two prices per unit, in the currencies of their lines, are the same; also if that cannot be said.
func (d *differing) samePrice(a, b jsontext.Value, currencyA, currencyB string) bool {
	one, ok := new(big.Rat).SetString(a.Text())
	other, known := new(big.Rat).SetString(b.Text())
	if !ok || !known || one.Cmp(other) == 0 && currencyA == currencyB {
		return true
	}
	if currencyA == currencyB {
		return false
	}
	rate, err := d.rates.Rate(currencyB, currencyA)
	if err != nil || currencyA == "" || currencyB == "" {
		return true // the amounts say that there is no rate
	}
	apart := new(big.Rat).Sub(new(big.Rat).Mul(other, rate), one)
	apart.Abs(apart)
	if apart.Cmp(priceRounding) <= 0 {
		return true
	}
	return apart.Quo(apart, rate).Cmp(priceRounding) <= 0
}

// compareTaxes compares the sums of tax by code, where both platforms have codes and share one: else they are two vocabularies.
func (d *differing) compareTaxes(first, second *Reading, a, b []comparedLine) {
	ofA, ofB := taxesOf(a), taxesOf(b)
	if !slices.ContainsFunc(slices.Collect(maps.Keys(ofA)), func(code string) bool { _, ok := ofB[code]; return ok }) {
		return
	}
	codes := maps.Clone(ofA)
	maps.Copy(codes, ofB)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		one, other := taxOf(ofA, code), taxOf(ofB, code)
		if kind, amount := differAmounts(one, other, int64(max(len(a), len(b))), d.rates); kind != "" {
			d.add(Difference{Field: jsontext.AppendPointer("/tax_amount", code), Kind: kind, Amount: amount}, []said{
				{first, one.Value()}, {second, other.Value()},
			})
		}
	}
}

// taxOf is the tax of a code; of one that no line has: nothing, in the currency of the others.
func taxOf(taxes map[string]canonical.Money, code string) canonical.Money {
	if tax, ok := taxes[code]; ok {
		return tax
	}
	for _, tax := range taxes {
		return canonical.Money{Currency: tax.Currency}
	}
	return canonical.Money{}
}

// taxesOf are the sums of the lines' tax by code; none if they are not all in one currency.
func taxesOf(lines []comparedLine) map[string]canonical.Money {
	byCode := map[string][]comparedLine{}
	for _, line := range lines {
		if code := line.value.Get("tax_code").Text(); code != "" && !line.value.Get("tax_amount").IsNone() {
			byCode[code] = append(byCode[code], line)
		}
	}
	taxes, currency := map[string]canonical.Money{}, ""
	for code, of := range byCode {
		tax, ok := sumOf(of, "tax_amount")
		if !ok || currency != "" && tax.Currency != currency {
			return nil
		}
		taxes[code], currency = tax, tax.Currency
	}
	return taxes
}
