package dynamics

import (
	"slices"
	"strings"
	"unicode/utf8"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// payable is the purchase side: what the company owes to vendors. The documented side, of what customers owe, has the same shapes under
// other names.
var payable = platform.Side{
	Tables: map[canonical.EntityType]mapping.Table{
		canonical.Customer: vendor,
		canonical.Contract: purchaseOrder,
		canonical.Invoice:  purchaseInvoice,
		canonical.Payment:  vendorPayment,

		canonical.ChangeOrder: purchaseOrderChange,
	},
	Called: map[canonical.EntityType]string{
		canonical.Customer: "a vendor",
		canonical.Contract: "a purchase order",
		canonical.Invoice:  "a purchase invoice",
		canonical.Payment:  "a vendor payment",

		canonical.ChangeOrder: "further lines of a purchase order",
	},
	Others:    map[canonical.EntityType]platform.Other{canonical.Invoice: purchaseCreditMemos},
	Resources: payableResources,
	Prepare:   map[canonical.EntityType]func(jsontext.Value) jsontext.Value{canonical.ChangeOrder: asOrderLines},
	// A posted purchase invoice takes no change at all.
	Closed: map[canonical.EntityType]platform.Closed{canonical.Invoice: {Signs: closed[canonical.Invoice].Signs}},
}

// isPayable is what every record of the purchase side says of itself.
var isPayable = map[string]string{"direction": string(books.Payable)}

// isReceivable is what every record of the sales side is. It does not say so: that side is the usual one.
var isReceivable = map[string]string{"direction": string(books.Receivable)}

// The members that only records of one side have, and the entity sets of that side, by the words of which their names are made.
var (
	payableMembers = []string{
		"vendorId", "vendorNumber", "payToVendorId", "payToVendorNumber", "vendorInvoiceNumber", "vendorCreditMemoNumber", "vendorOrderNumber",
		"purchaseOrderLines", "purchaseInvoiceLines", "purchaseCreditMemoLines",
	}
	receivableMembers = []string{
		"customerId", "customerNumber", "billToCustomerId", "billToCustomerNumber", "salesOrderLines", "salesInvoiceLines", "salesCreditMemoLines",
	}
	payableSets    = []string{"vendors", "purchaseOrders", "purchaseInvoices", "purchaseCreditMemos", "vendorPayments"}
	receivableSets = []string{"customers", "salesOrders", "salesInvoices", "salesCreditMemos", "customerPayments"}
)

// shows says on which side of the books a record is, if it has a member that only that side has, or names its entity set.
//
//	{"number": "106001", "vendorNumber": "20000"}     payable
//	{"number": "106001", "postingDate": "2026-02-01"} nothing
func shows(record jsontext.Value) (books.LedgerSide, bool) {
	has := func(members, sets []string) bool {
		set := entitySetOf(record.Get("@odata.context").Text())
		return slices.Contains(sets, set) ||
			slices.ContainsFunc(members, func(member string) bool { return !record.Get(member).IsAbsent() })
	}
	switch {
	case has(payableMembers, payableSets):
		return books.Payable, true
	case has(receivableMembers, receivableSets):
		return books.Receivable, true
	}
	return "", false
}

// entitySetOf is the entity set that the context of an answer names.
//
//	https://…/$metadata#companies(…)/purchaseOrders/$entity    purchaseOrders
func entitySetOf(context string) string {
	_, path, _ := strings.Cut(context, "#")
	set := ""
	for segment := range strings.SplitSeq(path, "/") {
		if name, _, _ := strings.Cut(segment, "("); name != "" && !strings.HasPrefix(name, "$") {
			set = name
		}
	}
	return set
}

// vendor is a vendor: companies({id})/vendors. Its balance is in the company's own currency, whatever the vendor's is. One who is
// blocked for payments only is still a partner.
var vendor = mapping.Table{
	Key:    []string{"number"},
	Number: "number",
	Own:    customer.Own,
	Says:   isPayable,
	Rows: []mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row("name", text(100), "displayName"),
		row("number", text(20), "number"),
		row("currency", mapping.Currency().None(jsontext.NewString("")), "currencyCode"),
		row("tax_id", text(20), "taxRegistrationNumber"),
		row("status", mapping.EncodedWords("active: | Payment", "inactive: All"), "blocked"),
		row("address.line1", text(100), "addressLine1"),
		row("address.line2", text(50), "addressLine2"),
		row("address.city", text(30), "city"),
		row("address.state", text(30), "state"),
		row("address.postal_code", text(20), "postalCode"),
		row("address.country", text(10), "country"),
		row("phone", text(30), "phoneNumber"),
		row("email", text(80), "email"),
		row("website", text(255), "website"),
		row("tax_liable", boolean, "taxLiable"),
		row("balance_due", local, "balance"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
	},
}

// vendorRows are the rows of the vendor of a purchase document, and of where it delivers.
var vendorRows = slices.Concat([]mapping.Row{
	row("customer_id", reference(canonical.Customer), "vendorId"),
	row("customer_name", text(100), "vendorName"),
	row("customer_number", text(20), "vendorNumber"),
	row("bill_to_customer_id", reference(canonical.Customer), "payToVendorId"),
	row("bill_to_customer_number", text(20), "payToVendorNumber"),
	row("project_number", text(20), "shortcutDimension1Code"),
	row("cost_center", text(20), "shortcutDimension2Code"),
	row("prices_include_tax", boolean, "pricesIncludeTax"),
}, address("sell_to", "buyFrom"))

// deliveryRows are the rows of the address of delivery.
var deliveryRows = slices.Concat([]mapping.Row{
	row("ship_to.name", text(100), "shipToName"),
	row("ship_to.contact", text(100), "shipToContact"),
}, address("ship_to", "shipTo"))

// purchaseOrder is a purchaseOrder: companies({id})/purchaseOrders. Its number comes from a series; the title and the number by which the
// vendor knows the order are fields of the purchase header that the order page has and the API page lacks.
var purchaseOrder = mapping.Table{Says: isPayable, Rows: slices.Concat([]mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "number"),
	row("title", text(100), "postingDescription", "Posting_Description"),
	row("number", text(35), "vendorOrderNumber", "Vendor_Order_No").Or(mapping.ExternalNumber),
	row("status", mapping.EncodedWords(orderStatus...), "status"),
	row("currency", currency, "currencyCode"),
	row("amount", money, "totalAmountExcludingTax"),
	row("tax_amount", money, "totalTaxAmount"),
	row("amount_including_tax", money, "totalAmountIncludingTax"),
	row("discount_amount", money, "discountAmount"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("contract_date", date, "orderDate"),
	row("posting_date", date, "postingDate"),
	row("delivery_date", date, "requestedReceiptDate"),
	row("fully_shipped", boolean, "fullyReceived"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
	row("lines", mapping.Lines(purchaseOrderLine), "purchaseOrderLines"),
}, vendorRows, deliveryRows)}

// purchaseOrderChange is what a change order adds to a purchase order: lines of their own, a deduction as less than nothing of something.
// Business Central has no record of it beside them.
var purchaseOrderChange = mapping.Table{Says: isPayable, Rows: []mapping.Row{
	row("currency", currency, "currencyCode"),
	row("contract_id", reference(canonical.Contract), "orderId"),
	row("customer_id", reference(canonical.Customer), "vendorId"),
	row("customer_name", text(100), "vendorName"),
	row("customer_number", text(20), "vendorNumber"),
	row("project_number", text(20), "shortcutDimension1Code"),
	row("lines", mapping.Lines(purchaseOrderLine), "purchaseOrderLines"),
}}

// asOrderLines makes a change order the lines of a purchase order that it is: each is marked with the number of the change order, behind
// CO unless the number begins with it. One without lines is one line at its amount.
//
//	{"number": "3", "title": "Piles", "amount": {"amount": -500, "currency": "USD"}}
//	{"lines": [{"description": "CO 3 Piles", "amount": {"amount": -500, "currency": "USD"}}]}
func asOrderLines(document jsontext.Value) jsontext.Value {
	mark, title := document.Get("number").Text(), document.Get("title")
	if mark != "" && !strings.HasPrefix(strings.ToUpper(mark), "CO") {
		mark = "CO " + mark
	}
	lines := document.Get("lines").Members()
	if amount := document.Get("amount"); len(lines) == 0 && !amount.IsNone() {
		line := jsontext.NewObject(jsontext.Member{Key: "description", Value: title}, jsontext.Member{Key: "amount", Value: amount})
		lines = []jsontext.Member{{Value: line}}
		document = document.Without("amount").Without("title")
	}
	if len(lines) == 0 {
		return document
	}
	marked := make([]jsontext.Value, len(lines))
	for i, line := range lines {
		marked[i] = line.Value
		if mark != "" {
			marked[i] = markedLine(line.Value, mark)
		}
	}
	return document.Without("number").With("lines", jsontext.NewArray(marked...))
}

// markedLine has a mark before the description of a line; in the second one, if there is no room for it before the first.
func markedLine(line jsontext.Value, mark string) jsontext.Value {
	const room = 100
	text := strings.TrimSpace(mark + " " + line.Get("description").Text())
	switch {
	case utf8.RuneCountInString(text) <= room:
		return line.With("description", jsontext.NewString(text))
	case line.Get("description_2").IsNone():
		return line.With("description_2", jsontext.NewString(mark))
	}
	return line
}

// purchaseInvoice is a purchaseInvoice: companies({id})/purchaseInvoices. Its number comes from a series; the vendor's own number of the
// invoice stands in vendorInvoiceNumber. Its status is computed by Business Central.
var purchaseInvoice = mapping.Table{Says: isPayable, Rows: slices.Concat([]mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row(mapping.ExternalNumber, text(20), "number"),
	row("number", text(35), "vendorInvoiceNumber").Or(mapping.ExternalNumber),
	row("status", invoiceStatus, "status"),
	row("currency", currency, "currencyCode"),
	row("amount", money, "totalAmountIncludingTax"),
	row("amount_excluding_tax", money, "totalAmountExcludingTax"),
	row("tax_amount", money, "totalTaxAmount"),
	row("discount_amount", money, "discountAmount"),
	row("contract_id", reference(canonical.Contract), "orderId"),
	row("contract_number", text(20), "orderNumber"),
	row("project_id", reference(canonical.Project), "jobId", "projectId"),
	row("invoice_date", date, "invoiceDate"),
	row("posting_date", date, "postingDate"),
	row("due_date", date, "dueDate"),
	row("updated_at", dateTime, "lastModifiedDateTime"),
	row("lines", mapping.Lines(purchaseInvoiceLine), "purchaseInvoiceLines"),
}, vendorRows, deliveryRows)}

