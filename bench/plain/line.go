package plain

import "encoding/json"

type contractLine struct {
	ExternalIDs        externalIDs `json:"external_ids"`
	LineNumber         int64       `json:"line_number,omitempty"`
	Description        string      `json:"description,omitempty"`
	Description2       string      `json:"description_2,omitempty"`
	LineType           string      `json:"line_type,omitempty"`
	ItemNumber         string      `json:"item_number,omitempty"`
	CostCode           string      `json:"cost_code,omitempty"`
	CostCodeName       string      `json:"cost_code_name,omitempty"`
	CostType           string      `json:"cost_type,omitempty"`
	WBSCode            string      `json:"wbs_code,omitempty"`
	Unit               string      `json:"unit,omitempty"`
	Quantity           string      `json:"quantity,omitempty"`
	UnitPrice          string      `json:"unit_price,omitempty"`
	Currency           string      `json:"currency,omitempty"`
	Amount             *money      `json:"amount,omitempty"`
	DiscountAmount     *money      `json:"discount_amount,omitempty"`
	DiscountPercent    string      `json:"discount_percent,omitempty"`
	TaxCode            string      `json:"tax_code,omitempty"`
	TaxPercent         string      `json:"tax_percent,omitempty"`
	TaxAmount          *money      `json:"tax_amount,omitempty"`
	AmountIncludingTax *money      `json:"amount_including_tax,omitempty"`
	ExtendedAmount     *money      `json:"extended_amount,omitempty"`
	NetAmount          *money      `json:"net_amount,omitempty"`
	ExtendedType       string      `json:"extended_type,omitempty"`
	ShipmentDate       string      `json:"shipment_date,omitempty"`
	ShippedQuantity    string      `json:"shipped_quantity,omitempty"`
	InvoicedQuantity   string      `json:"invoiced_quantity,omitempty"`
	QuantityToShip     string      `json:"quantity_to_ship,omitempty"`
	QuantityToInvoice  string      `json:"quantity_to_invoice,omitempty"`
	CreatedAt          string      `json:"created_at,omitempty"`
	UpdatedAt          string      `json:"updated_at,omitempty"`
	ProviderMetadata   metadata    `json:"provider_metadata"`
}

type procoreLine struct {
	ID                    json.Number         `json:"id,omitempty"`
	Position              int64               `json:"position,omitempty"`
	Description           string              `json:"description,omitempty"`
	CostCode              procoreCostCode     `json:"cost_code,omitzero"`
	LineItemType          procoreLineItemType `json:"line_item_type,omitzero"`
	WBSCode               procoreWBSCode      `json:"wbs_code,omitzero"`
	UOM                   string              `json:"uom,omitempty"`
	Quantity              string              `json:"quantity,omitempty"`
	UnitCost              string              `json:"unit_cost,omitempty"`
	CurrencyConfiguration procoreCurrency     `json:"currency_configuration,omitzero"`
	Amount                string              `json:"amount,omitempty"`
	TaxAmount             string              `json:"tax_amount,omitempty"`
	TotalAmount           string              `json:"total_amount,omitempty"`
	ExtendedAmount        string              `json:"extended_amount,omitempty"`
	ExtendedType          string              `json:"extended_type,omitempty"`
	CreatedAt             string              `json:"created_at,omitempty"`
	UpdatedAt             string              `json:"updated_at,omitempty"`
	Holder                json.RawMessage     `json:"holder,omitempty"`
	TaxCodeID             json.RawMessage     `json:"tax_code_id,omitempty"`
}

type procoreCostCode struct {
	ID       int64           `json:"id,omitempty"`
	Name     string          `json:"name,omitempty"`
	FullCode string          `json:"full_code,omitempty"`
	OriginID json.RawMessage `json:"origin_id,omitempty"`
}

type procoreLineItemType struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Code string `json:"code,omitempty"`
}

type procoreWBSCode struct {
	ID          int64  `json:"id,omitempty"`
	FlatCode    string `json:"flat_code,omitempty"`
	Description string `json:"description,omitempty"`
}

type procoreLineMetadata struct {
	CostCode     procoreCostCode     `json:"cost_code,omitzero"`
	LineItemType procoreLineItemType `json:"line_item_type,omitzero"`
	WBSCode      procoreWBSCode      `json:"wbs_code,omitzero"`
	Holder       json.RawMessage     `json:"holder,omitempty"`
	TaxCodeID    json.RawMessage     `json:"tax_code_id,omitempty"`
}

type dynamicsLine struct {
	ID                 string      `json:"id,omitempty"`
	Sequence           int64       `json:"sequence,omitempty"`
	LineType           string      `json:"lineType,omitempty"`
	LineObjectNumber   string      `json:"lineObjectNumber,omitempty"`
	Description        string      `json:"description,omitempty"`
	Description2       string      `json:"description2,omitempty"`
	UnitOfMeasureCode  string      `json:"unitOfMeasureCode,omitempty"`
	Quantity           json.Number `json:"quantity,omitempty"`
	UnitPrice          json.Number `json:"unitPrice,omitempty"`
	DiscountAmount     json.Number `json:"discountAmount,omitempty"`
	DiscountPercent    json.Number `json:"discountPercent,omitempty"`
	AmountExcludingTax json.Number `json:"amountExcludingTax,omitempty"`
	TaxCode            string      `json:"taxCode,omitempty"`
	TaxPercent         json.Number `json:"taxPercent,omitempty"`
	TotalTaxAmount     json.Number `json:"totalTaxAmount,omitempty"`
	AmountIncludingTax json.Number `json:"amountIncludingTax,omitempty"`
	NetAmount          json.Number `json:"netAmount,omitempty"`
	ShipmentDate       string      `json:"shipmentDate,omitempty"`
	ShippedQuantity    json.Number `json:"shippedQuantity,omitempty"`
	InvoicedQuantity   json.Number `json:"invoicedQuantity,omitempty"`
	InvoiceQuantity    json.Number `json:"invoiceQuantity,omitempty"`
	ShipQuantity       json.Number `json:"shipQuantity,omitempty"`
	dynamicsLineMetadata
}

