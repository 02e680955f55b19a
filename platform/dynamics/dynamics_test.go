package dynamics_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
)

var suite = mappingtest.Suite{Name: dynamics.Name, Local: dynamics.LocalCurrency, Tables: dynamics.Tables(), Forms: forms()}

func TestFixtures(t *testing.T) { suite.Run(t) }

func TestFormsSpeakEveryWord(t *testing.T) { suite.Covered(t) }

func TestMutantsAreNoticed(t *testing.T) { suite.Mutants(t) }

func forms() []mappingtest.Form {
	type w = [2]string
	none := mapping.Context{}
	var all []mappingtest.Form
	add := func(forms ...mappingtest.Form) { all = append(all, forms...) }

	add(mappingtest.Words(canonical.Project, "status", "status", none,
		w{"Planning", "planning"}, w{"Quote", "quote"}, w{"Open", "active"}, w{"Completed", "completed"})...)
	add(mappingtest.Words(canonical.Customer, "blocked", "status", none,
		w{"_x0020_", "active"}, w{" ", "active"}, w{"", "active"}, w{"Ship", "active"}, w{"Invoice", "active"}, w{"All", "inactive"})...)
	add(mappingtest.Words(canonical.Customer, "type", "type", none, w{"Company", "company"}, w{"Person", "person"})...)
	for _, t := range []canonical.EntityType{canonical.Contract, canonical.ChangeOrder} {
		add(mappingtest.Words(t, "status", "status", none, w{"Draft", "draft"}, w{"In_x0020_Review", "pending"},
			w{"In Review", "pending"}, w{"Open", "approved"})...)
	}
	add(mappingtest.Words(canonical.Invoice, "status", "status", none, w{"Draft", "draft"}, w{"In_x0020_Review", "pending"},
		w{"In Review", "pending"}, w{"Open", "approved"}, w{"Paid", "paid"}, w{"Canceled", "canceled"}, w{"Corrective", "corrective"})...)
	add(mappingtest.Words(canonical.Payment, "status", "status", none,
		w{"Open", "pending"}, w{"Pending", "pending"}, w{"In_x0020_Review", "in_review"}, w{"Pending_x0020_Approval", "in_review"},
		w{"Approved", "approved"}, w{"Released", "approved"}, w{"Processing", "processing"}, w{"Exported", "processing"},
		w{"Posted", "paid"}, w{"Paid", "paid"}, w{"Failed", "failed"}, w{"Rejected", "failed"},
		w{"Voided", "void"}, w{"Void", "void"}, w{"Reversed", "void"})...)
	add(mappingtest.Words(canonical.Employee, "status", "status", none,
		w{"Active", "active"}, w{"Inactive", "inactive"}, w{"Terminated", "terminated"})...)
	add(mappingtest.Words(canonical.TimeEntry, "status", "status", none,
		w{"Open", "pending"}, w{"Submitted", "submitted"}, w{"Approved", "approved"}, w{"Rejected", "rejected"})...)
	add(mappingtest.Words(canonical.BudgetLineItem, "lineType", "line_type", none,
		w{"Budget", "budget"}, w{"Billable", "billable"}, w{"Both_x0020_Budget_x0020_and_x0020_Billable", "both"},
		w{"Both Budget and Billable", "both"})...)
	for t, lines := range map[canonical.EntityType]string{
		canonical.Contract: "salesOrderLines", canonical.ChangeOrder: "salesOrderLines", canonical.Invoice: "salesInvoiceLines",
	} {
		add(mappingtest.Words(t, lines+"[].lineType", "lines[].line_type", none,
			w{"Comment", "comment"}, w{"Account", "account"}, w{"Item", "item"}, w{"Resource", "resource"},
			w{"Fixed_x0020_Asset", "fixed_asset"}, w{"Fixed Asset", "fixed_asset"}, w{"Charge", "charge"},
			w{"Allocation_x0020_Account", "allocation_account"})...)
	}
	add(mappingtest.Flags(canonical.Customer, w{"taxLiable", "tax_liable"})...)
	add(mappingtest.Flags(canonical.Contract, w{"pricesIncludeTax", "prices_include_tax"}, w{"partialShipping", "partial_shipping"},
		w{"fullyShipped", "fully_shipped"})...)
	add(mappingtest.Flags(canonical.Invoice, w{"pricesIncludeTax", "prices_include_tax"})...)

	// Other names of the same.
	text, guid := jsontext.NewString("some text"), jsontext.NewString("22d7a1c5-bde4-ea11-bbf2-00155df3a615")
	date, number := jsontext.NewString("2026-01-15"), jsontext.NewNumber("12.5")
	same := func(t canonical.EntityType, value jsontext.Value, path string, others ...string) {
		add(mappingtest.Same(t, none, value, path, others...)...)
	}
	for _, t := range []canonical.EntityType{canonical.Contract, canonical.ChangeOrder} {
		same(t, text, "postingDescription", "Posting_Description")
	}
	for _, t := range []canonical.EntityType{canonical.Contract, canonical.ChangeOrder, canonical.Invoice, canonical.Payment, canonical.BudgetLineItem} {
		same(t, guid, "jobId", "projectId")
	}
	same(canonical.Project, text, "description2", "Description_2")
	same(canonical.Project, number, "contractTotalPrice", "Contract_Total_Price")
	same(canonical.Project, date, "endingDate", "Ending_Date")
	same(canonical.Project, date, "creationDate", "Creation_Date")
	same(canonical.Project, text, "billToCustomerNo", "billToCustomerNumber")
	for written, other := range map[string]string{
		"billToName": "Bill_to_Name", "sellToCustomerName": "Sell_to_Customer_Name", "sellToContact": "Sell_to_Contact",
		"sellToAddress": "Sell_to_Address", "sellToAddress2": "Sell_to_Address_2", "sellToCounty": "Sell_to_County",
		"sellToPostCode": "Sell_to_Post_Code", "sellToCountryRegionCode": "Sell_to_Country_Region_Code", "sellToPhoneNo": "SellToPhoneNo",
		"externalDocumentNo": "External_Document_No", "yourReference": "Your_Reference", "projectManager": "Project_Manager",
		"personResponsible": "Person_Responsible",
	} {
		same(canonical.Project, text, written, other)
	}
	same(canonical.BudgetLineItem, text, "jobTaskNo", "accountNo")
	same(canonical.BudgetLineItem, text, "description2", "Description_2")
	same(canonical.BudgetLineItem, text, "jobType", "type")
	same(canonical.BudgetLineItem, text, "no", "number", "generalLedgerAccountNumber")
	same(canonical.BudgetLineItem, text, "jobNo", "jobNumber")
	same(canonical.BudgetLineItem, text, "documentNo", "Document_No")
	same(canonical.BudgetLineItem, date, "planningDate", "date")
	same(canonical.BudgetLineItem, jsontext.NewString("KWD"), "currencyCode", "Currency_Code")
	same(canonical.BudgetLineItem, number, "totalCostLCY", "totalCost", "amount")
	same(canonical.BudgetLineItem, text, "unitOfMeasureCode", "Unit_of_Measure_Code")
	same(canonical.BudgetLineItem, number, "unitCostLCY", "unitCost")
	same(canonical.BudgetLineItem, number, "unitPriceLCY", "unitPrice", "Unit_Price")
	same(canonical.BudgetLineItem, number, "lineAmountLCY", "lineAmount", "Line_Amount")
	same(canonical.BudgetLineItem, number, "totalPriceLCY", "totalPrice", "Total_Price")
	same(canonical.BudgetLineItem, number, "lineDiscountAmount", "Line_Discount_Amount")

	// Records without an id of their own.
	ids := func(t canonical.EntityType, record, ids string) {
		add(mappingtest.Form{Entity: t, Record: record, IDs: ids, OneWay: true})
	}
	ids(canonical.BudgetLineItem, `{"jobNo":"J/1","jobTaskNo":"1000","lineNo":10000}`, `{"dynamics":{"id":"J//1/1000/10000"}}`)
	ids(canonical.BudgetLineItem, `{"entryNo":1001}`, `{"dynamics":{"id":"1001"}}`)
	ids(canonical.Project, `{"no":"J-1"}`, `{"dynamics":{"id":"J-1","number":"J-1"}}`)
	ids(canonical.Contract, `{"id":"CA1E5DE2-8A44-F111-A820-6045BDC66EE1","number":"101005"}`,
		`{"dynamics":{"id":"ca1e5de2-8a44-f111-a820-6045bdc66ee1","number":"101005"}}`)

	// What is refused, by pointer.
	refused := func(t canonical.EntityType, record, pointers string) {
		add(mappingtest.Form{Entity: t, Record: record, Refused: pointers})
	}
	refused(canonical.Project, `{"status":"Released"}`, "/status")
	refused(canonical.Contract, `{"status":"In_x0020_Preview","currencyCode":"QA","orderDate":"2015-13-31","salesOrderLines":[{"quantity":"x","lineType":"Thing"}]}`,
		"/status /currencyCode /orderDate /salesOrderLines/0/lineType /salesOrderLines/0/quantity")
	refused(canonical.Payment, `{"amount":1500.005,"customerId":true,"lineNumber":0.5}`, "/amount /customerId /lineNumber")
	refused(canonical.Payment, `{"amount":1500.0005,"currencyCode":"BHD"}`, "/amount")
	refused(canonical.Customer, `{"blocked":"Maybe","taxLiable":"no","creditLimit":[]}`, "/blocked /taxLiable /creditLimit")

	// The other forms in which Business Central says the same.
	oneWay := func(t canonical.EntityType, record, says string) {
		add(mappingtest.Form{Entity: t, Record: record, Says: says, OneWay: true})
	}
	oneWay(canonical.Project, `{"no":"J-1","description":"Tower","startingDate":"0001-01-01","endingDate":"2026-06-30","status":"Open","projectManager":""}`,
		`{"name":"Tower","number":"J-1","status":"active","completion_date":"2026-06-30"}`)
	oneWay(canonical.Project, `{"No":"J-1","Description":"Tower","Starting_Date":"2026-01-01","Status":"Planning","Currency_Code":"AED","Sell_to_City":"Dubai","Bill_to_Customer_No":"C1"}`,
		`{"name":"Tower","number":"J-1","status":"planning","currency":"AED","start_date":"2026-01-01","customer_number":"C1","address":{"city":"Dubai"}}`)
	oneWay(canonical.Payment, `{"amount":1500,"documentNumber":"1234","externalDocumentNumber":"","customerId":"00000000-0000-0000-0000-000000000000","comment":""}`,
		`{"amount":{"amount":-150000,"currency":"QAR"},"check_number":"1234"}`) // a refund
	oneWay(canonical.Contract, `{"number":"101005","externalDocumentNumber":"","orderDate":"2015-12-31","requestedDeliveryDate":"0001-01-01","currencyCode":"GBP","discountAmount":0}`,
		`{"number":"101005","currency":"GBP","discount_amount":{"amount":0,"currency":"GBP"},"contract_date":"2015-12-31"}`)
	oneWay(canonical.Invoice, `{"number":"PS-INV1","currencyCode":"BHD","totalAmountIncludingTax":172.945,"status":"_x0020_","orderId":"00000000-0000-0000-0000-000000000000"}`,
		`{"number":"PS-INV1","currency":"BHD","amount":{"amount":172945,"currency":"BHD"}}`)
	oneWay(canonical.ChangeOrder, `{"number":"1006","documentDate":"2019-01-24","status":"In Review"}`,
		`{"number":"1006","status":"pending","order_date":"2019-01-24"}`)
	oneWay(canonical.Employee, `{"middleName":"","terminationDate":"0001-01-01","email":"a@b.example"}`, `{"email":"a@b.example"}`)
	oneWay(canonical.TimeEntry, `{"quantity":7.50,"lastModifiedDateTime":"2020-08-21T15:13:58.870Z","lineNumber":0}`,
		`{"hours":"7.5","updated_at":"2020-08-21T15:13:58.87Z"}`)
	oneWay(canonical.Customer, `{"currencyCode":"USD","creditLimit":1500.5,"currencyId":"00000000-0000-0000-0000-000000000000"}`,
		`{"currency":"USD","credit_limit":{"amount":150050,"currency":"USD"}}`)
	oneWay(canonical.BudgetLineItem, `{"Job_No":"J1","Job_Task_No":"1000","Line_No":10000,"Line_Type":"Budget","Type":"G_x002F_L_x0020_Account","No":"4010","Total_Cost":12.50,"Unit_Cost":2.5,"Quantity":5,"Planning_Date":"2026-01-15","Description":"Excavation"}`,
		`{"cost_code":"1000","name":"Excavation","line_type":"budget","item_type":"G/L Account","item_number":"4010","project_number":"J1","line_number":10000,"date":"2026-01-15","budgeted_amount":{"amount":1250,"currency":"QAR"},"quantity":"5","unit_cost":"2.5"}`)
	oneWay(canonical.BudgetLineItem, `{"budgetName":"2026","glAccountNo":"10000","budgetDate":"2026-01-15","budgetAmount":1500.00,"entryNo":1001}`,
		`{"cost_code":"10000","budget_name":"2026","date":"2026-01-15","budgeted_amount":{"amount":150000,"currency":"QAR"}}`)
	return all
}

