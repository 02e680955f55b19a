package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// changeOrder is a change order package (/rest/v1.0/change_order_packages) or a commitment change order
// (/rest/v1.0/projects/{project_id}/commitment_change_orders).
var changeOrder = mapping.Table{Implies: isPayable, Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("title", text, "title"),
	row("number", text, "number"),
	row("revision", integer, "revision"),
	row("status", mapping.Words(
		"draft: draft",
		"pricing: pricing",
		"not_pricing: not_pricing",
		"pending: pending",
		"revised: revised",
		"proceeding: proceeding",
		"not_proceeding: not_proceeding",
		"pending_billable: pending_billable",
		"no_charge: no_charge",
		"approved: approved",
		"rejected: rejected",
		"void: void",
	).None(null), "status"),
	row("type", text, "type"),
	row("currency", currency, "currency_configuration.currency_iso_code"),
	row("amount", money, "grand_total"),
	row("contract_id", reference(canonical.Contract), "contract_id", "contract.id"),
	row("project_id", reference(canonical.Project), "project_id", "project.id"),
	row("description", text, "description"),
	row("reason", text, "change_order_change_reason.change_reason", "reason"),
	row("reference", text, "reference"),
	row("review_notes", text, "review_notes"),
	row("reviewer", text, "reviewer.name", "reviewed_by.name"),
	row("designated_reviewer", text, "designated_reviewer.name"),
	row("received_from", text, "received_from.name"),
	row("created_by", text, "creator.name", "created_by.name"),
	row("executed", boolean, "executed"),
	row("paid", boolean, "paid"),
	row("private", boolean, "private"),
	row("signature_required", boolean, "signature_required"),
	row("field_change", boolean, "field_change"),
	row("schedule_impact_days", integer, "schedule_impact_amount"),
	row("due_date", date, "due_date"),
	row("invoiced_date", date, "invoiced_date"),
	row("paid_date", date, "paid_date"),
	row("signed_on", date, "signed_change_order_received_date"),
	row("revised_completion_date", date, "revised_substantial_completion_date"),
	row("reviewed_at", dateTime, "reviewed_at"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
	row("deleted_at", dateTime, "deleted_at"),
	row("lines", mapping.Lines(contractLine), "line_items"),
}}
