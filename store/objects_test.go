package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// The records of an object are listed in the order that the caller gives the platforms, others last by name.
func TestWithPrecedence(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	_, customerID, _ := someObjectIn(t, dsn)
	db := storetest.SQL(t, dsn)
	for _, platform := range []string{"anvil", "sage", "dynamics"} {
		for _, statement := range []string{
			`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload) VALUES ($1, $2, 'payment', '1', '{}')`,
			`INSERT INTO entity_mappings (customer_id, platform, entity_type, platform_id, canonical_id, minted_id) VALUES ($1, $2, 'payment', '1', 'pay_000000000000001', 'pay_' || $2::text)`,
		} {
			_, err := db.Exec(statement, customerID, platform)
			require.NoError(t, err)
		}
	}
	for _, test := range []struct {
		precedence, want []string
	}{
		{[]string{"sage", "procore"}, []string{"sage", "procore", "anvil", "dynamics"}},
		{[]string{"procore", "dynamics", "sage"}, []string{"procore", "dynamics", "sage", "anvil"}},
		{nil, []string{"anvil", "dynamics", "procore", "sage"}},
	} {
		s := storetest.Open(t, dsn, store.WithPrecedence(test.precedence))

		found, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
		require.NoError(t, err)
		var records []string
		for _, r := range found.Records {
			records = append(records, r.Platform)
		}
		assert.Equal(t, test.want, records)

		objects, _, err := s.ListObjects(t.Context(), store.ObjectsQuery{CustomerID: customerID, Platform: "procore", EntityType: "payment", Limit: 1})
		require.NoError(t, err)
		mappings := ""
		for _, platform := range test.want {
			id := "1"
			if platform == "procore" {
				id = "1823456"
			}
			mappings += `,{"platform":"` + platform + `","platform_id":"` + id + `"}`
		}
		assert.Equal(t, "["+mappings[1:]+"]", objects[0].Mappings)
	}
}