func TestLaws(t *testing.T) { suite.Properties(t) }

func FuzzDynamicsToCanonical(f *testing.F) { suite.Fuzz(f) }

func FuzzDynamicsFromCanonical(f *testing.F) { suite.FuzzDocument(f) }

// A quantity of days is no number of hours: it stays with the record, is said, and is not overwritten.
func TestTimeEntry_ADayIsNoHour(t *testing.T) {
	p := platform.New(dynamics.Definition())
	record, err := jsontext.Parse([]byte(`{"quantity":1,"unitOfMeasureCode":"DAY","date":"2026-02-01"}`))
	require.NoError(t, err)
	document, report, err := p.ToCanonical(canonical.TimeEntry, record, mapping.Context{})
	require.NoError(t, err)
	require.True(t, document.Get("hours").IsAbsent())
	require.Equal(t, []mapping.Problem{{Field: "/quantity", Reason: mapping.OtherUnit}}, report.Problems)
	again, _, err := p.FromCanonical(canonical.TimeEntry, document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "1", again.Get("quantity").Literal())

	changed, report, err := p.FromCanonical(canonical.TimeEntry, document.With("hours", jsontext.NewString("8")), record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "1", changed.Get("quantity").Literal())
	require.Equal(t, []mapping.Loss{{Field: "/hours", Reason: mapping.NoCounterpart}}, report.Lost)

	for _, unit := range []string{"HOUR", "hr", ""} {
		document, report, err := p.ToCanonical(canonical.TimeEntry, record.With("unitOfMeasureCode", jsontext.NewString(unit)), mapping.Context{})
		require.NoError(t, err)
		require.Equal(t, "1", document.Get("hours").Text())
		require.Empty(t, report.Problems)
	}
}

