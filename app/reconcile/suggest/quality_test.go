package suggest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/app/reconcile/suggest/labelled"
	"structural.app/structural/canonical"
)

func measure(t *testing.T, set labelled.Set) (precision, recall float64) {
	t.Helper()
	require.NotEmpty(t, set.Truth)
	found, err := suggest.Suggest(context.Background(), set.EntityType, set.Records, suggest.Known{Object: set.Object})
	require.NoError(t, err)
	precision, recall = labelled.Measure(found, set.Truth)
	t.Logf("%s: %d records, %d pairs are one: precision %.3f, recall %.3f", set.EntityType, len(set.Records), len(set.Truth), precision, recall)
	return precision, recall
}

// The bounds are a little below what was reached.
func TestSuggest_TheFirstSet(t *testing.T) {
	recalls := map[canonical.EntityType]float64{
		canonical.Project: 0.97, canonical.Customer: 0.93, canonical.Contract: 0.91, canonical.Invoice: 0.91, canonical.Payment: 0.96, canonical.ChangeOrder: 0.96,
	}
	for _, entityType := range labelled.EntityTypes() {
		precision, recall := measure(t, labelled.First(entityType, 1000))
		assert.GreaterOrEqual(t, precision, 0.96, entityType)
		assert.GreaterOrEqual(t, recall, recalls[entityType], entityType)
	}
}

// Nothing is tuned on the second set, and so its bound is a wide one.
func TestSuggest_TheSecondSet(t *testing.T) {
	for _, entityType := range labelled.EntityTypes() {
		precision, _ := measure(t, labelled.Second(entityType, 1000))
		assert.GreaterOrEqual(t, precision, 0.8, entityType)
	}
}
