package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// workOrderStatus is the status of work order contracts, and of prime contracts.
var workOrderStatus = mapping.Words(
	"draft: Draft",
	"pending: Out For Signature | Out For Bid",
	"approved: Approved",
	"complete: Complete",
	"terminated: Terminated",
	"void: Void",
)

// contract is a commitment: a work order contract (/rest/v1.0/work_order_contracts) or a purchase order contract
// (/rest/v1.0/purchase_order_contracts). Their words of status differ, so that the context must say which it is. The name
// of a vendor stands in company.
var contract = mapping.Table{
	Implies:  isPayable,
	Variants: kinds,
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row("title", text, "title"),
		row("number", text, "number"),
		row("commitment_type", commitmentType, "type"),
		row("status", mapping.ByVariant(kinds,
			workOrderStatus,
			mapping.Words(
				"draft: Draft",
				"pending: Submitted | Processing",
				"approved: Approved | Partially Received | Received",
				"complete: Closed",
				"~terminated: Closed",
				"~void: Closed",
			),
		).None(null), "status"),
		row("currency", currency, "currency_configuration.currency_iso_code", "currency_iso_code"),
		row("amount", money, "grand_total"),
		row("revised_amount", money, "revised_contract"),
		row("approved_changes_amount", money, "approved_change_orders"),
		row("pending_changes_amount", money, "pending_change_orders"),
		row("draft_changes_amount", money, "draft_change_orders_amount"),
		row("pending_revised_amount", money, "pending_revised_contract"),
		row("invoiced_amount", money, "total_requisitions_amount"),
		row("drawn_amount", money, "total_draw_requests_amount"),
		row("paid_amount", money, "total_payments"),
		row("balance_amount", money, "remaining_balance_outstanding"),
		row("percent_paid", percent, "percentage_paid"),
		row("retainage_percent", percent, "retainage_percent"),
		row("project_id", reference(canonical.Project), "project.id", "project_id"),
		row("project_name", text, "project.name"),
		row("customer_id", reference(canonical.Customer), "vendor.id", "vendor_id"),
		row("customer_name", text, "vendor.company", "vendor.name"),
		row("description", text, "description"),
		row("inclusions", text, "inclusions"),
		row("exclusions", text, "exclusions"),
		row("accounting_method", accountingMethod, "accounting_method"),
		row("executed", boolean, "executed"),
		row("private", boolean, "private"),
		row("contract_date", date, "contract_date"),
		row("start_date", date, "contract_start_date"),
		row("completion_date", date, "contract_estimated_completion_date"),
		row("actual_completion_date", date, "actual_completion_date"),
		row("delivery_date", date, "delivery_date"),
		row("approval_letter_date", date, "approval_letter_date"),
		row("letter_of_intent_date", date, "letter_of_intent_date"),
		row("execution_date", date, "execution_date"),
		row("issued_on", date, "issued_on_date"),
		row("returned_on", date, "returned_date"),
		row("signed_contract_received_on", date, "signed_contract_received_date"),
		row("payment_terms", text, "payment_terms"),
		row("ship_via", text, "ship_via"),
		row("ship_to_text", text, "ship_to_address"),
		row("bill_to_text", text, "bill_to_address"),
		row("created_at", dateTime, "created_at"),
		row("updated_at", dateTime, "updated_at"),
		row("deleted_at", dateTime, "deleted_at"),
		row("lines", mapping.Lines(contractLine), "line_items"),
	},
}

// The kinds of commitment, which a commitment does not say of itself.
const (
	WorkOrder     = "WorkOrderContract"
	PurchaseOrder = "PurchaseOrderContract"
)

var kinds = mapping.Variants{Field: "commitment_type", Kinds: []mapping.Variant{
	{Word: WorkOrder, Canonical: "work_order"}, {Word: PurchaseOrder, Canonical: "purchase_order"},
}}

var commitmentType = mapping.Words("work_order: "+WorkOrder, "purchase_order: "+PurchaseOrder)

var accountingMethod = mapping.Words("amount: amount", "unit: unit").None(null)

// contractLine is a line of the schedule of values of a commitment, and of a change order. Where the commitment counts by
// amount, quantity and unit cost are "0.0" and mean nothing.
var contractLine = mapping.Table{Manual: "extended_type", Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("line_number", integer, "position"),
	row("description", text, "description"),
	row("cost_code", text, "cost_code.full_code"),
	row("cost_code_name", text, "cost_code.name"),
	row("cost_type", text, "line_item_type.name"),
	row("wbs_code", text, "wbs_code.flat_code"),
	row("unit", text, "uom"),
	row("quantity", decimal.Zero(), "quantity"),
	row("unit_price", price.Zero(), "unit_cost"),
	row("currency", currency, "currency_configuration.currency_iso_code"),
	row("amount", money, "amount").Or("amount_including_tax"),
	row("tax_amount", money, "tax_amount"),
	row("amount_including_tax", money, "total_amount"),
	row("extended_amount", money, "extended_amount"),
	row("extended_type", mapping.Words("manual: manual", "calculated: calculated").None(null), "extended_type"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
}}
