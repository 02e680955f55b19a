// Package books makes the lines that stand in the books of the lines of a document, and the document's lines of those in the books:
// the account and the tax code of each line by posting rules, and what is retained or released on lines of its own.
//
// It works on canonical documents and knows no platform.
package books

// Settings say how a customer's documents are posted on one connection. The zero value says nothing: lines have no account then. Their
// JSON is that of the contract; what is not said is not there. They must be ready: see [Settings.Prepare].
type Settings struct {
	LocalCurrency    string   `json:"local_currency,omitempty"`    // ISO 4217, of the books; empty: the platform's usual one
	RetentionAccount string   `json:"retention_account,omitempty"` // number of the account on which retainage stands
	PaymentJournal   string   `json:"payment_journal,omitempty"`   // id of the journal that takes payments
	TaxOn            TaxBasis `json:"tax_on"`                      // empty: TaxOnGross
	UseOriginID      bool     `json:"use_origin_id"`               // records of a site get the id of their counterpart in the books as origin_id
	Projects         []string `json:"projects"`                    // ids of the projects that are read; nil: all
	Posting          []Rule   `json:"posting"`
	Writes           string   `json:"writes"`    // off, approve or auto; empty: auto
	FourEyes         bool     `json:"four_eyes"` // a change is approved by another key than its author's

	rules map[pattern]int // in Posting
	// lengths are those of the codes that end with *, the longest first, each once.
	lengths []int
}

// TaxBasis says what tax is computed of, where part of an invoice is retained.
type TaxBasis string

// What tax is computed of. These are the words of the contract.
const (
	TaxOnGross TaxBasis = "gross" // of the whole work: released retainage bears none
	TaxOnNet   TaxBasis = "net"   // of what is due: retained and released lines bear tax as well
)

// Rule says how lines of a cost code and a cost type are posted. A cost code may end with *, and then stands for all that begin so. Of
// several rules for a line, the narrowest counts: see [Settings.Rule].
type Rule struct {
	CostCode    string            `json:"cost_code,omitempty"` // empty: any
	CostType    string            `json:"cost_type,omitempty"` // empty: any
	Account     string            `json:"account"`
	TaxCode     string            `json:"tax_code,omitempty"`
	Dimensions  map[string]string `json:"dimensions,omitempty"` // value by code of the dimension
	ProjectTask string            `json:"project_task,omitempty"`
}

// LedgerSide says whose money a document is about: see canonical field direction.
type LedgerSide string

// The sides of the ledger. These are the words of the contract.
const (
	Receivable LedgerSide = "receivable" // what customers owe
	Payable    LedgerSide = "payable"    // what is owed to vendors
)
