package registry_test

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
)

// chainLine is a line of a contract as its requisitions have it, in minor units: D, E and F of the form AIA G703, and what is retained
// to date of work and of materials.
type chainLine struct {
	code               string
	percent            int64
	done, now, stored  int64
	onWork, onStored   int64
	retained, released int64 // of the period
	gross              int64
}

// chain is a contract with its requisitions.
type chain struct {
	*rapid.T
	currency    string
	moves       bool // what is stored counts as work in the next one
	lines       []chainLine
	application int
	certified   int64 // earned less retainage, by the requisition before
}

func drawChain(t *rapid.T) *chain {
	c := &chain{T: t, currency: rapid.SampledFrom([]string{"JPY", "USD", "KWD", "QAR"}).Draw(t, "currency"), moves: rapid.Bool().Draw(t, "moves")}
	for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
		c.lines = append(c.lines, chainLine{
			code: rapid.SampledFrom([]string{"A1.S", "B1.S", "C1.M", ""}).Draw(t, "code"), percent: rapid.Int64Range(0, 20).Draw(t, fmt.Sprint("percent of ", i)),
		})
	}
	return c
}

// next bills a period, and gives the requisition as Procore answers it.
func (c *chain) next() jsontext.Value {
	c.application++
	var items []string
	var completed, onWork, onStored int64
	for i := range c.lines {
		items = append(items, c.bill(&c.lines[i], i))
		l := &c.lines[i]
		completed, onWork, onStored = completed+l.done+l.now+l.stored, onWork+l.onWork, onStored+l.onStored
	}
	earned := completed - onWork - onStored
	record, err := jsontext.Parse(fmt.Appendf(nil, `{"id":%d,"number":%d,"invoice_number":"%d","currency_configuration":{"currency_iso_code":%q},
		"summary":{"total_completed_and_stored_to_date":%s,"completed_work_retainage_amount":%s,"stored_materials_retainage_amount":%s,"total_retainage":%s,
		"total_earned_less_retainage":%s,"less_previous_certificates_for_payment":%s,"current_payment_due":%s},"items":[%s]}`,
		100+c.application, c.application, c.application, c.currency, c.text(completed), c.text(onWork), c.text(onStored), c.text(onWork+onStored),
		c.text(earned), c.text(c.certified), c.text(earned-c.certified), strings.Join(items, ",")))
	require.NoError(c.T, err)
	c.certified = earned
	return record
}

// bill draws what a line bills: work, materials into store or out of it, what is retained of both, and what is released.
func (c *chain) bill(l *chainLine, i int) string {
	storedBefore, retainedBefore, onStoredBefore := l.stored, l.onWork, l.onStored
	before := l.done + l.now + l.stored
	l.done, l.now = l.done+l.now, 0
	moved, onMoved := int64(0), int64(0)
	if c.moves {
		moved, onMoved = l.stored, l.onStored
		l.done, l.stored, l.onWork, l.onStored = l.done+moved, 0, l.onWork+onMoved, 0
		retainedBefore += onMoved
	}
	l.now = rapid.Int64Range(-1000, 1_000_000).Draw(c.T, "work")
	l.stored += rapid.Int64Range(0, 300_000).Draw(c.T, "into store")
	held := l.now * l.percent / 100
	newly := (l.stored*l.percent)/100 - l.onStored
	newly = max(newly, 0)
	l.released = 0
	if l.onWork > 0 && rapid.IntRange(0, 2).Draw(c.T, "releases") == 0 {
		l.released = rapid.Int64Range(0, l.onWork).Draw(c.T, "released")
	}
	l.onWork, l.onStored = l.onWork+held-l.released, l.onStored+newly
	l.retained = held + newly
	l.gross = l.done + l.now + l.stored - before
	require.Equal(c.T, l.onWork+l.onStored-(retainedBefore-onMoved)-onStoredBefore, l.retained-l.released)
	return fmt.Sprintf(`{"id":%d,"position":%d,"wbs_code":{"flat_code":%q},"accounting_method":"amount","net_amount":"0",
		"work_completed_from_previous_application":%s,"work_completed_this_period":%s,"materials_presently_stored":%s,
		"materials_presently_stored_from_previous_progress":%s,"materials_moved":%s,"materials_retainage_retained_moved":%s,
		"total_completed_and_stored_to_date":%s,"total_completed_and_stored_to_date_from_previous":%s,
		"work_completed_retainage_from_previous_application":%s,"work_completed_retainage_retained_this_period":%s,
		"work_completed_retainage_released_this_period":%s,"materials_stored_retainage_currently_retained":%s,"materials_stored_retainage_new_materials":%s}`,
		i+1, i+1, l.code, c.text(l.done), c.text(l.now), c.text(l.stored), c.text(storedBefore), c.text(moved), c.text(onMoved),
		c.text(l.done+l.now+l.stored), c.text(before), c.text(retainedBefore), c.text(held), c.text(l.released), c.text(l.onStored), c.text(newly))
}

