package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/platform/registry"
)

// settings are ready ones.
func settings(t *testing.T, s books.Settings) *books.Settings {
	t.Helper()
	require.NoError(t, s.Prepare())
	return &s
}

// intoBooks is a requisition as Business Central gets it, each line as quantity × price, account and tax code.
func intoBooks(t *testing.T, requisition string, ctx mapping.Context) (record jsontext.Value, lines []string, report mapping.Report) {
	t.Helper()
	document, _, err := get(t, "procore").ToCanonical(canonical.Invoice, parse(t, requisition), mapping.Context{})
	require.NoError(t, err)
	record, report, err = get(t, "dynamics").FromCanonical(canonical.Invoice, document, jsontext.Value{}, ctx)
	require.NoError(t, err)
	for _, member := range []string{"salesInvoiceLines", "purchaseInvoiceLines", "salesCreditMemoLines", "purchaseCreditMemoLines"} {
		for _, line := range record.Get(member).Members() {
			price := line.Value.Get("unitPrice")
			if price.IsAbsent() {
				price = line.Value.Get("unitCost")
			}
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s × %s %s %s %s", orZero(line.Value.Get("quantity")), orZero(price),
				line.Value.Get("lineObjectNumber").Text(), line.Value.Get("description").Text(), line.Value.Get("taxCode").Text()), " "))
		}
	}
	return record, lines, report
}

func item(position int, code, gross, retained, released string) string {
	return fmt.Sprintf(`{"id":%d,"position":%d,"description_of_work":"work","accounting_method":"amount","wbs_code":{"flat_code":%q},"net_amount":"0.01",
		"scheduled_quantity":"0.0","scheduled_unit_price":"0.0000","total_completed_and_stored_to_date":%q,
		"total_completed_and_stored_to_date_from_previous":"0.00","materials_stored_retainage_new_materials":"0.00",
		"work_completed_retainage_retained_this_period":%q,"work_completed_retainage_released_this_period":%q}`,
		position, position, code, gross, retained, released)
}

var taxGroups = []books.Rule{{CostCode: "A*", Account: "5010", TaxCode: "A"}, {CostCode: "B*", Account: "5020", TaxCode: "B"}}

// The example of a published app for retainage in Business Central (hub.suiteengine.com retainage-payables-processing-purchase-documents):
// two tax groups, 10 %, tax on net.
func TestRetainage_OneLineForEachTaxGroup(t *testing.T) {
	requisition := `{"id":7,"summary":{"current_payment_due":"1887.48"},"items":[` + strings.Join([]string{
		item(1, "A1", "784.00", "78.40", "0.00"), item(2, "A2", "470.40", "47.04", "0.00"),
		item(3, "B1", "294.00", "29.40", "0.00"), item(4, "B2", "548.80", "54.88", "0.00"),
	}, ",") + `]}`
	for basis, want := range map[books.TaxBasis][]string{
		books.TaxOnNet: {"1 × 784 5010 work A", "1 × 470.4 5010 work A", "1 × 294 5020 work B", "1 × 548.8 5020 work B",
			"-1 × 125.44 2350 Retainage A", "-1 × 84.28 2350 Retainage B"},
		books.TaxOnGross: {"1 × 784 5010 work A", "1 × 470.4 5010 work A", "1 × 294 5020 work B", "1 × 548.8 5020 work B", "-1 × 209.72 2350 Retainage"},
	} {
		for _, side := range []books.LedgerSide{books.Receivable, books.Payable} {
			record, lines, report := intoBooks(t, requisition, mapping.Context{
				Variant: string(side), Settings: settings(t, books.Settings{RetentionAccount: "2350", TaxOn: basis, Posting: taxGroups}),
			})
			require.Equal(t, want, lines, "%s %s", basis, side)
			require.Equal(t, "1887.48", record.Get("totalAmountIncludingTax").Literal())
			for _, l := range report.Lost {
				require.NotContains(t, []string{"/gross_amount", "/retainage/retained_amount", "/lines/*/due_amount", "/lines/0/quantity"}, l.Field)
			}
		}
	}
}

// The example of hub.suiteengine.com sales-retainage-holdbacks-setup-and-processing: 1,000 with 13 % of tax on net, 10 % held back. The
// receivable is 1,017 = 900 + 130 − 13.
func TestRetainage_TaxOnNet(t *testing.T) {
	_, lines, _ := intoBooks(t, `{"id":7,"summary":{"current_payment_due":"900.00"},"items":[`+item(1, "A1", "1000.00", "100.00", "0.00")+`]}`,
		mapping.Context{Settings: settings(t, books.Settings{
			RetentionAccount: "12010", TaxOn: books.TaxOnNet, Posting: []books.Rule{{Account: "30200", TaxCode: "HST13"}},
		})})
	require.Equal(t, []string{"1 × 1000 30200 work HST13", "-1 × 100 12010 Retainage HST13"}, lines)
	require.Equal(t, int64(101700), int64((100000-10000)+13*(100000-10000)/100), "what the platform makes of those two lines")
}

