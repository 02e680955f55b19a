package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// payment is a contract payment: /rest/v1.0/contract_payments. It names no currency; currency_configuration stands there
// as it does in a contract's payments_issued. Its status is free text, so that the words are those which Procore and its
// ERP events are known to say. The ERP event's own names are read too.
var payment = mapping.Table{Implies: isPayable, Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("amount", money, "amount"),
	row("check_number", text, "check_number"),
	row("status", mapping.Words(
		"pending: pending | draft | open | unpaid | scheduled | initiated | created | submitted",
		"in_review: in_review | under_review",
		"approved: approved | authorized",
		"processing: processing | in_progress | funded | sent",
		"paid: paid | settled | completed | complete | cleared | posted",
		"failed: failed | rejected | declined | returned",
		"void: void | voided | canceled | cancelled | reversed",
	).None(null), "status"),
	row("currency", currency, "currency_configuration.currency_iso_code", "currency_iso_code"),
	row("date", date, "date"),
	row("method", text, "payment_method"),
	row("notes", text, "notes"),
	row("contract_id", reference(canonical.Contract), "contract_id", "contract.id", "commitment_id"),
	row("project_id", reference(canonical.Project), "project_id", "project.id"),
	row("invoice_id", reference(canonical.Invoice), "requisition_id", "requisition.id"),
	row("invoice_number", text, "invoice_number"),
	row("invoice_date", date, "invoice_date"),
	row("customer_id", reference(canonical.Customer), "vendor_id", "vendor.id"),
	row("payment_number", integer, "payment_number"),
	row("draw_request_number", integer, "draw_request_number"),
	row("retainage_released_amount", money, "retainage_released_payment_amount"),
	row("external_payment_id", text, "external_payment_id"),
	row("initiated_at", dateTime.Sentinel("1970-01-01T00:00:00Z").None(null), "date_payment_initiated"),
	row("funded_at", dateTime.Sentinel("1970-01-01T00:00:00Z").None(null), "date_payment_funded"),
	row("settled_at", dateTime.Sentinel("1970-01-01T00:00:00Z").None(null), "date_payment_settled"),
	row("created_at", dateTime, "created_at", "date_payment_created"),
	row("updated_at", dateTime, "updated_at"),
}}
