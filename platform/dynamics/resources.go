package dynamics

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Resources are where Business Central takes records, by type.
func Resources(string) map[canonical.EntityType]*platform.Resource { return resources }

// resources are the entity sets of API v2.0 that take records, and what they take: what their pages in the AL source let a caller
// edit, with the lengths of the tables behind them. A budget line item has no page there. What a page calls editable and Business
// Central keeps itself (lastModifiedDateTime, what has been shipped and invoiced) counts as computed.
var resources = func() map[canonical.EntityType]*platform.Resource {
	order := salesDocument("salesOrders", "salesOrderLines", orderFields, orderComputed, orderLineFields, orderLineComputed)
	return map[canonical.EntityType]*platform.Resource{
		canonical.Project: entitySet("projects", slices.Concat(
			platform.TakesUpTo(20, "number"), platform.TakesUpTo(100, "displayName"),
		), "lastModifiedDateTime"),
		canonical.Customer: entitySet("customers", slices.Concat(
			platform.TakesUpTo(20, "number", "salespersonCode"),
			platform.TakesUpTo(100, "displayName", "addressLine1"), platform.TakesUpTo(50, "addressLine2", "taxRegistrationNumber"),
			platform.TakesUpTo(30, "city", "state", "phoneNumber"), platform.TakesUpTo(10, "country"), platform.TakesUpTo(20, "postalCode"),
			platform.TakesUpTo(80, "email"), platform.TakesUpTo(255, "website"),
			platform.Takes("creditLimit", "taxLiable", "taxAreaId", "currencyId", "currencyCode", "paymentTermsId", "shipmentMethodId", "paymentMethodId"),
			[]platform.Taken{
				{Name: "type", Words: []string{"Company", "Person"}},
				{Name: "blocked", Words: []string{"_x0020_", "Ship", "Invoice", "All"}},
			},
		), "balanceDue", "taxAreaDisplayName", "lastModifiedDateTime"),
		canonical.Contract:    order,
		canonical.ChangeOrder: order,
		canonical.Invoice:     salesDocument("salesInvoices", "salesInvoiceLines", invoiceFields, invoiceComputed, lineFields, lineComputed),
		canonical.Payment: inOwnCurrency(entitySet("customerPayments", slices.Concat(
			[]platform.Taken{{
				Name: "journalId", Required: true, Reason: platform.NotInSettings,
				Setting: func(s *books.Settings) string { return s.PaymentJournal },
			}},
			platform.TakesUpTo(10, "journalDisplayName"), platform.Takes("lineNumber"), customerOf(),
			platform.Takes("postingDate", "amount", "appliesToInvoiceId"),
			platform.TakesUpTo(20, "documentNumber", "appliesToInvoiceNumber"), platform.TakesUpTo(35, "externalDocumentNumber"),
			platform.TakesUpTo(100, "description"), platform.TakesUpTo(250, "comment"),
		), "lastModifiedDateTime"), "amount"),
		canonical.Employee: entitySet("employees", slices.Concat(
			platform.TakesUpTo(20, "number", "postalCode", "bankBranchNumber"),
			platform.TakesUpTo(30, "givenName", "middleName", "surname", "jobTitle", "city", "state", "phoneNumber", "mobilePhone", "bankAccountNumber"),
			platform.TakesUpTo(100, "addressLine1"), platform.TakesUpTo(50, "addressLine2", "iban"), platform.TakesUpTo(10, "country", "statisticsGroupCode"),
			platform.TakesUpTo(80, "email", "personalEmail"), platform.Takes("employmentDate", "terminationDate", "birthDate"),
			[]platform.Taken{{Name: "status", Words: []string{"Active", "Inactive", "Terminated"}}},
		), "displayName", "lastModifiedDateTime"),
		canonical.TimeEntry: entitySet("timeRegistrationEntries", slices.Concat(
			[]platform.Taken{
				{Name: "employeeId", Required: true, Or: []string{"employeeNumber"}}, {Name: "employeeNumber", MaxLength: 20},
				{Name: "date", Required: true}, {Name: "quantity", Required: true},
			},
			platform.Takes("jobId"), platform.TakesUpTo(20, "jobNumber", "jobTaskNumber"),
		), "absence", "lineNumber", "status", "unitOfMeasureId", "unitOfMeasureCode", "lastModfiedDateTime", "lastModifiedDateTime"),
	}
}()

const company = "/companies({companyId})/"

// entitySet is an entity set whose records stand alone.
func entitySet(name string, fields []platform.Taken, computed ...string) *platform.Resource {
	return &platform.Resource{Path: company + name, UpdatePath: company + name + "({id})", RequiredOfNew: true, Fields: fields, Computed: computed}
}

