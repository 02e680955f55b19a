package plain

import (
	"encoding/json"

	"structural.app/structural/canonical"
)

type payment struct {
	ID                      string      `json:"id"`
	Object                  string      `json:"object"`
	ExternalIDs             externalIDs `json:"external_ids"`
	Amount                  *money      `json:"amount,omitempty"`
	CheckNumber             string      `json:"check_number,omitempty"`
	Status                  string      `json:"status,omitempty"`
	Currency                string      `json:"currency,omitempty"`
	Date                    string      `json:"date,omitempty"`
	Method                  string      `json:"method,omitempty"`
	Notes                   string      `json:"notes,omitempty"`
	Description             string      `json:"description,omitempty"`
	ContractID              string      `json:"contract_id,omitempty"`
	ProjectID               string      `json:"project_id,omitempty"`
	InvoiceID               string      `json:"invoice_id,omitempty"`
	InvoiceNumber           string      `json:"invoice_number,omitempty"`
	InvoiceDate             string      `json:"invoice_date,omitempty"`
	CustomerID              string      `json:"customer_id,omitempty"`
	CustomerNumber          string      `json:"customer_number,omitempty"`
	PaymentNumber           int64       `json:"payment_number,omitempty"`
	DrawRequestNumber       int64       `json:"draw_request_number,omitempty"`
	RetainageReleasedAmount *money      `json:"retainage_released_amount,omitempty"`
	ExternalPaymentID       string      `json:"external_payment_id,omitempty"`
	Journal                 string      `json:"journal,omitempty"`
	LineNumber              int64       `json:"line_number,omitempty"`
	InitiatedAt             string      `json:"initiated_at,omitempty"`
	FundedAt                string      `json:"funded_at,omitempty"`
	SettledAt               string      `json:"settled_at,omitempty"`
	CreatedAt               string      `json:"created_at,omitempty"`
	UpdatedAt               string      `json:"updated_at,omitempty"`
	ProviderMetadata        metadata    `json:"provider_metadata"`
}

type procorePayment struct {
	ID                             json.Number     `json:"id,omitempty"`
	Amount                         string          `json:"amount,omitempty"`
	Status                         string          `json:"status,omitempty"`
	CheckNumber                    string          `json:"check_number,omitempty"`
	CurrencyConfiguration          procoreCurrency `json:"currency_configuration,omitzero"`
	InvoiceNumber                  string          `json:"invoice_number,omitempty"`
	InvoiceDate                    string          `json:"invoice_date,omitempty"`
	Date                           string          `json:"date,omitempty"`
	PaymentMethod                  string          `json:"payment_method,omitempty"`
	PaymentNumber                  int64           `json:"payment_number,omitempty"`
	DrawRequestNumber              int64           `json:"draw_request_number,omitempty"`
	RetainageReleasedPaymentAmount string          `json:"retainage_released_payment_amount,omitempty"`
	ExternalPaymentID              string          `json:"external_payment_id,omitempty"`
	Notes                          string          `json:"notes,omitempty"`
	DatePaymentInitiated           string          `json:"date_payment_initiated,omitempty"`
	DatePaymentFunded              string          `json:"date_payment_funded,omitempty"`
	DatePaymentSettled             string          `json:"date_payment_settled,omitempty"`
	CreatedAt                      string          `json:"created_at,omitempty"`
	UpdatedAt                      string          `json:"updated_at,omitempty"`
	procorePaymentMetadata
}

type procorePaymentMetadata struct {
	ContractID    json.Number     `json:"contract_id,omitempty"`
	ProjectID     json.Number     `json:"project_id,omitempty"`
	RequisitionID json.Number     `json:"requisition_id,omitempty"`
	VendorID      json.Number     `json:"vendor_id,omitempty"`
	Attachments   json.RawMessage `json:"attachments,omitempty"`
	OriginID      json.RawMessage `json:"origin_id,omitempty"`
}

