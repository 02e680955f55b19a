package suggest

import (
	"math"
)

// comparer compares pairs of records of one type. Whichever record comes first, the result is the same.
type comparer struct {
	weights weights
	known   Known
	found   []Feature // reused
}

// compare gives the score of two records, and the features that both have; they are overwritten by the next call.
func (c *comparer) compare(a, b *profile) (float64, []Feature) {
	c.found = c.found[:0]
	total := c.weights.Prior
	for _, w := range c.weights.Features {
		value, specific, has := c.feature(w.Feature, a, b)
		if !has {
			continue
		}
		bits := w.bits(value, specific)
		if value < 0 {
			value, bits = 0, contradiction
		}
		total += bits
		c.found = append(c.found, Feature{Name: w.Feature, Value: rounded(value), Bits: rounded(bits)})
	}
	return rounded(min(1/(1+math.Exp2(-total)), 0.9999)), c.found // nothing is certain: nobody decided it
}

// rounded to four places: the same everywhere, however a processor adds.
func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// contradicts is the value of a feature by which two records cannot be one.
const contradicts = -1

// feature compares one feature: how much it agrees, or contradicts; how much of that few records have; whether both have it.
func (c *comparer) feature(feature string, a, b *profile) (value, specific float64, has bool) {
	switch feature {
	case fName:
		return bestName(a.names, b.names, 1)
	case fTitle:
		// Titles are made of common words: what two share of them is worth more than in a name.
		return bestName(a.titles, b.titles, 2)
	case fNumber:
		return bestNumber(a.numbers, b.numbers)
	case fInvoice:
		return c.compareParties(a.parties[3], b.parties[3])
	case fTax:
		return compareTax(a.tax, b.tax)
	case fPhone:
		for _, x := range a.phones {
			for _, y := range b.phones {
				value, has = max(value, compareTelephones(x, y)), true
			}
		}
	case fEmail:
		for _, x := range a.emails {
			for _, y := range b.emails {
				value, has = max(value, compareEmails(x, y)), true
			}
		}
	case fAddress:
		return compareAddresses(a.address, b.address)
	case fPostal:
		value, has = equal(a.postal, b.postal), a.postal != "" && b.postal != ""
	case fCity:
		value, has = equal(a.city, b.city), a.city != "" && b.city != ""
	case fAmount:
		return compareAmounts(a.amounts, b.amounts)
	case fDate:
		return compareDates(a.dates, b.dates)
	case fCustomer:
		return c.compareParties(a.parties[0], b.parties[0])
	case fProject:
		return c.compareParties(a.parties[1], b.parties[1])
	case fContract:
		return c.compareParties(a.parties[2], b.parties[2])
	case fKind:
		for i := range a.kind {
			has = has || a.kind[i] != "" && b.kind[i] != "" && a.kind[i] != b.kind[i]
		}
		value = contradicts
	}
	return value, 1, has
}

func equal(a, b string) float64 {
	if a == b {
		return 1
	}
	return 0
}

// best keeps the comparison that says most, whatever their order.
type best struct {
	value, specific float64
	has             bool
}

func (b *best) add(value, specific float64) {
	says, said := value*(1+specific), b.value*(1+b.specific)
	if !b.has || says > said || says == said && value > b.value {
		*b = best{value, specific, true}
	}
}

// bestName compares each name of the one with each of the other.
func bestName(a, b []name, worth float64) (value, specific float64, has bool) {
	var found best
	for _, x := range a {
		for _, y := range b {
			value, specific := compareNames(x, y)
			found.add(value, min(1, specific*worth))
		}
	}
	return found.value, found.specific, found.has
}

func bestNumber(a, b []number) (value, specific float64, has bool) {
	var found best
	for _, x := range a {
		for _, y := range b {
			found.add(compareNumbers(x, y))
		}
	}
	return found.value, found.specific, found.has
}

func compareTax(a, b string) (value, specific float64, has bool) {
	if a == "" || b == "" {
		return 0, 0, false
	}
	if a != b {
		return contradicts, 1, true
	}
	return 1, 1, true
}

func compareEmails(a, b email) float64 {
	switch {
	case a.address == b.address && !a.shared:
		return 1
	case a.domain != "" && a.domain == b.domain:
		return 0.7
	}
	return 0
}