// purchaseCreditMemo is a purchaseCreditMemo: companies({id})/purchaseCreditMemos. It is the opposite of an invoice, as a
// salesCreditMemo is.
var purchaseCreditMemo = mapping.Table{
	Says: map[string]string{"direction": string(books.Payable), "kind": "credit_memo"},
	Rows: slices.Concat([]mapping.Row{
		row(mapping.ExternalID, key, "id"),
		row(mapping.ExternalNumber, text(20), "number"),
		row("number", text(35), "vendorCreditMemoNumber").Or(mapping.ExternalNumber),
		row("status", invoiceStatus, "status"),
		row("currency", currency, "currencyCode"),
		row("amount", money.Credit(), "totalAmountIncludingTax"),
		row("amount_excluding_tax", money.Credit(), "totalAmountExcludingTax"),
		row("tax_amount", money.Credit(), "totalTaxAmount"),
		row("discount_amount", money.Credit(), "discountAmount"),
		row("invoice_date", date, "creditMemoDate"),
		row("posting_date", date, "postingDate"),
		row("due_date", date, "dueDate"),
		row("updated_at", dateTime, "lastModifiedDateTime"),
		row("lines", mapping.Lines(purchaseCreditMemoLine), "purchaseCreditMemoLines"),
	}, vendorRows),
}

