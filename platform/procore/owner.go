package procore

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// isReceivable is what a builder's own invoices to the owner are, and payments that he received.
var isReceivable = map[string]string{"direction": "receivable"}

// ownerInvoice is an invoice to the owner, a payment application: its summary is g702 and its lines are g703, as on the forms AIA G702
// and G703. Facts: the operation RestV10PaymentApplicationsIdGet, and the events of Procore's ERP integration, whose names are read too.
var ownerInvoice = mapping.Table{Says: isReceivable, Rows: slices.Concat(
	without(invoice.Rows, "lines", "period_start", "period_end", "contract_id", "contract_type", "original_contract_amount", "net_change_amount"),
	[]mapping.Row{
		row("contract_id", reference(canonical.Contract), "contract_id", "prime_contract_id"),
		row("period_start", date, "period_start"),
		row("period_end", date, "period_end"),
		row("original_contract_amount", money, "g702.original_contract_sum", "g702.contract_original_sum"),
		row("net_change_amount", money, "g702.net_change_by_change_orders", "g702.net_change_by_change_order"),
		row("lines", mapping.Lines(ownerInvoiceLine), "g703"),
	})}

// ownerInvoiceLine is a line of a payment application, or of its markup, which is revenue too.
var ownerInvoiceLine = mapping.Table{Progress: true, Rows: slices.Concat(
	without(invoiceLine.Rows, "item_type", "previous_stored_materials_amount", "retainage.new_materials_amount"),
	[]mapping.Row{
		row("item_type", text, "type"),
		row("previous_stored_materials_amount", money, "materials_presently_stored_from_previous_application", "materials_presently_stored_from_previous_progress"),
		row("retainage.new_materials_amount", money, "materials_stored_retainage_retained_this_period"),
	})}

func without(rows []mapping.Row, fields ...string) []mapping.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r mapping.Row) bool { return slices.Contains(fields, r.Canonical) })
}

// primeContract is the contract with the owner. Its fields are those that it has in common with commitments; others travel as they are.
var primeContract = mapping.Table{Says: isReceivable, Rows: append(
	without(contract.Rows, "commitment_type", "status"),
	row("status", workOrderStatus.None(null), "status"))}

// primeContracts are kept apart from commitments. No operation is known that takes one.
var primeContracts = platform.Other{
	Table:    primeContract,
	Resource: &platform.Resource{NoSpec: true},
	Has:      func(record jsontext.Value) bool { return record.Get("type").Text() == "PrimeContract" },
	Takes:    func(jsontext.Value) bool { return false }, // a sales order becomes a commitment, as documented
}

// ownerInvoices are kept apart from requisitions. No operation is known that takes one.
var ownerInvoices = platform.Other{
	Table:    ownerInvoice,
	Resource: &platform.Resource{NoSpec: true},
	Has:      func(record jsontext.Value) bool { return !record.Get("g703").IsNone() },
	Takes:    isFromOwner,
}

// receivedPayments are the payments of a prime contract: the operation is that of all payments, "for prime contracts as payments received".
var receivedPayments = platform.Other{
	Table:    mapping.Table{Says: isReceivable, Rows: payment.Rows},
	Resource: contractPayments,
	Has:      func(record jsontext.Value) bool { return record.At("contract", "type").Text() == "PrimeContract" },
	// Only one that Procore has already: nothing else says which contract is a prime contract.
	Takes: func(jsontext.Value) bool { return false },
}

// isFromOwner says whether a document was read from an owner invoice. A receivable of the books becomes a commitment's requisition, as
// documented.
func isFromOwner(document jsontext.Value) bool {
	return document.Get("direction").Text() == "receivable" && !document.Get("application_number").IsNone()
}
