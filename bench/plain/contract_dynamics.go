package plain

import (
	"encoding/json"

	"structural.app/structural/canonical"
)

type dynamicsContract struct {
	ID                      string         `json:"id,omitempty"`
	Number                  string         `json:"number,omitempty"`
	ExternalDocumentNumber  string         `json:"externalDocumentNumber,omitempty"`
	PostingDescription      string         `json:"postingDescription,omitempty"`
	OrderDate               string         `json:"orderDate,omitempty"`
	PostingDate             string         `json:"postingDate,omitempty"`
	RequestedDeliveryDate   string         `json:"requestedDeliveryDate,omitempty"`
	CustomerNumber          string         `json:"customerNumber,omitempty"`
	CustomerName            string         `json:"customerName,omitempty"`
	BillToName              string         `json:"billToName,omitempty"`
	BillToCustomerNumber    string         `json:"billToCustomerNumber,omitempty"`
	ShipToName              string         `json:"shipToName,omitempty"`
	ShipToContact           string         `json:"shipToContact,omitempty"`
	SellToAddressLine1      string         `json:"sellToAddressLine1,omitempty"`
	SellToAddressLine2      string         `json:"sellToAddressLine2,omitempty"`
	SellToCity              string         `json:"sellToCity,omitempty"`
	SellToCountry           string         `json:"sellToCountry,omitempty"`
	SellToState             string         `json:"sellToState,omitempty"`
	SellToPostCode          string         `json:"sellToPostCode,omitempty"`
	BillToAddressLine1      string         `json:"billToAddressLine1,omitempty"`
	BillToAddressLine2      string         `json:"billToAddressLine2,omitempty"`
	BillToCity              string         `json:"billToCity,omitempty"`
	BillToCountry           string         `json:"billToCountry,omitempty"`
	BillToState             string         `json:"billToState,omitempty"`
	BillToPostCode          string         `json:"billToPostCode,omitempty"`
	ShipToAddressLine1      string         `json:"shipToAddressLine1,omitempty"`
	ShipToAddressLine2      string         `json:"shipToAddressLine2,omitempty"`
	ShipToCity              string         `json:"shipToCity,omitempty"`
	ShipToCountry           string         `json:"shipToCountry,omitempty"`
	ShipToState             string         `json:"shipToState,omitempty"`
	ShipToPostCode          string         `json:"shipToPostCode,omitempty"`
	ShortcutDimension1Code  string         `json:"shortcutDimension1Code,omitempty"`
	ShortcutDimension2Code  string         `json:"shortcutDimension2Code,omitempty"`
	CurrencyCode            string         `json:"currencyCode,omitempty"`
	PricesIncludeTax        *bool          `json:"pricesIncludeTax,omitempty"`
	Salesperson             string         `json:"salesperson,omitempty"`
	PartialShipping         *bool          `json:"partialShipping,omitempty"`
	DiscountAmount          json.Number    `json:"discountAmount,omitempty"`
	TotalAmountExcludingTax json.Number    `json:"totalAmountExcludingTax,omitempty"`
	TotalTaxAmount          json.Number    `json:"totalTaxAmount,omitempty"`
	TotalAmountIncludingTax json.Number    `json:"totalAmountIncludingTax,omitempty"`
	FullyShipped            *bool          `json:"fullyShipped,omitempty"`
	Status                  string         `json:"status,omitempty"`
	LastModifiedDateTime    string         `json:"lastModifiedDateTime,omitempty"`
	PhoneNumber             string         `json:"phoneNumber,omitempty"`
	Email                   string         `json:"email,omitempty"`
	SalesOrderLines         []dynamicsLine `json:"salesOrderLines,omitempty"`
	dynamicsContractMetadata
}

type dynamicsContractMetadata struct {
	ETag                     string `json:"@odata.etag,omitempty"`
	CustomerID               string `json:"customerId,omitempty"`
	BillToCustomerID         string `json:"billToCustomerId,omitempty"`
	CurrencyID               string `json:"currencyId,omitempty"`
	JobID                    string `json:"jobId,omitempty"`
	PaymentTermsID           string `json:"paymentTermsId,omitempty"`
	DiscountAppliedBeforeTax *bool  `json:"discountAppliedBeforeTax,omitempty"`
}

