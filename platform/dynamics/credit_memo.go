package dynamics

import (
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// creditMemo is a salesCreditMemo: companies({id})/salesCreditMemos. It is the opposite of an invoice: its amounts, and the quantities
// of its lines, are less than nothing in the document.
var creditMemo = mapping.Table{
	Says:    map[string]string{"kind": "credit_memo"},
	Implies: isReceivable,
	Rows: slices.Concat([]mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row(mapping.ExternalNumber, text(20), "number"),
		row("number", text(35), "externalDocumentNumber").Or(mapping.ExternalNumber),
		row("status", invoiceStatus, "status"),
		row("currency", currency, "currencyCode"),
		row("amount", money.Credit(), "totalAmountIncludingTax"),
		row("amount_excluding_tax", money.Credit(), "totalAmountExcludingTax"),
		row("tax_amount", money.Credit(), "totalTaxAmount"),
		row("discount_amount", money.Credit(), "discountAmount"),
		row("invoice_date", date, "creditMemoDate"),
		row("posting_date", date, "postingDate"),
		row("due_date", date, "dueDate"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
		row("lines", mapping.Lines(creditMemoLine), "salesCreditMemoLines"),
		row("bill_to_customer_id", reference(canonical.Customer), "billToCustomerId"),
		row("bill_to_customer_number", text(20), "billToCustomerNumber"),
		row("cost_center", text(20), "shortcutDimension2Code"),
		row("prices_include_tax", boolean, "pricesIncludeTax"),
		row("bill_to.name", text(100), "billToName"),
	}, partyRows, address("sell_to", "sellTo"), address("bill_to", "billTo")),
}

// creditMemoLine is a salesCreditMemoLine.
var creditMemoLine = mapping.Table{LumpSum: true, Posts: true, Retainage: true, Rows: opposite(lineRows,
	"quantity", "amount", "discount_amount", "tax_amount", "amount_including_tax", "net_amount")}

// opposite has some rows read and written with the other sign.
func opposite(rows []mapping.Row, fields ...string) []mapping.Row {
	rows = slices.Clone(rows)
	for i := range rows {
		if slices.Contains(fields, rows[i].Canonical) {
			rows[i].Codec = rows[i].Codec.Credit()
		}
	}
	return rows
}

// creditMemos are kept apart from invoices. A document of less than nothing becomes one: Business Central refuses an invoice of less
// than nothing when it is posted.
var creditMemos = platform.Other{
	Table: creditMemo,
	Resource: salesDocument("salesCreditMemos", "salesCreditMemoLines", slices.Concat(
		platform.TakesUpTo(35, "externalDocumentNumber"), customerOf(),
		platform.Takes("creditMemoDate", "postingDate", "dueDate", "billToCustomerId", "currencyId", "currencyCode", "paymentTermsId", "shipmentMethodId",
			"discountAmount", "invoiceId", "customerReturnReasonId"),
		platform.TakesUpTo(20, "billToCustomerNumber", "shortcutDimension1Code", "shortcutDimension2Code", "salesperson", "invoiceNumber"),
		addressOf("sellTo"), addressOf("billTo"), platform.TakesUpTo(30, "phoneNumber"), platform.TakesUpTo(80, "email"),
	), []string{
		"number", "status", "customerName", "billToName", "pricesIncludeTax", "discountAppliedBeforeTax", "totalAmountExcludingTax", "totalTaxAmount",
		"totalAmountIncludingTax", "lastModifiedDateTime",
	}, lineFields, lineComputed),
	Has: func(record jsontext.Value) bool {
		for _, mark := range []string{"creditMemoDate", "creditMemoNumber", "salesCreditMemoLines"} {
			if !record.Get(mark).IsAbsent() {
				return true
			}
		}
		return strings.Contains(record.Get("@odata.context").Text(), "salesCreditMemos")
	},
	Takes: func(document jsontext.Value) bool {
		amount, ok := canonical.MoneyOf(document.Get("amount"))
		if !ok {
			amount, _ = canonical.MoneyOf(document.Get("amount_excluding_tax"))
		}
		return document.Get("kind").Text() == "credit_memo" || amount.AmountMinor < 0
	},
}
