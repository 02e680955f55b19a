package canonical

import (
	"math/big"
	"strconv"

	"structural.app/structural/jsontext"
)

// Sum says of what an amount of a document, or of a line, is made. It holds where the record has all that it is made of, in one currency.
type Sum struct {
	Field  string   // the amount
	Lines  string   // it is the sum of this field over all lines
	Plus   []string // and of these fields beside it
	Minus  []string // without these
	Less   string   // without this one, where the record has it
	Unless string   // nothing is said where this amount is not zero
	Or     string   // some records have this one in the amount, and some do not
}

// Sums lists the amounts that documents of a type are made of, and those of each line. The product of a line is [LineProduct].
func Sums(t EntityType) (document, line []Sum) { return documentSums[t], lineSums[t] }

var documentSums = map[EntityType][]Sum{Contract: orderSums, ChangeOrder: orderSums, Invoice: invoiceSums}

// orderSums are those of an order in the books, and of a commitment on site, which adds its lines up too.
var orderSums = []Sum{
	// The books divide the discount of a document among the amounts of its lines, and tax what is left.
	{Field: "amount", Lines: "amount", Less: "discount_amount"},
	{Field: "tax_amount", Lines: "tax_amount", Unless: "discount_amount"},
	{Field: "amount_including_tax", Plus: []string{"amount", "tax_amount"}},
}

var invoiceSums = []Sum{
	// Those of an invoice in the books. A requisition has no amount without tax.
	{Field: "amount_excluding_tax", Lines: "amount", Less: "discount_amount"},
	{Field: "tax_amount", Lines: "tax_amount", Unless: "discount_amount"},
	{Field: "amount", Plus: []string{"amount_excluding_tax", "tax_amount"}},
	// The numbered lines of the summary of a requisition, which are those of the form AIA G702: 3, 4, 5, 6, 8 and 9.
	{Field: "contract_amount_to_date", Plus: []string{"original_contract_amount", "net_change_amount"}},
	{Field: "completed_amount", Lines: "completed_amount"},
	{Field: "retainage.total_amount", Plus: []string{"retainage.work_amount", "retainage.materials_amount"}},
	{Field: "earned_less_retainage_amount", Plus: []string{"completed_amount"}, Minus: []string{"retainage.total_amount"}},
	// The tax stands beside line 8. The printed form has a line with it.
	{Field: "amount", Plus: []string{"earned_less_retainage_amount"}, Minus: []string{"previous_certificates_amount"}, Or: "tax_amount"},
	{Field: "balance_to_finish_amount", Plus: []string{"contract_amount_to_date"}, Minus: []string{"earned_less_retainage_amount"}},
	// Line 8 again, from the other side: what the lines add in this period, less the change of what is retained.
	{Field: "gross_amount", Lines: "period_gross_amount"},
	{Field: "retainage.retained_amount", Lines: "retainage.retained_amount"},
	{Field: "retainage.released_amount", Lines: "retainage.released_amount"},
	{Field: "amount", Plus: []string{"gross_amount", "retainage.released_amount"}, Minus: []string{"retainage.retained_amount"},
		Or: "tax_amount", Unless: "discount_amount"},
}

var lineSums = map[EntityType][]Sum{Contract: taxedLine, ChangeOrder: taxedLine, Invoice: {
	taxedLine[0],
	// An item of a requisition: column G of the form AIA G703 is D + E + F.
	{Field: "completed_amount", Plus: []string{"previous_amount", "period_amount", "stored_materials_amount"}},
	{Field: "due_amount", Plus: []string{"period_gross_amount", "retainage.released_amount"}, Minus: []string{"retainage.retained_amount"}},
}}

// taxedLine is a line of either. Its tax in the books is no product of it alone: they round the running total.
var taxedLine = []Sum{{Field: "amount_including_tax", Plus: []string{"amount", "tax_amount"}}}

// Check is an amount that is not what it is made of.
type Check struct {
	Field           string // JSON pointer
	Expected, Found Money
}

// Checks lists the amounts of a document that are not what they are made of, those of the document first: at most
// [MaxProblems], and how many more there are.
func Checks(t EntityType, document jsontext.Value) (list []Check, more int) {
	c := checker{document: document, lines: document.Get("lines").Members()}
	sums := compiledSums[t]
	for i := range sums[0] {
		c.sum(&sums[0][i], document, -1)
	}
	for n := range c.lines {
		line := c.lines[n].Value
		if expected, found, ok := LineProduct(document, line); ok && expected != found {
			c.add("/amount", n, expected, found)
		}
		for i := range sums[1] {
			c.sum(&sums[1][i], line, n)
		}
	}
	return c.list, c.more
}

type checker struct {
	document jsontext.Value
	lines    []jsontext.Member
	list     []Check
	more     int
}

func (c *checker) add(pointer string, line int, expected, found Money) {
	if len(c.list) >= MaxProblems {
		c.more++
		return
	}
	if line >= 0 {
		pointer = "/lines/" + strconv.Itoa(line) + pointer
	}
	c.list = append(c.list, Check{pointer, expected, found})
}

// sum checks one amount of the document, or of a line.
func (c *checker) sum(s *compiledSum, of jsontext.Value, line int) {
	found, ok := MoneyOf(of.At(s.field...))
	if !ok {
		return
	}
	total := c.total(s, of, found.Currency)
	if s.less != nil {
		if less := of.At(s.less...); !isZero(less) {
			total.add(less, -1)
			total.known = total.known && of.Get("prices_include_tax").String() != "true" // then the discount has tax in it
		}
	}
	if !total.known || s.unless != nil && !isZero(of.At(s.unless...)) {
		return
	}
	expected, ok := total.money()
	if !ok || expected == found {
		return
	}
	if s.or != nil {
		if total.add(of.At(s.or...), 1); total.known {
			if other, ok := total.money(); ok && other == found {
				return
			}
		}
	}
	c.add(s.pointer, line, expected, found)
}

