package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// payableResources are the entity sets of the purchase side, as resources has those of the sales side.
var payableResources = map[canonical.EntityType]*platform.Resource{
	canonical.Customer: entitySet("vendors", slices.Concat(
		platform.TakesUpTo(20, "number", "postalCode"), platform.TakesUpTo(100, "displayName", "addressLine1"),
		platform.TakesUpTo(50, "addressLine2", "taxRegistrationNumber"), platform.TakesUpTo(30, "city", "state", "phoneNumber"),
		platform.TakesUpTo(10, "country", "irs1099Code"), platform.TakesUpTo(80, "email"), platform.TakesUpTo(255, "website"),
		platform.Takes("taxLiable", "currencyId", "currencyCode", "paymentTermsId", "paymentMethodId"),
		[]platform.Taken{{Name: "blocked", Words: []string{"_x0020_", "Payment", "All"}}},
	), "balance", "lastModifiedDateTime"),
	canonical.Contract: salesDocument("purchaseOrders", "purchaseOrderLines", slices.Concat(purchaseFields,
		platform.Takes("orderDate", "pricesIncludeTax", "paymentTermsId", "shipmentMethodId", "requestedReceiptDate"), deliveryFields,
	), append([]string{"fullyReceived"}, purchaseComputed...), purchaseOrderLineFields, append([]string{"receivedQuantity", "invoicedQuantity"}, lineComputed...)),
	// A change order is further lines of its order. They come after the last one: their places are not sent.
	canonical.ChangeOrder: {
		Path: company + "purchaseOrders({id})/purchaseOrderLines", Extends: "orderId",
		Lines: &platform.LineResource{
			Member: "purchaseOrderLines", Computed: append([]string{"sequence", "receivedQuantity", "invoicedQuantity"}, lineComputed...),
			Fields: boughtFields(orderLineFields, map[string]string{
				"unitPrice": "directUnitCost", "shipmentDate": "expectedReceiptDate", "shipQuantity": "receiveQuantity", "sequence": "",
			}),
		},
	},
	canonical.Invoice: salesDocument("purchaseInvoices", "purchaseInvoiceLines", slices.Concat(purchaseFields,
		platform.TakesUpTo(35, "vendorInvoiceNumber"), platform.Takes("invoiceDate", "dueDate", "pricesIncludeTax"), deliveryFields,
	), append([]string{"orderId", "orderNumber", "payToContact"}, purchaseComputed...), purchaseInvoiceLineFields, lineComputed),
	canonical.Payment: func() *platform.Resource {
		r := *resources[canonical.Payment]
		r.Path, r.UpdatePath = company+"vendorPayments", company+"vendorPayments({id})"
		r.Fields, r.PaysOut = boughtFields(r.Fields, map[string]string{"customerId": "vendorId", "customerNumber": "vendorNumber"}), true
		return &r
	}(),
}

// purchaseCreditMemoResource is where credit memos of vendors are taken.
var purchaseCreditMemoResource = salesDocument("purchaseCreditMemos", "purchaseCreditMemoLines", slices.Concat(purchaseFields,
	platform.TakesUpTo(35, "vendorCreditMemoNumber"), platform.TakesUpTo(20, "invoiceNumber"), addressOf("payTo"),
	platform.Takes("creditMemoDate", "dueDate", "paymentTermsId", "shipmentMethodId", "invoiceId", "vendorReturnReasonId"),
), []string{
	"number", "status", "vendorName", "payToName", "pricesIncludeTax", "discountAppliedBeforeTax", "totalAmountExcludingTax", "totalTaxAmount",
	"totalAmountIncludingTax", "lastModifiedDateTime",
}, purchaseCreditMemoLineFields, lineComputed)

// What purchase documents take alike, and compute alike. The address of payment follows its vendor.
var (
	purchaseFields = slices.Concat(
		vendorOf(), platform.Takes("postingDate", "payToVendorId", "currencyId", "currencyCode", "discountAmount"),
		platform.TakesUpTo(20, "payToVendorNumber", "shortcutDimension1Code", "shortcutDimension2Code", "purchaser"), addressOf("buyFrom"),
	)
	deliveryFields   = slices.Concat(platform.TakesUpTo(100, "shipToName", "shipToContact"), addressOf("shipTo"))
	purchaseComputed = []string{
		"number", "status", "vendorName", "payToName", "payToAddressLine1", "payToAddressLine2", "payToCity", "payToCountry", "payToState",
		"payToPostCode", "discountAppliedBeforeTax", "totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax", "lastModifiedDateTime",
	}

	purchaseInvoiceLineFields    = boughtFields(lineFields, map[string]string{"unitPrice": "unitCost", "shipmentDate": "expectedReceiptDate"})
	purchaseCreditMemoLineFields = boughtFields(lineFields, map[string]string{"unitPrice": "unitCost", "shipmentDate": "", "description2": ""})
	purchaseOrderLineFields      = boughtFields(orderLineFields, map[string]string{
		"unitPrice": "directUnitCost", "shipmentDate": "expectedReceiptDate", "shipQuantity": "receiveQuantity",
	})
)

// vendorOf are the two ways in which a document says whose it is; one of them it must say.
func vendorOf() []platform.Taken {
	return boughtFields(customerOf(), map[string]string{"customerId": "vendorId", "customerNumber": "vendorNumber"})
}

// boughtFields are the fields of the sales side by the names of the purchase side. An empty name is a field that it lacks.
func boughtFields(fields []platform.Taken, names map[string]string) []platform.Taken {
	name := func(of string) string {
		if to, ok := names[of]; ok {
			return to
		}
		return of
	}
	var bought []platform.Taken
	for _, field := range fields {
		or := make([]string, len(field.Or))
		for i := range field.Or {
			or[i] = name(field.Or[i])
		}
		if field.Name, field.Or = name(field.Name), or; field.Name != "" {
			bought = append(bought, field)
		}
	}
	return bought
}
