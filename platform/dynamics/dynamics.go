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
	"structural.app/structural/platform"
	"structural.app/structural/platform/lens"
)

// Name of the platform.
const Name platform.Name = "dynamics"

// Title is what people call it.
const Title = "Dynamics 365 Business Central"

// LocalCurrency is the company's own currency unless New is told another: amounts are in it where a record has no
// currencyCode, which Business Central leaves blank for its own currency.
const LocalCurrency = "QAR"

// New makes the platform for a company with a currency of its own; "" is LocalCurrency.
func New(localCurrency string) platform.Platform {
	if localCurrency == "" {
		localCurrency = LocalCurrency
	}
	return lens.New(Name, Title, localCurrency, Tables())
}

// Tables are the mappings by entity type.
func Tables() map[canonical.EntityType]lens.Table {
	return map[canonical.EntityType]lens.Table{
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
	numbers = lens.Style{}
	zero    = canonical.NewInt(0)

	boolean  = lens.Boolean()
	integer  = lens.Integer().Zero().None(zero)
	date     = lens.Date().Sentinel("0001-01-01", "0001-01-01T00:00:00Z")
	dateTime = lens.DateTime().Sentinel("0001-01-01T00:00:00Z", "0001-01-01")
	money    = numbers.Money().None(zero)
	local    = numbers.LocalMoney().None(zero)
	decimal  = numbers.Decimal().None(zero)
	price    = numbers.Price().None(zero)

	key      = lens.GUIDKeys.Key()
	currency = lens.RecordCurrency()
)

// text is a text that Business Central refuses if it is longer.
func text(characters int) lens.Codec { return lens.TextUpTo(characters).None(canonical.NewString("")) }

func reference(to canonical.EntityType) lens.Codec {
	return lens.GUIDKeys.Reference(to).None(canonical.NewString("00000000-0000-0000-0000-000000000000"))
}

// row is short for lens.Map.
func row(canonicalPath string, codec lens.Codec, paths ...string) lens.Row {
	return lens.Map(canonicalPath, codec, paths...)
}

// address is one of the addresses of a sales document: sellTo, billTo, shipTo.
func address(canonicalPath, prefix string) []lens.Row {
	return []lens.Row{
		row(canonicalPath+".line1", text(100), prefix+"AddressLine1"),
		row(canonicalPath+".line2", text(50), prefix+"AddressLine2"),
		row(canonicalPath+".city", text(30), prefix+"City"),
		row(canonicalPath+".state", text(30), prefix+"State"),
		row(canonicalPath+".postal_code", text(20), prefix+"PostCode"),
		row(canonicalPath+".country", text(10), prefix+"Country"),
	}
}
