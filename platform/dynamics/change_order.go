package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// changeOrder is a salesOrder of its own: Business Central has no change orders. What it cannot say with its three words of
// status is written as the closest of them.
var changeOrder = mapping.Table{Implies: isReceivable, Rows: slices.Concat([]mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "number"),
	row("title", text(100), "postingDescription", "Posting_Description"),
	row("number", text(35), "externalDocumentNumber").Or(mapping.ExternalNumber),
	row("status", mapping.EncodedWords(append([]string{
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
	row("lines", mapping.Lines(orderLine), "salesOrderLines"),
}, partyRows)}
