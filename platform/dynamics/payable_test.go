package dynamics_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
)

var payableSuite = mappingtest.Suite{
	Name: dynamics.Name, Local: dynamics.LocalCurrency, Tables: dynamics.Definition().Sides[books.Payable].Tables, Forms: payableForms(), Dir: "payable",
}

func TestPayableFixtures(t *testing.T) { payableSuite.Run(t) }

func TestPayableFormsSpeakEveryWord(t *testing.T) { payableSuite.Covered(t) }

func TestPayableMutantsAreNoticed(t *testing.T) { payableSuite.Mutants(t) }

func TestPayableLaws(t *testing.T) { payableSuite.Properties(t) }

func payableForms() []mappingtest.Form {
	type w = [2]string
	none := mapping.Context{}
	var all []mappingtest.Form
	add := func(forms ...mappingtest.Form) {
		for i := range forms {
			if forms[i].Says != "" { // as every record of the side does
				forms[i].Says = `{"direction":"payable",` + forms[i].Says[1:]
			}
		}
		all = append(all, forms...)
	}
	add(mappingtest.Words(canonical.Customer, "blocked", "status", none,
		w{"_x0020_", "active"}, w{" ", "active"}, w{"", "active"}, w{"Payment", "active"}, w{"All", "inactive"})...)
	add(mappingtest.Words(canonical.Contract, "status", "status", none, w{"Draft", "draft"}, w{"In_x0020_Review", "pending"},
		w{"In Review", "pending"}, w{"Open", "approved"})...)
	add(mappingtest.Words(canonical.Invoice, "status", "status", none, w{"Draft", "draft"}, w{"In_x0020_Review", "pending"},
		w{"In Review", "pending"}, w{"Open", "approved"}, w{"Paid", "paid"}, w{"Canceled", "canceled"}, w{"Corrective", "corrective"})...)
	add(mappingtest.Words(canonical.Payment, "status", "status", none,
		w{"Open", "pending"}, w{"Pending", "pending"}, w{"In_x0020_Review", "in_review"}, w{"Pending_x0020_Approval", "in_review"},
		w{"Approved", "approved"}, w{"Released", "approved"}, w{"Processing", "processing"}, w{"Exported", "processing"},
		w{"Posted", "paid"}, w{"Paid", "paid"}, w{"Failed", "failed"}, w{"Rejected", "failed"},
		w{"Voided", "void"}, w{"Void", "void"}, w{"Reversed", "void"})...)
	for t, lines := range map[canonical.EntityType]string{
		canonical.Contract: "purchaseOrderLines", canonical.ChangeOrder: "purchaseOrderLines", canonical.Invoice: "purchaseInvoiceLines",
	} {
		add(mappingtest.Words(t, lines+"[].lineType", "lines[].line_type", none,
			w{"Comment", "comment"}, w{"Account", "account"}, w{"Item", "item"}, w{"Resource", "resource"},
			w{"Fixed_x0020_Asset", "fixed_asset"}, w{"Fixed Asset", "fixed_asset"}, w{"Charge", "charge"},
			w{"Allocation_x0020_Account", "allocation_account"})...)
	}
	add(mappingtest.Flags(canonical.Customer, w{"taxLiable", "tax_liable"})...)
	add(mappingtest.Flags(canonical.Contract, w{"pricesIncludeTax", "prices_include_tax"}, w{"fullyReceived", "fully_shipped"})...)
	add(mappingtest.Flags(canonical.Invoice, w{"pricesIncludeTax", "prices_include_tax"})...)

	text, guid := jsontext.NewString("some text"), jsontext.NewString("22d7a1c5-bde4-ea11-bbf2-00155df3a615")
	add(mappingtest.Same(canonical.Contract, none, text, "postingDescription", "Posting_Description")...)
	add(mappingtest.Same(canonical.Contract, none, text, "vendorOrderNumber", "Vendor_Order_No")...)
	for _, t := range []canonical.EntityType{canonical.Contract, canonical.Invoice, canonical.Payment} {
		add(mappingtest.Same(t, none, guid, "jobId", "projectId")...)
	}

	oneWay := func(t canonical.EntityType, record, says string) {
		add(mappingtest.Form{Entity: t, Record: record, Says: says, OneWay: true})
	}
	oneWay(canonical.Payment, `{"amount":-1500,"documentNumber":"1234","externalDocumentNumber":"","vendorId":"00000000-0000-0000-0000-000000000000"}`,
		`{"amount":{"amount":-150000,"currency":"QAR"},"check_number":"1234"}`) // a refund
	oneWay(canonical.Contract, `{"number":"106001","vendorOrderNumber":"","orderDate":"2015-12-31","requestedReceiptDate":"0001-01-01","currencyCode":"GBP"}`,
		`{"number":"106001","currency":"GBP","contract_date":"2015-12-31"}`)
	oneWay(canonical.Invoice, `{"number":"108001","currencyCode":"BHD","totalAmountIncludingTax":172.945,"status":"_x0020_","orderId":"00000000-0000-0000-0000-000000000000"}`,
		`{"number":"108001","currency":"BHD","amount":{"amount":172945,"currency":"BHD"}}`)
	oneWay(canonical.Customer, `{"currencyCode":"USD","balance":1500.5,"currencyId":"00000000-0000-0000-0000-000000000000"}`,
		`{"currency":"USD","balance_due":{"amount":150050,"currency":"USD"}}`)
	all = append(all, mappingtest.Form{Entity: canonical.Customer, Record: `{"number":"V-1"}`, IDs: `{"dynamics":{"id":"V-1","number":"V-1"}}`, OneWay: true})
	return all
}

