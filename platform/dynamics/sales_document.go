package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// lineTypes are the kinds of lines of sales documents (enum "Invoice Line Agg. Line Type").
var lineTypes = mapping.EncodedWords(
	"comment: Comment",
	"account: Account",
	"item: Item",
	"resource: Resource",
	"fixed_asset: Fixed Asset",
	"charge: Charge",
	"allocation_account: Allocation Account",
)

// lineRows are the rows of a salesOrderLine and a salesInvoiceLine. Business Central computes the amounts from quantity,
// price and discount. A comment has quantity and price 0.
var lineRows = []mapping.Row{
	row(mapping.ExternalID, key, "id"),
	row("line_number", integer, "sequence"),
	row("description", text(100), "description"),
	row("description_2", text(50), "description2"),
	row("line_type", lineTypes, "lineType"),
	row("item_number", text(20), "lineObjectNumber"),
	row("unit", text(10), "unitOfMeasureCode"),
	row("quantity", decimal.Zero(), "quantity"),
	row("unit_price", price.Zero(), "unitPrice"),
	row("amount", money, "amountExcludingTax"),
	row("discount_amount", money, "discountAmount"),
	row("discount_percent", decimal, "discountPercent"),
	row("tax_code", text(50), "taxCode"),
	row("tax_percent", decimal, "taxPercent"),
	row("tax_amount", money, "totalTaxAmount"),
	row("amount_including_tax", money, "amountIncludingTax"),
	row("net_amount", money, "netAmount"),
	row("shipment_date", date, "shipmentDate"),
}

// orderLine is a salesOrderLine.
var orderLine = mapping.Table{
	LumpSum: true,
	Posts:   true,
	Rows: slices.Concat(lineRows, []mapping.Row{
		row("shipped_quantity", decimal, "shippedQuantity"),
		row("invoiced_quantity", decimal, "invoicedQuantity"),
		row("quantity_to_ship", decimal, "shipQuantity"),
		row("quantity_to_invoice", decimal, "invoiceQuantity"),
	}),
}

// invoiceLine is a salesInvoiceLine.
var invoiceLine = mapping.Table{LumpSum: true, Posts: true, Retainage: true, Rows: lineRows}

// orderStatus is computed by Business Central: an approved order is released, and its API says Open.
var orderStatus = []string{"draft: Draft", "pending: In Review", "approved: Open"}

// partyRows are the rows of the customer of a sales document.
var partyRows = []mapping.Row{
	row("customer_id", reference(canonical.Customer), "customerId"),
	row("customer_name", text(100), "customerName"),
	row("customer_number", text(20), "customerNumber"),
	row("project_number", text(20), "shortcutDimension1Code"),
	row("phone", text(30), "phoneNumber"),
	row("email", text(80), "email"),
	row("salesperson", text(20), "salesperson"),
}

// billRows are the rows of the other addresses of a sales document.
var billRows = slices.Concat([]mapping.Row{
	row("bill_to_customer_id", reference(canonical.Customer), "billToCustomerId"),
	row("bill_to_customer_number", text(20), "billToCustomerNumber"),
	row("cost_center", text(20), "shortcutDimension2Code"),
	row("prices_include_tax", boolean, "pricesIncludeTax"),
	row("bill_to.name", text(100), "billToName"),
	row("ship_to.name", text(100), "shipToName"),
	row("ship_to.contact", text(100), "shipToContact"),
}, address("sell_to", "sellTo"), address("bill_to", "billTo"), address("ship_to", "shipTo"))
