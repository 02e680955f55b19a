package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// invoice is a salesInvoice: companies({id})/salesInvoices. Its number comes from a series, so that the number by which the
// other side knows the invoice stands in externalDocumentNumber. Its status is computed by Business Central.
var invoice = mapping.Table{Implies: isReceivable, Rows: slices.Concat([]mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "number"),
	row("number", text(35), "externalDocumentNumber").Or(mapping.ExternalNumber),
	row("status", invoiceStatus, "status"),
	row("currency", currency, "currencyCode"),
	row("amount", money, "totalAmountIncludingTax"),
	row("amount_excluding_tax", money, "totalAmountExcludingTax"),
	row("tax_amount", money, "totalTaxAmount"),
	row("discount_amount", money, "discountAmount"),
	row("remaining_amount", money, "remainingAmount"),
	row("contract_id", reference(canonical.Contract), "orderId"),
	row("contract_number", text(20), "orderNumber"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("purchase_order_reference", text(35), "customerPurchaseOrderReference"),
	row("invoice_date", date, "invoiceDate"),
	row("posting_date", date, "postingDate"),
	row("due_date", date, "dueDate"),
	row("promised_pay_date", date, "promisedPayDate"),
	row("dispute_status", text(10), "disputeStatus"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
	row("lines", mapping.Lines(invoiceLine), "salesInvoiceLines"),
}, partyRows, billRows)}

// invoiceStatus is computed by Business Central, of invoices and of credit memos.
var invoiceStatus = mapping.EncodedWords(
	"draft: Draft",
	"pending: In Review",
	"approved: Open",
	"paid: Paid",
	"canceled: Canceled",
	"corrective: Corrective",
	"~rejected: Draft",
).None(jsontext.NewString("_x0020_"))