type dynamicsPayment struct {
	ID                     string      `json:"id,omitempty"`
	JournalDisplayName     string      `json:"journalDisplayName,omitempty"`
	LineNumber             int64       `json:"lineNumber,omitempty"`
	CustomerNumber         string      `json:"customerNumber,omitempty"`
	PostingDate            string      `json:"postingDate,omitempty"`
	DocumentNumber         string      `json:"documentNumber,omitempty"`
	ExternalDocumentNumber string      `json:"externalDocumentNumber,omitempty"`
	Amount                 json.Number `json:"amount,omitempty"`
	CurrencyCode           string      `json:"currencyCode,omitempty"`
	Status                 string      `json:"status,omitempty"`
	PaymentMethodCode      string      `json:"paymentMethodCode,omitempty"`
	AppliesToInvoiceNumber string      `json:"appliesToInvoiceNumber,omitempty"`
	Description            string      `json:"description,omitempty"`
	Comment                string      `json:"comment,omitempty"`
	LastModifiedDateTime   string      `json:"lastModifiedDateTime,omitempty"`
	dynamicsPaymentMetadata
}

type dynamicsPaymentMetadata struct {
	ETag               string `json:"@odata.etag,omitempty"`
	JournalID          string `json:"journalId,omitempty"`
	CustomerID         string `json:"customerId,omitempty"`
	OrderID            string `json:"orderId,omitempty"`
	JobID              string `json:"jobId,omitempty"`
	AppliesToInvoiceID string `json:"appliesToInvoiceId,omitempty"`
}

// PaymentToDynamics translates one of Procore's payments.
func PaymentToDynamics(data []byte, references References) ([]byte, error) {
	var record procorePayment
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, err
	}
	document, err := record.canonical()
	if err != nil {
		return nil, err
	}
	return output(document, document.dynamics(references))
}

// PaymentToProcore translates one of Business Central's payments.
func PaymentToProcore(data []byte, references References) ([]byte, error) {
	var record dynamicsPayment
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, err
	}
	document, err := record.canonical()
	if err != nil {
		return nil, err
	}
	return output(document, document.procore(references))
}

func (p *procorePayment) canonical() (*payment, error) {
	const platform = "procore"
	in := amountsIn(p.CurrencyConfiguration.Code)
	document := &payment{
		ID:                      idOf(platform, canonical.Payment, p.ID.String()),
		Object:                  "payment",
		ExternalIDs:             externalIDs{Procore: &externalID{ID: p.ID.String()}},
		Amount:                  in.read(p.Amount),
		CheckNumber:             p.CheckNumber,
		Status:                  procorePaymentStatus[p.Status],
		Currency:                p.CurrencyConfiguration.Code,
		Date:                    p.Date,
		Method:                  p.PaymentMethod,
		Notes:                   p.Notes,
		ContractID:              idOf(platform, canonical.Contract, p.ContractID.String()),
		ProjectID:               idOf(platform, canonical.Project, p.ProjectID.String()),
		InvoiceID:               idOf(platform, canonical.Invoice, p.RequisitionID.String()),
		InvoiceNumber:           p.InvoiceNumber,
		InvoiceDate:             p.InvoiceDate,
		CustomerID:              idOf(platform, canonical.Customer, p.VendorID.String()),
		PaymentNumber:           p.PaymentNumber,
		DrawRequestNumber:       p.DrawRequestNumber,
		RetainageReleasedAmount: in.read(p.RetainageReleasedPaymentAmount),
		ExternalPaymentID:       p.ExternalPaymentID,
		InitiatedAt:             p.DatePaymentInitiated,
		FundedAt:                p.DatePaymentFunded,
		SettledAt:               p.DatePaymentSettled,
		CreatedAt:               p.CreatedAt,
		UpdatedAt:               p.UpdatedAt,
		ProviderMetadata:        metadata{Procore: &p.procorePaymentMetadata},
	}
	return document, in.err
}

func (p *dynamicsPayment) canonical() (*payment, error) {
	const platform = "dynamics"
	in := amountsIn(p.CurrencyCode)
	document := &payment{
		ID:               idOf(platform, canonical.Payment, p.ID),
		Object:           "payment",
		ExternalIDs:      externalIDs{Dynamics: &externalID{ID: p.ID, Number: p.DocumentNumber}},
		Amount:           in.read(p.Amount.String()).credit(),
		CheckNumber:      p.ExternalDocumentNumber,
		Status:           dynamicsPaymentStatus[p.Status],
		Currency:         p.CurrencyCode,
		Date:             p.PostingDate,
		Method:           p.PaymentMethodCode,
		Notes:            p.Comment,
		Description:      p.Description,
		ContractID:       idOf(platform, canonical.Contract, p.OrderID),
		ProjectID:        idOf(platform, canonical.Project, p.JobID),
		InvoiceID:        idOf(platform, canonical.Invoice, p.AppliesToInvoiceID),
		InvoiceNumber:    p.AppliesToInvoiceNumber,
		CustomerID:       idOf(platform, canonical.Customer, p.CustomerID),
		CustomerNumber:   p.CustomerNumber,
		Journal:          p.JournalDisplayName,
		LineNumber:       p.LineNumber,
		UpdatedAt:        p.LastModifiedDateTime,
		ProviderMetadata: metadata{Dynamics: &p.dynamicsPaymentMetadata},
	}
	return document, in.err
}

