package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
	"structural.app/structural/store/storetest"
)

// transform sends a transformation and returns the answer, which must be good.
func (a *api) transform(key, body string) gen.TransformResponse {
	a.t.Helper()
	answer := a.do(post("/transform", body).as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	var response gen.TransformResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response
}

func TestTransformData_200_PaymentOfTheDocumentation(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	response := a.transform(key, `{"source":"procore","target":"dynamics","entity_type":"payment","data":{
		"id":1823456,"amount":"1700000.00","status":"pending","check_number":"CHK-2026-0101","contract_id":1945782,"project_id":341276,
		"requisition_id":10061,"invoice_number":"INV-2025-0061","date":"2026-02-01","payment_number":24,"notes":"Substructure progress payment #1"},
		"context":{"currency":"QAR"}}`)
	var canonical map[string]any
	require.NoError(t, json.Unmarshal(response.Canonical, &canonical))
	assert.Equal(t, map[string]any{"amount": 170000000.0, "currency": "USD"}, canonical["amount"])
	assert.Equal(t, "payment", canonical["object"])
	assert.Equal(t, "Substructure progress payment #1", canonical["notes"])
	assert.Contains(t, string(response.Data), `"amount":-6188000,`, "a payment is a credit to the customer")
	assert.Equal(t, []gen.Conversion{{From: "USD", To: "QAR", Rate: "3.64", Source: "pegged"}}, response.Metadata.Conversions)
	assert.Equal(t, []gen.LostField{{Field: "/payment_number", Reason: "no_field"}}, response.Metadata.Lost)
	assert.Len(t, response.Metadata.References.Unresolved, 3)
}

// What to send to the target stands beside the record: a payment goes into a journal, which only the connection's settings name.
func TestTransformData_200_Requests(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const body = `{"source":"procore","target":"dynamics","entity_type":%q,"data":{"id":1823456,"amount":"1700000.00","status":"pending","date":"2026-02-01"},"context":{"currency":"QAR"%s}}`
	made := a.transform(key, fmt.Sprintf(body, "payment", "")).Metadata
	require.Len(t, made.Requests, 1)
	assert.Equal(t, "POST /companies({companyId})/customerPayments", string(made.Requests[0].Method)+" "+made.Requests[0].Path)
	assert.JSONEq(t, `{"postingDate":"2026-02-01","amount":-6188000}`, string(made.Requests[0].Body))
	assert.Equal(t, []gen.RequestNote{{Field: "/journalId", Reason: "not_in_settings"}, {Field: "/customerId", Reason: "not_in_record"}}, made.Requests[0].Missing)
	assert.Equal(t, []gen.RequestNote{{Field: "/status", Reason: "no_field"}}, made.Requests[0].Omitted)
	assert.Empty(t, made.Problems)

	changed := a.transform(key, fmt.Sprintf(body, "payment", `,"operation":"update","target_id":"ad9bba76-a170-4f9e-95c0-c329802d590d"`)).Metadata
	require.Len(t, changed.Requests, 1)
	assert.Equal(t, "PATCH /companies({companyId})/customerPayments(ad9bba76-a170-4f9e-95c0-c329802d590d)", string(changed.Requests[0].Method)+" "+changed.Requests[0].Path)

	none := a.transform(key, `{"source":"procore","target":"dynamics","entity_type":"budget_line_item","data":{"id":1,"original_budget_amount":5}}`).Metadata
	assert.Empty(t, none.Requests)
	assert.Equal(t, []gen.RecordProblem{{Reason: "no_operation"}}, none.Problems)
	deleted := a.transform(key, `{"source":"procore","target":"dynamics","entity_type":"change_order","data":{"id":1,"title":"CO 1","deleted_at":"2026-01-01T00:00:00Z"}}`).Metadata
	assert.Empty(t, deleted.Requests)
	assert.Equal(t, []gen.RecordProblem{{Reason: "deleted"}}, deleted.Problems)

	for context, message := range map[string]string{
		`,"operation":"update"`:                     "/context/target_id: an update needs",
		`,"target_id":"1"`:                          "/context/operation: target_id names a record to change",
		`,"operation":"update","target_id":"1/../"`: "/context/target_id",
		`,"operation":"replace"`:                    "/context/operation",
	} {
		refused := a.do(post("/transform", fmt.Sprintf(body, "payment", context)).as(key))
		assert.Equal(t, http.StatusBadRequest, refused.status)
		assert.Contains(t, string(refused.body), message)
	}
}

// The ledger says on which side of the books a new record is, and how one that does not show its side is read. What a record shows counts.
func TestTransformData_200_Ledger(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const body = `{"source":%q,"target":%q,"entity_type":%q,"data":%s,"context":{"currency":"QAR"%s}}`
	const ledger = `,"ledger":"payable"`
	for _, c := range []struct{ entityType, data, context, path, record string }{
		{"payment", `{"id":1,"amount":"10.00"}`, ledger, "vendorPayments", `{"amount":36.4}`},
		{"payment", `{"id":1,"amount":"10.00"}`, `,"ledger":"receivable"`, "customerPayments", `{"amount":-36.4}`},
		{"customer", `{"id":1,"name":"Doha Piling"}`, ledger, "vendors", `{"displayName":"Doha Piling"}`},
		{"contract", `{"id":1,"number":"SC-1"}`, ledger + `,"commitmentType":"WorkOrderContract"`, "purchaseOrders", `{"vendorOrderNumber":"SC-1"}`},
		{"invoice", `{"id":1,"invoice_number":"7"}`, ledger, "purchaseInvoices", `{"vendorInvoiceNumber":"7"}`},
		{"project", `{"id":1,"name":"Tower"}`, ledger, "projects", ``},
	} {
		response := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", c.entityType, c.data, c.context))
		require.Len(t, response.Metadata.Requests, 1, c.path)
		assert.Equal(t, "/companies({companyId})/"+c.path, response.Metadata.Requests[0].Path)
		if c.record != "" {
			assert.JSONEq(t, c.record, string(response.Data))
		}
	}
	refund := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", "payment", `{"id":1,"amount":"-10.00"}`, ledger)).Metadata
	assert.Empty(t, refund.Requests)
	assert.Equal(t, []gen.RecordProblem{{Reason: "refund"}}, refund.Problems)
	change := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", "change_order", `{"id":1,"title":"Piles","number":"3","grand_total":"-10.00"}`, ledger))
	require.Len(t, change.Metadata.Requests, 1, "a change order is no order of its own")
	assert.Equal(t, "/companies({companyId})/purchaseOrders({id})/purchaseOrderLines", change.Metadata.Requests[0].Path)
	assert.JSONEq(t, `{"description":"CO 3 Piles","quantity":-1,"directUnitCost":36.4}`, string(change.Metadata.Requests[0].Body))
	assert.NotContains(t, change.Metadata.Lost, gen.LostField{Field: "/number", Reason: "no_field"})
	changed := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", "change_order", `{"id":1,"grand_total":"10.00"}`, ledger+`,"operation":"update","target_id":"4711"`))
	assert.Equal(t, "POST /companies({companyId})/purchaseOrders(4711)/purchaseOrderLines", string(changed.Metadata.Requests[0].Method)+" "+changed.Metadata.Requests[0].Path)
	none := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", "change_order", `{"id":1,"title":"CO 1"}`, ledger)).Metadata
	assert.Empty(t, none.Requests)
	assert.Equal(t, []gen.RecordProblem{{Reason: "no_lines"}}, none.Problems)

	void := a.transform(key, fmt.Sprintf(body, "procore", "dynamics", "change_order", `{"id":1,"status":"void","grand_total":"10.00"}`, ledger)).Metadata
	assert.Empty(t, void.Requests)
	assert.Equal(t, []gen.RecordProblem{{Reason: "not_in_force"}}, void.Problems)

	for record, amount := range map[string]string{
		`{"amount":-10}`:                      `{"amount":-1000,"currency":"QAR"}`, // as the context says
		`{"amount":-10,"customerNumber":"C"}`: `{"amount":1000,"currency":"QAR"}`,  // as the record shows
	} {
		response := a.transform(key, fmt.Sprintf(body, "dynamics", "procore", "payment", record, ledger))
		var document struct{ Amount json.RawMessage }
		require.NoError(t, json.Unmarshal(response.Canonical, &document))
		assert.JSONEq(t, amount, string(document.Amount), record)
	}
	refused := a.do(post("/transform", fmt.Sprintf(body, "procore", "dynamics", "payment", `{"id":1}`, `,"ledger":"both"`)).as(key))
	assert.Equal(t, http.StatusBadRequest, refused.status)
	assert.Contains(t, string(refused.body), "/context/ledger")
}

func TestTransformData_200_ContractOfTheDocumentation(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const contract = `{"source":"procore","target":"dynamics","entity_type":"contract","data":{"id":1945782,"title":"Substructure Package",
		"number":"C-LEX-001","status":"Approved","grand_total":"8500000.00","project":{"id":341276,"name":"Lusail Boulevard Tower"},
		"vendor":{"id":501004,"company":"Doha Infrastructure Partners WLL"},"description":"Raft foundation and basement levels"}%s}`
	response := a.transform(key, fmt.Sprintf(contract, `,"context":{"commitmentType":"WorkOrderContract"}`))
	var canonical struct {
		ID, Title, Number, Status string
		Amount                    gen.Money
		ProjectID                 string `json:"project_id"`
		CustomerID                string `json:"customer_id"`
	}
	require.NoError(t, json.Unmarshal(response.Canonical, &canonical))
	assert.Equal(t, "Substructure Package", canonical.Title)
	assert.Equal(t, "C-LEX-001", canonical.Number)
	assert.Equal(t, "approved", canonical.Status)
	assert.Equal(t, gen.Money{Amount: 850000000, Currency: "USD"}, canonical.Amount)

	// With the target's ids at hand, the references are in its record.
	references := fmt.Sprintf(`,"context":{"commitmentType":"WorkOrderContract","references":{%q:"717b026b-7a1c-f111-8340-7ced8d26cf05"}}`, canonical.CustomerID)
	response = a.transform(key, fmt.Sprintf(contract, references))
	assert.Contains(t, string(response.Data), `"customerId":"717b026b-7a1c-f111-8340-7ced8d26cf05"`)
	assert.Equal(t, []gen.ResolvedReference{{
		Field: "/customer_id", CanonicalID: canonical.CustomerID, PlatformID: "717b026b-7a1c-f111-8340-7ced8d26cf05", Injected: true, Reason: "from_context",
	}}, response.Metadata.References.Resolved)

	answer := a.do(post("/transform", fmt.Sprintf(contract, "")).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Equal(t, "TRANSFORM_ERROR", answer.error(t).Type)
	assert.Contains(t, answer.error(t).Message, "/context/commitmentType")

	// A word that no platform has is refused, whether the record needs one or not.
	answer = a.do(post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1},"context":{"commitmentType":"Barter"}}`).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Equal(t, "/context/commitmentType: expected one of WorkOrderContract, PurchaseOrderContract", answer.error(t).Message)
}

// The same platform on both sides gives the record back, every digit of it, and says what has no canonical field.
func TestTransformData_200_SamePlatformLosesNothing(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const record = `{"id":9007199254740993,"amount":"12000.0","check_number":"A-1","custom_fields":{"note":"1e2 < 2 & \u00e9","ratio":1.10},"origin_id":null}`
	response := a.transform(key, `{"source":"procore","target":"procore","entity_type":"payment","data":`+record+`}`)
	assert.JSONEq(t, record, string(response.Data))
	for _, literal := range []string{"9007199254740993", `"12000.0"`, "1.10"} {
		assert.Contains(t, string(response.Data), literal)
	}
	assert.ElementsMatch(t, []string{"/custom_fields", "/origin_id"}, response.Metadata.Unmapped)
	assert.Nil(t, response.Metadata.References)
}

func TestTransformData_200_TouchesNoDataButTheKey(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t)
	key, customerID := a.demoSession()
	before := a.link.RoundTrips()
	a.transform(key, transformPayment)
	assert.EqualValues(t, 1, a.link.RoundTrips()-before, "the look-up of the key")
	for _, table := range storetest.CustomerTables(t, a.db) {
		if table != "api_keys" && table != "customer_state" { // made with the customer
			assert.Zero(t, storetest.CountRows(t, a.db, table, customerID), table)
		}
	}
}

// Every full record of both platforms goes to the other one and back to itself, and the answers keep the contract.
func TestTransformData_200_FullRecordsOfAllEntityTypes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for _, source := range []string{"procore", "dynamics"} {
		for _, entityType := range entityTypes(t) {
			record := recordOf(t, source, entityType)
			for _, target := range []string{"procore", "dynamics"} {
				answer := a.do(post("/transform", fmt.Sprintf(`{"source":%q,"target":%q,"entity_type":%q,"data":%s,"context":{"commitmentType":"WorkOrderContract"}}`,
					source, target, entityType, record)).as(key))
				assert.Equal(t, http.StatusOK, answer.status, "%s %s %s: %s", source, target, entityType, answer.body)
				assertMeetsContract(t, "transformData", answer)
				assert.NotContains(t, a.log.String(), "status 200", "a violation of the contract")
			}
		}
	}
}

func TestTransformData_422_NamesEveryFieldAndEchoesNoValue(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	answer := a.do(post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1,
		"amount":"secret-value","date":"secret-value","status":"secret-value","payment_number":1.5},"context":{"currency":"KWD"}}`).as(key))
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	message := answer.error(t).Message
	for _, pointer := range []string{"/data/amount: expected ", "/data/date: expected ", "/data/payment_number: expected "} {
		assert.Contains(t, message, pointer)
	}
	assert.NotContains(t, message, "secret-value")
}

