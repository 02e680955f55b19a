// Package dynamics maps the resources of Business Central's API v2.0, with what the pages of the API lack taken from the
// pages that publish it: the Job card for a project, the planning lines of a job for a budget line item. Facts are from
// Microsoft's documentation (github MicrosoftDocs/dynamics365smb-devitpro-pb) and the AL source of the pages and tables
// (github microsoft/BCApps).
//
// Where a page is published as an OData web service, its fields have names with underscores (Starting_Date); both spellings
// are read.
package dynamics

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Name of the platform.
const Name platform.Name = "dynamics"

// Title is what people call it.
const Title = "Dynamics 365 Business Central"

// LocalCurrency is the company's own currency: amounts are in it where a record has no currencyCode, which Business Central leaves blank for its own currency.
const LocalCurrency = "QAR"

// Definition is what the platform is.
func Definition() platform.Definition {
	return platform.Definition{
		Name: Name, Title: Title, Currency: LocalCurrency, Tables: Tables(), Sandbox: Sandbox, Resources: Resources, Closed: closed,
		Sides: map[books.LedgerSide]platform.Side{books.Payable: payable}, Shows: shows,
		Others: map[canonical.EntityType]platform.Other{canonical.Invoice: creditMemos},
		Called: map[canonical.EntityType]string{
			canonical.Customer: "a customer",
			canonical.Contract: "a sales order",
			canonical.Invoice:  "a sales invoice",
			canonical.Payment:  "a customer payment",

			canonical.ChangeOrder: "a sales order of its own",
		},
	}
}

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

// Numbers are JSON numbers without trailing zeros. Nothing is said by "", 0, the zero GUID, 0001-01-01 and
// 0001-01-01T00:00:00Z, never by null.
var (
	numbers = mapping.Style{}
	zero    = jsontext.NewInt(0)

	boolean  = mapping.Boolean()
	integer  = mapping.Integer().Zero().None(zero)
	date     = mapping.Date().Sentinel("0001-01-01", "0001-01-01T00:00:00Z")
	dateTime = mapping.DateTime().Sentinel("0001-01-01T00:00:00Z", "0001-01-01")
	money    = numbers.Money().None(zero)
	local    = numbers.LocalMoney().None(zero)
	decimal  = numbers.Decimal().None(zero)
	price    = numbers.Price().None(zero)

	key      = mapping.GUIDKeys.Key()
	currency = mapping.RecordCurrency()
)

// text is a text that Business Central refuses if it is longer.
func text(characters int) mapping.Codec {
	return mapping.TextUpTo(characters).None(jsontext.NewString(""))
}

// zeroID is the id of nothing, and that of the company's own currency.
const zeroID = "00000000-0000-0000-0000-000000000000"

func reference(to canonical.EntityType) mapping.Codec {
	return mapping.GUIDKeys.Reference(to).None(jsontext.NewString(zeroID))
}

// row is short for mapping.Map.
func row(canonicalPath string, codec mapping.Codec, paths ...string) mapping.Row {
	return mapping.Map(canonicalPath, codec, paths...)
}

// address is one of the addresses of a sales document: sellTo, billTo, shipTo.
func address(canonicalPath, prefix string) []mapping.Row {
	return []mapping.Row{
		row(canonicalPath+".line1", text(100), prefix+"AddressLine1"),
		row(canonicalPath+".line2", text(50), prefix+"AddressLine2"),
		row(canonicalPath+".city", text(30), prefix+"City"),
		row(canonicalPath+".state", text(30), prefix+"State"),
		row(canonicalPath+".postal_code", text(20), prefix+"PostCode"),
		row(canonicalPath+".country", text(10), prefix+"Country"),
	}
}
