package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// timeEntry is a timeRegistrationEntry: companies({id})/timeRegistrationEntries. It is a quantity on a day, in the
// unit of the employee: hours only if that says so, or nothing. lastModfied is how the API spells it.
var timeEntry = mapping.Table{Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("hours", decimal, "quantity").In("unit", "HOUR", "HOURS", "HR", "HRS", "H"),
	row("date", date, "date"),
	row("employee.number", text(20), "employeeNumber"),
	row("employee_id", reference(canonical.Employee), "employeeId"),
	row("project_id", reference(canonical.Project), "jobId"),
	row("project_number", text(20), "jobNumber"),
	row("status", mapping.EncodedWords(
		"pending: Open",
		"submitted: Submitted",
		"approved: Approved",
		"rejected: Rejected",
		"~completed: Approved",
	), "status"),
	row("cost_code", text(20), "jobTaskNumber"),
	row("absence", text(10), "absence"),
	row("unit", text(10), "unitOfMeasureCode"),
	row("line_number", integer, "lineNumber"),
	row("updated_at", dateTime, "lastModfiedDateTime", "lastModifiedDateTime"),
}}
