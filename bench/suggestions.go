package main

import (
	"context"
	"fmt"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/app/reconcile/suggest/labelled"
	"structural.app/structural/canonical"
)

const (
	labelledRecords = 1000  // of each type and platform, whose precision and recall are measured
	manyRecords     = 10000 // of a type and platform, that are timed

	wantedSeconds = 60 // for manyRecords
)

// measureSuggestions shows how good suggested matches are, and that they don't take long. Precision and recall are the least of
// all entity types.
func measureSuggestions(ctx context.Context, b *bench) error {
	for _, set := range []struct {
		name              string
		records           func(canonical.EntityType, int) labelled.Set
		precision, recall float64 // wanted; 0: none is asked for
	}{{"1, tuned on", labelled.First, 0.95, 0.85}, {"2, only measured", labelled.Second, 0.8, 0}} {
		precision, recall, err := measureSet(ctx, set.records)
		if err != nil {
			return err
		}
		b.add(shareRow("suggestions, set "+set.name+", precision", precision, set.precision), shareRow("suggestions, set "+set.name+", recall", recall, set.recall))
	}
	for _, entityType := range []canonical.EntityType{canonical.Customer, canonical.Payment} {
		seconds, err := measureMany(ctx, entityType)
		if err != nil {
			return err
		}
		b.add(row{
			name: fmt.Sprintf("suggestions, %ss, %d against %d, vs what is wanted", entityType, manyRecords, manyRecords),
			unit: "s", ours: seconds, baseline: wantedSeconds, wanted: 1,
		})
	}
	return nil
}

func measureSet(ctx context.Context, records func(canonical.EntityType, int) labelled.Set) (precision, recall float64, err error) {
	precision, recall = 1, 1
	for _, entityType := range labelled.EntityTypes() {
		set := records(entityType, labelledRecords)
		found, err := suggest.Suggest(ctx, entityType, set.Records, suggest.Known{Object: set.Object})
		if err != nil {
			return 0, 0, err
		}
		itsPrecision, itsRecall := labelled.Measure(found, set.Truth)
		precision, recall = min(precision, itsPrecision), min(recall, itsRecall)
	}
	return precision, recall, nil
}

// shareRow compares a share with the one that is wanted, or with all where none is.
func shareRow(name string, share, wanted float64) row {
	if wanted == 0 {
		return row{name: name, unit: "share", ours: share, baseline: 1, higherIsBetter: true}
	}
	return row{name: name + ", vs what is wanted", unit: "share", ours: share, baseline: wanted, higherIsBetter: true, wanted: 1}
}

// measureMany says how many seconds of processor time suggestions take.
func measureMany(ctx context.Context, entityType canonical.EntityType) (seconds float64, err error) {
	set := labelled.First(entityType, manyRecords)
	before, err := processorTime()
	if err != nil {
		return 0, err
	}
	if _, err := suggest.Suggest(ctx, entityType, set.Records, suggest.Known{Object: set.Object}); err != nil {
		return 0, err
	}
	after, err := processorTime()
	return (after - before).Seconds(), err
}
