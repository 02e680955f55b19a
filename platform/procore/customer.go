package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// customer is a company vendor: /rest/v1.0/vendors. A vendor has no currency. The identifier of its entry in the business
// register is what comes nearest to a tax number.
var customer = mapping.Table{Implies: isPayable, Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("name", text, "name"),
	row("tax_id", text, "business_register.identifier"),
	row("status", mapping.Flag("active: true", "inactive: false"), "is_active"),
	row("legal_name", text, "legal_name"),
	row("trade_name", text, "trade_name"),
	row("abbreviated_name", text, "abbreviated_name"),
	row("company", text, "company"),
	row("address.line1", text, "address"),
	row("address.city", text, "city"),
	row("address.state", text, "state_code"),
	row("address.postal_code", text, "zip"),
	row("address.country", text, "country_code"),
	row("phone", text, "business_phone"),
	row("mobile_phone", text, "mobile_phone"),
	row("fax", text, "fax_number"),
	row("email", text, "email_address"),
	row("website", text, "website"),
	row("contact.first_name", text, "primary_contact.first_name"),
	row("contact.last_name", text, "primary_contact.last_name"),
	row("contact.email", text, "primary_contact.email_address"),
	row("contact.phone", text, "primary_contact.business_phone"),
	row("contact.mobile_phone", text, "primary_contact.mobile_phone"),
	row("parent_customer_id", reference(canonical.Customer), "parent.id", "parent_id"),
	row("license_number", text, "license_number"),
	row("labor_union", text, "labor_union"),
	row("is_union_member", boolean, "union_member"),
	row("is_prequalified", boolean, "prequalified"),
	row("is_authorized_bidder", boolean, "authorized_bidder"),
	row("notes", text, "notes"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
}}
