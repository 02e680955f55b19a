package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// lineOf is a patch of one line of a document, by its index.
func lineOf(document jsontext.Value, i int, fields string) string {
	ids := document.Get("lines").Members()[i].Value.Get("external_ids")
	return `{"external_ids":` + ids.String() + `,` + fields + `}`
}

// differencesOf are those of a platform's record, as text.
func differencesOf(r RecordResult) string { return strings.Join(changes(r.Changes), "\n") }

func TestPropagateCarriesAQuantity(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-LEX-003")
	line := document.Get("lines").Members()[0].Value
	require.NotEqual(t, "7", line.Get("quantity").Text())
	got, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"quantity":"7"`)+`]}`)
	require.NoError(t, err)
	product, ok := canonical.Product("7", line.Get("unit_price").Text(), "USD")
	require.True(t, ok)
	assert.True(t, got.Document.Get("lines").Members()[0].Value.Get("amount").Equal(product.Value()))
	for _, r := range got.Records {
		lines := r.Payload.Get(map[string]string{"procore": "line_items", "dynamics": "salesOrderLines"}[r.Platform]).Members()
		assert.Equal(t, "7", strings.Trim(strings.Replace(lines[0].Value.Get("quantity").String(), ".0", "", 1), `"`), r.Platform)
		for _, d := range r.Changes {
			assert.False(t, strings.Contains(d.Pointer, "/1/") || strings.Contains(strings.ToLower(d.Pointer), "price"), "%s %s", r.Platform, d.Pointer)
		}
	}
	s.addsUp(canonical.Contract, got)
}

// addsUp requires that every record of a result adds up.
func (s *sandbox) addsUp(of canonical.EntityType, got Result) {
	s.t.Helper()
	for _, r := range got.Records {
		p, err := s.platform(r.Platform)
		require.NoError(s.t, err)
		ctx := mapping.Context{}
		for _, record := range s.records {
			if record.Platform == r.Platform && record.PlatformID == r.PlatformID {
				ctx.Variant = record.Variant
			}
		}
		document, _, err := p.ToCanonical(of, r.Payload, ctx)
		require.NoError(s.t, err)
		list, _ := canonical.Checks(of, document)
		require.Empty(s.t, list, "%s\n%s", r.Platform, differencesOf(r))
	}
	list, _ := canonical.Checks(of, got.Document)
	require.Empty(s.t, list)
}

func TestPropagateKeepsTheQuantityOfANewAmount(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-NMC-002")
	line := document.Get("lines").Members()[0].Value
	require.Equal(t, "4", line.Get("quantity").Text())
	got, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"amount":{"amount":100000010,"currency":"USD"}`)+`]}`)
	require.NoError(t, err)
	changed := got.Document.Get("lines").Members()[0].Value
	assert.Equal(t, "4 250000.025", changed.Get("quantity").Text()+" "+changed.Get("unit_price").Text())
	books := got.Records[1].Payload.Get("salesOrderLines").Members()[0].Value
	assert.Equal(t, "4 3750000.38 937500.095", books.Get("quantity").Literal()+" "+books.Get("amountExcludingTax").Literal()+" "+books.Get("unitPrice").Literal())
	s.addsUp(canonical.Contract, got)
}

func TestPropagateMakesOneUnitOfWhatNoPriceGives(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-LEX-003")
	_, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"quantity":"1000000","amount":{"amount":100,"currency":"USD"}`)+`]}`)
	require.EqualError(t, err, "/lines/0/amount: expected "+ofProduct, "both cannot be had")
	made, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"quantity":"1000000"`)+`]}`)
	require.NoError(t, err)
	order.Document = made.Document.Append(nil)
	for i := range s.records {
		for _, r := range made.Records {
			if s.records[i].Platform == r.Platform && s.records[i].PlatformID == r.PlatformID {
				s.records[i].Payload = r.Payload.Append(nil)
			}
		}
	}
	got, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"amount":{"amount":100,"currency":"USD"}`)+`]}`)
	require.NoError(t, err)
	changed := got.Document.Get("lines").Members()[0].Value
	assert.Equal(t, "1 1", changed.Get("quantity").Text()+" "+changed.Get("unit_price").Text())
	assert.True(t, changed.Get("unit").IsNone())
	for _, r := range got.Records {
		assert.Contains(t, r.Lost, mapping.Loss{Field: "/lines/0/quantity", Reason: mapping.Approximated}, r.Platform)
	}
	s.addsUp(canonical.Contract, got)
}

