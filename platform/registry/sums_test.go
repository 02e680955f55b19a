package registry_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform/procore"
)

// drawnLine is a line with its figures in minor units; the price is a decimal.
type drawnLine struct {
	quantity, price string
	amount          int64
}

// drawCommitment draws a commitment of Procore whose lines add up, in a currency.
func drawCommitment(t *rapid.T, currency string) (record jsontext.Value, lines []drawnLine, total int64) {
	var texts []string
	for i := range rapid.IntRange(1, 12).Draw(t, "lines") {
		l := drawnLine{
			quantity: fmt.Sprintf("%d.%d", rapid.IntRange(-50, 500).Draw(t, "quantity"), rapid.IntRange(1, 9).Draw(t, "tenths")),
			price:    fmt.Sprintf("%d.%04d", rapid.IntRange(0, 900).Draw(t, "price"), rapid.IntRange(1, 9999).Draw(t, "fraction")),
		}
		units, _ := new(big.Rat).SetString(l.quantity)
		each, _ := new(big.Rat).SetString(l.price)
		money, err := canonical.RoundMoney(units.Mul(units, each), currency)
		require.NoError(t, err)
		if rapid.IntRange(0, 3).Draw(t, "typed") == 0 {
			money.AmountMinor += rapid.Int64Range(-2, 2).Draw(t, "difference") // an amount that was typed, and rounded otherwise
		}
		l.amount = money.AmountMinor
		lines, total = append(lines, l), total+l.amount
		texts = append(texts, fmt.Sprintf(`{"id":%d,"position":%d,"description":"line %d","quantity":%q,"unit_cost":%q,"uom":"m","amount":%q}`,
			i+1, i+1, i, l.quantity, l.price, money.Decimal()))
	}
	sum := canonical.Money{AmountMinor: total, Currency: currency}
	record, err := jsontext.Parse(fmt.Appendf(nil, `{"id":7,"number":"SC-1","grand_total":%q,"currency_configuration":{"currency_iso_code":%q},"line_items":[%s]}`,
		sum.Decimal(), currency, strings.Join(texts, ",")))
	require.NoError(t, err)
	return record, lines, total
}

// Whatever the currency, the lines of a translated contract add up to its total as Business Central itself computes both: each
// line is quantity × price, rounded. The total is the converted total.
func TestConversionKeepsSums(t *testing.T) {
	home, books := get(t, "procore"), get(t, "dynamics")
	rates, err := canonical.NewRates(map[string]string{"JPY": "151.37", "KWD": "0.30715", "EUR": "0.9137"})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		codes := []string{"USD", "QAR", "JPY", "KWD", "EUR", "AED"}
		from, to := rapid.SampledFrom(codes).Draw(t, "from"), rapid.SampledFrom(codes).Draw(t, "to")
		record, lines, total := drawCommitment(t, from)
		document, _, err := home.ToCanonical(canonical.Contract, record, mapping.Context{Variant: procore.WorkOrder})
		require.NoError(t, err)
		written, report, err := books.FromCanonical(canonical.Contract, document, jsontext.Value{}, mapping.Context{Currency: to, Rates: rates})
		require.NoError(t, err)

		want, _, err := rates.Convert(canonical.Money{AmountMinor: total, Currency: from}, to)
		require.NoError(t, err)
		header, err := canonical.ParseMoney(orZero(written.Get("totalAmountExcludingTax")), to)
		require.NoError(t, err)
		require.Equal(t, want, header, "the total is converted once")
		sum := int64(0)
		for i, line := range written.Get("salesOrderLines").Members() {
			computed, err := canonical.RoundMoney(product(line.Value.Get("quantity"), line.Value.Get("unitPrice")), to)
			require.NoError(t, err)
			stated, err := canonical.ParseMoney(orZero(line.Value.Get("amountExcludingTax")), to)
			require.NoError(t, err)
			require.Equal(t, stated, computed, "line %d: %s", i, line.Value)
			sum += computed.AmountMinor
			if line.Value.Get("quantity").Literal() == "1" && lines[i].quantity != "1" {
				require.True(t, lines[i].amount == 0 || isLost(report, fmt.Sprintf("/lines/%d/quantity", i)), "a quantity that is another is said")
				require.True(t, line.Value.Get("unitOfMeasureCode").IsNone())
			}
		}
		require.Equal(t, want.AmountMinor, sum, "%s", written)
	})
}

