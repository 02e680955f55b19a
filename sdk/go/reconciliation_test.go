package structural_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
)

func TestReconciliation(t *testing.T) {
	api := newAPI(t)
	report, err := api.GetReconciliation(t.Context(), structural.ReportFilter{EntityType: structural.StoredEntityTypePayment, Currency: "USD"})
	require.NoError(t, err)
	require.Len(t, report.Entities, 1)
	assert.Equal(t, 7, report.Entities[0].Matched)

	params := structural.GetReconciliationDifferencesParams{Limit: 2}
	var amount structural.RecordDifference
	n := 0
	for d, err := range api.AllDifferences(t.Context(), params) {
		require.NoError(t, err)
		if n++; d.Field == "/amount" {
			amount = d
		}
	}
	assert.Equal(t, 9, n)
	assert.JSONEq(t, `{"amount":465742500,"currency":"SAR"}`, string(amount.Values["dynamics"]))
	assert.Nil(t, amount.Accepted)

	accepted, err := api.AcceptDifference(t.Context(), structural.AcceptDifferenceRequest{CanonicalID: amount.CanonicalID, Field: "/amount", Note: "The bank kept it"})
	require.NoError(t, err)
	require.NotNil(t, accepted.Accepted)
	var table bytes.Buffer
	require.NoError(t, api.DownloadDifferences(t.Context(), structural.CSV, structural.GetReconciliationDifferencesParams{}, &table))
	rows, err := csv.NewReader(&table).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, n, "a header, and all but the accepted one")
	require.NoError(t, api.DeleteAcceptedDifference(t.Context(), accepted.Accepted.ID))
	var failure *structural.Error
	require.ErrorAs(t, api.DeleteAcceptedDifference(t.Context(), accepted.Accepted.ID), &failure)
	assert.Equal(t, 404, failure.StatusCode)

	retained, err := api.GetRetainageReport(t.Context(), structural.ReportFilter{})
	require.NoError(t, err)
	assert.NotEmpty(t, retained.Contracts)
}

func TestDownloadDifferences_OfNobody(t *testing.T) {
	var table bytes.Buffer
	err := structural.New(baseURL).DownloadDifferences(t.Context(), structural.XLSX, structural.GetReconciliationDifferencesParams{}, &table)
	var failure *structural.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 401, failure.StatusCode)
	assert.Zero(t, table.Len())
}
