// Package books makes the lines that stand in the books of the lines of a document, and the document's lines of those in the books:
// the account and the tax code of each line by posting rules, and what is retained or released on lines of its own.
//
// It works on canonical documents and knows no platform.
package books

// Settings say how a customer's documents are posted on one connection. The zero value says nothing: lines have no account then.
type Settings struct {
	LocalCurrency    string   // ISO 4217, of the books; empty: the platform's usual one
	RetentionAccount string   // number of the account on which retainage stands
	PaymentJournal   string   // id of the journal that takes payments
	TaxOn            TaxBasis // empty: TaxOnGross
	UseOriginID      bool     // records of a site get the id of their counterpart in the books as origin_id
	Projects         []string // ids of the projects that are read; nil: all
	Posting          []Rule
	Writes           string // off, approve or auto
	FourEyes         bool   // a change is approved by another key than its author's
}

// TaxBasis says what tax is computed of, where part of an invoice is retained.
type TaxBasis string

// What tax is computed of. These are the words of the contract.
const (
	TaxOnGross TaxBasis = "gross" // of the whole work: released retainage bears none
	TaxOnNet   TaxBasis = "net"   // of what is due: retained and released lines bear tax as well
)

// Rule says how lines of a cost code and a cost type are posted. A code may end with *, and then stands for all that begin so. Of
// several rules for a line, the narrowest counts: see [Settings.Rule].
type Rule struct {
	CostCode    string // empty: any
	CostType    string // empty: any
	Account     string
	TaxCode     string
	Dimensions  map[string]string // value by code of the dimension
	ProjectTask string
}

// LedgerSide says whose money a document is about: see canonical field direction.
type LedgerSide string

// The sides of the ledger. These are the words of the contract.
const (
	Receivable LedgerSide = "receivable" // what customers owe
	Payable    LedgerSide = "payable"    // what is owed to vendors
)
