package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

func TestCompareX(t *testing.T) {
	platforms := registry.New()
	for _, side := range []books.LedgerSide{books.Receivable, books.Payable} {
		var candidates []*reconcile.Candidate
		for _, name := range platforms.Names() {
			p, _ := platforms.Get(name)
			if p.Definition().Sandbox == nil {
				continue
			}
			records, err := p.Definition().Sandbox.Records(t.Context(), side)
			require.NoError(t, err)
			for _, r := range records {
				c := &reconcile.Candidate{Payload: r.Payload, Record: reconcile.Record{
					Platform: string(name), EntityType: r.EntityType, Payload: r.Payload.Append(nil), Variant: r.Context.Variant,
				}}
				require.NoError(t, c.Read(p, canonical.Rates{}))
				candidates = append(candidates, c)
			}
		}
		matches, err := reconcile.Match(candidates, platforms.Names(), nil)
		require.NoError(t, err)
		matches.Comparer = reconcile.NewComparer(platforms, canonical.Rates{})
		for i := range matches.Len() {
			o := matches.Object(i)
			c, err := reconcile.ParseCompared(o.Compared)
			require.NoError(t, err)
			fmt.Println(side, o.EntityType, c.Label, len(c.Records), len(o.Compared))
			for _, d := range c.Differences {
				fmt.Println("     ", d.Field, d.Kind, d.Values, d.Amount)
			}
		}
	}
}