// inOwnCurrency makes an entity set one whose page has no currency: its amounts are in the company's own. It takes a customer's
// payments, which are less than nothing, and no refunds: the page makes every line a payment.
func inOwnCurrency(r *platform.Resource, amounts ...string) *platform.Resource {
	r.Currency, r.Amounts, r.Booked = "currencyCode", amounts, "amount"
	return r
}

// salesDocument is a document with its lines: a new one is sent with them, later ones and changed ones each by itself.
func salesDocument(name, lines string, fields []platform.Taken, computed []string, ofLine []platform.Taken, computedOfLine []string) *platform.Resource {
	r := entitySet(name, fields, computed...)
	r.Lines = &platform.LineResource{
		Member: lines, UpdatePath: company + lines + "({line})", AddPath: company + name + "({id})/" + lines,
		Fields: ofLine, Computed: computedOfLine, Required: true,
	}
	return r
}

// customerOf are the two ways in which a document says whose it is; one of them it must say.
func customerOf() []platform.Taken {
	return []platform.Taken{{Name: "customerId", Required: true, Or: []string{"customerNumber"}}, {Name: "customerNumber", MaxLength: 20}}
}

func addressOf(prefix string) []platform.Taken {
	return slices.Concat(
		platform.TakesUpTo(100, prefix+"AddressLine1"), platform.TakesUpTo(50, prefix+"AddressLine2"),
		platform.TakesUpTo(30, prefix+"City", prefix+"State"), platform.TakesUpTo(10, prefix+"Country"), platform.TakesUpTo(20, prefix+"PostCode"),
	)
}

// documentFields are what orders and invoices take alike.
var documentFields = slices.Concat(
	platform.TakesUpTo(35, "externalDocumentNumber"), customerOf(),
	platform.Takes("postingDate", "billToCustomerId", "currencyId", "currencyCode", "paymentTermsId", "shipmentMethodId", "discountAmount"),
	platform.TakesUpTo(20, "billToCustomerNumber", "shortcutDimension1Code", "shortcutDimension2Code", "salesperson"),
	platform.TakesUpTo(100, "shipToName", "shipToContact"), addressOf("sellTo"), addressOf("shipTo"),
	platform.TakesUpTo(30, "phoneNumber"), platform.TakesUpTo(80, "email"),
)

// documentComputed are what orders and invoices compute alike. The address of the bill follows its customer.
var documentComputed = []string{
	"number", "status", "customerName", "billToName", "billToAddressLine1", "billToAddressLine2", "billToCity", "billToCountry", "billToState",
	"billToPostCode", "discountAppliedBeforeTax", "totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax", "lastModifiedDateTime",
}

var (
	orderFields     = slices.Concat(documentFields, platform.Takes("orderDate", "pricesIncludeTax", "partialShipping", "requestedDeliveryDate"))
	orderComputed   = append([]string{"fullyShipped"}, documentComputed...)
	invoiceFields   = slices.Concat(documentFields, platform.Takes("invoiceDate", "dueDate", "promisedPayDate", "disputeStatusId"), platform.TakesUpTo(35, "customerPurchaseOrderReference"), platform.TakesUpTo(10, "disputeStatus"))
	invoiceComputed = append([]string{"orderId", "orderNumber", "pricesIncludeTax", "remainingAmount"}, documentComputed...)

	lineFields = slices.Concat(
		platform.Takes("sequence", "itemId", "accountId"), platform.TakesUpTo(100, "description"),
		platform.TakesUpTo(50, "description2"), platform.Takes("unitOfMeasureId"), platform.TakesUpTo(10, "unitOfMeasureCode"),
		platform.Takes("quantity", "unitPrice", "discountAmount", "discountPercent", "shipmentDate", "itemVariantId", "locationId"), platform.TakesUpTo(50, "taxCode"),
		// Without an account, or what else it is of, a line has no amount.
		[]platform.Taken{{
			Name: "lineObjectNumber", MaxLength: 20, Required: true, Or: []string{"accountId", "itemId"}, Unless: [2]string{"lineType", "Comment"},
			Reason: platform.NotInSettings,
		}},
		[]platform.Taken{{Name: "lineType", Words: []string{
			"Comment", "Account", "Item", "Resource", "Fixed_x0020_Asset", "Charge", "Allocation_x0020_Account",
		}}},
	)
	lineComputed = []string{
		"documentId", "discountAppliedBeforeTax", "amountExcludingTax", "taxPercent", "totalTaxAmount", "amountIncludingTax", "invoiceDiscountAllocation",
		"netAmount", "netTaxAmount", "netAmountIncludingTax",
	}
	orderLineFields   = slices.Concat(lineFields, platform.Takes("invoiceQuantity", "shipQuantity"))
	orderLineComputed = append([]string{"shippedQuantity", "invoicedQuantity"}, lineComputed...)
)
