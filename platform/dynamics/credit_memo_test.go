package dynamics_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
)

// Every amount of a credit memo, and the quantity of its lines, turns its sign on the way; prices and percentages do not.
func TestCreditMemo_EveryAmountTurnsItsSign(t *testing.T) {
	p := platform.New(dynamics.Definition())
	others := dynamics.Definition().Others[canonical.Invoice]
	payable := dynamics.Definition().Sides["payable"].Others[canonical.Invoice]
	for mark, table := range map[string]mapping.Table{`"salesCreditMemoLines":[]`: others.Table, `"purchaseCreditMemoLines":[]`: payable.Table} {
		turned := 0
		for _, row := range table.Rows {
			if row.Codec.Type == canonical.MoneyType {
				document := readInvoice(t, p, `{"creditMemoDate":"2026-02-01",`+mark+`,"`+row.Platform[0]+`":12.5}`)
				amount, ok := canonical.MoneyOf(document.At(jsontext.ParsePath(row.Canonical)...))
				assert.True(t, ok && amount.AmountMinor == -1250, "%s: %v", row.Platform[0], amount)
				turned++
			}
		}
		assert.GreaterOrEqual(t, turned, 4)
	}
	for lines, price := range map[string]string{"salesCreditMemoLines": "unitPrice", "purchaseCreditMemoLines": "unitCost"} {
		line := readInvoice(t, p, `{"creditMemoDate":"2026-02-01","`+lines+`":[{"quantity":2,"`+price+`":12.5,"amountExcludingTax":25,"discountAmount":1,"totalTaxAmount":1,
			"amountIncludingTax":26,"netAmount":25,"taxPercent":4,"discountPercent":4}]}`).Get("lines").Members()[0].Value
		for field, want := range map[string]string{"quantity": "-2", "unit_price": "12.5", "tax_percent": "4", "discount_percent": "4"} {
			assert.Equal(t, want, line.Get(field).Text(), field)
		}
		for _, field := range []string{"amount", "discount_amount", "tax_amount", "amount_including_tax", "net_amount"} {
			amount, ok := canonical.MoneyOf(line.Get(field))
			assert.True(t, ok && amount.AmountMinor < 0, "%s of %s", field, lines)
		}
	}
}

func readInvoice(t *testing.T, p platform.Platform, text string) jsontext.Value {
	t.Helper()
	record, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	document, _, err := p.ToCanonical(canonical.Invoice, record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "credit_memo", document.Get("kind").Text())
	return document
}