// The lines of purchase documents are those of sales documents, by other names. A line of a credit memo has no second description and no
// day of delivery.
var (
	purchaseOrderLine = bought(orderLine, map[string]string{
		"unitPrice": "directUnitCost", "shipmentDate": "expectedReceiptDate", "shippedQuantity": "receivedQuantity", "shipQuantity": "receiveQuantity",
	})
	purchaseInvoiceLine    = bought(invoiceLine, map[string]string{"unitPrice": "unitCost", "shipmentDate": "expectedReceiptDate"})
	purchaseCreditMemoLine = bought(creditMemoLine, map[string]string{"unitPrice": "unitCost", "shipmentDate": "", "description2": ""})
)

// bought is the table of a sales line with the names of a purchase line. An empty name is a field that purchase lines lack.
func bought(table mapping.Table, names map[string]string) mapping.Table {
	var rows []mapping.Row
	for _, r := range table.Rows {
		name, ok := names[r.Platform[0]]
		switch {
		case ok && name == "":
			continue
		case ok:
			r.Platform = []string{name}
		}
		rows = append(rows, r)
	}
	table.Rows = rows
	return table
}

// vendorPayment is a vendorPayment: a line of a vendor payment journal that is not yet posted. It is a debit to the vendor, so that its
// amount is more than nothing. What customerPayments lacks, vendorPayments lacks as well.
var vendorPayment = func() mapping.Table {
	table := bought(payment, map[string]string{"customerId": "vendorId", "customerNumber": "vendorNumber"})
	for i := range table.Rows {
		if table.Rows[i].Canonical == "amount" {
			table.Rows[i].Codec = money
		}
	}
	table.Says, table.Implies = isPayable, nil
	return table
}()

// purchaseCreditMemos are kept apart from purchase invoices, as those of sales are.
var purchaseCreditMemos = platform.Other{
	Table:    purchaseCreditMemo,
	Resource: purchaseCreditMemoResource,
	Has: func(record jsontext.Value) bool {
		for _, mark := range []string{"creditMemoDate", "creditMemoNumber", "vendorCreditMemoNumber", "purchaseCreditMemoLines"} {
			if !record.Get(mark).IsAbsent() {
				return true
			}
		}
		return entitySetOf(record.Get("@odata.context").Text()) == "purchaseCreditMemos"
	},
	Takes: creditMemos.Takes,
}
