package example

import (
	"structural.app/structural/canonical"
	"structural.app/structural/platform/lens"
)

var payment = lens.Table{Rows: []lens.Row{
	lens.Map(lens.ExternalID, lens.NumberKeys.Key(), "ref"),
	lens.Map("amount", lens.Style{}.Money(), "gross"),
	lens.Map("check_number", lens.TextUpTo(20).None(canonical.NewString("")), "cheque"),
	lens.Map("status", lens.Words(
		"pending: Entered",
		"approved: Authorised",
		"paid: Paid | Reconciled",
		"~in_review: Entered",
	), "state"),
	lens.Map("contract_id", lens.NumberKeys.Reference(canonical.Contract).None(canonical.NullValue), "job.ref", "jobRef"),
}}
