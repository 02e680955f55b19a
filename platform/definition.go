package platform

import (
	"context"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
)

// Definition is what a platform is, in one value. A folder of its own has one, and the registry lists it.
type Definition struct {
	Name     Name
	Title    string // what people call it
	Currency string // ISO 4217, of amounts that name none
	Tables   map[canonical.EntityType]mapping.Table

	// Called says what the platform calls its records of a type, with the article ("a vendor"), where that is another word.
	Called map[canonical.EntityType]string

	// Others are tables for records of a type that are kept apart from the rest.
	Others map[canonical.EntityType]Other
	// Closed says which records of a type are closed; most types have none.
	Closed map[canonical.EntityType]Closed

	// Resources are where the platform takes records, by type; the variant of a record may decide. Nil: nowhere.
	Resources func(variant string) map[canonical.EntityType]*Resource

	// Sides are the other sides of the books, where the platform keeps more than one: its own tables are of receivables. The side is the
	// variant of its records.
	Sides map[books.LedgerSide]Side
	// Shows says of which side a record is, if the record itself does. Nil: none does.
	Shows func(record jsontext.Value) (side books.LedgerSide, ok bool)

	// Sandbox gives made-up records. Nil: the platform has none, and demo keys cannot connect it.
	Sandbox Sandbox
}

// Variants are the platform's words for the kinds of records of a type that the records do not say of themselves; most have none.
func (d Definition) Variants(t canonical.EntityType) []string { return d.Tables[t].Variants.Words() }

// Sandbox gives the made-up records of a platform, of a side of the books where it keeps more than one. The slice is the caller's.
type Sandbox func(ledger books.LedgerSide) ([]Record, error)

// Records returns all of them.
func (s Sandbox) Records(_ context.Context, ledger books.LedgerSide) ([]Record, error) {
	return s(ledger)
}

// Other is a table for records of a type that a platform keeps apart from the rest, such as credit memos from invoices.
type Other struct {
	Table    mapping.Table
	Resource *Resource
	// Has says whether a record is one of them.
	Has func(record jsontext.Value) bool
	// Takes says whether a document becomes one of them.
	Takes func(document jsontext.Value) bool
}
