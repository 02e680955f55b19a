package app

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app/apptest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
)

var costlyRecords = []struct {
	name   string
	source string
	body   func(n int) string
}{
	{"lines", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"id":%d,"amount":"1.00"}`, i) }, `]}`)
	}},
	{"lines without an id", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return `{"amount":"1.00"}` }, `]}`)
	}},
	{"empty lines", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return `{}` }, `]}`)
	}},
	{"unknown fields", "procore", func(n int) string {
		return apptest.List(`{"id":1,`, n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}},
	{"unknown fields of lines", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"%d":1}`, i) }, `]}`)
	}},
	{"lines that are none", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return `1` }, `]}`)
	}},
	{"amounts that are none", "procore", func(n int) string {
		return apptest.List(`{"id":1,"line_items":[`, n, func(i int) string { return `{"amount":"x","quantity":"y"}` }, `]}`)
	}},
}

func transform(ctx context.Context, data []byte) error {
	payload, err := jsontext.Parse(data)
	if err != nil {
		return err
	}
	done, err := New(registry.New(), canonical.Rates{}).Transform(ctx, Transformation{
		Source: "procore", Target: "dynamics", EntityType: canonical.Contract, Data: payload, Variant: procore.WorkOrder, TargetCurrency: "QAR",
	})
	if err == nil {
		done.Data.Append(done.Canonical.Append(nil))
	}
	return err
}

// BenchmarkTransformLargest translates the largest records.
func BenchmarkTransformLargest(b *testing.B) {
	for _, r := range costlyRecords {
		data := []byte(r.body(apptest.MaxBody))
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := transform(b.Context(), data); err != nil {
					_ = err.Error()
				}
			}
		})
	}
}

// Four times the work costs about four times as much, and not sixteen times.
func TestTransformCostIsLinear(t *testing.T) {
	for _, r := range costlyRecords {
		t.Run(r.name, func(t *testing.T) {
			apptest.CostIsLinear(t, 10000, func(n int) func() {
				data := []byte(r.body(n))
				return func() { _ = transform(t.Context(), data) }
			})
		})
	}
}

// ending is a context that ends when it is asked.
type ending struct {
	context.Context
	apptest.Ending
}

func (c *ending) Err() error { return c.Stop() }

// Work for a request that has ended stops: it is not asked for once more.
func TestTransformStopsWhenItsRequestEnds(t *testing.T) {
	data := []byte(costlyRecords[0].body(10_000))
	for _, at := range []int{1, 5, 10, 15} {
		ctx := &ending{t.Context(), apptest.Ending{At: at, Err: context.DeadlineExceeded}}
		require.ErrorIs(t, transform(ctx, data), context.DeadlineExceeded)
		require.Equal(t, at, ctx.Asked)
	}
}