type dynamicsLineMetadata struct {
	ETag                     string `json:"@odata.etag,omitempty"`
	DocumentID               string `json:"documentId,omitempty"`
	ItemID                   string `json:"itemId,omitempty"`
	AccountID                string `json:"accountId,omitempty"`
	DiscountAppliedBeforeTax *bool  `json:"discountAppliedBeforeTax,omitempty"`
}

// canonical reads a line, whose amounts are in the contract's currency unless it names another one.
func (l *procoreLine) canonical(in *amounts) (contractLine, error) {
	if code := l.CurrencyConfiguration.Code; code != "" && code != in.currency {
		in = amountsIn(code)
	}
	line := contractLine{
		ExternalIDs:        externalIDs{Procore: &externalID{ID: l.ID.String()}},
		LineNumber:         l.Position,
		Description:        l.Description,
		CostCode:           l.CostCode.FullCode,
		CostCodeName:       l.CostCode.Name,
		CostType:           l.LineItemType.Name,
		WBSCode:            l.WBSCode.FlatCode,
		Unit:               l.UOM,
		Quantity:           l.Quantity,
		UnitPrice:          l.UnitCost,
		Currency:           l.CurrencyConfiguration.Code,
		Amount:             in.read(l.Amount),
		TaxAmount:          in.read(l.TaxAmount),
		AmountIncludingTax: in.read(l.TotalAmount),
		ExtendedAmount:     in.read(l.ExtendedAmount),
		ExtendedType:       l.ExtendedType,
		CreatedAt:          l.CreatedAt,
		UpdatedAt:          l.UpdatedAt,
		ProviderMetadata: metadata{Procore: &procoreLineMetadata{
			CostCode:     procoreCostCode{ID: l.CostCode.ID, OriginID: l.CostCode.OriginID},
			LineItemType: procoreLineItemType{ID: l.LineItemType.ID, Code: l.LineItemType.Code},
			WBSCode:      procoreWBSCode{ID: l.WBSCode.ID, Description: l.WBSCode.Description},
			Holder:       l.Holder,
			TaxCodeID:    l.TaxCodeID,
		}},
	}
	return line, in.err
}

func (l *dynamicsLine) canonical(in *amounts) contractLine {
	return contractLine{
		ExternalIDs:        externalIDs{Dynamics: &externalID{ID: l.ID}},
		LineNumber:         l.Sequence,
		Description:        l.Description,
		Description2:       l.Description2,
		LineType:           dynamicsLineType[l.LineType],
		ItemNumber:         l.LineObjectNumber,
		Unit:               l.UnitOfMeasureCode,
		Quantity:           l.Quantity.String(),
		UnitPrice:          l.UnitPrice.String(),
		Amount:             in.read(l.AmountExcludingTax.String()),
		DiscountAmount:     in.read(l.DiscountAmount.String()),
		DiscountPercent:    l.DiscountPercent.String(),
		TaxCode:            l.TaxCode,
		TaxPercent:         l.TaxPercent.String(),
		TaxAmount:          in.read(l.TotalTaxAmount.String()),
		AmountIncludingTax: in.read(l.AmountIncludingTax.String()),
		NetAmount:          in.read(l.NetAmount.String()),
		ShipmentDate:       l.ShipmentDate,
		ShippedQuantity:    l.ShippedQuantity.String(),
		InvoicedQuantity:   l.InvoicedQuantity.String(),
		QuantityToShip:     l.ShipQuantity.String(),
		QuantityToInvoice:  l.InvoiceQuantity.String(),
		ProviderMetadata:   metadata{Dynamics: &l.dynamicsLineMetadata},
	}
}

// procore has what a line of a sales order says.
func (l *contractLine) procore() procoreLine {
	return procoreLine{
		Position:    l.LineNumber,
		Description: l.Description,
		UOM:         l.Unit,
		Quantity:    l.Quantity,
		UnitCost:    l.UnitPrice,
		Amount:      l.Amount.major(),
		TaxAmount:   l.TaxAmount.major(),
		TotalAmount: l.AmountIncludingTax.major(),
	}
}

// dynamics has what a line of a work order contract says.
func (l *contractLine) dynamics() dynamicsLine {
	return dynamicsLine{
		Sequence:           l.LineNumber,
		Description:        l.Description,
		UnitOfMeasureCode:  l.Unit,
		Quantity:           json.Number(l.Quantity),
		UnitPrice:          json.Number(l.UnitPrice),
		AmountExcludingTax: l.Amount.number(),
		TotalTaxAmount:     l.TaxAmount.number(),
		AmountIncludingTax: l.AmountIncludingTax.number(),
	}
}

var dynamicsLineType = map[string]string{
	"Comment": "comment", "Account": "account", "Item": "item", "Resource": "resource", "Fixed_x0020_Asset": "fixed_asset",
	"Charge": "charge", "Allocation_x0020_Account": "allocation_account",
}
