package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestReplicasMayMigrateAtTheSameTime(t *testing.T) {
	dsn := storetest.NewEmptyDatabase(t)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), dsn)
			if assert.NoError(t, err) {
				assert.NoError(t, s.Close())
			}
		})
	}
	wg.Wait()
	s := storetest.Open(t, dsn)
	_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	assert.NoError(t, err)
}

func TestCreateCustomerIsOneRoundTrip(t *testing.T) {
	link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
	s := storetest.Open(t, dsn)
	before := link.RoundTrips()
	_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	require.NoError(t, err)
	assert.EqualValues(t, 1, link.RoundTrips()-before)

	before = link.RoundTrips()
	_, err = s.FindKey(t.Context(), [32]byte{1})
	require.NoError(t, err)
	assert.EqualValues(t, 1, link.RoundTrips()-before)
}

func TestOpenWithExistingDataCreatesNothing(t *testing.T) {
	dsn := storetest.NewEmptyDatabase(t)
	_, err := store.Open(t.Context(), dsn, store.WithExistingData())
	require.ErrorIs(t, err, store.ErrNoData)
	var tables int
	db := storetest.SQL(t, dsn)
	require.NoError(t, db.Get(&tables, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`))
	assert.Zero(t, tables)

	db.MustExec(`CREATE TABLE api_keys (theirs text)`)
	_, err = store.Open(t.Context(), dsn, store.WithExistingData())
	require.ErrorIs(t, err, store.ErrNoData, "a table of another program with such a name is no data of ours")

	existing := storetest.NewDatabase(t)
	require.NoError(t, storetest.Open(t, existing).Close())
	s, err := store.Open(t.Context(), existing, store.WithExistingData())
	require.NoError(t, err)
	assert.NoError(t, s.Close())
}

func TestFindKey(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	hash := [32]byte{1, 2, 3}
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", hash)
	require.NoError(t, err)

	key, err := s.FindKey(t.Context(), hash)
	require.NoError(t, err)
	assert.NotEmpty(t, key.ID)
	assert.Equal(t, store.Key{Hash: hash[:], ID: key.ID, CustomerID: customerID, Mode: store.ModeTest, Name: "Doha Builders"}, key)

	_, err = s.FindKey(t.Context(), [32]byte{9})
	assert.ErrorIs(t, err, app.ErrNotFound)

	keys, err := s.ListKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 1)
	assert.Equal(t, key.ID, keys[0].ID)
	require.NoError(t, s.RevokeKey(t.Context(), keys[0].ID))
	_, err = s.FindKey(t.Context(), hash)
	assert.ErrorIs(t, err, app.ErrNotFound, "a revoked key is no key")
	assert.ErrorIs(t, s.RevokeKey(t.Context(), keys[0].ID), app.ErrNotFound)
	assert.ErrorIs(t, s.RevokeKey(t.Context(), "no uuid"), app.ErrNotFound)
}

// The list of tables comes from the database, so that a table added later can't be forgotten.
func TestCustomerOwnedTablesAreKeyedByCustomer(t *testing.T) {
	db := storetest.SQL(t, storetest.NewDatabase(t))
	for _, table := range storetest.CustomerTables(t, db) {
		var first, onDelete string
		require.NoError(t, db.Get(&onDelete, `
			SELECT delete_rule FROM information_schema.referential_constraints r
			JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
			JOIN information_schema.constraint_table_usage u USING (constraint_schema, constraint_name)
			WHERE k.table_name = $1 AND u.table_name = 'customers'`, table), table)
		assert.Equal(t, "CASCADE", onDelete, table)
		if table == "api_keys" {
			continue // found by hash
		}
		require.NoError(t, db.Get(&first, `
			SELECT column_name FROM information_schema.key_column_usage
			WHERE table_name = $1 AND constraint_name = $1 || '_pkey' AND ordinal_position = 1`, table), table)
		assert.Equal(t, "customer_id", first, table)
	}
}

func TestErrorsOfALostDatabase(t *testing.T) {
	link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
	s := storetest.Open(t, dsn)
	require.NoError(t, s.Ping(t.Context()))

	link.Cut()
	assert.ErrorIs(t, s.Ping(t.Context()), store.ErrUnavailable)
	_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	assert.ErrorIs(t, err, store.ErrUnavailable)
	_, err = s.FindKey(t.Context(), [32]byte{1})
	assert.ErrorIs(t, err, store.ErrUnavailable)
	assert.ErrorIs(t, s.DeleteCustomer(t.Context(), "550e8400-e29b-41d4-a716-446655440000"), store.ErrUnavailable)

	link.Restore()
	_, err = s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	assert.NoError(t, err)
}

// All idle connections are broken after the database restarted; the next statement must not be the one that finds out.
func TestBrokenIdleConnectionsAreNotNoticed(t *testing.T) {
	link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
	s := storetest.Open(t, dsn)
	var wg sync.WaitGroup
	for range 20 { // fill the pool
		wg.Go(func() { s.FindKey(t.Context(), [32]byte{1}) })
	}
	wg.Wait()
	link.Cut()
	link.Restore()
	for i := range 5 {
		_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{byte(i)})
		assert.NoError(t, err)
	}
}

func TestASilentDatabaseIsGivenUp(t *testing.T) {
	t.Parallel() // it waits for the time-out
	link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
	s := storetest.Open(t, dsn)
	restore := link.Silence()
	defer restore()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, s.Ping(ctx), store.ErrUnavailable)
	_, err := s.FindKey(t.Context(), [32]byte{1})
	assert.ErrorIs(t, err, store.ErrUnavailable)
}

func TestABadConnectionStringIsNotEchoed(t *testing.T) {
	_, err := store.Open(t.Context(), "postgres://structural:hunter2@[bad")
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
	assert.Contains(t, err.Error(), "DATABASE_URL")
}
