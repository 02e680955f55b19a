package structural_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
)

func TestPropagateChange(t *testing.T) {
	api := newAPI(t)
	payment, err := api.GetObject(t.Context(), "pay_NvmMc888X6CLDxl")
	require.NoError(t, err)
	change := structural.PropagateRequest{
		Format: structural.PropagateFormatPlatform, EntityType: structural.StoredEntityTypePayment,
		Platform: structural.PlatformProcore, PlatformID: "1823456",
		Data: structural.Patch{"amount": "1750000.00"},
	}

	result, err := api.PropagateChange(t.Context(), change, structural.IfMatch(payment.Version), structural.IdempotencyKey("once"))
	require.NoError(t, err)
	assert.False(t, result.Replayed)
	assert.Greater(t, result.Version, payment.Version)
	canonical, err := result.Canonical.Data.AsCanonicalPayment()
	require.NoError(t, err)
	assert.Equal(t, structural.Money{Amount: 175000000, Currency: "USD"}, canonical.Amount)
	var record struct{ Amount json.Number }
	require.NoError(t, json.Unmarshal(result.Propagated["dynamics"].Data, &record))
	assert.Equal(t, json.Number("-6370000"), record.Amount)

	again, err := api.PropagateChange(t.Context(), change, structural.IfMatch(payment.Version), structural.IdempotencyKey("once"))
	require.NoError(t, err)
	assert.True(t, again.Replayed)
	assert.Equal(t, result.Version, again.Version)

	_, err = api.PropagateChange(t.Context(), change, structural.IfMatch(payment.Version))
	var failure *structural.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 412, failure.StatusCode)
	assert.Equal(t, "PRECONDITION_FAILED", failure.Type)

	_, err = api.PropagateChange(t.Context(), structural.PropagateRequest{
		Format: structural.PropagateFormatCanonical, EntityType: structural.StoredEntityTypePayment, CanonicalID: payment.CanonicalID,
		Data: structural.Patch{"notes": "Second half follows"},
	}, structural.IfMatch(result.Version))
	require.NoError(t, err)
	var changed []string
	for change, err := range api.AllChanges(t.Context(), payment.CanonicalID, structural.GetObjectHistoryParams{Limit: 1}) {
		require.NoError(t, err)
		changed = append(changed, change.Changes[0].Field)
	}
	assert.Equal(t, []string{"/notes", "/amount"}, changed)
}
