package plain

import (
	"encoding/json"
)

type contract struct {
	ID                       string         `json:"id"`
	Object                   string         `json:"object"`
	ExternalIDs              externalIDs    `json:"external_ids"`
	Title                    string         `json:"title,omitempty"`
	Number                   string         `json:"number,omitempty"`
	CommitmentType           string         `json:"commitment_type,omitempty"`
	Status                   string         `json:"status,omitempty"`
	Currency                 string         `json:"currency,omitempty"`
	Amount                   *money         `json:"amount,omitempty"`
	TaxAmount                *money         `json:"tax_amount,omitempty"`
	AmountIncludingTax       *money         `json:"amount_including_tax,omitempty"`
	DiscountAmount           *money         `json:"discount_amount,omitempty"`
	RevisedAmount            *money         `json:"revised_amount,omitempty"`
	ApprovedChangesAmount    *money         `json:"approved_changes_amount,omitempty"`
	PendingChangesAmount     *money         `json:"pending_changes_amount,omitempty"`
	DraftChangesAmount       *money         `json:"draft_changes_amount,omitempty"`
	PendingRevisedAmount     *money         `json:"pending_revised_amount,omitempty"`
	InvoicedAmount           *money         `json:"invoiced_amount,omitempty"`
	DrawnAmount              *money         `json:"drawn_amount,omitempty"`
	PaidAmount               *money         `json:"paid_amount,omitempty"`
	BalanceAmount            *money         `json:"balance_amount,omitempty"`
	PercentPaid              string         `json:"percent_paid,omitempty"`
	RetainagePercent         string         `json:"retainage_percent,omitempty"`
	ProjectID                string         `json:"project_id,omitempty"`
	ProjectName              string         `json:"project_name,omitempty"`
	ProjectNumber            string         `json:"project_number,omitempty"`
	CustomerID               string         `json:"customer_id,omitempty"`
	CustomerName             string         `json:"customer_name,omitempty"`
	CustomerNumber           string         `json:"customer_number,omitempty"`
	BillToCustomerID         string         `json:"bill_to_customer_id,omitempty"`
	BillToCustomerNumber     string         `json:"bill_to_customer_number,omitempty"`
	Description              string         `json:"description,omitempty"`
	Inclusions               string         `json:"inclusions,omitempty"`
	Exclusions               string         `json:"exclusions,omitempty"`
	AccountingMethod         string         `json:"accounting_method,omitempty"`
	Executed                 *bool          `json:"executed,omitempty"`
	Private                  *bool          `json:"private,omitempty"`
	ContractDate             string         `json:"contract_date,omitempty"`
	PostingDate              string         `json:"posting_date,omitempty"`
	StartDate                string         `json:"start_date,omitempty"`
	CompletionDate           string         `json:"completion_date,omitempty"`
	ActualCompletionDate     string         `json:"actual_completion_date,omitempty"`
	DeliveryDate             string         `json:"delivery_date,omitempty"`
	ApprovalLetterDate       string         `json:"approval_letter_date,omitempty"`
	LetterOfIntentDate       string         `json:"letter_of_intent_date,omitempty"`
	ExecutionDate            string         `json:"execution_date,omitempty"`
	IssuedOn                 string         `json:"issued_on,omitempty"`
	ReturnedOn               string         `json:"returned_on,omitempty"`
	SignedContractReceivedOn string         `json:"signed_contract_received_on,omitempty"`
	PaymentTerms             string         `json:"payment_terms,omitempty"`
	ShipVia                  string         `json:"ship_via,omitempty"`
	ShipToText               string         `json:"ship_to_text,omitempty"`
	BillToText               string         `json:"bill_to_text,omitempty"`
	SellTo                   address        `json:"sell_to,omitzero"`
	BillTo                   address        `json:"bill_to,omitzero"`
	ShipTo                   address        `json:"ship_to,omitzero"`
	Phone                    string         `json:"phone,omitempty"`
	Email                    string         `json:"email,omitempty"`
	Salesperson              string         `json:"salesperson,omitempty"`
	CostCenter               string         `json:"cost_center,omitempty"`
	PricesIncludeTax         *bool          `json:"prices_include_tax,omitempty"`
	PartialShipping          *bool          `json:"partial_shipping,omitempty"`
	FullyShipped             *bool          `json:"fully_shipped,omitempty"`
	CreatedAt                string         `json:"created_at,omitempty"`
	UpdatedAt                string         `json:"updated_at,omitempty"`
	DeletedAt                string         `json:"deleted_at,omitempty"`
	Lines                    []contractLine `json:"lines,omitempty"`
	ProviderMetadata         metadata       `json:"provider_metadata"`
}

type address struct {
	Name       string `json:"name,omitempty"`
	Contact    string `json:"contact,omitempty"`
	Line1      string `json:"line1,omitempty"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city,omitempty"`
	State      string `json:"state,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
}

// ContractToDynamics translates one of Procore's work order contracts.
func ContractToDynamics(data []byte, references References) ([]byte, error) {
	var record procoreContract
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, err
	}
	document, err := record.canonical()
	if err != nil {
		return nil, err
	}
	return output(document, document.dynamics(references))
}

// ContractToProcore translates one of Business Central's sales orders to a work order contract.
func ContractToProcore(data []byte, references References) ([]byte, error) {
	var record dynamicsContract
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, err
	}
	document, err := record.canonical()
	if err != nil {
		return nil, err
	}
	return output(document, document.procore(references))
}
