package plain

import (
	"encoding/json"

	"structural.app/structural/canonical"
)

type procoreContract struct {
	ID                              json.Number     `json:"id,omitempty"`
	Title                           string          `json:"title,omitempty"`
	Number                          string          `json:"number,omitempty"`
	Type                            string          `json:"type,omitempty"`
	Status                          string          `json:"status,omitempty"`
	CurrencyConfiguration           procoreCurrency `json:"currency_configuration,omitzero"`
	GrandTotal                      string          `json:"grand_total,omitempty"`
	RevisedContract                 string          `json:"revised_contract,omitempty"`
	ApprovedChangeOrders            string          `json:"approved_change_orders,omitempty"`
	PendingChangeOrders             string          `json:"pending_change_orders,omitempty"`
	DraftChangeOrdersAmount         string          `json:"draft_change_orders_amount,omitempty"`
	PendingRevisedContract          string          `json:"pending_revised_contract,omitempty"`
	TotalRequisitionsAmount         string          `json:"total_requisitions_amount,omitempty"`
	TotalDrawRequestsAmount         string          `json:"total_draw_requests_amount,omitempty"`
	TotalPayments                   string          `json:"total_payments,omitempty"`
	RemainingBalanceOutstanding     string          `json:"remaining_balance_outstanding,omitempty"`
	PercentagePaid                  string          `json:"percentage_paid,omitempty"`
	RetainagePercent                string          `json:"retainage_percent,omitempty"`
	Project                         procoreProject  `json:"project,omitzero"`
	Vendor                          procoreVendor   `json:"vendor,omitzero"`
	Description                     string          `json:"description,omitempty"`
	Inclusions                      string          `json:"inclusions,omitempty"`
	Exclusions                      string          `json:"exclusions,omitempty"`
	AccountingMethod                string          `json:"accounting_method,omitempty"`
	Executed                        *bool           `json:"executed,omitempty"`
	Private                         *bool           `json:"private,omitempty"`
	ContractDate                    string          `json:"contract_date,omitempty"`
	ContractStartDate               string          `json:"contract_start_date,omitempty"`
	ContractEstimatedCompletionDate string          `json:"contract_estimated_completion_date,omitempty"`
	ActualCompletionDate            string          `json:"actual_completion_date,omitempty"`
	DeliveryDate                    string          `json:"delivery_date,omitempty"`
	ApprovalLetterDate              string          `json:"approval_letter_date,omitempty"`
	LetterOfIntentDate              string          `json:"letter_of_intent_date,omitempty"`
	ExecutionDate                   string          `json:"execution_date,omitempty"`
	IssuedOnDate                    string          `json:"issued_on_date,omitempty"`
	ReturnedDate                    string          `json:"returned_date,omitempty"`
	SignedContractReceivedDate      string          `json:"signed_contract_received_date,omitempty"`
	PaymentTerms                    string          `json:"payment_terms,omitempty"`
	ShipVia                         string          `json:"ship_via,omitempty"`
	ShipToAddress                   string          `json:"ship_to_address,omitempty"`
	BillToAddress                   string          `json:"bill_to_address,omitempty"`
	CreatedAt                       string          `json:"created_at,omitempty"`
	UpdatedAt                       string          `json:"updated_at,omitempty"`
	DeletedAt                       string          `json:"deleted_at,omitempty"`
	LineItems                       []procoreLine   `json:"line_items,omitempty"`
	InvoiceContacts                 json.RawMessage `json:"invoice_contacts,omitempty"`
	OriginID                        json.RawMessage `json:"origin_id,omitempty"`
}

type procoreProject struct {
	ID       json.Number     `json:"id,omitempty"`
	Name     string          `json:"name,omitempty"`
	OriginID json.RawMessage `json:"origin_id,omitempty"`
}

type procoreVendor struct {
	ID      json.Number `json:"id,omitempty"`
	Company string      `json:"company,omitempty"`
}

type procoreContractMetadata struct {
	Type            string          `json:"type,omitempty"`
	Project         procoreProject  `json:"project,omitzero"`
	Vendor          procoreVendor   `json:"vendor,omitzero"`
	InvoiceContacts json.RawMessage `json:"invoice_contacts,omitempty"`
	OriginID        json.RawMessage `json:"origin_id,omitempty"`
}

