package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// employee is a company user (/rest/v1.0 to v1.3/companies/{company_id}/users) or a company person
// (/rest/v1.0/companies/{company_id}/people), whose e-mail address and state stand in contact.
var employee = mapping.Table{Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("first_name", text, "first_name"),
	row("last_name", text, "last_name"),
	row("display_name", text, "name"),
	row("initials", text, "initials"),
	row("number", text, "employee_id"),
	row("email", text, "email_address", "contact.email"),
	row("job_title", text, "job_title"),
	row("status", mapping.Flag("active: true", "inactive: false", "~terminated: false"), "is_active", "contact.is_active", "active"),
	row("role", text, "role"),
	row("is_employee", boolean, "is_employee"),
	row("phone", text, "business_phone"),
	row("phone_extension", integer, "business_phone_extension"),
	row("mobile_phone", text, "mobile_phone"),
	row("fax", text, "fax_number"),
	row("address.line1", text, "address"),
	row("address.city", text, "city"),
	row("address.state", text, "state_code"),
	row("address.postal_code", text, "zip"),
	row("address.country", text, "country_code"),
	row("customer_id", reference(canonical.Customer), "vendor.id", "vendor_id"),
	row("customer_name", text, "vendor.name"),
	row("notes", text, "notes"),
	row("last_login_at", dateTime, "last_login_at"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
}}
