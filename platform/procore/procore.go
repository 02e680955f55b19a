// Package procore maps the resources of Procore's REST API v1.x: projects, company vendors, commitments, requisitions,
// contract payments, company users and people, timecard entries, change orders and budget line items. Facts about them are
// from Procore's developer documentation (github procore/documentation) and the operations of its OpenAPI description.
package procore

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// Name of the platform.
const Name platform.Name = "procore"

// Title is what people call it.
const Title = "Procore"

// Currency in which Procore's amounts are unless currency_configuration says otherwise.
const Currency = "USD"

// Definition is what the platform is.
func Definition() platform.Definition {
	return platform.Definition{
		Name: Name, Title: Title, Currency: Currency, Tables: Tables(), Sandbox: Sandbox, Resources: Resources, Closed: closed,
		Others: map[canonical.EntityType]platform.Other{
			canonical.Contract: primeContracts, canonical.Invoice: ownerInvoices, canonical.Payment: receivedPayments,
		},
		Called: map[canonical.EntityType]string{
			canonical.Customer: "a vendor",
			canonical.Contract: "a commitment (work order or purchase order contract)",
			canonical.Invoice:  "a requisition",
			canonical.Payment:  "a contract payment",
		},
	}
}

// isPayable is what vendors, commitments and their requisitions and payments are, and do not say: what the company owes.
var isPayable = map[string]string{"direction": "payable"}

// Tables are the mappings by entity type.
func Tables() map[canonical.EntityType]mapping.Table {
	return map[canonical.EntityType]mapping.Table{
		canonical.Project:        project,
		canonical.Customer:       customer,
		canonical.Contract:       contract,
		canonical.Invoice:        invoice,
		canonical.Payment:        payment,
		canonical.Employee:       employee,
		canonical.TimeEntry:      timeEntry,
		canonical.ChangeOrder:    changeOrder,
		canonical.BudgetLineItem: budgetLineItem,
	}
}

// Amounts are strings with a point and at least one digit after it ("12000.0", "750.00"), only in budget line items numbers.
// Both are read everywhere, because answers mix them.
var (
	quoted  = mapping.Style{Quoted: true, MinScale: 1}
	numbers = mapping.Style{MinScale: 1}

	null     = jsontext.NullValue
	text     = mapping.Text().None(null)
	boolean  = mapping.Boolean()
	integer  = mapping.Integer().None(null)
	date     = mapping.Date().None(null)
	dateTime = mapping.DateTime().None(null)
	clock    = mapping.Clock().None(null)
	money    = quoted.Money().None(null)
	decimal  = quoted.Decimal().None(null)
	percent  = quoted.Percent().None(null)
	price    = quoted.Price().None(null)

	key      = mapping.NumberKeys.Key()
	currency = mapping.RecordCurrency()
)

func reference(to canonical.EntityType) mapping.Codec {
	return mapping.NumberKeys.Reference(to).None(null)
}

// row is short for mapping.Map.
func row(canonicalPath string, codec mapping.Codec, paths ...string) mapping.Row {
	return mapping.Map(canonicalPath, codec, paths...)
}
