package dynamics

import (
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// customer is a customer: companies({id})/customers. Its credit limit and balance are in the company's own currency,
// whatever the customer's is. A customer who is blocked for shipping or invoicing only is still a customer.
var customer = mapping.Table{
	Key:     []string{"number"},
	Number:  "number",
	Own:     mapping.OwnCurrency{Key: "currencyId", Text: zeroID, Code: "currencyCode"},
	Implies: isReceivable,
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row("name", text(100), "displayName"),
		row("number", text(20), "number"),
		row("currency", mapping.Currency().None(jsontext.NewString("")), "currencyCode"),
		row("tax_id", text(20), "taxRegistrationNumber"),
		row("status", blocked, "blocked"),
		row("type", mapping.EncodedWords("company: Company", "person: Person"), "type"),
		row("address.line1", text(100), "addressLine1"),
		row("address.line2", text(50), "addressLine2"),
		row("address.city", text(30), "city"),
		row("address.state", text(30), "state"),
		row("address.postal_code", text(20), "postalCode"),
		row("address.country", text(10), "country"),
		row("phone", text(30), "phoneNumber"),
		row("email", text(80), "email"),
		row("website", text(255), "website"),
		row("tax_liable", boolean, "taxLiable"),
		row("tax_area", text(0), "taxAreaDisplayName"),
		row("credit_limit", local, "creditLimit"),
		row("balance_due", local, "balanceDue"),
		row("salesperson", text(20), "salespersonCode"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
	},
}

// blocked reads a blank as active: the pages print " ", tenants answer "_x0020_".
var blocked = mapping.EncodedWords("active: | Ship | Invoice", "inactive: All")