// Amounts that follow the lines are not changed by hand; to name them as they are, or as they come, is no error.
func TestPropagateRefusesSums(t *testing.T) {
	s := newSandbox(t)
	contract, document := s.object(canonical.Contract, "C-LEX-001")
	amount := `"amount":{"amount":%d,"currency":"USD"}`
	line := `"lines":[` + lineOf(document, 2, fmt.Sprintf(amount, 135000000)) + `]`
	for patch, want := range map[string]string{
		fmt.Sprintf(`{`+amount+`}`, 855000000):                           "/amount: expected " + ofLines,
		fmt.Sprintf(`{`+amount+`}`, 850000000):                           "",
		`{"amount":null}`:                                                "/amount: expected " + ofLines,
		`{"tax_amount":{"amount":5,"currency":"QAR"}}`:                   "/tax_amount: expected " + ofLines,
		fmt.Sprintf(`{`+amount+`,`+line+`}`, 855000000):                  "",
		fmt.Sprintf(`{`+amount+`,`+line+`}`, 850000000):                  "",
		fmt.Sprintf(`{`+amount+`,`+line+`}`, 855000001):                  "/amount: expected " + ofLines,
		`{"amount":{"amount":3112200000,"currency":"QAR"},` + line + `}`: "",
		`{"title":"Other"}`:                                              "",
	} {
		got, err := s.plan(contract, "", patch)
		if want != "" {
			assert.EqualError(t, err, want, patch)
			continue
		}
		require.NoError(t, err, patch)
		s.addsUp(canonical.Contract, got)
	}
	order, document := s.object(canonical.Contract, "PO-NMC-002")
	_, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"unit_price":"3",`+fmt.Sprintf(amount, 5))+`]}`)
	assert.EqualError(t, err, "/lines/0/amount: expected "+ofProduct)
	_, err = s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"unit_price":"3",`+fmt.Sprintf(amount, 1200))+`]}`)
	assert.NoError(t, err)
}

// What the books tax, they tax anew: line, tax and totals.
func TestPropagateCarriesTax(t *testing.T) {
	s := newSandbox(t)
	contract, document := s.object(canonical.Contract, "C-NMC-001")
	line := document.Get("lines").Members()[0].Value
	amount, _ := canonical.MoneyOf(line.Get("amount"))
	got, err := s.plan(contract, "", `{"lines":[`+lineOf(document, 0, fmt.Sprintf(`"amount":{"amount":%d,"currency":"USD"}`, amount.AmountMinor+100000))+`]}`)
	require.NoError(t, err)
	books := got.Records[1]
	require.Equal(t, "dynamics", books.Platform)
	assert.Equal(t, "27003750 4050562.5 31054312.5", books.Payload.Get("totalAmountExcludingTax").Literal()+" "+
		books.Payload.Get("totalTaxAmount").Literal()+" "+books.Payload.Get("totalAmountIncludingTax").Literal())
	assert.Equal(t, `{"amount":405056250,"currency":"SAR"}`, got.Document.Get("tax_amount").String(), "the object has the tax of the books")
	s.addsUp(canonical.Contract, got)
}

// In the books' own words, quantity and price are enough: the books compute the rest, and the other side follows.
func TestPropagateCarriesTheBooksOwnWords(t *testing.T) {
	s := newSandbox(t)
	order, _ := s.object(canonical.Contract, "PO-NMC-002")
	for _, r := range s.records {
		if r.CanonicalID != order.ID || r.Platform != "dynamics" {
			continue
		}
		id := s.parse(string(r.Payload)).Get("salesOrderLines").Members()[0].Value.Get("id").String()
		got, err := s.plan(order, "dynamics", `{"salesOrderLines":[{"id":`+id+`,"quantity":5,"discountAmount":0.5}]}`)
		require.NoError(t, err)
		books := got.Records[1].Payload
		assert.Equal(t, "5999999.5", books.Get("salesOrderLines").Members()[0].Value.Get("amountExcludingTax").Literal())
		assert.Equal(t, "8399999.5 1259999.93 9659999.43", books.Get("totalAmountExcludingTax").Literal()+" "+books.Get("totalTaxAmount").Literal()+" "+books.Get("totalAmountIncludingTax").Literal())
		assert.Equal(t, "5.0", got.Records[0].Payload.Get("line_items").Members()[0].Value.Get("quantity").Text())
		s.addsUp(canonical.Contract, got)
	}
}

