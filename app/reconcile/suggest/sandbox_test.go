package suggest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

// The sandboxes' records, as if no key had made any of them one: the suggestions are the pairs that the keys make. Each platform keeps
// its amounts in a currency of its own.
func TestSuggest_TheSandboxes(t *testing.T) {
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
	_, err := reconcile.Match(candidates, platforms.Names(), nil, nil)
	require.NoError(t, err)
	objects, sizes := map[string]suggest.Object{}, map[string]int{}
	for _, c := range candidates {
		sizes[c.Record.CanonicalID]++
	}
	for _, c := range candidates {
		objects[c.Record.MintedID] = suggest.Object{ID: c.Record.CanonicalID, Matched: sizes[c.Record.CanonicalID] > 1, Document: c.Document}
	}
	known := suggest.Known{Object: func(id string) (suggest.Object, bool) { o, ok := objects[id]; return o, ok }}
	right := 0
	for _, entityType := range canonical.EntityTypes() {
		var records []suggest.Record
		var ids []string
		for _, c := range candidates {
			if c.Record.EntityType == entityType {
				records = append(records, suggest.Record{Platform: c.Record.Platform, PlatformID: c.Record.PlatformID, Document: c.Document})
				ids = append(ids, c.Record.CanonicalID)
			}
		}
		found, err := suggest.Suggest(t.Context(), entityType, records, known)
		require.NoError(t, err)
		for _, s := range found {
			if assert.Equal(t, ids[s.Left], ids[s.Right], "%v", s.Features) {
				right++
			}
		}
	}
	assert.Equal(t, 31, right)
}
