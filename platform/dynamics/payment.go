package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// payment is a customerPayment: a line of a customer payment journal that is not yet posted. It is a credit to the
// customer, so that its amount is negative; posting refuses a positive one, though Microsoft's sample page prints it.
// customerPayments has no status, project or currency of its own: status, currencyCode and the references are fields of
// the journal line and its dimensions that a page of the tenant publishes, and are written only if there is something to say.
var payment = mapping.Table{Implies: isReceivable, Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "documentNumber"),
	row("amount", money.Credit(), "amount"),
	row("check_number", text(35), "externalDocumentNumber").Or(mapping.ExternalNumber),
	row("status", mapping.EncodedWords(
		"pending: Open | Pending",
		"in_review: In Review | Pending Approval",
		"approved: Approved | Released",
		"processing: Processing | Exported",
		"paid: Posted | Paid",
		"failed: Failed | Rejected",
		"void: Voided | Void | Reversed",
	).None(jsontext.NewString("_x0020_")), "status"),
	row("currency", currency, "currencyCode"),
	row("date", date, "postingDate"),
	row("method", text(10), "paymentMethodCode"),
	row("notes", text(250), "comment"),
	row("description", text(100), "description"),
	row("contract_id", reference(canonical.Contract), "orderId"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("invoice_id", reference(canonical.Invoice), "appliesToInvoiceId"),
	row("invoice_number", text(20), "appliesToInvoiceNumber"),
	row("customer_id", reference(canonical.Customer), "customerId"),
	row("customer_number", text(20), "customerNumber"),
	row("journal", text(10), "journalDisplayName"),
	row("line_number", integer, "lineNumber"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
}}