// Whatever one line becomes, every record adds up as its platform computes it, and no byte of another line is another.
func TestPropagateKeepsSums(t *testing.T) {
	s := newSandbox(t)
	var objects []reconcile.Object
	for _, o := range s.objects {
		if (o.EntityType == canonical.Contract || o.EntityType == canonical.Invoice) && s.parse(string(o.Document)).Get("lines").Len() > 0 {
			objects = append(objects, o)
		}
	}
	require.NotEmpty(t, objects)
	for _, o := range objects {
		s.reopen(o)
	}
	rapid.Check(t, func(r *rapid.T) {
		o := objects[rapid.IntRange(0, len(objects)-1).Draw(r, "object")]
		document := s.parse(string(o.Document))
		i := rapid.IntRange(0, document.Get("lines").Len()-1).Draw(r, "line")
		var fields []string
		if rapid.Bool().Draw(r, "quantity") {
			fields = append(fields, fmt.Sprintf(`"quantity":"%d.%d"`, rapid.IntRange(-9, 900).Draw(r, "whole"), rapid.IntRange(1, 99).Draw(r, "part")))
		}
		switch rapid.IntRange(0, 2).Draw(r, "what") {
		case 0:
			fields = append(fields, fmt.Sprintf(`"unit_price":"%d.%d"`, rapid.IntRange(0, 9000).Draw(r, "price"), rapid.IntRange(1, 9999).Draw(r, "cents")))
		case 1:
			fields = append(fields, fmt.Sprintf(`"amount":{"amount":%d,"currency":%q}`, rapid.Int64Range(-100, 1e9).Draw(r, "amount"), rapid.SampledFrom([]string{"USD", "QAR", "JOD"}).Draw(r, "currency")))
		}
		fields = append(fields, `"description":"Changed"`)
		patch := `{"lines":[` + lineOf(document, i, strings.Join(fields, ",")) + `]}`
		got, err := s.plan(o, "", patch)
		if err != nil {
			require.ErrorContains(r, err, ofProduct)
			return
		}
		s.addsUp(o.EntityType, got)
		records := s.recordsOf(o)
		for k := range records {
			for _, record := range got.Records {
				if records[k].Platform == record.Platform {
					records[k].Payload = record.Payload.Append(nil)
				}
			}
		}
		o.Document = got.Document.Append(nil)
		draft, err := s.Draft(o, records, Patch{Fields: s.parse(patch)}, t.Context().Err)
		require.NoError(r, err)
		again, err := draft.Finish(s.find(draft.ReferredIDs()))
		require.NoError(r, err)
		for _, record := range again.Records {
			require.Empty(r, differencesOf(record), "%s, the second time", patch)
		}
		require.False(r, again.Changed(), "%s: the second time %s", patch, changes(again.Changes))
		for _, record := range got.Records {
			places := map[string]bool{}
			for _, d := range record.Changes {
				if keys := strings.Split(d.Pointer, "/"); len(keys) > 3 {
					places[keys[2]] = true
				}
			}
			require.LessOrEqual(r, len(places), 1, "%s: only one line", record.Platform)
		}
	})
}

// What did not add up before keeps its difference, and a line that is only renamed keeps its amounts.
func TestPropagateLeavesWhatItDoesNotName(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-NMC-002")
	for i := range s.records {
		if s.records[i].CanonicalID == order.ID && s.records[i].Platform == "dynamics" {
			s.records[i].Payload = []byte(strings.Replace(string(s.records[i].Payload), `"amountExcludingTax":4800000`, `"amountExcludingTax":4800001`, 1))
		}
	}
	got, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, `"description":"Chiller"`)+`]}`)
	require.NoError(t, err)
	for _, r := range got.Records {
		require.Len(t, r.Changes, 1, r.Platform)
		require.True(t, strings.HasSuffix(r.Changes[0].Pointer, "/description"))
	}
	assert.False(t, slices.Contains(got.UpdatedFields, "amount"))
}

