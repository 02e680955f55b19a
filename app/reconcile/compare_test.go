package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

func newComparer() *reconcile.Comparer {
	return reconcile.NewComparer(registry.New(), canonical.Rates{})
}

// compared compares two documents of a type, of the site and of the books.
func compared(t require.TestingT, entityType canonical.EntityType, site, books string) []string {
	comparison := newComparer().Compare(entityType, []reconcile.Reading{
		{Platform: "procore", Document: mustParse(t, site)}, {Platform: "dynamics", Document: mustParse(t, books)},
	})
	return described(comparison)
}

func mustParse(t require.TestingT, text string) jsontext.Value {
	v, err := jsontext.Parse([]byte(text))
	require.NoError(t, err, text)
	return v
}

func described(c reconcile.Comparison) (list []string) {
	for _, d := range c.Differences {
		text := d.Field + " " + string(d.Kind)
		if d.Amount != nil {
			text += " " + d.Amount.Decimal() + " " + d.Amount.Currency
		}
		list = append(list, text)
	}
	return list
}

func TestCompare(t *testing.T) {
	usd := func(minor int) string { return fmt.Sprintf(`{"amount":%d,"currency":"USD"}`, minor) }
	qar := func(minor int) string { return fmt.Sprintf(`{"amount":%d,"currency":"QAR"}`, minor) }
	line := func(number int, amount, more string) string {
		return fmt.Sprintf(`{"line_number":%d,"amount":%s%s}`, number, amount, more)
	}
	lines := func(all ...string) string { return `{"lines":[` + strings.Join(all, ",") + `]}` }
	for _, test := range []struct {
		name        string
		entityType  canonical.EntityType
		site, books string
		want        []string
	}{
		{"only one says it", "contract", `{"title":"Tower"}`, `{"amount":` + usd(1) + `}`, nil},
		{"null is nothing said", "contract", `{"title":null}`, `{"title":"Tower"}`, nil},
		{"case, spaces and punctuation of a name", "contract", `{"title":"Al-Waha  Tower"}`, `{"title":"AL WAHA TOWER."}`, nil},
		{"a name", "contract", `{"title":"Tower 1"}`, `{"title":"Tower 2"}`, []string{"/title different"}},
		{"a number is what it is to the letter", "payment", `{"check_number":"CHK-1"}`, `{"check_number":"chk 1"}`, []string{"/check_number different"}},
		{"a tax number without its separators", "customer", `{"tax_id":"QA-123-456"}`, `{"tax_id":"QA123456"}`, nil},
		{"a postal code", "project", `{"address":{"postal_code":"1-23"}}`, `{"address":{"postal_code":"12-3"}}`, []string{"/address/postal_code different"}},
		{"a dot in an e-mail address", "customer", `{"email":"a.b@x.qa"}`, `{"email":"ab@x.qa"}`, []string{"/email different"}},
		{"what each platform keeps for itself", "invoice", `{"created_by":"A","updated_at":"2026-01-01T00:00:00Z","currency":"USD","customer_name":"A","sell_to":{"state":"WA"}}`,
			`{"created_by":"B","updated_at":"2026-01-02T00:00:00Z","currency":"QAR","customer_name":"B","sell_to":{"state":"Al Wakrah"}}`, nil},
		{"a reference", "payment", `{"contract_id":"cor_000000000000001"}`, `{"contract_id":"cor_000000000000002"}`, []string{"/contract_id different"}},
		{"money of one currency, to the minor unit", "payment", `{"amount":` + usd(100) + `}`, `{"amount":` + usd(101) + `}`, []string{"/amount different 0.01 USD"}},
		{"money of two currencies", "payment", `{"amount":` + usd(10000) + `}`, `{"amount":` + qar(36400) + `}`, nil},
		{"rounding in the coarser currency", "payment", `{"amount":` + usd(10001) + `}`, `{"amount":` + qar(36402) + `}`, nil},
		{"rounding in the finer currency", "payment", `{"amount":` + usd(10001) + `}`, `{"amount":` + qar(36405) + `}`, nil},
		{"more than rounding", "payment", `{"amount":` + usd(10000) + `}`, `{"amount":` + qar(36410) + `}`, []string{"/amount different 0.03 USD"}},
		{"books minus site", "payment", `{"amount":` + usd(124200000) + `}`, `{"amount":{"amount":465742500,"currency":"SAR"}}`, []string{"/amount different -20.00 USD"}},
		{"a rate that the record says", "invoice", `{"amount":` + usd(100) + `}`,
			`{"amount":{"amount":31,"currency":"KWD"},"currency":"USD","base_currency":"KWD","exchange_rate":"0.31"}`, []string{"/amount different -0.90 USD"}},
		{"no rate", "payment", `{"amount":` + usd(100) + `}`, `{"amount":{"amount":307,"currency":"KWD"}}`, []string{"/amount incomparable"}},
		{"a word that the other side has none for", "invoice", `{"status":"approved"}`, `{"status":"paid"}`, []string{"/status approximated"}},
		{"a word", "invoice", `{"status":"draft"}`, `{"status":"paid"}`, []string{"/status different"}},
		{"lines by their number", "contract", lines(line(1, usd(100), ""), line(2, usd(200), "")), lines(line(2, qar(728), ""), line(1, qar(400), "")),
			[]string{"/lines/0/amount different 0.10 USD"}},
		{"lines by their place", "contract", lines(line(1, usd(100), ""), line(2, usd(200), "")), lines(line(10000, qar(364), ""), line(20000, qar(800), "")),
			[]string{"/lines/1/amount different 0.20 USD"}},
		{"one line more", "contract", lines(line(1, usd(100), "")), lines(line(10000, qar(364), ""), line(20000, qar(800), "")), []string{"/lines different"}},
		{"one line left out of those that have numbers", "contract", lines(line(1, usd(100), ""), line(2, usd(200), ""), line(3, usd(300), "")),
			lines(line(1, usd(100), ""), line(3, usd(301), "")), []string{"/lines different", "/lines/2/amount different 0.01 USD"}},
		{"comments are no lines", "contract", lines(line(1, usd(100), "")), lines(line(1, usd(100), ""), line(2, usd(0), `,"line_type":"comment"`)), nil},
		{"quantity and price", "contract", lines(line(1, usd(600), `,"quantity":"2","unit_price":"3"`)), lines(line(1, usd(600), `,"quantity":"3","unit_price":"2"`)),
			[]string{"/lines/0/quantity different", "/lines/0/unit_price different"}},
		{"a price in another currency", "contract", lines(line(1, usd(600), `,"quantity":"2","unit_price":"3"`)), lines(line(1, qar(2184), `,"quantity":"2","unit_price":"10.92"`)), nil},
		{"a line as one unit at its amount", "contract", lines(line(1, usd(1000), `,"quantity":"3","unit_price":"3.33333"`)),
			lines(line(1, qar(3640), `,"quantity":"1","unit_price":"36.4"`)), []string{"/lines/0/quantity approximated", "/lines/0/unit_price approximated"}},
		{"the sum of tax by code", "invoice", lines(line(1, usd(100), `,"tax_code":"VAT5","tax_amount":`+usd(5)), line(2, usd(100), `,"tax_code":"VAT0","tax_amount":`+usd(0))),
			lines(line(1, usd(100), `,"tax_code":"VAT5","tax_amount":`+usd(9)), line(2, usd(100), `,"tax_code":"VAT0","tax_amount":`+usd(0))),
			[]string{"/tax_amount/VAT5 different 0.04 USD"}},
		{"tax codes of two vocabularies", "invoice", lines(line(1, usd(100), `,"tax_code":"A","tax_amount":`+usd(5))), lines(line(1, usd(100), `,"tax_code":"B","tax_amount":`+usd(9))), nil},
		{"retention on a line of its own, as in the books", "invoice",
			`{"retainage":{"retained_amount":` + usd(1000) + `,"released_amount":` + usd(0) + `},"lines":[{"line_number":1,"amount":` + usd(9000) + `,"period_gross_amount":` + usd(10000) + `}]}`,
			lines(line(10000, qar(36400), ""), line(20000, qar(-3640), "")), nil},
		{"retention of another amount", "invoice",
			`{"retainage":{"retained_amount":` + usd(1000) + `,"released_amount":` + usd(0) + `},"lines":[{"line_number":1,"amount":` + usd(9000) + `,"period_gross_amount":` + usd(10000) + `}]}`,
			lines(line(10000, qar(36400), ""), line(20000, qar(-3700), "")), []string{"/lines different"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, compared(t, test.entityType, test.site, test.books))
		})
	}
}

