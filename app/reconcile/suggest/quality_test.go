package suggest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/app/reconcile/suggest/labelled"
)

func measured(t *testing.T, set labelled.Set) (precision, recall float64) {
	t.Helper()
	start := time.Now()
	found, err := suggest.Suggest(context.Background(), set.EntityType, set.Records, suggest.Known{Object: set.Object})
	require.NoError(t, err)
	precision, recall = labelled.Measure(found, set.Truth)
	t.Logf("%s: %d records, %d pairs, precision %.3f, recall %.3f %v", set.EntityType, len(set.Records), len(set.Truth), precision, recall, time.Since(start))
	return precision, recall
}

func TestSuggest_TheFirstSet(t *testing.T) {
	for _, entityType := range labelled.EntityTypes() {
		precision, recall := measured(t, labelled.First(entityType, 1000))
		assert.GreaterOrEqual(t, precision, 0.95, entityType)
		assert.GreaterOrEqual(t, recall, 0.85, entityType)
	}
}

func TestSuggest_TheSecondSet(t *testing.T) {
	for _, entityType := range labelled.EntityTypes() {
		precision, _ := measured(t, labelled.Second(entityType, 1000))
		assert.GreaterOrEqual(t, precision, 0.8, entityType)
	}
}