// compareAddresses compares what both say: one may have lines that the other lacks.
func compareAddresses(a, b name) (value, specific float64, has bool) {
	if len(a.words) == 0 || len(b.words) == 0 {
		return 0, 0, false
	}
	if a.text > b.text {
		a, b = b, a
	}
	found := align(a, b)
	value = min(1, found.shared/min(sum(a), sum(b)))
	if found.numbersContrast {
		value *= 0.4
	}
	return value, min(1, found.shared/enoughOfName), true
}

// compareAmounts compares what two documents come to, and each of that with the other sums of the other: with or without tax.
func compareAmounts(a, b []money) (value, specific float64, has bool) {
	if len(a) == 0 || len(b) == 0 {
		return 0, 0, false
	}
	value = compareMoney(a[0], b[0])
	for _, other := range b[1:] {
		value = max(value, 0.8*compareMoney(a[0], other))
	}
	for _, other := range a[1:] {
		value = max(value, 0.8*compareMoney(other, b[0]))
	}
	return value, min(specificOfAmount(a[0]), specificOfAmount(b[0])), true
}

func compareMoney(a, b money) float64 {
	if a.Currency != b.Currency {
		return compareCurrencies(a, b)
	}
	apart := math.Abs(float64(a.AmountMinor) - float64(b.AmountMinor))
	of := max(math.Abs(float64(a.AmountMinor)), math.Abs(float64(b.AmountMinor)))
	switch {
	case apart == 0:
		return 1
	case apart <= 5, apart <= 100 && apart/of <= 0.005: // rounded, or each line was
		return 0.9
	case apart/of <= 0.01:
		return 0.55
	case apart/of <= 0.05:
		return 0.35
	}
	return 0
}

// compareCurrencies compares amounts in two currencies: a platform may keep all of its amounts in its own. What comes to another
// amount at a known rate contradicts; without a rate, that the currencies differ speaks against one document, and no more.
func compareCurrencies(a, b money) float64 {
	if a.dollars == 0 || b.dollars == 0 {
		return 0.25
	}
	apart := math.Abs(a.dollars - b.dollars)
	of := max(math.Abs(a.dollars), math.Abs(b.dollars))
	switch {
	case apart <= 0.02, apart/of <= 0.0005:
		return 0.95
	case apart/of <= 0.005:
		return 0.8
	case apart/of <= 0.02: // the rate of another day
		return 0.6
	case a.AmountMinor == b.AmountMinor: // one of the currencies may only be said wrong
		return 0.3
	case apart/of <= 0.05:
		return 0.25
	}
	return contradicts
}

// specificOfAmount is how much of an amount speaks for one document: many have a round one, few one of six digits to the cent.
func specificOfAmount(m money) float64 {
	amount, digits := m.AmountMinor, 0
	for amount != 0 && amount%10 == 0 {
		amount /= 10
	}
	for ; amount != 0; amount /= 10 {
		digits++
	}
	return []float64{0.6, 0.6, 0.75, 0.9, 1, 1.1, 1.2}[min(digits, 6)]
}

func compareDates(a, b []int) (value, specific float64, has bool) {
	for i := range a {
		if a[i] == 0 || b[i] == 0 {
			continue
		}
		apart := a[i] - b[i]
		if apart < 0 {
			apart = -apart
		}
		switch {
		case apart == 0:
			value = 1
		case apart <= 1:
			value = 0.9
		case apart <= 3:
			value = 0.8
		case apart <= 5:
			value = 0.65
		case apart <= 10:
			value = 0.4
		case apart <= 31:
			value = 0.1
		}
		return value, 1, true
	}
	return 0, 0, false
}

// compareParties compares what two documents refer to. Two objects that are matched already, each with others, contradict.
func (c *comparer) compareParties(a, b *party) (value, specific float64, has bool) {
	if a == nil || b == nil {
		return 0, 0, false
	}
	if one, other := a.object, b.object; one.ID != "" && other.ID != "" {
		switch {
		case one.ID == other.ID:
			return 1, 1, true
		case one.Matched && other.Matched, c.known.DifferentObjects != nil && c.known.DifferentObjects(one.ID, other.ID):
			return contradicts, 1, true
		}
	}
	byName, specific, named := bestName(a.names, b.names, 1)
	byNumber, its, numbered := bestNumber(a.numbers, b.numbers)
	switch {
	case numbered && byNumber >= 0.8 && (!named || byNumber*its > byName*specific), numbered && !named && byNumber == 0:
		return byNumber, its, true
	}
	return byName, specific, named
}
