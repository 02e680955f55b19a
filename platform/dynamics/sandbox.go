package dynamics

import (
	"embed"
	"slices"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// sandboxFiles are made-up records in the shapes that Business Central answers, the amounts in the currency of the
// project's country. The files have them by id.
//
//go:embed sandbox/*.json sandbox/payable/*.json
var sandboxFiles embed.FS

// Sandbox gives the records of the sandbox: projects, customers, contracts, invoices and payments, each by id. Those of the payable
// side are the same as vendors, purchase orders, purchase invoices and vendor payments. The slice is the caller's.
func Sandbox(ledger books.LedgerSide) ([]platform.Record, error) {
	sandbox := receivableSandbox
	if ledger == books.Payable {
		sandbox = payableSandbox
	}
	records, err := sandbox()
	return slices.Clone(records), err
}

var (
	receivableSandbox = sync.OnceValues(func() ([]platform.Record, error) { return readSandbox("sandbox/", nil) })
	payableSandbox    = sync.OnceValues(func() ([]platform.Record, error) { return readSandbox("sandbox/payable/", payable.Tables) })
)

// readSandbox reads the records of a folder. Those that have a table of the side are of the payable variant.
func readSandbox(folder string, side map[canonical.EntityType]mapping.Table) ([]platform.Record, error) {
	var all []platform.Record
	for _, t := range []canonical.EntityType{canonical.Project, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment} {
		data, err := sandboxFiles.ReadFile(folder + string(t) + ".json")
		if err != nil {
			return nil, err
		}
		var ctx mapping.Context
		if _, ok := side[t]; ok {
			ctx.Variant = string(books.Payable)
		}
		records, err := platform.ParseRecords(t, ctx, data)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}
