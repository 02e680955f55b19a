package suggest

import "structural.app/structural/canonical"

// weight says what a feature is worth, in bits: one bit more makes it twice as likely that two records are one. Value is how much
// the records agree, 0 to 1 (see [Feature]). At Even a feature says nothing; from there its bits rise evenly to Agree at 1, and
// fall evenly to -Disagree at 0. What many records share is worth less: a common word, a short number, a round amount.
type weight struct {
	Feature               string
	Agree, Disagree, Even float64
}

// weights are those of one entity type. Prior is what a pair starts with: most records that share something are not one. A
// feature that only one of two records has counts for nothing.
type weights struct {
	Prior    float64 // bits
	Features []weight
}

// The names of features.
const (
	fName     = "name"
	fTitle    = "title"
	fNumber   = "number"
	fTax      = "tax_id"
	fPhone    = "phone"
	fEmail    = "email"
	fAddress  = "address"
	fPostal   = "postal_code"
	fCity     = "city"
	fAmount   = "amount"
	fDate     = "date"
	fCustomer = "customer"
	fProject  = "project"
	fContract = "contract"
	fInvoice  = "invoice"
	fKind     = "kind" // the side of the ledger, and credit memo or invoice; counts only where it contradicts
)

// contradiction is what a feature is worth, in bits, by which two records cannot be one: two tax numbers; another currency and,
// at a known rate, another amount; projects of which each is matched with others; the other side of the ledger. Nothing outweighs it.
const contradiction = -60

// Threshold is the score from which a pair is suggested.
const Threshold = 0.6

// weightTable is all that is tuned, with [Threshold], on the first set of package labelled. A score is 1/(1+2^-bits), where bits are
// the prior and those of the features.
var weightTable = map[canonical.EntityType]weights{
	canonical.Customer: {Prior: -6, Features: []weight{
		{fName, 8.5, 8, 0.6},
		{fTax, 16, 0, 0},
		{fPhone, 5, 1.5, 0.4},
		{fEmail, 6, 0.7, 0.3},
		{fAddress, 4, 2.5, 0.5},
		{fPostal, 1.5, 1.5, 0.5},
		{fCity, 0.5, 3.5, 0.6},
	}},
	canonical.Project: {Prior: -6, Features: []weight{
		{fName, 8, 6, 0.6},
		{fNumber, 7, 3, 0.45},
		{fAmount, 4, 1, 0.5},
		{fDate, 1.5, 1.5, 0.5},
		{fCustomer, 2, 3, 0.6},
		{fAddress, 4, 2, 0.5},
		{fPostal, 1.5, 1, 0.5},
		{fCity, 0.5, 2.5, 0.6},
	}},
	canonical.Contract: {Prior: -9, Features: []weight{
		{fTitle, 4, 2.5, 0.6},
		{fNumber, 6, 2.5, 0.45},
		{fAmount, 5, 3.5, 0.5},
		{fDate, 1.5, 1.5, 0.5},
		{fCustomer, 3, 5, 0.6},
		{fProject, 3, 6, 0.6},
		{fKind, 0, 0, 0},
	}},
	canonical.Invoice: {Prior: -9, Features: []weight{
		{fNumber, 6, 3, 0.45},
		{fAmount, 5.5, 4, 0.5},
		{fDate, 3, 3.5, 0.5},
		{fCustomer, 3, 5, 0.6},
		{fProject, 1.5, 5, 0.6},
		{fContract, 2, 3, 0.6},
		{fKind, 0, 0, 0},
	}},
	canonical.Payment: {Prior: -9, Features: []weight{
		{fNumber, 6, 3, 0.45},
		{fAmount, 6, 5, 0.5},
		{fDate, 4, 3.5, 0.5},
		{fCustomer, 3, 5, 0.6},
		{fProject, 1, 4, 0.6},
		{fContract, 1.5, 3, 0.6},
		{fInvoice, 3, 3, 0.45},
		{fKind, 0, 0, 0},
	}},
	canonical.ChangeOrder: {Prior: -9, Features: []weight{
		{fTitle, 4, 3, 0.6},
		{fNumber, 4, 3, 0.45},
		{fAmount, 5, 4, 0.5},
		{fDate, 2, 2, 0.5},
		{fCustomer, 2, 5, 0.6},
		{fProject, 2, 6, 0.6},
		{fContract, 3, 5, 0.6},
		{fKind, 0, 0, 0},
	}},
}

// bits is what an agreement is worth. specific is the share of it that speaks for one entity, 0 to 1.
func (w weight) bits(value, specific float64) float64 {
	if value >= w.Even {
		return w.Agree * (value - w.Even) / (1 - w.Even) * specific
	}
	return -w.Disagree * (w.Even - value) / w.Even
}