const creditMemoRecord = `{"id":"717b026b-7a1c-f111-8340-7ced8d26cf05","number":"PS-CR1","creditMemoDate":"2026-02-01","currencyCode":"USD","totalAmountExcludingTax":30,
	"totalTaxAmount":1.5,"totalAmountIncludingTax":31.5,"invoiceNumber":"PS-INV7","salesCreditMemoLines":[{"sequence":1,"quantity":3,"unitPrice":10,"amountExcludingTax":30}]}`

// A credit memo is no invoice: its amounts are less than nothing, and it comes back as it was.
func TestInvoice_ACreditMemoIsItsOpposite(t *testing.T) {
	p := platform.New(dynamics.Definition())
	record, err := jsontext.Parse([]byte(creditMemoRecord))
	require.NoError(t, err)
	document, _, err := p.ToCanonical(canonical.Invoice, record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "credit_memo", document.Get("kind").Text())
	require.JSONEq(t, `{"amount":-3150,"currency":"USD"}`, document.Get("amount").String())
	line := document.Get("lines").Members()[0].Value
	require.Equal(t, `-3 10 {"amount":-3000,"currency":"USD"}`, line.Get("quantity").Text()+" "+line.Get("unit_price").Text()+" "+line.Get("amount").String())

	again, _, err := p.FromCanonical(canonical.Invoice, document, record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, record.String(), again.String())
	anew, report, err := p.FromCanonical(canonical.Invoice, document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.JSONEq(t, record.String(), anew.String())
	require.Empty(t, report.Lost)

	requests := p.Resource(canonical.Invoice, "", anew).Requests(anew, platform.Intent{Currency: "QAR"})
	require.Equal(t, "/companies({companyId})/salesCreditMemos", requests[0].Path)
	require.JSONEq(t, `{"creditMemoDate":"2026-02-01","currencyCode":"USD","invoiceNumber":"PS-INV7","salesCreditMemoLines":[{"sequence":1,"quantity":3,"unitPrice":10}]}`, requests[0].Body.String())
}

// What is less than nothing elsewhere becomes a credit memo: the books refuse an invoice of less than nothing.
func TestInvoice_LessThanNothingBecomesACreditMemo(t *testing.T) {
	p := platform.New(dynamics.Definition())
	document, err := jsontext.Parse([]byte(`{"object":"invoice","external_ids":{"procore":{"id":"7"}},"number":"R-1","invoice_date":"2026-02-01",
		"amount":{"amount":-3000,"currency":"USD"},"lines":[{"amount":{"amount":-3000,"currency":"USD"}}]}`))
	require.NoError(t, err)
	record, _, err := p.FromCanonical(canonical.Invoice, document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.JSONEq(t, `{"externalDocumentNumber":"R-1","currencyCode":"USD","totalAmountIncludingTax":30,"creditMemoDate":"2026-02-01",
		"salesCreditMemoLines":[{"quantity":1,"unitPrice":30,"amountExcludingTax":30}]}`, record.String())
}

// A deduction among lines is less than nothing of something, never something at less than nothing.
func TestContract_ADeductionHasANegativeQuantity(t *testing.T) {
	p := platform.New(dynamics.Definition())
	document, err := jsontext.Parse([]byte(`{"object":"contract","external_ids":{"procore":{"id":"7"}},"amount":{"amount":700,"currency":"USD"},
		"lines":[{"amount":{"amount":1000,"currency":"USD"}},{"amount":{"amount":-300,"currency":"USD"}}]}`))
	require.NoError(t, err)
	record, _, err := p.FromCanonical(canonical.Contract, document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.JSONEq(t, `[{"quantity":1,"unitPrice":10,"amountExcludingTax":10},{"quantity":-1,"unitPrice":3,"amountExcludingTax":-3}]`, record.Get("salesOrderLines").String())
}

// A customer's credit limit is in the company's own currency, which the record names where its currencyId is that of nothing.
func TestCustomer_OwnCurrencyIsTheOneThatTheRecordNames(t *testing.T) {
	p := platform.New(dynamics.Definition())
	for record, want := range map[string]string{
		`{"number":"C1","creditLimit":4000,"currencyCode":"EUR","currencyId":"00000000-0000-0000-0000-000000000000"}`: `{"amount":400000,"currency":"EUR"}`,
		`{"number":"C1","creditLimit":4000,"currencyCode":"EUR","currencyId":"717b026b-7a1c-f111-8340-7ced8d26cf05"}`: `{"amount":400000,"currency":"QAR"}`,
		`{"number":"C1","creditLimit":4000,"currencyCode":"EUR"}`:                                                     `{"amount":400000,"currency":"QAR"}`,
		`{"number":"C1","creditLimit":4000,"currencyId":"00000000-0000-0000-0000-000000000000"}`:                      `{"amount":400000,"currency":"QAR"}`,
	} {
		payload, err := jsontext.Parse([]byte(record))
		require.NoError(t, err)
		document, _, err := p.ToCanonical(canonical.Customer, payload, mapping.Context{})
		require.NoError(t, err)
		require.JSONEq(t, want, document.Get("credit_limit").String(), record)
		again, _, err := p.FromCanonical(canonical.Customer, document, payload, mapping.Context{})
		require.NoError(t, err)
		require.Equal(t, payload.String(), again.String())
		anew, _, err := p.FromCanonical(canonical.Customer, document, jsontext.Value{}, mapping.Context{})
		require.NoError(t, err)
		require.JSONEq(t, payload.String(), anew.String())
	}
}
