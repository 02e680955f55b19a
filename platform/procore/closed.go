package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// fromERP is filled when a record has a twin in an ERP system: Procore locks such a record.
var fromERP = platform.ClosedSign{Member: "origin_id"}

// closed are the records that Procore has handed to an ERP system.
var closed = map[canonical.EntityType]platform.Closed{
	canonical.Contract: {Signs: []platform.ClosedSign{fromERP}},
	canonical.Invoice: {
		Signs: []platform.ClosedSign{fromERP, {Member: "erp_status", Texts: []string{"synced"}}},
		Takes: []string{"attachments"},
	},
	canonical.Payment: {
		Signs: []platform.ClosedSign{fromERP},
		Takes: []string{"attachments", "origin_id", "origin_data"},
	},
}
