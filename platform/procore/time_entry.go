package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// timeEntry is a timecard entry. Three families of endpoints have three shapes: in the flat one
// (/rest/v1.0/timecard_entries) cost_code is a text and the object is full_cost_code. The worker is a party, or a user by
// login_information. time_in and time_out are sent as "08:00" and answered as moments.
var timeEntry = mapping.Table{Rows: []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("hours", decimal, "hours"),
	row("date", date, "date"),
	row("employee.name", text, "party.name", "login_information.name"),
	row("employee.login", text, "login_information.login"),
	row("employee_id", reference(canonical.Employee),
		"party_id", "party.id", "login_information_id", "login_information.id"),
	row("project_id", reference(canonical.Project), "project.id", "project_id"),
	row("project_name", text, "project.name"),
	row("status", mapping.Words(
		"pending: pending",
		"submitted: reviewed",
		"approved: approved",
		"completed: completed",
		"~rejected: pending",
	).None(null), "approval_status"),
	row("timesheet_status", text, "timesheet_status"),
	row("cost_code", text, "cost_code.full_code", "cost_code", "full_cost_code.full_code"),
	row("cost_code_name", text, "cost_code.name", "full_cost_code.name"),
	row("sub_job", text, "sub_job.name"),
	row("location", text, "location.name"),
	row("crew", text, "crew.name"),
	row("description", text, "description"),
	row("billable", boolean, "billable"),
	row("time_type", text, "timecard_time_type.time_type", "timecard_type"),
	row("time_in", clock, "time_in"),
	row("time_out", clock, "time_out"),
	row("lunch_minutes", integer, "lunch_time"),
	row("injured", boolean, "injured"),
	row("signed", boolean, "signed"),
	row("in_progress", boolean, "in_progress"),
	row("created_by", text, "created_by.name"),
	row("worked_at", dateTime, "datetime"),
	row("created_at", dateTime, "created_at"),
	row("updated_at", dateTime, "updated_at"),
	row("deleted_at", dateTime, "deleted_at"),
}}
