package books

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// MaxCodes is how many codes a [Coverage] lists.
const MaxCodes = 1000

// Coverage says which lines posting rules cover. The zero value is that of no lines.
type Coverage struct {
	Covered, Uncovered Lines
	codes              map[[2]string]*Lines
}

// Lines are some lines, with the sum of their amounts.
type Lines struct {
	Count int
	sums  map[string]*big.Int // by currency
}

// CodeLines are the lines of one code, which no rule covers.
type CodeLines struct {
	CostCode, CostType string // empty: the lines have none
	Lines
}

// Add counts a line of a canonical document. A comment is posted nowhere, and a line without a code that names its account, item or
// the like needs no rule: neither counts.
func (c *Coverage) Add(settings *Settings, line jsontext.Value) {
	text := func(field string) string { return line.Get(field).Text() }
	code, costType := Codes(text("cost_code"), text("cost_type"), text("wbs_code"))
	if text("line_type") == "comment" || code == "" && costType == "" && text("item_number") != "" {
		return
	}
	money, hasAmount := canonical.MoneyOf(line.Get("period_gross_amount")) // what is posted: what is retained of it stands on its own account
	if !hasAmount {
		money, hasAmount = canonical.MoneyOf(line.Get("amount"))
	}
	if _, ok := settings.Rule(code, costType); ok {
		c.Covered.add(money, hasAmount)
		return
	}
	c.Uncovered.add(money, hasAmount)
	key := [2]string{shortened(code), shortened(costType)}
	of := c.codes[key]
	if of == nil {
		if len(c.codes) >= MaxCodes {
			return
		}
		if c.codes == nil {
			c.codes = map[[2]string]*Lines{}
		}
		of = &Lines{}
		c.codes[key] = of
	}
	of.add(money, hasAmount)
}

// Codes lists the codes that no rule covers, in their order, [MaxCodes] at most, and says how many lines have others. A code that is
// longer than one of a rule may be is cut.
func (c *Coverage) Codes() (codes []CodeLines, more int) {
	more = c.Uncovered.Count
	for key, lines := range c.codes {
		codes = append(codes, CodeLines{key[0], key[1], *lines})
		more -= lines.Count
	}
	slices.SortFunc(codes, func(a, b CodeLines) int {
		return cmp.Or(cmp.Compare(a.CostCode, b.CostCode), cmp.Compare(a.CostType, b.CostType))
	})
	return codes, more
}

func (l *Lines) add(money canonical.Money, hasAmount bool) {
	l.Count++
	if !hasAmount {
		return
	}
	if l.sums == nil {
		l.sums = map[string]*big.Int{}
	}
	sum := l.sums[money.Currency]
	if sum == nil {
		sum = new(big.Int)
		l.sums[money.Currency] = sum
	}
	sum.Add(sum, big.NewInt(money.AmountMinor))
}

// Amounts are the sums of the lines' amounts, one for each currency, in its order. One that is too large for an amount is left out.
func (l *Lines) Amounts() []canonical.Money {
	amounts := []canonical.Money{}
	for _, currency := range slices.Sorted(maps.Keys(l.sums)) {
		if sum := l.sums[currency]; sum.IsInt64() {
			amounts = append(amounts, canonical.Money{AmountMinor: sum.Int64(), Currency: currency})
		}
	}
	return amounts
}

func shortened(code string) string {
	if runes := []rune(code); len(runes) > maxCode {
		return string(runes[:maxCode])
	}
	return code
}
