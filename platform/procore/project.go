package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// project is a project: /rest/v1.0/projects, /rest/v1.1/projects, and the smaller shape of
// /rest/v1.0/companies/{company_id}/projects, whose address is an object. estimated_* are deprecated mirrors of start_date,
// completion_date and total_value; override_start_date and override_end_date are what actual_start_date and
// projected_finish_date are written as.
var project = mapping.Table{Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("name", text, "name"),
	row("number", text, "project_number"),
	row("status", mapping.Flag("active: true", "inactive: false", "~planning: true", "~quote: true", "~completed: false"), "active"),
	row("display_name", text, "display_name"),
	row("description", text, "description"),
	row("stage", text, "project_stage.name", "stage", "stage_name"),
	row("type", text, "project_type.name", "type_name"),
	row("sector", text, "sector"),
	row("work_scope", text, "work_scope"),
	row("delivery_method", text, "delivery_method"),
	row("program", text, "program.name"),
	row("region", text, "project_region.name"),
	row("bid_type", text, "project_bid_type.name"),
	row("owner_type", text, "project_owner_type.name"),
	row("market_area", text, "designated_market_area"),
	row("flag", text, "flag"),
	row("currency", currency, "currency_configuration.currency_iso_code"),
	row("total_value", money, "total_value", "estimated_value"),
	row("start_date", date, "start_date", "estimated_start_date"),
	row("completion_date", date, "completion_date", "estimated_completion_date"),
	row("actual_start_date", date, "actual_start_date", "override_start_date"),
	row("projected_finish_date", date, "projected_finish_date", "override_end_date"),
	row("warranty_start_date", date, "warranty_start_date"),
	row("warranty_end_date", date, "warranty_end_date"),
	row("parent_project_id", reference(canonical.Project), "parent_job_id", "parent_job.id"),
	row("address.line1", text, "address", "address.street"),
	row("address.city", text, "city", "address.city"),
	row("address.county", text, "county"),
	row("address.state", text, "state_code", "address.state_code"),
	row("address.postal_code", text, "zip", "address.zip"),
	row("address.country", text, "country_code", "address.country_code"),
	row("phone", text, "phone"),
	row("time_zone", text, "time_zone"),
	row("latitude", numbers.Decimal().None(null), "latitude"),
	row("longitude", numbers.Decimal().None(null), "longitude"),
	row("area_square_feet", mapping.Style{}.Decimal().None(null), "square_feet"),
	row("store_number", text, "store_number"),
	row("accounting_number", text, "accounting_project_number"),
	row("code", text, "code"),
	row("public_notes", text, "public_notes"),
	row("is_template", boolean, "template"),
	row("is_demo", boolean, "is_demo"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
}}
