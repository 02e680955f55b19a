package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// contract is a salesOrder: companies({id})/salesOrders. Its number comes from a series, so that the number by which the
// other side knows the contract stands in externalDocumentNumber. The title is the posting description of the sales
// header, which the order page has and the API page lacks.
var contract = mapping.Table{Implies: isReceivable, Rows: slices.Concat([]mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "number"),
	row("title", text(100), "postingDescription", "Posting_Description"),
	row("number", text(35), "externalDocumentNumber").Or(mapping.ExternalNumber),
	row("status", mapping.EncodedWords(orderStatus...), "status"),
	row("currency", currency, "currencyCode"),
	row("amount", money, "totalAmountExcludingTax"),
	row("tax_amount", money, "totalTaxAmount"),
	row("amount_including_tax", money, "totalAmountIncludingTax"),
	row("discount_amount", money, "discountAmount"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("contract_date", date, "orderDate"),
	row("posting_date", date, "postingDate"),
	row("delivery_date", date, "requestedDeliveryDate"),
	row("partial_shipping", boolean, "partialShipping"),
	row("fully_shipped", boolean, "fullyShipped"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
	row("lines", mapping.Lines(orderLine), "salesOrderLines"),
}, partyRows, billRows)}
