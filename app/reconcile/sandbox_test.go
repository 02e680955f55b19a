package reconcile_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

// The sandboxes' 74 records are 43 objects, 31 of which two platforms have; whichever platform comes first.
func TestMatch_TheSandboxes(t *testing.T) {
	platforms := registry.New()
	var candidates []*reconcile.Candidate
	for _, name := range []string{"procore", "dynamics"} {
		p, ok := platforms.Get(canonical.PlatformName(name))
		require.True(t, ok)
		records, err := p.Definition().Sandbox.Records(t.Context(), books.Receivable)
		require.NoError(t, err)
		for _, r := range records {
			c := &reconcile.Candidate{Payload: r.Payload, Record: reconcile.Record{
				Platform: name, EntityType: r.EntityType, Payload: r.Payload.Append(nil), Variant: r.Context.Variant,
			}}
			require.NoError(t, c.Read(p, canonical.Rates{}))
			candidates = append(candidates, c)
		}
	}
	require.Len(t, candidates, 74)
	for range 2 {
		matches, err := reconcile.Match(candidates, platforms.Names(), nil, nil)
		require.NoError(t, err)
		objects := map[string]int{}
		for _, c := range candidates {
			objects[c.Record.CanonicalID]++
		}
		pairs := 0
		for _, records := range objects {
			if records == 2 {
				pairs++
			}
		}
		assert.Equal(t, 31, pairs)
		assert.Equal(t, 43, matches.Len())
		slices.Reverse(candidates)
	}
}
