package canonical

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

func usd(minor int) string { return fmt.Sprintf(`{"amount":%d,"currency":"USD"}`, minor) }

func TestChecks(t *testing.T) {
	for _, test := range []struct {
		name   string
		entity EntityType
		json   string
		want   string
	}{
		{"a contract that adds up", Contract, `{"amount":` + usd(300) + `,"lines":[{"amount":` + usd(100) + `},{"amount":` + usd(200) + `}]}`, ""},
		{"a contract that does not", Contract, `{"amount":` + usd(301) + `,"lines":[{"amount":` + usd(100) + `},{"amount":` + usd(200) + `}]}`, "/amount 3.00 3.01"},
		{"no lines, no word", Contract, `{"amount":` + usd(301) + `,"lines":[]}`, ""},
		{"a line without an amount, no word", Contract, `{"amount":` + usd(301) + `,"lines":[{"amount":` + usd(100) + `},{}]}`, ""},
		{"another currency, no word", Contract, `{"amount":` + usd(301) + `,"lines":[{"amount":{"amount":1,"currency":"QAR"}}]}`, ""},
		{"a discount of the whole", Contract, `{"amount":` + usd(90) + `,"discount_amount":` + usd(10) + `,"lines":[{"amount":` + usd(100) + `}]}`, ""},
		{"tax", Contract, `{"amount":` + usd(100) + `,"tax_amount":` + usd(5) + `,"amount_including_tax":` + usd(106) + `}`, "/amount_including_tax 1.05 1.06"},
		{"a product, half away from zero", Contract, `{"lines":[{"quantity":"-0.5","unit_price":"0.01","amount":` + usd(-1) + `}]}`, ""},
		{"a product that is another", ChangeOrder, `{"lines":[{},{"quantity":"2","unit_price":"1.5","amount":` + usd(301) + `}]}`, "/lines/1/amount 3.00 3.01"},
		{"a product less its discount", Contract, `{"lines":[{"quantity":"2","unit_price":"1.5","discount_amount":` + usd(50) + `,"amount":` + usd(250) + `}]}`, ""},
		{"typed", Contract, `{"lines":[{"quantity":"2","unit_price":"1.5","extended_type":"manual","amount":` + usd(301) + `}]}`, ""},
		{"by amount", Contract, `{"accounting_method":"amount","lines":[{"quantity":"2","unit_price":"1.5","amount":` + usd(301) + `}]}`, ""},
		{"no quantity", Contract, `{"lines":[{"quantity":"0","unit_price":"1.5","amount":` + usd(301) + `}]}`, ""},
		{"an invoice", Invoice, `{"amount":` + usd(105) + `,"amount_excluding_tax":` + usd(99) + `,"tax_amount":` + usd(5) + `,"lines":[{"amount":` + usd(100) + `,"tax_amount":` + usd(5) + `,"amount_including_tax":` + usd(105) + `}]}`,
			"/amount_excluding_tax 1.00 0.99; /amount 1.04 1.05"},
		{"a requisition with tax in what is due", Invoice, `{"amount":` + usd(945) + `,"tax_amount":` + usd(45) + `,"earned_less_retainage_amount":` + usd(900) + `,"previous_certificates_amount":` + usd(0) + `}`, ""},
		{"retainage", Invoice, `{"completed_amount":` + usd(1000) + `,"retainage":{"work_amount":` + usd(90) + `,"materials_amount":` + usd(10) + `,"total_amount":` + usd(90) + `},"earned_less_retainage_amount":` + usd(900) + `}`,
			"/retainage/total_amount 1.00 0.90; /earned_less_retainage_amount 9.10 9.00"},
		{"an item of a requisition", Invoice, `{"lines":[{"previous_amount":` + usd(1) + `,"period_amount":` + usd(2) + `,"stored_materials_amount":` + usd(3) + `,"completed_amount":` + usd(7) + `}]}`, "/lines/0/completed_amount 0.06 0.07"},
		{"beyond 64 bits, no word", Contract, `{"amount":` + usd(1) + `,"lines":[{"amount":{"amount":9223372036854775807,"currency":"USD"}},{"amount":{"amount":9223372036854775807,"currency":"USD"}}]}`, ""},
		{"a payment is no sum", Payment, `{"amount":` + usd(1) + `}`, ""},
	} {
		document, err := jsontext.Parse([]byte(test.json))
		require.NoError(t, err, test.name)
		list, more := Checks(test.entity, document)
		var got []string
		for _, c := range list {
			got = append(got, c.Field+" "+c.Expected.Decimal()+" "+c.Found.Decimal())
		}
		assert.Equal(t, test.want, strings.Join(got, "; "), test.name)
		assert.Zero(t, more)
	}
}

func TestChecksAreBounded(t *testing.T) {
	line := `{"quantity":"2","unit_price":"1","amount":` + usd(1) + `}`
	document, err := jsontext.Parse([]byte(`{"lines":[` + strings.Repeat(line+",", 59) + line + `]}`))
	require.NoError(t, err)
	list, more := Checks(Contract, document)
	assert.Len(t, list, MaxProblems)
	assert.Equal(t, 60-MaxProblems, more)
}

// Every field that a sum names is one, and an amount.
func TestSumsNameAmounts(t *testing.T) {
	for _, entity := range []EntityType{Contract, ChangeOrder, Invoice} {
		types := map[string]FieldType{}
		for _, f := range Fields(entity) {
			types[f.Path] = f.Type
			for _, l := range f.Lines {
				types["lines."+l.Path] = l.Type
			}
		}
		document, line := Sums(entity)
		for prefix, sums := range map[string][]Sum{"": document, "lines.": line} {
			for _, s := range sums {
				for _, field := range append(append([]string{s.Field, s.Less, s.Unless, s.Or}, s.Plus...), s.Minus...) {
					assert.True(t, field == "" || types[prefix+field] == MoneyType, "%s %s%s", entity, prefix, field)
				}
				assert.True(t, s.Lines == "" || types["lines."+s.Lines] == MoneyType, "%s %s", entity, s.Lines)
			}
		}
	}
}