func TestTransformData_422_NoExchangeRate(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	answer := a.do(post("/transform", strings.Replace(transformPayment, "QAR", "KWD", 1)).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
	assert.Contains(t, answer.error(t).Message, "no usable rate from USD to KWD")
}

func TestTransformData_422_ACurrencyThatIsNone(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for name, want := range map[string]string{"currency": "/context/currency", "sourceCurrency": "/context/sourceCurrency"} {
		answer := a.do(post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1},"context":{"`+name+`":"XXQ"}}`).as(key))
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
		assert.Equal(t, want+": expected an ISO 4217 currency", answer.error(t).Message)
	}
}

// entityTypes are those of the document.
func entityTypes(t *testing.T) []string {
	t.Helper()
	var document struct {
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	require.NoError(t, json.NewDecoder(bytes.NewReader(loadDocument().JSON())).Decode(&document))
	require.Len(t, document.Components.Schemas["EntityType"].Enum, 9)
	return document.Components.Schemas["EntityType"].Enum
}

// FuzzTransformData sends any bytes as the body of a transformation: the answer is never an error of ours.
func FuzzTransformData(f *testing.F) {
	f.Add([]byte(transformPayment))
	for _, source := range []string{"procore", "dynamics"} {
		records, err := filepath.Glob(filepath.Join("../platform", source, "testdata", "*[a-z].json"))
		require.NoError(f, err)
		for _, path := range records {
			entityType, rest, _ := strings.Cut(filepath.Base(path), ".")
			if rest != "json" {
				continue
			}
			record, err := os.ReadFile(path)
			require.NoError(f, err)
			target := map[string]string{"procore": "dynamics", "dynamics": "procore"}[source]
			f.Add(fmt.Appendf(nil, `{"source":%q,"target":%q,"entity_type":%q,"data":%s,"context":{"commitmentType":"WorkOrderContract","currency":"BHD"}}`, source, target, entityType, record))
		}
	}
	a := newFuzzAPI(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		status, answer := a(body)
		if status >= http.StatusInternalServerError {
			t.Fatalf("%d: %s", status, answer)
		}
	})
}
