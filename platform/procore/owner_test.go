package procore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
)

// An invoice to the owner, the second of its contract: the first example of Procore's tutorial on requisitions, as a payment application.
const paymentApplication = `{"id":71,"invoice_number":"OI-2","number":2,"status":"approved","billing_date":"2026-03-31","period_start":"2026-03-01","period_end":"2026-03-31",
	"project_id":5,"contract_id":9,
	"g702":{"original_contract_sum":"10000.00","net_change_by_change_orders":"0.00","contract_sum_to_date":"10000.00","total_completed_and_stored_to_date":"3000.00",
		"completed_work_retainage_amount":"300.00","stored_materials_retainage_amount":"0.00","total_retainage":"300.00","total_earned_less_retainage":"2700.00",
		"less_previous_certificates_for_payment":"900.00","current_payment_due":"1800.00","balance_to_finish_including_retainage":"7300.00"},
	"g703":[{"id":1,"type":"payment_application_line_item","scheduled_value":"10000.00","work_completed_from_previous_application":"1000.00","work_completed_this_period":"2000.00",
		"materials_presently_stored":"0.00","materials_presently_stored_from_previous_application":"0.00","total_completed_and_stored_to_date":"3000.00",
		"work_completed_retainage_retained_this_period":"200.00","work_completed_retainage_released_this_period":"0.00","materials_stored_retainage_retained_this_period":"0.00"}]}`

func TestOwnerInvoice_IsAReceivable(t *testing.T) {
	p := platform.New(procore.Definition())
	record, err := jsontext.Parse([]byte(paymentApplication))
	require.NoError(t, err)
	document, report, err := p.ToCanonical(canonical.Invoice, record, mapping.Context{})
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	require.Equal(t, "receivable", document.Get("direction").Text())
	amount := func(path ...string) int64 {
		m, ok := canonical.MoneyOf(document.At(path...))
		require.True(t, ok, "%v", path)
		return m.AmountMinor
	}
	require.EqualValues(t, 180_000, amount("amount"))
	require.EqualValues(t, 200_000, amount("gross_amount"))
	require.EqualValues(t, 20_000, amount("retainage", "retained_amount"))
	require.EqualValues(t, 0, amount("retainage", "released_amount"))
	checks, _ := canonical.Checks(canonical.Invoice, document)
	require.Empty(t, checks)

	back, _, err := p.FromCanonical(canonical.Invoice, document, record, mapping.Context{})
	require.NoError(t, err)
	require.True(t, back.Same(record), "%s", back)
	require.Equal(t, platform.HasNoSpec, p.Resource(canonical.Invoice, "", record).Refuses(record))
}

func TestPrimeContract_IsAReceivable(t *testing.T) {
	p := platform.New(procore.Definition())
	record, err := jsontext.Parse([]byte(`{"id":9,"type":"PrimeContract","number":"PC-1","status":"Approved","grand_total":"10000.00","owner_invoices_amount":"900.00"}`))
	require.NoError(t, err)
	document, report, err := p.ToCanonical(canonical.Contract, record, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, "receivable", document.Get("direction").Text())
	require.Equal(t, "approved", document.Get("status").Text())
	require.Equal(t, []string{"/type", "/owner_invoices_amount"}, report.Unmapped)
	back, _, err := p.FromCanonical(canonical.Contract, document, record, mapping.Context{})
	require.NoError(t, err)
	require.True(t, back.Same(record), "%s", back)
	require.Equal(t, platform.HasNoSpec, p.Resource(canonical.Contract, "", record).Refuses(record))
}

func TestPaymentOfAPrimeContract_IsReceived(t *testing.T) {
	p := platform.New(procore.Definition())
	for text, want := range map[string]string{
		`{"id":1,"amount":"5.00","contract":{"id":9,"type":"PrimeContract"}}`:     "receivable",
		`{"id":1,"amount":"5.00","contract":{"id":9,"type":"WorkOrderContract"}}`: "",
	} {
		record, err := jsontext.Parse([]byte(text))
		require.NoError(t, err)
		document, _, err := p.ToCanonical(canonical.Payment, record, mapping.Context{})
		require.NoError(t, err)
		require.Equal(t, want, document.Get("direction").Text())
	}
}