func (c *dynamicsContract) canonical() (*contract, error) {
	const platform = "dynamics"
	in := amountsIn(c.CurrencyCode)
	document := &contract{
		ID:                   idOf(platform, canonical.Contract, c.ID),
		Object:               "contract",
		ExternalIDs:          externalIDs{Dynamics: &externalID{ID: c.ID, Number: c.Number}},
		Title:                c.PostingDescription,
		Number:               c.ExternalDocumentNumber,
		Status:               dynamicsOrderStatus[c.Status],
		Currency:             c.CurrencyCode,
		Amount:               in.read(c.TotalAmountExcludingTax.String()),
		TaxAmount:            in.read(c.TotalTaxAmount.String()),
		AmountIncludingTax:   in.read(c.TotalAmountIncludingTax.String()),
		DiscountAmount:       in.read(c.DiscountAmount.String()),
		ProjectID:            idOf(platform, canonical.Project, c.JobID),
		ProjectNumber:        c.ShortcutDimension1Code,
		CustomerID:           idOf(platform, canonical.Customer, c.CustomerID),
		CustomerName:         c.CustomerName,
		CustomerNumber:       c.CustomerNumber,
		BillToCustomerID:     idOf(platform, canonical.Customer, c.BillToCustomerID),
		BillToCustomerNumber: c.BillToCustomerNumber,
		ContractDate:         c.OrderDate,
		PostingDate:          c.PostingDate,
		DeliveryDate:         c.RequestedDeliveryDate,
		SellTo: address{
			Line1: c.SellToAddressLine1, Line2: c.SellToAddressLine2, City: c.SellToCity, State: c.SellToState,
			PostalCode: c.SellToPostCode, Country: c.SellToCountry,
		},
		BillTo: address{
			Name: c.BillToName, Line1: c.BillToAddressLine1, Line2: c.BillToAddressLine2, City: c.BillToCity, State: c.BillToState,
			PostalCode: c.BillToPostCode, Country: c.BillToCountry,
		},
		ShipTo: address{
			Name: c.ShipToName, Contact: c.ShipToContact, Line1: c.ShipToAddressLine1, Line2: c.ShipToAddressLine2, City: c.ShipToCity,
			State: c.ShipToState, PostalCode: c.ShipToPostCode, Country: c.ShipToCountry,
		},
		Phone:            c.PhoneNumber,
		Email:            c.Email,
		Salesperson:      c.Salesperson,
		CostCenter:       c.ShortcutDimension2Code,
		PricesIncludeTax: c.PricesIncludeTax,
		PartialShipping:  c.PartialShipping,
		FullyShipped:     c.FullyShipped,
		UpdatedAt:        c.LastModifiedDateTime,
		ProviderMetadata: metadata{Dynamics: &c.dynamicsContractMetadata},
	}
	for i := range c.SalesOrderLines {
		document.Lines = append(document.Lines, c.SalesOrderLines[i].canonical(in))
	}
	return document, in.err
}

// dynamics has what a work order contract says.
func (c *contract) dynamics(references References) *dynamicsContract {
	record := &dynamicsContract{
		PostingDescription:      c.Title,
		ExternalDocumentNumber:  c.Number,
		Status:                  dynamicsOrderWord[c.Status],
		CurrencyCode:            c.Currency,
		TotalAmountExcludingTax: c.Amount.number(),
		OrderDate:               c.ContractDate,
		RequestedDeliveryDate:   c.DeliveryDate,
		CustomerName:            c.CustomerName,
		LastModifiedDateTime:    c.UpdatedAt,
		dynamicsContractMetadata: dynamicsContractMetadata{
			CustomerID: references[c.CustomerID],
			JobID:      references[c.ProjectID],
		},
	}
	for i := range c.Lines {
		record.SalesOrderLines = append(record.SalesOrderLines, c.Lines[i].dynamics())
	}
	return record
}

var dynamicsOrderStatus = map[string]string{"Draft": "draft", "In_x0020_Review": "pending", "Open": "approved"}

var dynamicsOrderWord = map[string]string{"draft": "Draft", "pending": "In_x0020_Review", "approved": "Open"}