func TestRetainage_IntoBooks(t *testing.T) {
	account := books.Settings{RetentionAccount: "2350", Posting: []books.Rule{{Account: "5010"}}}
	for _, test := range []struct {
		name, requisition, currency string
		want                        []string
	}{
		{"a pure release is a positive line", `{"id":7,"summary":{"current_payment_due":"3125.00"},"items":[` + done("50000.00", "50000.00", "0.00", "3125.00") + `]}`, "",
			[]string{"0 × 0 5010", "1 × 3125 2350 Retainage released"}},
		{"both in one bill", `{"id":7,"summary":{"current_payment_due":"3050.00"},"items":[` + done("10000.00", "7000.00", "300.00", "350.00") + `]}`, "",
			[]string{"1 × 3000 5010", "-1 × 300 2350 Retainage", "1 × 350 2350 Retainage released"}},
		{"a deduction with its own retainage: less is retained", `{"id":7,"items":[` + item(1, "", "1000.00", "100.00", "0.00") + `,` + item(2, "", "-200.00", "-20.00", "0.00") + `]}`, "",
			[]string{"1 × 1000 5010 work", "-1 × 200 5010 work", "-1 × 80 2350 Retainage"}},
		{"a document of less than nothing is a credit memo, all signs turned", `{"id":7,"summary":{"current_payment_due":"-180.00"},"items":[` + item(1, "", "-200.00", "-20.00", "0.00") + `]}`, "",
			[]string{"1 × 200 5010 work", "-1 × 20 2350 Retainage"}},
		{"stored materials are in the gross amount, which quantity and price do not give",
			`{"id":7,"number":1,"items":[{"accounting_method":"unit","scheduled_unit_price":"125.0","work_completed_this_period":"12500.00","work_completed_this_period_quantity":"100",
			"materials_presently_stored":"6250.00","total_completed_and_stored_to_date":"18750.00","materials_stored_retainage_currently_retained":"625.00"}]}`, "",
			[]string{"1 × 18750 5010", "-1 × 625 2350 Retainage"}},
		{"work by units keeps them", `{"id":7,"number":1,"items":[{"accounting_method":"unit","scheduled_unit_price":"125.0","work_completed_this_period":"12500.00",
			"work_completed_this_period_quantity":"100","total_completed_and_stored_to_date":"12500.00","work_completed_retainage_retained_this_period":"1250.00"}]}`, "",
			[]string{"100 × 125 5010", "-1 × 1250 2350 Retainage"}},
		{"converted, the lines are what is due", `{"id":7,"summary":{"current_payment_due":"90.02"},"items":[` + item(1, "", "33.34", "3.33", "0.00") + `,` +
			item(2, "", "33.34", "3.33", "0.00") + `,` + item(3, "", "33.34", "3.34", "0.00") + `]}`, "QAR", // 100.02, 10.00 and 90.02 at 3.64: 364.07, 36.40 and 327.67
			[]string{"1 × 121.36 5010 work", "1 × 121.36 5010 work", "1 × 121.35 5010 work", "-1 × 36.4 2350 Retainage"}},
		{"what is not known stays as it is", `{"id":7,"number":2,"items":[{"net_amount":"90.00","work_completed_from_previous_application":"50.00",
			"total_completed_and_stored_to_date":"150.00","work_completed_retainage_retained_this_period":"10.00"}]}`, "",
			[]string{"1 × 90 5010"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, side := range []books.LedgerSide{books.Receivable, books.Payable} {
				_, lines, _ := intoBooks(t, test.requisition, mapping.Context{Currency: test.currency, Variant: string(side), Settings: settings(t, account)})
				require.Equal(t, test.want, lines, side)
			}
		})
	}
}

// Without a retention account the line is there, and its account is missing. So it is without settings.
func TestRetainage_WithoutAnAccount(t *testing.T) {
	requisition := `{"id":7,"items":[` + item(1, "", "1000.00", "100.00", "0.00") + `]}`
	for _, s := range []*books.Settings{nil, settings(t, books.Settings{Posting: []books.Rule{{Account: "5010"}}})} {
		record, lines, _ := intoBooks(t, requisition, mapping.Context{Settings: s})
		require.Len(t, lines, 2)
		require.Equal(t, "Account", record.Get("salesInvoiceLines").Members()[1].Value.Get("lineType").Text())
		requests := get(t, "dynamics").Resource(canonical.Invoice, "", record).Requests(record, platform.Intent{Currency: "QAR", Settings: s})
		require.Contains(t, requests[0].Missing, platform.Note{Field: "/salesInvoiceLines/1/lineObjectNumber", Reason: platform.NotInSettings})
	}
}

