package store_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// What the last page of a long list reads is what the first page reads, whether or not PostgreSQL has statistics. Blocks are
// counted, not time.
func TestListsReadNoMoreThanAPage(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	const records = 100_000
	for _, statement := range []string{
		`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload, bytes) SELECT $1, 'procore', 'payment', g, '{"id":1}', 8 FROM generate_series(1, $2) g`,
		`INSERT INTO canonical_objects (customer_id, id, entity_type, document, bytes) SELECT $1, 'pay_' || g, 'payment', '{}', 2 FROM generate_series(1, $2) g`,
		`INSERT INTO entity_mappings (customer_id, platform, entity_type, platform_id, canonical_id, minted_id) SELECT $1, 'procore', 'payment', g, 'pay_' || g, 'pay_' || g FROM generate_series(1, $2) g`,
		`INSERT INTO changes (customer_id, canonical_id, version, request_id, key_id, mode, platform, changes, platforms, bytes) SELECT $1, 'pay_7', g, '', $1, 'test', '', '[]', '[]', 4 FROM generate_series(1, $2) g`,
	} {
		db.MustExec(statement, customerID, records)
	}
	for _, statistics := range []string{"before", "after"} {
		if statistics == "after" {
			db.MustExec(`ANALYZE`)
		}
		read := map[string]int64{}
		for page, after := range map[string]string{"first": "0", "middle": "50000", "last": "99900"} {
			read["objects "+page] = blocks(t, s, func() {
				objects, more, err := s.ListObjects(t.Context(), store.ObjectsQuery{CustomerID: customerID, Platform: "procore", EntityType: "payment", After: after, Limit: 100})
				require.NoError(t, err)
				require.Len(t, objects, 100)
				require.Equal(t, page != "last", more)
			})
		}
		for page, before := range map[string]int64{"first": 0, "last": 101} {
			read["history "+page] = blocks(t, s, func() {
				changes, _, err := s.ListChanges(t.Context(), customerID, "pay_7", before, 100, nil)
				require.NoError(t, err)
				require.Len(t, changes, 100)
			})
		}
		for page, n := range read {
			assert.Less(t, n, int64(3000), "%s: %s statistics", page, statistics)
		}
		t.Logf("blocks read %s statistics: %v", statistics, read)
	}
}

// blocks counts the blocks of tables and indexes that a call of the store reads.
func blocks(t *testing.T, s *store.Store, call func()) int64 {
	t.Helper()
	pool := s.Pools()["requests"]
	pool.SetMaxOpenConns(1) // so that the session is the one that counts
	total := func() (n int64) {
		_, err := pool.Exec(`SELECT pg_stat_force_next_flush()`)
		require.NoError(t, err)
		require.NoError(t, pool.QueryRow(`SELECT pg_stat_clear_snapshot()::text || sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit) FROM pg_statio_user_tables`).Scan(&n))
		return n
	}
	before := total()
	call()
	return total() - before
}
