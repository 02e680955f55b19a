package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// closed are the records that are posted. Business Central's API changes four fields of a posted sales invoice and none of its lines.
// A posted payment has left the journal: there is no such record any more.
var closed = map[canonical.EntityType]platform.Closed{
	canonical.Invoice: {
		Signs: []platform.ClosedSign{{Member: "status", Texts: []string{"Open", "Paid", "Canceled", "Corrective"}}},
		Takes: []string{"dueDate", "promisedPayDate", "disputeStatus", "disputeStatusId"},
	},
}
