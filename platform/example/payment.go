package example

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

var payment = mapping.Table{Rows: []mapping.Row{
	mapping.Map(mapping.ExternalID, mapping.NumberKeys.Key(), "ref"),
	mapping.Map("amount", mapping.Style{}.Money(), "gross"),
	mapping.Map("check_number", mapping.TextUpTo(20).None(jsontext.NewString("")), "cheque"),
	mapping.Map("status", mapping.Words(
		"pending: Entered",
		"approved: Authorised",
		"paid: Paid | Reconciled",
		"~in_review: Entered",
	), "state"),
	mapping.Map("contract_id", mapping.NumberKeys.Reference(canonical.Contract).None(jsontext.NullValue), "job.ref", "jobRef"),
}}
