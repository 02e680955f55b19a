package example

import (
	_ "embed"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

//go:embed sandbox/payment.json
var payments []byte

// Sandbox gives the made-up records.
func Sandbox(books.LedgerSide) ([]platform.Record, error) {
	return platform.ParseRecords(canonical.Payment, mapping.Context{}, payments)
}