func TestCompare_ListsAFewOfMany(t *testing.T) {
	of := func(amount int) string {
		lines := make([]string, 1000)
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"line_number":%d,"amount":{"amount":%d,"currency":"USD"}}`, i, amount)
		}
		return `{"lines":[` + strings.Join(lines, ",") + `]}`
	}
	c := newComparer().Compare("contract", []reconcile.Reading{{Platform: "procore", Document: mustParse(t, of(1))}, {Platform: "dynamics", Document: mustParse(t, of(2))}})
	assert.Len(t, c.Differences, reconcile.MaxDifferences)
	assert.Equal(t, 1000-reconcile.MaxDifferences, c.More)
}

func TestCompare_ThreePlatforms(t *testing.T) {
	readings := []reconcile.Reading{
		{Platform: "a", Document: mustParse(t, `{"date":"2026-01-01"}`)}, {Platform: "b", Document: mustParse(t, `{"date":"2026-01-01"}`)},
		{Platform: "c", Document: mustParse(t, `{"date":"2026-01-02"}`)},
	}
	c := newComparer().Compare("payment", readings)
	require.Equal(t, []string{"/date different"}, described(c))
	assert.Len(t, c.Differences[0].Values, 3)
	assert.Empty(t, newComparer().Compare("payment", readings[:2]).Differences)
	assert.Empty(t, newComparer().Compare("payment", readings[:1]).Differences)
}

// sandboxDocuments are what the records of the sandboxes say, by type.
func sandboxDocuments(t *testing.T) map[canonical.EntityType][]jsontext.Value {
	t.Helper()
	all := map[canonical.EntityType][]jsontext.Value{}
	platforms := registry.New()
	for _, name := range platforms.Names() {
		p, _ := platforms.Get(name)
		if p.Definition().Sandbox == nil {
			continue
		}
		records, err := p.Definition().Sandbox.Records(t.Context(), books.Receivable)
		require.NoError(t, err)
		for _, r := range records {
			c := &reconcile.Candidate{Payload: r.Payload, Record: reconcile.Record{Platform: string(name), EntityType: r.EntityType, Variant: r.Context.Variant}}
			require.NoError(t, c.Read(p, canonical.Rates{}))
			all[r.EntityType] = append(all[r.EntityType], c.Document)
		}
	}
	return all
}

// Whatever a record says, it agrees with itself. What is planted in a copy of it is found, each of it and nothing else; seen from the other
// side it is the same, and money is less than nothing by as much as it was more.
func TestCompare_FindsWhatIsPlanted(t *testing.T) {
	documents := sandboxDocuments(t)
	comparer := newComparer()
	types := slices.Sorted(maps.Keys(documents))
	require.Len(t, types, 5)
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		entityType := rapid.SampledFrom(types).Draw(t, "type")
		original := rapid.SampledFrom(documents[entityType]).Draw(t, "document")
		site := reconcile.Reading{Platform: "procore", Document: original}
		compare := func(a, b reconcile.Reading) reconcile.Comparison {
			return comparer.Compare(entityType, []reconcile.Reading{a, b})
		}
		require.Empty(t, compare(site, reconcile.Reading{Platform: "dynamics", Document: original}).Differences)

		changed, planted := original, map[string]int64{}
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			changed = plant(t, entityType, changed, planted)
		}
		books := reconcile.Reading{Platform: "dynamics", Document: changed}
		there, back := compare(site, books), compare(books, site)
		found := map[string]int64{}
		for _, d := range there.Differences {
			seen[string(entityType)+d.Field[strings.LastIndexByte(d.Field, '/'):]] = true
			found[d.Field] = 0
			if d.Amount != nil {
				found[d.Field] = d.Amount.AmountMinor
			}
		}
		require.Equal(t, planted, found)
		require.Len(t, back.Differences, len(there.Differences))
		for i, d := range back.Differences {
			one := there.Differences[i]
			require.Equal(t, one.Field, d.Field)
			require.Equal(t, one.Kind, d.Kind)
			require.True(t, one.Values[0].Value.Equal(d.Values[1].Value) && one.Values[1].Value.Equal(d.Values[0].Value))
			if one.Amount != nil {
				require.Equal(t, one.Amount.AmountMinor, -d.Amount.AmountMinor)
			}
		}
	})
	assert.Greater(t, len(seen), 10, "%v", seen)
}

// plant changes a field that is compared, and notes it with the amount by which it changes it.
func plant(t *rapid.T, entityType canonical.EntityType, document jsontext.Value, planted map[string]int64) jsontext.Value {
	var fields []canonical.Field
	for _, f := range canonical.Fields(entityType) {
		if !document.At(f.Keys()...).IsNone() && plantable[f.Path] {
			fields = append(fields, f)
		}
	}
	lines := document.Get("lines").Members()
	which := rapid.IntRange(0, len(fields)+min(len(lines), 1)-1).Draw(t, "field")
	if which == len(fields) {
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		amount, ok := canonical.MoneyOf(lines[i].Value.Get("amount"))
		if !ok || lines[i].Value.Get("line_type").Text() == "comment" {
			return document
		}
		by := rapid.Int64Range(1, 1000).Draw(t, "by")
		amount.AmountMinor += by
		planted[fmt.Sprintf("/lines/%d/amount", i)] += by
		all := slices.Clone(lines)
		all[i].Value = all[i].Value.With("amount", amount.Value())
		return document.With("lines", jsontext.ArrayOf(all))
	}
	f := fields[which]
	value, pointer := document.At(f.Keys()...), f.Pointer()
	switch f.Type {
	case canonical.MoneyType:
		by := rapid.Int64Range(1, 1000).Draw(t, "by")
		money, _ := canonical.MoneyOf(value)
		money.AmountMinor += by
		planted[pointer] += by
		value = money.Value()
	case canonical.DateType:
		planted[pointer] = 0
		value = jsontext.NewString("1999-12-31")
	default:
		planted[pointer] = 0
		value = jsontext.NewString(value.Text() + " planted")
	}
	return reconcile.SetField(document, f.Keys(), value)
}

// plantable are the fields that are planted in: some of each kind.
var plantable = map[string]bool{
	"amount": true, "tax_amount": true, "total_value": true, "check_number": true, "number": true, "name": true, "title": true, "date": true,
	"invoice_date": true, "due_date": true, "start_date": true, "description": true, "address.city": true, "phone": true, "contract_date": true,
}

// What is stored of a comparison is read as it was, but for the rest of a long text; and a text that changes behind its cut is another value.
func TestCompared_IsReadAsItWasWritten(t *testing.T) {
	long := strings.Repeat("Ă", 300)
	site := `{"id":"inv_000000000000001","number":"INV-1","status":"approved","amount":{"amount":100,"currency":"USD"},"invoice_date":"2026-01-31",
		"updated_at":"2026-02-01T00:00:00Z","project_id":"proj_00000000000000a","contract_id":"cor_00000000000000a","customer_id":"cust_00000000000000a","comment":"` + long + `",
		"gross_amount":{"amount":110,"currency":"USD"},"retainage":{"retained_amount":{"amount":10,"currency":"USD"},"released_amount":{"amount":0,"currency":"USD"}}}`
	inBooks := `{"number":"INV-1","status":"draft","amount":{"amount":31,"currency":"KWD"},"currency":"USD","base_currency":"KWD","exchange_rate":"0.31",
		"project_id":"proj_00000000000000b","contract_id":"cor_00000000000000b","customer_id":"cust_00000000000000x","comment":"%s"}`
	summarize := func(comment string) (reconcile.Compared, reconcile.StoredCompared) {
		document := mustParse(t, site)
		c := newComparer().Summarize("invoice", "inv_000000000000001", document, []reconcile.Reading{
			{Platform: "procore", Document: document}, {Platform: "dynamics", Document: mustParse(t, fmt.Sprintf(inBooks, comment))},
		}, map[string]string{
			"proj_00000000000000a": "proj_00000000000000a", "proj_00000000000000b": "proj_00000000000000a", // one object
			"cor_00000000000000a": "cor_00000000000000a", "cor_00000000000000b": "cor_00000000000000b", // two
			"cust_00000000000000a": "cust_00000000000000a", // the other was never loaded
		})
		stored, err := reconcile.ParseCompared(c.Text())
		require.NoError(t, err)
		return c, stored
	}
	c, stored := summarize(long + "x")
	assert.True(t, c.Disagrees())
	assert.Equal(t, []string{"/status different", "/amount different -0.90 USD", "/contract_id different", "/comment different"}, described(c.Comparison))
	require.Len(t, stored.Differences, 4)
	for i, d := range stored.Differences {
		assert.Equal(t, c.Differences[i].Stamp(), d.Stamp)
		assert.Equal(t, c.Differences[i].Field, d.Field)
		assert.Equal(t, c.Differences[i].Amount, d.Amount)
	}
	assert.Equal(t, 200, len([]rune(stored.Differences[3].Values[0].Value.Text())))
	_, other := summarize(long + "y")
	assert.NotEqual(t, stored.Differences[3].Stamp, other.Differences[3].Stamp)
	assert.Equal(t, stored.Differences[2].Stamp, other.Differences[2].Stamp)

	stored.Comparison, c.Comparison = reconcile.Comparison{}, reconcile.Comparison{}
	assert.Equal(t, c, stored.Compared)
	assert.Equal(t, []any{"INV-1", "2026-01-31", "approved", "proj_00000000000000a", "cor_00000000000000a", "cust_00000000000000a"},
		[]any{c.Label, c.Date, c.Status, c.ProjectID, c.ContractID, c.CustomerID})
	assert.Equal(t, reconcile.OwnRate{From: "USD", To: "KWD", Rate: "0.31"}, c.Rate)
	assert.EqualValues(t, 10, c.Retainage.Retained.AmountMinor)
	_, err := reconcile.ParseCompared([]byte(`{"d":[[]],"r":[1],"g":[],"x":[]}`))
	require.NoError(t, err, "what is short is read as nothing")
}
