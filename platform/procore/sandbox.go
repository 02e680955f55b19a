package procore

import (
	"cmp"
	"embed"
	"slices"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// sandboxFiles are made-up records in the shapes that Procore answers, the amounts in US dollars.
//
//go:embed sandbox/*.json
var sandboxFiles embed.FS

// Sandbox gives the records of the sandbox: projects, customers, contracts, invoices and payments, each by id. The slice is
// the caller's.
func Sandbox(books.LedgerSide) ([]platform.Record, error) {
	records, err := sandbox()
	return slices.Clone(records), err
}

var sandbox = sync.OnceValues(func() ([]platform.Record, error) {
	var all []platform.Record
	for _, file := range []struct {
		entityType canonical.EntityType
		name       string
		context    mapping.Context
	}{
		{canonical.Project, "project", mapping.Context{}},
		{canonical.Customer, "customer", mapping.Context{}},
		{canonical.Contract, "work_order_contract", mapping.Context{Variant: WorkOrder}},
		{canonical.Contract, "purchase_order_contract", mapping.Context{Variant: PurchaseOrder}},
		{canonical.Invoice, "invoice", mapping.Context{}},
		{canonical.Payment, "payment", mapping.Context{}},
	} {
		data, err := sandboxFiles.ReadFile("sandbox/" + file.name + ".json")
		if err != nil {
			return nil, err
		}
		records, err := platform.ParseRecords(file.entityType, file.context, data)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	order := canonical.EntityTypes()
	slices.SortStableFunc(all, func(a, b platform.Record) int { // both kinds of commitments have their ids from one series
		i, _ := a.Payload.Get("id").Int()
		j, _ := b.Payload.Get("id").Int()
		return cmp.Or(cmp.Compare(slices.Index(order, a.EntityType), slices.Index(order, b.EntityType)), cmp.Compare(i, j))
	})
	return all, nil
})
