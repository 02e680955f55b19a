package dynamics

import (
	"structural.app/structural/mapping"
)

// employee is an employee: companies({id})/employees. email is the company's address, personalEmail the private one;
// displayName is computed from the three parts of the name.
var employee = mapping.Table{
	Key:    []string{"number"},
	Number: "number",
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row("first_name", text(30), "givenName"),
		row("middle_name", text(30), "middleName"),
		row("last_name", text(30), "surname"),
		row("display_name", text(0), "displayName"),
		row("number", text(20), "number"),
		row("email", text(80), "email"),
		row("personal_email", text(80), "personalEmail"),
		row("job_title", text(30), "jobTitle"),
		row("status", mapping.EncodedWords("active: Active", "inactive: Inactive", "terminated: Terminated"), "status"),
		row("phone", text(30), "phoneNumber"),
		row("mobile_phone", text(30), "mobilePhone"),
		row("address.line1", text(100), "addressLine1"),
		row("address.line2", text(50), "addressLine2"),
		row("address.city", text(30), "city"),
		row("address.state", text(30), "state"),
		row("address.postal_code", text(20), "postalCode"),
		row("address.country", text(10), "country"),
		row("employment_date", date, "employmentDate"),
		row("termination_date", date, "terminationDate"),
		row("birth_date", date, "birthDate"),
		row("statistics_group", text(10), "statisticsGroupCode"),
		row("bank.branch_number", text(20), "bankBranchNumber"),
		row("bank.account_number", text(30), "bankAccountNumber"),
		row("bank.iban", text(50), "iban"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
	},
}