// A record that came without its lines has a total all the same. It follows the lines of the other.
func TestPropagateCarriesTheTotalOfARecordWithoutLines(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-LEX-003")
	for i := range s.records {
		if s.records[i].CanonicalID == order.ID && s.records[i].Platform == "dynamics" {
			s.records[i].Payload = s.parse(string(s.records[i].Payload)).Without("salesOrderLines").Append(nil)
		}
	}
	amount, _ := canonical.MoneyOf(document.At("lines").Members()[0].Value.Get("amount"))
	got, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, fmt.Sprintf(`"amount":{"amount":%d,"currency":"USD"}`, amount.AmountMinor+100000))+`]}`)
	require.NoError(t, err)
	assert.Equal(t, `"2401000.00"`, got.Records[0].Payload.Get("grand_total").String())
	assert.Equal(t, "8739640", got.Records[1].Payload.Get("totalAmountExcludingTax").Literal())
}

// An object without any lines has a total that is changed as any other field.
func TestPropagateTakesATotalWithoutLines(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-LEX-003")
	order.Document = document.Without("lines").Append(nil)
	for i := range s.records {
		if s.records[i].CanonicalID == order.ID {
			s.records[i].Payload = s.parse(string(s.records[i].Payload)).Without("salesOrderLines").Without("line_items").Append(nil)
		}
	}
	got, err := s.plan(order, "", `{"amount":{"amount":100000,"currency":"USD"}}`)
	require.NoError(t, err)
	assert.Equal(t, `"1000.00" 3640`, got.Records[0].Payload.Get("grand_total").String()+" "+got.Records[1].Payload.Get("totalAmountExcludingTax").Literal())
}

// An amount that there is no room for is said of the line that makes it.
func TestPropagateRefusesSumsWithoutRoom(t *testing.T) {
	s := newSandbox(t)
	order, document := s.object(canonical.Contract, "PO-LEX-003")
	for _, fields := range []string{`"amount":{"amount":9223372036854775807,"currency":"USD"}`, `"quantity":"99999999999999999999"`} {
		_, err := s.plan(order, "", `{"lines":[`+lineOf(document, 0, fields)+`]}`)
		_, ok := errors.AsType[*canonical.TranslationError](err)
		assert.True(t, ok, "%s: %v", fields, err)
	}
}

// In a platform's own words likewise: the other record follows, and both add up.
func TestPropagateKeepsSumsInAPlatformsWords(t *testing.T) {
	s := newSandbox(t)
	var sources []reconcile.Record
	for _, r := range s.records {
		if r.EntityType == canonical.Contract && len(s.recordsOf(s.objectOf(r))) == 2 {
			sources = append(sources, r)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		source := sources[rapid.IntRange(0, len(sources)-1).Draw(r, "record")]
		o := s.objectOf(source)
		words := map[string][]string{"procore": {"line_items", "unit_cost", "amount"}, "dynamics": {"salesOrderLines", "unitPrice", "amountExcludingTax"}}[source.Platform]
		lines := s.parse(string(source.Payload)).Get(words[0]).Members()
		id := lines[rapid.IntRange(0, len(lines)-1).Draw(r, "line")].Value.Get("id").String()
		fields := []string{`"quantity":%d.%d`, `"` + words[1] + `":%d.%d`, `"` + words[2] + `":%d.%d`}[rapid.IntRange(0, 2).Draw(r, "what")]
		patch := fmt.Sprintf(`{%q:[{"id":%s,`+fields+`}]}`, words[0], id, rapid.IntRange(0, 9000).Draw(r, "whole"), rapid.IntRange(1, 99).Draw(r, "part"))
		got, err := s.plan(o, source.Platform, patch)
		require.NoError(r, err, patch)
		s.addsUp(canonical.Contract, got)
	})
}

// objectOf is the object of a record.
func (s *sandbox) objectOf(r reconcile.Record) reconcile.Object {
	i := slices.IndexFunc(s.objects, func(o reconcile.Object) bool { return o.ID == r.CanonicalID })
	return s.objects[i]
}
