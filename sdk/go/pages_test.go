package structural_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
)

var payments = structural.GetObjectsParams{Platform: structural.PlatformProcore, EntityType: structural.StoredEntityTypePayment}

func TestAllObjects(t *testing.T) {
	api := newAPI(t)
	all, err := api.GetObjects(t.Context(), payments)
	require.NoError(t, err)
	require.Len(t, all.Data, 8)
	assert.Empty(t, all.NextCursor)

	paged := payments
	paged.Limit = 3
	var got []structural.Object
	for object, err := range api.AllObjects(t.Context(), paged) {
		require.NoError(t, err)
		got = append(got, object)
	}
	assert.Equal(t, all.Data, got)

	first, err := api.GetObjects(t.Context(), paged)
	require.NoError(t, err)
	require.Len(t, first.Data, 3)
	paged.Cursor = first.NextCursor
	for object, err := range api.AllObjects(t.Context(), paged) {
		require.NoError(t, err)
		assert.Equal(t, all.Data[3], object, "it begins where the cursor says")
		break
	}
}

func TestAllCanonicalObjects(t *testing.T) {
	api := newAPI(t)
	since := time.Now().Add(-time.Hour)
	filters := structural.GetObjectsParams{EntityType: structural.StoredEntityTypePayment, State: structural.StateMatched, ModifiedSince: since}
	all, err := api.GetCanonicalObjects(t.Context(), filters)
	require.NoError(t, err)
	require.NotEmpty(t, all.Data)
	paged := filters
	paged.Limit = 3
	var got []structural.ObjectDetails
	for object, err := range api.AllCanonicalObjects(t.Context(), paged) {
		require.NoError(t, err)
		assert.Len(t, object.PlatformData, 2)
		got = append(got, object)
	}
	assert.Equal(t, all.Data, got)

	project, err := api.GetCanonicalObjects(t.Context(), structural.GetObjectsParams{EntityType: structural.StoredEntityTypeProject, Limit: 1})
	require.NoError(t, err)
	for object, err := range api.AllObjects(t.Context(), structural.GetObjectsParams{
		Platform: structural.PlatformProcore, EntityType: structural.StoredEntityTypeContract, ProjectID: project.Data[0].CanonicalID, Limit: 1,
	}) {
		require.NoError(t, err)
		contract, err := object.Data.AsCanonicalContract()
		require.NoError(t, err)
		assert.Equal(t, project.Data[0].CanonicalID, contract.ProjectID)
	}
}

func TestAllObjects_EndsWithAnError(t *testing.T) {
	turns := 0
	for _, err := range structural.New(baseURL).AllObjects(t.Context(), payments) {
		turns++
		var failure *structural.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, 401, failure.StatusCode)
	}
	assert.Equal(t, 1, turns)
}

// What the generated types make of an object is all that there is in it.
func TestCanonicalObject_IsWhollyTyped(t *testing.T) {
	api := newAPI(t)
	for _, platform := range []structural.Platform{structural.PlatformProcore, structural.PlatformDynamics} {
		for _, entityType := range []structural.StoredEntityType{
			structural.StoredEntityTypeProject, structural.StoredEntityTypeCustomer, structural.StoredEntityTypeContract,
			structural.StoredEntityTypeInvoice, structural.StoredEntityTypePayment,
		} {
			n := 0
			for object, err := range api.AllObjects(t.Context(), structural.GetObjectsParams{Platform: platform, EntityType: entityType}) {
				require.NoError(t, err)
				n++
				typed, err := object.Data.ValueByDiscriminator()
				require.NoError(t, err)
				want, err := json.Marshal(object.Data)
				require.NoError(t, err)
				got, err := json.Marshal(typed)
				require.NoError(t, err)
				assert.JSONEq(t, string(want), string(got))
			}
			assert.Positive(t, n)
		}
	}
}
