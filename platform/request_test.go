package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

func value(t *testing.T, text string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// written writes requests, one a line: method, path, body; what they depend on, what is missing and omitted.
func written(requests []platform.Request) string {
	var b strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&b, "%s %s %s", r.Method, r.Path, r.Body)
		if r.DependsOn >= 0 {
			fmt.Fprintf(&b, " after %d", r.DependsOn)
		}
		for _, n := range r.Missing {
			fmt.Fprintf(&b, " missing %s %s", n.Field, n.Reason)
		}
		for _, n := range r.Omitted {
			fmt.Fprintf(&b, " omitted %s %s", n.Field, n.Reason)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const subcontract = `{"id":7,"title":"Lifts","status":"Approved","grand_total":"30.00","vendor":{"id":3,"company":"Alpha"},"project":{"id":1},
	"line_items":[{"id":11,"position":1,"description":"Cabin","quantity":"2.0","unit_cost":"10.0","amount":"20.00"},{"id":12,"description":"Rails","amount":"10.00"}]}`

func TestRequests_MakeACommitmentAndItsLines(t *testing.T) {
	r := procore.Resources(procore.WorkOrder)[canonical.Contract]
	assert.Equal(t, `POST /rest/v1.0/work_order_contracts {"project_id":1,"work_order_contract":{"status":"Approved","vendor_id":3,"title":"Lifts"}} omitted /id identity omitted /grand_total computed
POST /rest/v1.0/work_order_contracts/{id of 0}/line_items {"project_id":1,"line_item":{"amount":"20.00","quantity":"2.0","unit_cost":"10.0","description":"Cabin"}} after 0 omitted /line_items/*/id identity omitted /line_items/*/position computed
POST /rest/v1.0/work_order_contracts/{id of 0}/line_items {"project_id":1,"line_item":{"amount":"10.00","description":"Rails"}} after 0
`, written(r.Requests(value(t, subcontract), platform.Intent{Currency: "USD"})))
}

// A change sends what differs, and of the rest what the platform requires.
func TestRequests_ChangeOneLine(t *testing.T) {
	r := procore.Resources(procore.WorkOrder)[canonical.Contract]
	before := value(t, subcontract)
	after := value(t, strings.Replace(subcontract, `"Rails","amount":"10.00"`, `"Rails","amount":"12.00"`, 1))
	assert.Equal(t, `PATCH /rest/v1.0/work_order_contracts/7/line_items/12 {"project_id":1,"line_item":{"amount":"12.00"}} omitted /line_items/*/id identity
`, written(r.Requests(after, platform.Intent{Update: "7", Currency: "USD", Before: before})))
	assert.Empty(t, r.Requests(before, platform.Intent{Update: "7", Currency: "USD", Before: before}), "nothing differs")

	emptied := value(t, strings.Replace(subcontract, `"Lifts"`, `null`, 1))
	assert.Equal(t, `PATCH /rest/v1.0/work_order_contracts/7 {"project_id":1,"work_order_contract":{"title":null}}
`, written(r.Requests(emptied, platform.Intent{Update: "7", Currency: "USD", Before: before})), "what is emptied is sent")

	renamed := value(t, strings.Replace(subcontract, "Lifts", "Lifts and ramps", 1))
	assert.Equal(t, `PATCH /rest/v1.0/work_order_contracts/7 {"project_id":1,"work_order_contract":{"title":"Lifts and ramps"}}
`, written(r.Requests(renamed, platform.Intent{Update: "7", Currency: "USD", Before: before})))
}

// A body that would repeat only what is required says nothing new, and is not sent.
func TestRequests_WhatChangesNothingThatIsTakenIsNotSent(t *testing.T) {
	r := procore.Resources("")[canonical.TimeEntry]
	const entry = `{"id":9,"date":"2026-01-05","hours":"8.0","project_id":1,"updated_at":"2026-01-0%dT00:00:00Z"}`
	before, after := value(t, fmt.Sprintf(entry, 5)), value(t, fmt.Sprintf(entry, 6))
	assert.Empty(t, written(r.Requests(after, platform.Intent{Update: "9", Currency: "USD", Before: before})))
	assert.Contains(t, written(r.Requests(value(t, strings.Replace(after.String(), "8.0", "7.5", 1)), platform.Intent{Update: "9", Currency: "USD", Before: before})),
		`PATCH /rest/v1.0/companies/{company_id}/timecard_entries/9 {"project_id":1,"timecard_entry":{"date":"2026-01-05","hours":"7.5"}}`)
}

func TestRequests_InsertALineWithItsOrder(t *testing.T) {
	r := dynamics.Resources("")[canonical.Contract]
	order := value(t, `{"externalDocumentNumber":"SC-1","status":"Open","customerNumber":"C1","currencyCode":"USD","totalAmountExcludingTax":20,
		"salesOrderLines":[{"lineType":"Comment","description":"Works"},{"description":"Cabin","quantity":2,"unitPrice":10,"amountExcludingTax":20}]}`)
	assert.Equal(t, `POST /companies({companyId})/salesOrders {"externalDocumentNumber":"SC-1","customerNumber":"C1","currencyCode":"USD","salesOrderLines":[{"description":"Works","lineType":"Comment"},{"description":"Cabin","quantity":2,"unitPrice":10}]} missing /salesOrderLines/1/lineObjectNumber not_in_settings omitted /salesOrderLines/*/amountExcludingTax computed omitted /status computed omitted /totalAmountExcludingTax computed
`, written(r.Requests(order, platform.Intent{Currency: "QAR"})))
	bare := order.Without("salesOrderLines")
	assert.Contains(t, written(r.Requests(bare, platform.Intent{Currency: "QAR"})), "missing /salesOrderLines not_in_record", "an order without lines has no amount")
}

// A page without a currency takes amounts for the company's own: one in another currency is not sent as if it were.
func TestRequests_AnAmountInAnotherCurrencyIsNotSent(t *testing.T) {
	r := dynamics.Resources("")[canonical.Payment]
	payment := value(t, `{"customerNumber":"C1","amount":-4000,"currencyCode":"EUR","postingDate":"2026-02-01"}`)
	assert.Equal(t, `POST /companies({companyId})/customerPayments {"customerNumber":"C1","postingDate":"2026-02-01"} missing /journalId not_in_settings missing /amount other_currency omitted /amount other_currency omitted /currencyCode no_field
`, written(r.Requests(payment, platform.Intent{Currency: "QAR"})))
	assert.Contains(t, written(r.Requests(payment, platform.Intent{Currency: "EUR"})), `"amount":-4000`)
}

// The page of customer payments makes every line a payment: one of the other sign would fail when it is posted.
func TestRequests_ARefundHasNone(t *testing.T) {
	r := dynamics.Resources("")[canonical.Payment]
	refund := value(t, `{"customerNumber":"C1","amount":100.50,"postingDate":"2026-02-01"}`)
	assert.Empty(t, r.Requests(refund, platform.Intent{Currency: "QAR"}))
	assert.Equal(t, platform.IsRefund, r.Refuses(refund))
}

func TestRequests_WhatThePlatformWouldRefuseIsNotSent(t *testing.T) {
	r := procore.Resources("")[canonical.Payment]
	payment := value(t, `{"amount":"1.00","payment_method":"bank","check_number":5,"project_id":1,"commitment_id":2,"status":"paid"}`)
	assert.Equal(t, `POST /rest/v1.0/contract_payments {"project_id":1,"contract_id":2,"contract_payment":{"check_number":"5","amount":"1.00"}} omitted /payment_method no_counterpart omitted /commitment_id renamed omitted /status no_field
`, written(r.Requests(payment, platform.Intent{})))
	vendor := dynamics.Resources("")[canonical.Customer]
	assert.Contains(t, written(vendor.Requests(value(t, `{"displayName":"A","taxRegistrationNumber":"`+strings.Repeat("9", 51)+`"}`), platform.Intent{})),
		"omitted /taxRegistrationNumber too_long")
}
