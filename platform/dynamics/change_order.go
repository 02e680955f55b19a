package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/platform/lens"
)

// changeOrder is a salesOrder of its own: Business Central has no change orders. What it cannot say with its three words of
// status is written as the closest of them.
var changeOrder = lens.Table{Rows: slices.Concat([]lens.Row{
	row(lens.ExternalID, key, "id"),
	row(lens.ExternalNumber, text(20), "number"),
	row("title", text(100), "postingDescription", "Posting_Description"),
	row("number", text(35), "externalDocumentNumber").Or(lens.ExternalNumber),
	row("status", lens.EncodedWords(append([]string{
		"~pricing: Draft", "~not_pricing: Draft", "~revised: In Review", "~pending_billable: In Review", "~proceeding: Open",
		"~no_charge: Open",
	}, orderStatus...)...), "status"),
	row("currency", currency, "currencyCode"),
	row("amount", money, "totalAmountExcludingTax"),
	row("tax_amount", money, "totalTaxAmount"),
	row("amount_including_tax", money, "totalAmountIncludingTax"),
	row("discount_amount", money, "discountAmount"),
	row("contract_id", reference(canonical.Contract), "originalOrderId"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("order_date", date, "orderDate", "documentDate"),
	row("posting_date", date, "postingDate"),
	row("due_date", date, "requestedDeliveryDate"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
	row("lines", lens.Lines(orderLine), "salesOrderLines"),
}, partyRows)}
