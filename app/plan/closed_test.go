package plan

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// with changes a member of a record of an object as it is stored.
func (s *sandbox) with(o reconcile.Object, platform, member, value string) {
	for i, r := range s.records {
		if r.CanonicalID == o.ID && r.Platform == platform {
			s.records[i].Payload = s.parse(string(r.Payload)).With(member, s.parse(value)).Append(nil)
		}
	}
}

// reopen makes an invoice one that no platform has closed.
func (s *sandbox) reopen(o reconcile.Object) {
	if o.EntityType != canonical.Invoice {
		return
	}
	s.with(o, "procore", "erp_status", `"not_ready"`)
	s.with(o, "procore", "origin_id", `null`)
	s.with(o, "dynamics", "status", `"Draft"`)
}

// planAs plans a change with a handling.
func (s *sandbox) planAs(o reconcile.Object, platform, patch string, handling Handling) (Result, error) {
	return s.planWith(s.Planner, o, Patch{Platform: platform, Fields: s.parse(patch), Handling: handling}, func() error { return nil })
}

// openInvoice is an invoice that neither platform has closed.
func (s *sandbox) openInvoice() (reconcile.Object, jsontext.Value) {
	o, document := s.object(canonical.Invoice, "INV-2025-0061")
	s.reopen(o)
	return o, document
}

const moved = `{"invoice_date":"2026-12-24"}`

func TestPlanRefusesToRewriteAClosedRecord(t *testing.T) {
	for _, test := range []struct{ platform, member, value string }{
		{"dynamics", "status", `"Open"`},
		{"dynamics", "status", `"Paid"`},
		{"dynamics", "status", `"Canceled"`},
		{"dynamics", "status", `"Corrective"`},
		{"procore", "erp_status", `"synced"`},
		{"procore", "origin_id", `"INV-9"`},
	} {
		s := newSandbox(t)
		invoice, _ := s.openInvoice()
		_, err := s.plan(invoice, "", moved)
		require.NoError(t, err)
		s.with(invoice, test.platform, test.member, test.value)
		_, err = s.plan(invoice, "", moved)
		closed := &ClosedError{}
		require.ErrorAs(t, err, &closed, test.value)
		assert.EqualError(t, err, "/invoice_date: expected no change: "+test.platform+" has closed this record")
	}
	for _, open := range []struct{ platform, member, value string }{
		{"dynamics", "status", `"Draft"`}, {"dynamics", "status", `"In_x0020_Review"`},
		{"procore", "erp_status", `"not_ready"`}, {"procore", "origin_id", `""`}, {"procore", "origin_id", `null`},
	} {
		s := newSandbox(t)
		invoice, _ := s.openInvoice()
		s.with(invoice, open.platform, open.member, open.value)
		_, err := s.plan(invoice, "", moved)
		require.NoError(t, err, open.value)
	}
}

// Business Central's API changes four fields of a posted sales invoice.
func TestPlanChangesWhatAClosedRecordStillTakes(t *testing.T) {
	s := newSandbox(t)
	invoice, document := s.openInvoice()
	s.with(invoice, "dynamics", "status", `"Open"`)
	got, err := s.plan(invoice, "", `{"due_date":"2026-12-24","promised_pay_date":"2026-12-25","dispute_status":"LATE"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"disputeStatus", "dueDate", "promisedPayDate"}, sorted(got.Records[1].UpdatedFields))

	_, err = s.plan(invoice, "", `{"due_date":"2026-12-24","posting_date":"2026-12-24"}`)
	require.EqualError(t, err, "/posting_date: expected no change: dynamics has closed this record")

	_, err = s.plan(invoice, "", string(document.Append(nil)))
	require.NoError(t, err, "what it says already is no change")

	_, err = s.plan(invoice, "", `{"lines":[{"external_ids":`+document.Get("lines").Members()[0].Value.Get("external_ids").String()+`,"description":"x","comment":"y"}]}`)
	require.EqualError(t, err, "/lines/0/description: expected no change: dynamics has closed this record")
}

// What happened on one platform is stored there; the other one's closed record stays as it is.
func TestPlanLeavesTheOtherPlatformsClosedRecordAsItIs(t *testing.T) {
	s := newSandbox(t)
	invoice, _ := s.openInvoice()
	s.with(invoice, "dynamics", "status", `"Open"`)
	const patch = `{"invoice_number":"INV-9","billing_date":"2026-12-24","summary":{"current_payment_due":"1.00"},"comment":"Seen"}`
	got, err := s.plan(invoice, "procore", patch)
	require.NoError(t, err)
	assert.Equal(t, `"INV-9"`, got.Document.Get("number").String())
	assert.Equal(t, `"INV-9"`, got.Records[0].Payload.Get("invoice_number").String())
	assert.Empty(t, got.Records[1].Changes)
	assert.Empty(t, got.Records[1].Conversions, "no money went there")
	assert.Empty(t, got.Records[1].Requests)
	assert.ElementsMatch(t, []mapping.Loss{
		{Field: "/number", Reason: Closed}, {Field: "/amount", Reason: Closed}, {Field: "/invoice_date", Reason: Closed}, {Field: "/comment", Reason: mapping.NoField},
	}, got.Records[1].Lost)

	_, err = s.planAs(invoice, "procore", patch, Strict)
	closed := &ClosedError{}
	require.ErrorAs(t, err, &closed)
	assert.ErrorContains(t, err, "/invoice_number: expected no change: dynamics has closed this record")
	assert.ErrorContains(t, err, "/comment: expected no value: dynamics has no such field")

	got, err = s.planAs(invoice, "", moved, Lenient)
	require.NoError(t, err)
	assert.Equal(t, []mapping.Loss{{Field: "/invoice_date", Reason: Closed}}, got.Records[1].Lost)
	assert.Equal(t, `"2026-12-24"`, got.Records[0].Payload.Get("billing_date").String())
}

// The platform's own closed record has changed, if the platform says so.
func TestPlanChangesAClosedRecordInItsOwnWords(t *testing.T) {
	s := newSandbox(t)
	invoice, _ := s.openInvoice()
	s.with(invoice, "procore", "erp_status", `"synced"`)
	got, err := s.plan(invoice, "procore", `{"billing_date":"2026-12-24"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"billing_date"}, got.Records[0].UpdatedFields)
	assert.Equal(t, []string{"invoiceDate"}, got.Records[1].UpdatedFields)
}

func TestPlanDoesNotPointAReferenceOfAClosedRecordElsewhere(t *testing.T) {
	s := newSandbox(t)
	payment, _ := s.object(canonical.Payment, "CHK-2026-0101")
	contract, _ := s.object(canonical.Contract, "C-LEX-001")
	other, _ := s.object(canonical.Contract, "C-HLP-001")
	require.NotEqual(t, contract.ID, other.ID)
	s.with(payment, "procore", "origin_id", `"P-1"`)
	got, err := s.planAs(payment, "", `{"contract_id":"`+other.ID+`"}`, Lenient)
	require.NoError(t, err)
	assert.Empty(t, got.Records[0].Changes)
	assert.Equal(t, []mapping.Loss{{Field: "/contract_id", Reason: Closed}}, got.Records[0].Lost)
	assert.Contains(t, got.Unresolved, UnresolvedReference{"procore", mapping.Unresolved{Field: "/contract_id", CanonicalID: other.ID, Reason: Closed}})
	for _, r := range got.Resolved {
		assert.False(t, r.Platform == "procore" && r.Field == "/contract_id", "%v", r)
	}
}

func sorted(fields []string) []string {
	slices.Sort(fields)
	return fields
}