// deducts says whether a line took work away in this period, of which less is retained: books know what is retained less as released.
func (c *chain) deducts() bool {
	return slices.ContainsFunc(c.lines, func(l chainLine) bool { return l.retained < 0 })
}

func (c *chain) text(minor int64) string {
	return strconv.Quote(canonical.Money{AmountMinor: minor, Currency: c.currency}.Decimal())
}

// amounts are those that a document, or a line, says of its period; all are in one currency.
func amounts(t *rapid.T, of jsontext.Value, fields ...string) []int64 {
	var all []int64
	for _, field := range fields {
		money, ok := canonical.MoneyOf(of.At(strings.Split(field, ".")...))
		require.True(t, ok, "%s of %s", field, of)
		all = append(all, money.AmountMinor)
	}
	return all
}

var (
	ofWhole = []string{"gross_amount", "retainage.retained_amount", "retainage.released_amount", "amount"}
	ofLine  = []string{"period_gross_amount", "retainage.retained_amount", "retainage.released_amount", "due_amount"}
)

// addsUp checks that gross, less what is retained, with what is released, is due, of the whole and of each line, and that the lines are
// the whole.
func addsUp(t *rapid.T, document jsontext.Value, where string) []int64 {
	whole := amounts(t, document, ofWhole...)
	require.Equal(t, whole[3], whole[0]-whole[1]+whole[2], "%s: %s", where, document)
	sums := make([]int64, 4)
	for _, line := range document.Get("lines").Members() {
		of := amounts(t, line.Value, ofLine...)
		require.Equal(t, of[3], of[0]-of[1]+of[2], "%s: %s", where, line.Value)
		for i := range sums {
			sums[i] += of[i]
		}
	}
	require.Equal(t, whole, sums, "%s: %s", where, document)
	checks, _ := canonical.Checks(canonical.Invoice, document)
	require.Empty(t, checks, "%s: %s", where, document)
	return whole
}

