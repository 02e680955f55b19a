package canonical

import "slices"

var employee = slices.Concat(
	[]Field{
		text("first_name", "First name."),
		text("middle_name", "Middle name."),
		text("last_name", "Last name."),
		text("display_name", "Whole name as the platform shows it."),
		text("initials", "Initials."),
		text("number", "Number of the employee in the books."),
		text("email", "E-mail address at work."),
		text("personal_email", "Private e-mail address."),
		text("job_title", "Job title."),
		word("status", "active inactive terminated", "Whether the person works here."),
		text("role", "Role."),
		boolean("is_employee", "The person is an employee of the company, not of a subcontractor."),
		text("phone", "Telephone at work."),
		integer("phone_extension", "Extension of the telephone at work."),
		text("mobile_phone", "Mobile telephone."),
		text("fax", "Fax."),
	},
	address("address", "the person"),
	[]Field{
		date("employment_date", "First day of employment."),
		date("termination_date", "Last day of employment."),
		date("birth_date", "Day of birth."),
		reference("customer_id", Customer, "Business partner whom the person works for."),
		text("customer_name", "Name of that partner."),
		text("notes", "Notes."),
		text("statistics_group", "Group for statistics."),
		text("bank.branch_number", "Number of the bank's branch."),
		text("bank.account_number", "Number of the bank account."),
		text("bank.iban", "IBAN of the bank account."),
		dateTime("last_login_at", "When the person was last logged in."),
		dateTime("created_at", "When the record was made."),
		dateTime("updated_at", "When the record was last changed."),
	},
)
