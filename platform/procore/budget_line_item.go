package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

var (
	moneyNumber   = numbers.Money().None(null)
	decimalNumber = numbers.Decimal().None(null)
	priceNumber   = numbers.Price().None(null)
)

// budgetLineItem is a budget line item: /rest/v1.0/budget_line_items, by cost code, and v1.1, by WBS code; and a detail row
// of a budget view, whose amounts are strings and whose codes are texts. Money is a number here.
var budgetLineItem = mapping.Table{Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("cost_code", text, "cost_code.full_code", "cost_code", "wbs_code.flat_code"),
	row("name", text, "cost_code.name", "wbs_code.description"),
	row("cost_type", text, "line_item_type.name", "category"),
	row("division", text, "division.name"),
	row("project_id", reference(canonical.Project), "project_id", "project.id"),
	row("project_name", text, "project", "project.name"),
	row("currency", currency, "currency_configuration.currency_iso_code"),
	row("budgeted_amount", moneyNumber, "original_budget_amount"),
	row("unit", text, "uom"),
	row("quantity", decimalNumber, "quantity"),
	row("unit_cost", priceNumber, "unit_cost"),
	row("calculation_strategy", mapping.Words("automatic: automatic", "manual: manual").None(null), "calculation_strategy"),
	row("approved_changes_amount", moneyNumber, "approved_budget_changes"),
	row("pending_changes_amount", moneyNumber, "pending_budget_changes"),
	row("modifications_amount", moneyNumber, "budget_modifications"),
	row("revised_amount", moneyNumber, "revised_budget"),
	row("projected_amount", moneyNumber, "projected_budget"),
	row("committed_amount", moneyNumber, "committed_costs"),
	row("direct_amount", moneyNumber, "direct_costs"),
	row("pending_cost_amount", moneyNumber, "pending_cost_changes"),
	row("projected_cost_amount", moneyNumber, "projected_costs"),
	row("forecast_amount", moneyNumber, "budget_forecast.amount", "budget_forecast"),
	row("estimated_cost_amount", moneyNumber, "estimated_cost_at_completion"),
	row("over_under_amount", moneyNumber, "projected_over_under"),
	row("notes", text, "unbudgeted_reason", "budget_forecast.notes"),
}}