// Over whatever chain of requisitions, gross − retained + released is due: of each requisition and of each line, in the books as those
// compute it, on both sides of the ledger, in whatever currency, and back home. Over the whole chain, what was billed is what was
// certified and what is still retained.
func TestRetainage_Chains(t *testing.T) {
	home, abroad := get(t, "procore"), get(t, "dynamics")
	rates, err := canonical.NewRates(map[string]string{"JPY": "151.37", "KWD": "0.30715"})
	require.NoError(t, err)
	chains := func(t *rapid.T) {
		c := drawChain(t)
		s := books.Settings{RetentionAccount: "2350", TaxOn: rapid.SampledFrom([]books.TaxBasis{books.TaxOnGross, books.TaxOnNet}).Draw(t, "tax on"), Posting: taxGroups}
		require.NoError(t, s.Prepare())
		there := mapping.Context{Rates: rates, Settings: &s, Variant: string(rapid.SampledFrom([]books.LedgerSide{books.Receivable, books.Payable}).Draw(t, "side"))}
		back := mapping.Context{Rates: rates, Currency: c.currency}
		there.Currency = rapid.SampledFrom([]string{"JPY", "USD", "KWD", "QAR"}).Draw(t, "currency of the books")
		var gross, due int64
		for range rapid.IntRange(1, 5).Draw(t, "requisitions") {
			document, report, err := home.ToCanonical(canonical.Invoice, c.next(), mapping.Context{})
			require.NoError(t, err)
			require.Empty(t, report.Problems)
			of := addsUp(t, document, "at home")
			for i, line := range document.Get("lines").Members() {
				l := c.lines[i]
				require.Equal(t, []int64{l.gross, l.retained, l.released}, amounts(t, line.Value, ofLine[:3]...))
			}
			gross, due = gross+of[0], due+of[3]

			written, _, err := abroad.FromCanonical(canonical.Invoice, document, jsontext.Value{}, there)
			require.NoError(t, err)
			want := converted(t, rates, of, c.currency, there.Currency)
			require.Equal(t, want[3], computed(t, written, there.Currency), "%s", written)
			if len(document.Get("lines").Members()) == 0 {
				continue
			}
			inBooks, _, err := abroad.ToCanonical(canonical.Invoice, written, mapping.Context{Settings: &s, Variant: there.Variant})
			require.NoError(t, err)
			if of[1] == 0 && of[2] == 0 && inBooks.Get("gross_amount").IsNone() {
				continue // nothing is retained: an invoice like any other
			}
			abroadOf := addsUp(t, inBooks, "in the books")
			require.Equal(t, []int64{want[0], want[3]}, []int64{abroadOf[0], abroadOf[3]})
			if there.Currency == c.currency && !c.deducts() {
				require.Equal(t, of, abroadOf)
			}

			// Back home the record is another one's: it has no id there.
			foreign := inBooks.With("external_ids", parseText(t, `{"dynamics":{"id":"49b38147-e6c1-42ce-bb4d-9436d4f987b7"}}`))
			again, _, err := home.FromCanonical(canonical.Invoice, foreign, jsontext.Value{}, back)
			require.NoError(t, err)
			returned, report, err := home.ToCanonical(canonical.Invoice, again, mapping.Context{Currency: c.currency})
			require.NoError(t, err)
			require.Empty(t, report.Problems)
			homeOf := addsUp(t, returned, "back home")
			expected := converted(t, rates, abroadOf, there.Currency, c.currency)
			require.Equal(t, []int64{expected[0], expected[3]}, []int64{homeOf[0], homeOf[3]})
			if there.Currency == c.currency {
				require.Equal(t, abroadOf, homeOf)
			}
			require.Len(t, returned.Get("lines").Members(), len(c.lines))
		}
		var retained int64
		for _, l := range c.lines {
			retained += l.onWork + l.onStored
		}
		require.Equal(t, gross, due+retained, "over the whole chain")
	}
	for range 10 { // a thousand chains; make retainage tries more
		rapid.Check(t, chains)
	}
}

func parseText(t *rapid.T, text string) jsontext.Value {
	v, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

func converted(t *rapid.T, rates canonical.Rates, minor []int64, from, to string) (all []int64) {
	for _, m := range minor {
		money, _, err := rates.Convert(canonical.Money{AmountMinor: m, Currency: from}, to)
		require.NoError(t, err)
		all = append(all, money.AmountMinor)
	}
	return all
}

// computed is what the books make of the lines of a record: each quantity × price, rounded; a credit memo is less than nothing.
func computed(t *rapid.T, record jsontext.Value, currency string) int64 {
	sum := int64(0)
	for _, m := range record.Members() {
		if !strings.HasSuffix(m.Key, "Lines") {
			continue
		}
		for _, line := range m.Value.Members() {
			price := line.Value.Get("unitPrice")
			if price.IsAbsent() {
				price = line.Value.Get("unitCost")
			}
			of := product(line.Value.Get("quantity"), price)
			if strings.Contains(m.Key, "CreditMemo") {
				of = new(big.Rat).Neg(of)
			}
			money, err := canonical.RoundMoney(of, currency)
			require.NoError(t, err)
			sum += money.AmountMinor
		}
	}
	return sum
}
