package dynamics

import (
	"embed"
	"slices"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// sandboxFiles are made-up records in the shapes that Business Central answers, the amounts in the currency of the
// project's country. The files have them by id.
//
//go:embed sandbox/*.json
var sandboxFiles embed.FS

// Sandbox gives the records of the sandbox: projects, customers, contracts, invoices and payments, each by id. The slice is
// the caller's.
func Sandbox() ([]platform.Record, error) {
	records, err := sandbox()
	return slices.Clone(records), err
}

var sandbox = sync.OnceValues(func() ([]platform.Record, error) {
	var all []platform.Record
	for _, t := range []canonical.EntityType{canonical.Project, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment} {
		data, err := sandboxFiles.ReadFile("sandbox/" + string(t) + ".json")
		if err != nil {
			return nil, err
		}
		records, err := platform.ParseRecords(t, mapping.Context{}, data)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
})