// total adds up what an amount is made of.
func (c *checker) total(s *compiledSum, of jsontext.Value, currency string) adder {
	total := adder{currency: currency, known: true}
	if s.lines != nil {
		total.known = len(c.lines) > 0
		for i := range c.lines {
			total.add(c.lines[i].Value.At(s.lines...), 1)
		}
	}
	for _, path := range s.plus {
		total.add(of.At(path...), 1)
	}
	for _, path := range s.minus {
		total.add(of.At(path...), -1)
	}
	return total
}

// adder adds amounts of one currency.
type adder struct {
	currency string
	sum      big.Int
	known    bool // all of them were there
}

func (a *adder) add(v jsontext.Value, sign int64) {
	money, ok := MoneyOf(v)
	if !ok || money.Currency != a.currency {
		a.known = false
		return
	}
	var term big.Int
	a.sum.Add(&a.sum, term.Mul(big.NewInt(money.AmountMinor), big.NewInt(sign)))
}

func (a *adder) money() (Money, bool) { return Money{a.sum.Int64(), a.currency}, a.sum.IsInt64() }

func isZero(v jsontext.Value) bool {
	money, ok := MoneyOf(v)
	return !ok || money.AmountMinor == 0
}

// IsCounted reports whether the amount of a line is what its quantity and price give: it has both, it was not typed, the record
// does not count by amount alone, and its price has no tax in it. A requisition's item says what was done, less retainage.
func IsCounted(document, line jsontext.Value) bool {
	return !isNoNumber(line.Get("quantity")) && !isNoNumber(line.Get("unit_price")) &&
		line.Get("extended_type").Text() != "manual" && line.Get("period_amount").IsNone() &&
		document.Get("accounting_method").Text() != "amount" && line.Get("accounting_method").Text() != "amount" &&
		document.Get("prices_include_tax").String() != "true"
}

func isNoNumber(v jsontext.Value) bool { return v.IsNone() || v.Text() == "0" }

// LineProduct is what quantity and price of a line give, less its discount, rounded half away from zero, and the amount that the
// line has. It is not ok where the line does not count so, or has no amount.
func LineProduct(document, line jsontext.Value) (expected, found Money, ok bool) {
	if found, ok = MoneyOf(line.Get("amount")); !ok || !IsCounted(document, line) {
		return Money{}, found, false
	}
	gross, ok := Product(line.Get("quantity").Text(), line.Get("unit_price").Text(), found.Currency)
	if !ok {
		return Money{}, found, false
	}
	total := adder{currency: found.Currency, known: true}
	total.add(gross.Value(), 1)
	if discount := line.Get("discount_amount"); !isZero(discount) {
		total.add(discount, -1)
	}
	expected, ok = total.money()
	return expected, found, ok && total.known
}

// Product is a quantity times a price, rounded half away from zero to the minor units of a currency.
func Product(quantity, price, currency string) (Money, bool) {
	units, ok := new(big.Rat).SetString(quantity)
	each, known := new(big.Rat).SetString(price)
	if !ok || !known {
		return Money{}, false
	}
	money, err := RoundMoney(units.Mul(units, each), currency)
	return money, err == nil
}

// compiledSum is a Sum with its paths read.
type compiledSum struct {
	pointer                        string
	field, lines, less, unless, or jsontext.Path
	plus, minus                    []jsontext.Path
}

var compiledSums = func() map[EntityType][2][]compiledSum {
	compile := func(sums []Sum) (all []compiledSum) {
		for _, s := range sums {
			all = append(all, compileSum(s))
		}
		return all
	}
	all := map[EntityType][2][]compiledSum{}
	for t := range documentSums {
		all[t] = [2][]compiledSum{compile(documentSums[t]), compile(lineSums[t])}
	}
	return all
}()

func compileSum(s Sum) compiledSum {
	path := func(field string) jsontext.Path {
		if field == "" {
			return nil
		}
		return jsontext.ParsePath(field)
	}
	paths := func(fields []string) (all []jsontext.Path) {
		for _, field := range fields {
			all = append(all, path(field))
		}
		return all
	}
	return compiledSum{
		path(s.Field).Pointer(), path(s.Field), path(s.Lines), path(s.Less), path(s.Unless), path(s.Or), paths(s.Plus), paths(s.Minus),
	}
}

// IsComputed reports whether an amount of a document, or of a line, is made of others that it has: its place says which.
func IsComputed(t EntityType, document, line jsontext.Value, field jsontext.Path) bool {
	c, of, sums := checker{lines: document.Get("lines").Members()}, document, compiledSums[t][0]
	if !line.IsAbsent() {
		of, sums = line, compiledSums[t][1]
	}
	for i := range sums {
		if sums[i].field.Pointer() == field.Pointer() && c.has(&sums[i], of) {
			return true
		}
	}
	return false
}

// has reports whether there is all that an amount is made of.
func (c *checker) has(s *compiledSum, of jsontext.Value) bool {
	found, ok := MoneyOf(of.At(s.field...))
	if !ok {
		return false
	}
	all := c.total(s, of, found.Currency)
	return all.known
}