func read(t *testing.T, text string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// A record is of the side that it shows; one that shows none is of the context's, or else of the usual one.
func TestSides_ARecordShowsItsSide(t *testing.T) {
	p := platform.New(dynamics.Definition())
	for _, c := range []struct {
		entityType      canonical.EntityType
		record, context string
		direction       string
	}{
		{canonical.Contract, `{"number":"1","vendorNumber":"V1"}`, "", "payable"},
		{canonical.Contract, `{"number":"1","customerNumber":"C1"}`, "payable", ""},
		{canonical.Contract, `{"number":"1"}`, "payable", "payable"},
		{canonical.Contract, `{"number":"1"}`, "", ""},
		{canonical.Contract, `{"number":"1","purchaseOrderLines":[]}`, "", "payable"},
		{canonical.Contract, `{"@odata.context":"https://api/v2.0/$metadata#companies(1)/purchaseOrders/$entity","number":"1"}`, "", "payable"},
		{canonical.Contract, `{"@odata.context":"https://api/v2.0/$metadata#companies(1)/salesOrders/$entity","number":"1"}`, "payable", ""},
		{canonical.Customer, `{"@odata.context":"https://api/v2.0/$metadata#companies(1)/vendors","number":"1"}`, "", "payable"},
		{canonical.Customer, `{"number":"1"}`, "payable", "payable"},
		{canonical.Invoice, `{"vendorInvoiceNumber":"1"}`, "", "payable"},
		{canonical.Invoice, `{"vendorCreditMemoNumber":"1"}`, "", "payable"},
		{canonical.Payment, `{"vendorId":"717b026b-7a1c-f111-8340-7ced8d26cf05"}`, "", "payable"},
		{canonical.Project, `{"number":"1"}`, "payable", ""},
	} {
		record := read(t, c.record)
		document, _, err := p.ToCanonical(c.entityType, record, mapping.Context{Variant: c.context})
		require.NoError(t, err)
		assert.Equal(t, c.direction, document.Get("direction").Text(), c.record)

		again, _, err := p.FromCanonical(c.entityType, document, record, mapping.Context{Variant: c.context})
		require.NoError(t, err)
		assert.Equal(t, record.String(), again.String(), "written onto itself")
		anew, report, err := p.FromCanonical(c.entityType, document, jsontext.Value{}, mapping.Context{Variant: c.context})
		require.NoError(t, err)
		assert.JSONEq(t, record.String(), anew.String(), "written anew")
		assert.Empty(t, report.Lost)
	}
}

// A new record is of the side that its document says, or else of the context's.
func TestSides_ADocumentIsWrittenOnItsSide(t *testing.T) {
	p := platform.New(dynamics.Definition())
	for _, c := range []struct{ document, context, want string }{
		{`{"object":"contract","number":"1","customer_number":"9"}`, "", `{"externalDocumentNumber":"1","customerNumber":"9"}`},
		{`{"object":"contract","number":"1","customer_number":"9"}`, "payable", `{"vendorOrderNumber":"1","vendorNumber":"9"}`},
		{`{"object":"contract","number":"1","customer_number":"9","direction":"payable"}`, "", `{"vendorOrderNumber":"1","vendorNumber":"9"}`},
		{`{"object":"contract","number":"1","customer_number":"9","direction":"receivable"}`, "payable", `{"externalDocumentNumber":"1","customerNumber":"9"}`},
	} {
		record, report, err := p.FromCanonical(canonical.Contract, read(t, c.document), jsontext.Value{}, mapping.Context{Variant: c.context})
		require.NoError(t, err)
		assert.JSONEq(t, c.want, record.String())
		assert.Empty(t, report.Lost)
	}
}

// A credit of a vendor is the opposite of its invoice, and what is less than nothing elsewhere becomes one.
func TestSides_APurchaseCreditMemo(t *testing.T) {
	p := platform.New(dynamics.Definition())
	record := read(t, `{"id":"717b026b-7a1c-f111-8340-7ced8d26cf05","vendorCreditMemoNumber":"CR-1","creditMemoDate":"2026-02-01","currencyCode":"USD",
		"totalAmountExcludingTax":30,"totalTaxAmount":1.5,"totalAmountIncludingTax":31.5,
		"purchaseCreditMemoLines":[{"sequence":1,"quantity":3,"unitCost":10,"amountExcludingTax":30}]}`)
	document, _, err := p.ToCanonical(canonical.Invoice, record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "credit_memo payable", document.Get("kind").Text()+" "+document.Get("direction").Text())
	require.JSONEq(t, `{"amount":-3150,"currency":"USD"}`, document.Get("amount").String())
	require.Equal(t, "-3", document.Get("lines").Members()[0].Value.Get("quantity").Text())
	anew, report, err := p.FromCanonical(canonical.Invoice, document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.JSONEq(t, record.String(), anew.String())
	require.Empty(t, report.Lost)

	negative := read(t, `{"object":"invoice","external_ids":{"procore":{"id":"7"}},"number":"R-1","amount":{"amount":-3000,"currency":"USD"}}`)
	written, _, err := p.FromCanonical(canonical.Invoice, negative, jsontext.Value{}, mapping.Context{Variant: "payable"})
	require.NoError(t, err)
	require.JSONEq(t, `{"vendorCreditMemoNumber":"R-1","currencyCode":"USD","totalAmountIncludingTax":30}`, written.String())
}

// A change order is lines of its own on the purchase order, each with its number; a deduction is less than nothing of something. Nothing
// of a long description is lost.
func TestSides_AChangeOrderIsLinesOfItsOrder(t *testing.T) {
	p := platform.New(dynamics.Definition())
	long := strings.Repeat("x", 98)
	for _, c := range []struct{ lines, want string }{
		{`[{"description":"Piles","quantity":"2","unit_price":"5","amount":{"amount":1000,"currency":"USD"}},{"amount":{"amount":-300,"currency":"USD"}}]`,
			`[{"description":"CO 3 Piles","quantity":2,"directUnitCost":5,"amountExcludingTax":10},
			  {"description":"CO 3","quantity":-1,"directUnitCost":3,"amountExcludingTax":-3}]`},
		{`[{"description":"` + long + `"}]`, `[{"description":"` + long + `","description2":"CO 3"}]`},
		{`[{"description":"` + long + `","description_2":"y"}]`, `[{"description":"` + long + `","description2":"y"}]`},
		{`[]`, `[{"description":"CO 3 More","quantity":1,"directUnitCost":7,"amountExcludingTax":7}]`},
	} {
		document := read(t, `{"object":"change_order","external_ids":{"procore":{"id":"7"}},"number":"3","title":"More","contract_id":"cor_maZzVGVVI15mvzm",
			"amount":{"amount":700,"currency":"USD"},"lines":`+c.lines+`}`)
		ctx := mapping.Context{Variant: "payable", References: map[string]string{"cor_maZzVGVVI15mvzm": "ca1e5de2-8a44-f111-a820-6045bdc66ee1"}}
		record, _, err := p.FromCanonical(canonical.ChangeOrder, document, jsontext.Value{}, ctx)
		require.NoError(t, err)
		require.JSONEq(t, c.want, record.Get("purchaseOrderLines").String())
		requests := p.Resource(canonical.ChangeOrder, "payable", record).Requests(record, platform.Intent{Currency: "QAR"})
		require.Len(t, requests, record.Get("purchaseOrderLines").Len())
		for _, request := range requests {
			require.Equal(t, "POST /companies({companyId})/purchaseOrders(ca1e5de2-8a44-f111-a820-6045bdc66ee1)/purchaseOrderLines", request.Method+" "+request.Path)
			require.Equal(t, -1, request.DependsOn)
		}
	}
}

// A number that begins with CO, in any case, is the mark itself.
func TestSides_AChangeOrderIsMarkedOnce(t *testing.T) {
	p := platform.New(dynamics.Definition())
	for number, want := range map[string]string{"3": "CO 3 Piles", "CO 3": "CO 3 Piles", "co-3": "co-3 Piles", "PCO 3": "CO PCO 3 Piles"} {
		document := read(t, `{"object":"change_order","external_ids":{"procore":{"id":"7"}},"number":"`+number+`","lines":[{"description":"Piles"}]}`)
		record, _, err := p.FromCanonical(canonical.ChangeOrder, document, jsontext.Value{}, mapping.Context{Variant: "payable"})
		require.NoError(t, err)
		require.JSONEq(t, `[{"description":"`+want+`"}]`, record.Get("purchaseOrderLines").String())
	}
}