func isLost(report mapping.Report, field string) bool {
	for _, l := range report.Lost {
		if l.Field == field {
			return true
		}
	}
	return false
}

func orZero(v jsontext.Value) string {
	if v.IsNone() {
		return "0"
	}
	return v.Literal()
}

func product(quantity, price jsontext.Value) *big.Rat {
	units, _ := new(big.Rat).SetString(orZero(quantity))
	each, _ := new(big.Rat).SetString(orZero(price))
	return units.Mul(units, each)
}

// The examples that books publish: three equal lines, and three that a running total gives other amounts than largest remainders.
func TestConversionKeepsSums_ByRunningTotal(t *testing.T) {
	books := get(t, "dynamics")
	for amounts, want := range map[string]string{
		"3334 3334 3334": "121.36 121.36 121.35",
		"4180 1932 8118": "152.15 70.33 295.49",
	} {
		var lines []jsontext.Value
		total := int64(0)
		for amount := range strings.FieldsSeq(amounts) {
			var minor int64
			_, err := fmt.Sscan(amount, &minor)
			require.NoError(t, err)
			total += minor
			lines = append(lines, jsontext.NewObject(jsontext.Member{Key: "amount", Value: canonical.Money{AmountMinor: minor, Currency: "USD"}.Value()}))
		}
		document := jsontext.NewObject(
			jsontext.Member{Key: "object", Value: jsontext.NewString("contract")},
			jsontext.Member{Key: "external_ids", Value: parse(t, `{"procore":{"id":"7"}}`)},
			jsontext.Member{Key: "amount", Value: canonical.Money{AmountMinor: total, Currency: "USD"}.Value()},
			jsontext.Member{Key: "lines", Value: jsontext.NewArray(lines...)})
		written, _, err := books.FromCanonical(canonical.Contract, document, jsontext.Value{}, mapping.Context{Currency: "QAR"})
		require.NoError(t, err)
		var got []string
		for _, line := range written.Get("salesOrderLines").Members() {
			got = append(got, line.Value.Get("amountExcludingTax").Literal())
			require.Equal(t, line.Value.Get("amountExcludingTax").Literal(), line.Value.Get("unitPrice").Literal())
			require.Equal(t, "1", line.Value.Get("quantity").Literal())
		}
		require.Equal(t, want, strings.Join(got, " "))
	}
}

// What counts by quantity and price in the books, and has a discount there, is a line of Procore whose amount was typed.
func TestConversion_WhatQuantityAndPriceDoNotGiveIsManual(t *testing.T) {
	document, _, err := get(t, "dynamics").ToCanonical(canonical.Contract, parse(t, `{"id":"717b026b-7a1c-f111-8340-7ced8d26cf05","currencyCode":"USD",
		"salesOrderLines":[{"quantity":3,"unitPrice":10,"amountExcludingTax":30},{"quantity":3,"unitPrice":10,"discountAmount":5,"amountExcludingTax":25}]}`), mapping.Context{})
	require.NoError(t, err)
	written, _, err := get(t, "procore").FromCanonical(canonical.Contract, document, jsontext.Value{}, mapping.Context{Variant: procore.WorkOrder})
	require.NoError(t, err)
	lines := written.Get("line_items").Members()
	require.True(t, lines[0].Value.Get("extended_type").IsNone())
	require.Equal(t, "manual", lines[1].Value.Get("extended_type").Text())
	require.Equal(t, "25.00", lines[1].Value.Get("amount").Text())
}
