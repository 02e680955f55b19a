package server_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An invoice to the owner is a receivable, whatever the ledger: it stands in the books as a sales invoice, with both figures. Into
// Procore nothing is sent for it.
func TestTransformData_200_AnOwnerInvoiceIsAReceivable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const record = `{"id":71,"invoice_number":"OI-2","number":2,"status":"approved","billing_date":"2026-03-31","project_id":5,"contract_id":9,
		"g702":{"total_completed_and_stored_to_date":"3000.00","total_retainage":"300.00","total_earned_less_retainage":"2700.00",
			"less_previous_certificates_for_payment":"900.00","current_payment_due":"1800.00"},
		"g703":[{"id":1,"work_completed_from_previous_application":"1000.00","work_completed_this_period":"2000.00","materials_presently_stored":"0.00",
			"materials_presently_stored_from_previous_application":"0.00","total_completed_and_stored_to_date":"3000.00",
			"work_completed_retainage_retained_this_period":"200.00"}]}`
	got := a.transform(key, `{"source":"procore","target":"dynamics","entity_type":"invoice","context":{"currency":"USD","ledger":"payable"},"data":`+record+`}`)
	var data struct {
		Lines []struct {
			Amount json.Number `json:"amountExcludingTax"`
		} `json:"salesInvoiceLines"`
	}
	require.NoError(t, json.Unmarshal(got.Data, &data), "%s", got.Data)
	require.Len(t, data.Lines, 2, "%s", got.Data)
	assert.Equal(t, []json.Number{"2000", "-200"}, []json.Number{data.Lines[0].Amount, data.Lines[1].Amount})
	require.NotEmpty(t, got.Metadata.Requests)
	assert.Contains(t, got.Metadata.Requests[0].Path, "/salesInvoices")

	got = a.transform(key, `{"source":"procore","target":"procore","entity_type":"invoice","data":`+record+`}`)
	assert.Empty(t, got.Metadata.Requests)
	require.Len(t, got.Metadata.Problems, 1)
	assert.Equal(t, "no_spec", got.Metadata.Problems[0].Reason)
}