// The first requisition of the sandbox stands in the books as both figures: 1,850,000 less 150,000.
func TestRetainage_SandboxIntoBooks(t *testing.T) {
	records, err := get(t, "procore").Definition().Sandbox.Records(t.Context(), books.Receivable)
	require.NoError(t, err)
	for _, record := range records {
		if record.EntityType != canonical.Invoice || record.Payload.Get("invoice_number").Text() != "INV-2025-0061" {
			continue
		}
		written, lines, _ := intoBooks(t, record.Payload.String(), mapping.Context{
			Variant: "payable", Currency: "QAR", Settings: settings(t, books.Settings{RetentionAccount: "2350", Posting: []books.Rule{{Account: "5010"}}}),
		})
		require.Equal(t, []string{"-1 × 546000 2350 Retainage"}, lines[3:])
		require.Equal(t, "6188000", written.Get("totalAmountIncludingTax").Literal())
		require.Equal(t, "4", written.Get("purchaseInvoiceLines").Members()[3].Value.Get("sequence").Literal())
		return
	}
	t.Fatal("no such requisition")
}

// Back from the books by the same account: what is retained is said of the work again, by tax group.
func TestRetainage_BackFromTheBooks(t *testing.T) {
	invoice := `{"id":"49b38147-e6c1-42ce-bb4d-9436d4f987b7","vendorNumber":"V1","currencyCode":"USD","totalAmountIncludingTax":2200.69,"purchaseInvoiceLines":[
		{"lineType":"Account","lineObjectNumber":"5010","taxCode":"A","description":"one","quantity":1,"unitCost":784,"amountExcludingTax":784},
		{"lineType":"Account","lineObjectNumber":"5010","taxCode":"A","description":"two","quantity":1,"unitCost":470.4,"amountExcludingTax":470.4},
		{"lineType":"Account","lineObjectNumber":"5020","taxCode":"B","description":"three","quantity":1,"unitCost":842.8,"amountExcludingTax":842.8},
		{"lineType":"Account","lineObjectNumber":"2350","taxCode":"A","quantity":-1,"unitCost":125.44,"amountExcludingTax":-125.44},
		{"lineType":"Account","lineObjectNumber":"2350","taxCode":"B","quantity":-1,"unitCost":84.28,"amountExcludingTax":-84.28},
		{"lineType":"Account","lineObjectNumber":"2350","quantity":1,"unitCost":313.21,"amountExcludingTax":313.21}]}`
	translator := app.New(registry.New(), canonical.Rates{})
	result, err := translator.Transform(t.Context(), app.Transformation{
		Source: "dynamics", Target: "procore", EntityType: canonical.Invoice, Data: parse(t, invoice),
		Settings: settings(t, books.Settings{RetentionAccount: "2350"}),
	})
	require.NoError(t, err)
	require.Empty(t, result.Checks)
	require.Equal(t, "2097.20 209.72 313.21", period(result.Canonical, "gross_amount", ""))
	require.Equal(t, "retained", result.Canonical.Get("lines").Members()[3].Value.At("retainage", "line").Text())
	require.Equal(t, "released", result.Canonical.Get("lines").Members()[5].Value.At("retainage", "line").Text())
	var items []string
	for _, m := range result.Data.Get("items").Members() {
		items = append(items, strings.Join([]string{
			m.Value.Get("description_of_work").Text(), m.Value.Get("work_completed_this_period").Text(), m.Value.Get("net_amount").Text(),
			m.Value.Get("work_completed_retainage_retained_this_period").Text(), m.Value.Get("work_completed_retainage_released_this_period").Text(),
		}, " "))
	}
	require.Equal(t, []string{ // 313.21 by 784.00, 470.40 and 842.80 of 2,097.20
		"one 784.00 822.69 78.40 117.09", "two 470.40 493.61 47.04 70.25", "three 842.80 884.39 84.28 125.87",
	}, items)

	// Without the account nobody knows what the lines are: they are lines.
	result, err = translator.Transform(t.Context(), app.Transformation{Source: "dynamics", Target: "procore", EntityType: canonical.Invoice, Data: parse(t, invoice)})
	require.NoError(t, err)
	require.True(t, result.Canonical.Get("gross_amount").IsNone())
	require.Equal(t, 6, result.Data.Get("items").Len())
}

// An invoice that is nothing but a release is one item of no work.
func TestRetainage_AReleaseBackFromTheBooks(t *testing.T) {
	result, err := app.New(registry.New(), canonical.Rates{}).Transform(t.Context(), app.Transformation{
		Source: "dynamics", Target: "procore", EntityType: canonical.Invoice, Settings: settings(t, books.Settings{RetentionAccount: "2350"}),
		Data: parse(t, `{"id":"49b38147-e6c1-42ce-bb4d-9436d4f987b7","currencyCode":"USD","totalAmountIncludingTax":3125,"salesInvoiceLines":[
			{"lineType":"Account","lineObjectNumber":"2350","description":"Retainage released","quantity":1,"unitPrice":3125,"amountExcludingTax":3125}]}`),
	})
	require.NoError(t, err)
	require.Equal(t, "0.00 0.00 3125.00", period(result.Canonical, "gross_amount", ""))
	item := result.Data.Get("items").Members()[0].Value
	require.Equal(t, `["Retainage released" "0.00" "3125.00" "3125.00"]`, fmt.Sprintf("%q", []string{
		item.Get("description_of_work").Text(), item.Get("work_completed_this_period").Text(), item.Get("work_completed_retainage_released_this_period").Text(), item.Get("net_amount").Text(),
	}))
}