func (p *payment) procore(references References) *procorePayment {
	return &procorePayment{
		Amount:                         p.Amount.major(),
		Status:                         p.Status,
		CheckNumber:                    p.CheckNumber,
		CurrencyConfiguration:          procoreCurrency{p.Currency},
		InvoiceNumber:                  p.InvoiceNumber,
		InvoiceDate:                    p.InvoiceDate,
		Date:                           p.Date,
		PaymentMethod:                  p.Method,
		PaymentNumber:                  p.PaymentNumber,
		DrawRequestNumber:              p.DrawRequestNumber,
		RetainageReleasedPaymentAmount: p.RetainageReleasedAmount.major(),
		ExternalPaymentID:              p.ExternalPaymentID,
		Notes:                          p.Notes,
		DatePaymentInitiated:           p.InitiatedAt,
		DatePaymentFunded:              p.FundedAt,
		DatePaymentSettled:             p.SettledAt,
		CreatedAt:                      p.CreatedAt,
		UpdatedAt:                      p.UpdatedAt,
		procorePaymentMetadata: procorePaymentMetadata{
			ContractID:    json.Number(references[p.ContractID]),
			ProjectID:     json.Number(references[p.ProjectID]),
			RequisitionID: json.Number(references[p.InvoiceID]),
			VendorID:      json.Number(references[p.CustomerID]),
		},
	}
}

func (p *payment) dynamics(references References) *dynamicsPayment {
	return &dynamicsPayment{
		JournalDisplayName:     p.Journal,
		LineNumber:             p.LineNumber,
		CustomerNumber:         p.CustomerNumber,
		PostingDate:            p.Date,
		ExternalDocumentNumber: p.CheckNumber,
		Amount:                 p.Amount.credit().number(),
		CurrencyCode:           p.Currency,
		Status:                 dynamicsPaymentWord[p.Status],
		PaymentMethodCode:      p.Method,
		AppliesToInvoiceNumber: p.InvoiceNumber,
		Description:            p.Description,
		Comment:                p.Notes,
		LastModifiedDateTime:   p.UpdatedAt,
		dynamicsPaymentMetadata: dynamicsPaymentMetadata{
			CustomerID:         references[p.CustomerID],
			OrderID:            references[p.ContractID],
			JobID:              references[p.ProjectID],
			AppliesToInvoiceID: references[p.InvoiceID],
		},
	}
}

var procorePaymentStatus = map[string]string{
	"pending": "pending", "draft": "pending", "open": "pending", "unpaid": "pending", "scheduled": "pending", "initiated": "pending",
	"created": "pending", "submitted": "pending", "in_review": "in_review", "under_review": "in_review", "approved": "approved",
	"authorized": "approved", "processing": "processing", "in_progress": "processing", "funded": "processing", "sent": "processing",
	"paid": "paid", "settled": "paid", "completed": "paid", "complete": "paid", "cleared": "paid", "posted": "paid",
	"failed": "failed", "rejected": "failed", "declined": "failed", "returned": "failed",
	"void": "void", "voided": "void", "canceled": "void", "cancelled": "void", "reversed": "void",
}

var dynamicsPaymentStatus = map[string]string{
	"Open": "pending", "Pending": "pending", "In_x0020_Review": "in_review", "Pending_x0020_Approval": "in_review",
	"Approved": "approved", "Released": "approved", "Processing": "processing", "Exported": "processing", "Posted": "paid",
	"Paid": "paid", "Failed": "failed", "Rejected": "failed", "Voided": "void", "Void": "void", "Reversed": "void",
}

var dynamicsPaymentWord = map[string]string{
	"pending": "Open", "in_review": "In_x0020_Review", "approved": "Approved", "processing": "Processing", "paid": "Posted",
	"failed": "Failed", "void": "Voided",
}