func (c *procoreContract) canonical() (*contract, error) {
	const platform = "procore"
	in := amountsIn(c.CurrencyConfiguration.Code)
	document := &contract{
		ID:                       idOf(platform, canonical.Contract, c.ID.String()),
		Object:                   "contract",
		ExternalIDs:              externalIDs{Procore: &externalID{ID: c.ID.String()}},
		Title:                    c.Title,
		Number:                   c.Number,
		CommitmentType:           procoreCommitmentType[c.Type],
		Status:                   procoreContractStatus[c.Status],
		Currency:                 c.CurrencyConfiguration.Code,
		Amount:                   in.read(c.GrandTotal),
		RevisedAmount:            in.read(c.RevisedContract),
		ApprovedChangesAmount:    in.read(c.ApprovedChangeOrders),
		PendingChangesAmount:     in.read(c.PendingChangeOrders),
		DraftChangesAmount:       in.read(c.DraftChangeOrdersAmount),
		PendingRevisedAmount:     in.read(c.PendingRevisedContract),
		InvoicedAmount:           in.read(c.TotalRequisitionsAmount),
		DrawnAmount:              in.read(c.TotalDrawRequestsAmount),
		PaidAmount:               in.read(c.TotalPayments),
		BalanceAmount:            in.read(c.RemainingBalanceOutstanding),
		PercentPaid:              c.PercentagePaid,
		RetainagePercent:         c.RetainagePercent,
		ProjectID:                idOf(platform, canonical.Project, c.Project.ID.String()),
		ProjectName:              c.Project.Name,
		CustomerID:               idOf(platform, canonical.Customer, c.Vendor.ID.String()),
		CustomerName:             c.Vendor.Company,
		Description:              c.Description,
		Inclusions:               c.Inclusions,
		Exclusions:               c.Exclusions,
		AccountingMethod:         c.AccountingMethod,
		Executed:                 c.Executed,
		Private:                  c.Private,
		ContractDate:             c.ContractDate,
		StartDate:                c.ContractStartDate,
		CompletionDate:           c.ContractEstimatedCompletionDate,
		ActualCompletionDate:     c.ActualCompletionDate,
		DeliveryDate:             c.DeliveryDate,
		ApprovalLetterDate:       c.ApprovalLetterDate,
		LetterOfIntentDate:       c.LetterOfIntentDate,
		ExecutionDate:            c.ExecutionDate,
		IssuedOn:                 c.IssuedOnDate,
		ReturnedOn:               c.ReturnedDate,
		SignedContractReceivedOn: c.SignedContractReceivedDate,
		PaymentTerms:             c.PaymentTerms,
		ShipVia:                  c.ShipVia,
		ShipToText:               c.ShipToAddress,
		BillToText:               c.BillToAddress,
		CreatedAt:                c.CreatedAt,
		UpdatedAt:                c.UpdatedAt,
		DeletedAt:                c.DeletedAt,
		ProviderMetadata:         metadata{Procore: c.metadata()},
	}
	if in.err != nil {
		return nil, in.err
	}
	return document, c.lines(document, in)
}

func (c *procoreContract) lines(document *contract, in *amounts) error {
	for i := range c.LineItems {
		line, err := c.LineItems[i].canonical(in)
		if err != nil {
			return err
		}
		document.Lines = append(document.Lines, line)
	}
	return nil
}

func (c *procoreContract) metadata() *procoreContractMetadata {
	return &procoreContractMetadata{
		Type:            c.Type,
		Project:         procoreProject{ID: c.Project.ID, OriginID: c.Project.OriginID},
		Vendor:          procoreVendor{ID: c.Vendor.ID},
		InvoiceContacts: c.InvoiceContacts,
		OriginID:        c.OriginID,
	}
}

// procore has what a sales order says.
func (c *contract) procore(references References) *procoreContract {
	record := &procoreContract{
		Title:                 c.Title,
		Number:                c.Number,
		Status:                procoreContractWord[c.Status],
		CurrencyConfiguration: procoreCurrency{c.Currency},
		GrandTotal:            c.Amount.major(),
		Project:               procoreProject{ID: json.Number(references[c.ProjectID])},
		Vendor:                procoreVendor{ID: json.Number(references[c.CustomerID]), Company: c.CustomerName},
		ContractDate:          c.ContractDate,
		DeliveryDate:          c.DeliveryDate,
		UpdatedAt:             c.UpdatedAt,
	}
	for i := range c.Lines {
		record.LineItems = append(record.LineItems, c.Lines[i].procore())
	}
	return record
}

var procoreCommitmentType = map[string]string{"WorkOrderContract": "work_order", "PurchaseOrderContract": "purchase_order"}

var procoreContractStatus = map[string]string{
	"Draft": "draft", "Out For Signature": "pending", "Out For Bid": "pending", "Approved": "approved", "Complete": "complete",
	"Terminated": "terminated", "Void": "void",
}

var procoreContractWord = map[string]string{
	"draft": "Draft", "pending": "Out For Signature", "approved": "Approved", "complete": "Complete", "terminated": "Terminated",
	"void": "Void",
}
