package store_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// From the moment that a deletion is answered nothing of the customer can be reached, although its rows are still there.
func TestDeleteCustomerHidesEverythingAtOnce(t *testing.T) {
	s, customerID, found := someObject(t)
	require.NoError(t, s.DeleteCustomer(t.Context(), customerID))

	_, err := s.FindKey(t.Context(), [32]byte{1})
	assert.ErrorIs(t, err, app.ErrNotFound)
	objects, _, err := s.ListObjects(t.Context(), store.ObjectsQuery{CustomerID: customerID, Platform: "procore", EntityType: "payment", Limit: 10})
	require.NoError(t, err)
	assert.Empty(t, objects)
	page, err := s.FilterObjects(t.Context(), store.FilterQuery{CustomerID: customerID, EntityType: "payment", Limit: 10})
	require.NoError(t, err)
	assert.Empty(t, page.Objects)
	connections, err := s.ListConnections(t.Context(), customerID)
	require.NoError(t, err)
	assert.Empty(t, connections)
	again, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID, IdempotencyKey: "k"})
	assert.ErrorIs(t, err, app.ErrNotFound)
	assert.Nil(t, again.Answer)
	_, _, err = s.ListChanges(t.Context(), customerID, someID, 0, 10, nil)
	assert.ErrorIs(t, err, app.ErrNotFound)
	referents, err := s.FindReferents(t.Context(), customerID, []string{someID})
	require.NoError(t, err)
	assert.Empty(t, referents)
	_, err = s.SaveChange(t.Context(), changeOf(customerID, found, "late"))
	assert.ErrorIs(t, err, app.ErrNotFound)
	assert.ErrorIs(t, s.SaveAnswer(t.Context(), customerID, 0, app.Answer{Key: "late", Status: 404}), app.ErrQuota)
	assert.ErrorIs(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, nothing), app.ErrNotFound)
	assert.NoError(t, s.DeleteCustomer(t.Context(), customerID), "again is no error")
}

func TestListCustomersCountsWhatEachHas(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	live, err := s.CreateCustomer(t.Context(), store.ModeLive, "Doha Builders", [32]byte{1})
	require.NoError(t, err)
	demo, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{2})
	require.NoError(t, err)
	storetest.FillCustomerTables(t, db, live)
	require.NoError(t, s.CreateKey(t.Context(), live, "Payroll", [32]byte{3}))
	require.NoError(t, s.CreateKey(t.Context(), live, "Lost", [32]byte{4}))
	lost, err := s.FindKey(t.Context(), [32]byte{4})
	require.NoError(t, err)
	require.NoError(t, s.RevokeKey(t.Context(), lost.ID))
	db.MustExec(`INSERT INTO connections (customer_id, platform, status) VALUES ($1, 'dynamics', 'error')`, live)
	db.MustExec(`UPDATE customer_state SET record_bytes = 3000000000, history_bytes = 7 WHERE customer_id = $1`, live)

	all, err := s.ListCustomers(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, store.Customer{
		ID: live, Mode: store.ModeLive, Name: "Doha Builders", CreatedAt: all[0].CreatedAt, Keys: 2, Connections: 1, StoredBytes: 3000000007,
	}, all[0])
	assert.Equal(t, store.Customer{ID: demo, Mode: store.ModeDemo, CreatedAt: all[1].CreatedAt, Keys: 1}, all[1])
	some, err := s.ListCustomers(t.Context(), store.ModeDemo)
	require.NoError(t, err)
	assert.Equal(t, all[1:], some)
	found, err := s.FindCustomer(t.Context(), live)
	require.NoError(t, err)
	assert.Equal(t, all[0], found)

	require.NoError(t, s.DeleteCustomer(t.Context(), live))
	rest, err := s.ListCustomers(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, all[1:], rest)
	for _, id := range []string{live, "", "nobody"} {
		_, err = s.FindCustomer(t.Context(), id)
		assert.ErrorIs(t, err, app.ErrNotFound, id)
	}
}

func TestPurgeDeletedLeavesNothingOfACustomerAndAllOfOthers(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	deleted, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	require.NoError(t, err)
	kept, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{2})
	require.NoError(t, err)
	storetest.FillCustomerTables(t, db, deleted)
	storetest.FillCustomerTables(t, db, kept)
	db.MustExec(`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload)
		SELECT $1, 'procore', 'invoice', g, '{}' FROM generate_series(1, 3500) g`, deleted) // more than a piece

	purged, err := s.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Zero(t, purged, "nobody is deleted yet")
	require.NoError(t, s.DeleteCustomer(t.Context(), deleted))
	purged, err = s.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, purged)
	for _, table := range storetest.CustomerTables(t, db) {
		assert.Zero(t, storetest.CountRows(t, db, table, deleted), table)
		assert.EqualValues(t, 1, storetest.CountRows(t, db, table, kept), table)
	}
}

// The rows of one customer cannot be deleted at this moment: those of the others go all the same, and its own go later.
func TestPurgeDeletedIsNotStoppedByOneCustomer(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	var ids []string
	for i := range 5 {
		id, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{byte(i)})
		require.NoError(t, err)
		require.NoError(t, s.DeleteCustomer(t.Context(), id))
		ids = append(ids, id)
	}
	connecting := db.MustBegin()
	connecting.MustExec(`SELECT FROM customers WHERE id = $1 FOR NO KEY UPDATE`, ids[0])
	purged, err := s.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 4, purged)
	require.NoError(t, connecting.Rollback())

	db.MustExec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'`)
	db.MustExec(`CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW WHEN (OLD.id = '` + ids[0] + `') EXECUTE FUNCTION refuse()`)
	other, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{9})
	require.NoError(t, err)
	require.NoError(t, s.DeleteCustomer(t.Context(), other))
	purged, err = s.PurgeDeleted(t.Context())
	assert.Error(t, err)
	assert.Equal(t, 1, purged)

	db.MustExec(`DROP TRIGGER refuse ON customers`)
	purged, err = s.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, purged)
}

func TestDeleteExpiredDemoCustomers(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	db.MustExec(`INSERT INTO customers (mode, created_at) SELECT 'demo', now() - interval '169 hours' FROM generate_series(1, 250)`)
	db.MustExec(`INSERT INTO customers (mode, created_at) VALUES ('demo', now() - interval '167 hours'), ('live', now() - interval '9 years'), ('test', now() - interval '9 years')`)

	var wg sync.WaitGroup
	var mu sync.Mutex
	var total int64
	for range 3 { // as replicas do
		wg.Go(func() {
			n, err := s.DeleteExpiredDemoCustomers(context.Background(), 168*time.Hour)
			assert.NoError(t, err)
			_, err = s.PurgeDeleted(context.Background())
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	wg.Wait()
	assert.EqualValues(t, 250, total)
	_, err := s.PurgeDeleted(t.Context())
	require.NoError(t, err)
	var modes []string
	require.NoError(t, db.Select(&modes, `SELECT mode FROM customers ORDER BY mode`))
	assert.Equal(t, []string{"demo", "live", "test"}, modes)
}

func TestCreateDemoCustomerIsBounded(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	limits := store.DemoLimits{Sessions: 5, PerNetwork: 3}
	create := func(i int, network string) (string, error) {
		return s.CreateDemoCustomer(t.Context(), network, limits, [32]byte{byte(i)})
	}
	var ids []string
	for i := range 3 {
		id, err := create(i, "203.0.113.0/24")
		require.NoError(t, err)
		ids = append(ids, id)
	}
	_, err := create(3, "203.0.113.0/24")
	assert.ErrorIs(t, err, store.ErrTooManyFromNetwork)
	for i := range 2 {
		_, err := create(10+i, "2001:db8::/48")
		require.NoError(t, err, "another network")
	}
	_, err = create(20, "198.51.100.0/24")
	assert.ErrorIs(t, err, store.ErrTooManySessions)
	require.NoError(t, s.DeleteCustomer(t.Context(), ids[0]))
	_, err = create(21, "203.0.113.0/24")
	assert.NoError(t, err, "one has gone")
}

func TestCreateDemoCustomerIsOneRoundTripMostly(t *testing.T) {
	link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
	s := storetest.Open(t, dsn)
	limits := store.DemoLimits{Sessions: 1000, PerNetwork: 500}
	create := func(i int) {
		_, err := s.CreateDemoCustomer(t.Context(), "203.0.113.0/24", limits, [32]byte{byte(i)})
		require.NoError(t, err)
	}
	create(0) // counts what is there
	before := link.RoundTrips()
	create(1)
	assert.EqualValues(t, 1, link.RoundTrips()-before)
}

func TestACustomerStoresNoMoreThanItsQuota(t *testing.T) {
	s, customerID, found := someObject(t)
	change := changeOf(customerID, found, "long")
	change.RecordBytes, change.Quota = 10_000, 5_000
	_, err := s.SaveChange(t.Context(), change)
	require.ErrorIs(t, err, app.ErrQuota)
	now, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
	require.NoError(t, err)
	assert.Equal(t, found.StoredObject, now.StoredObject, "nothing was written")

	change.RecordBytes = 1_000
	version, err := s.SaveChange(t.Context(), change)
	require.NoError(t, err)
	change.Object.Version = version
	for range 100 { // history counts, too
		if change.Object.Version, err = s.SaveChange(t.Context(), change); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, app.ErrQuota)
	assert.ErrorIs(t, s.SaveAnswer(t.Context(), customerID, 5_000, app.Answer{Key: "a", Status: 404, Body: bytes.Repeat([]byte("x"), 2_000)}), app.ErrQuota)
	change.Object.Version, change.RecordBytes = now.Version, -5_000
	_, err = s.SaveChange(t.Context(), change)
	assert.ErrorIs(t, err, app.ErrChanged, "what makes it less is allowed: it fails for another reason")

	change.Quota = 0
	change.Object.Version = latest(t, s, customerID)
	_, err = s.SaveChange(t.Context(), change)
	assert.NoError(t, err, "no quota")
	assert.ErrorIs(t, s.Connect(t.Context(), customerID, "procore", "receivable", 100, onePayment), app.ErrQuota)
	assert.Greater(t, latest(t, s, customerID), version, "all of it is still there")
}

func latest(t *testing.T, s *store.Store, customerID string) int64 {
	t.Helper()
	found, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
	require.NoError(t, err)
	return found.Version
}

// Answers that have expired give back what they counted for.
func TestExpiredAnswersAreNotCounted(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	for i := range 700 { // more than a batch
		require.NoError(t, s.SaveAnswer(t.Context(), customerID, 0, app.Answer{Key: fmt.Sprint("k", i), Status: 404, Body: []byte("No payment with this id")}))
	}
	db.MustExec(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key <> 'k7'`)
	deleted, err := s.DeleteExpiredAnswers(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 699, deleted)
	var counted, stored int64
	require.NoError(t, db.Get(&counted, `SELECT history_bytes FROM customer_state`))
	require.NoError(t, db.Get(&stored, `SELECT sum(256 + length(key) + octet_length(answer)) FROM idempotency_keys`))
	assert.Equal(t, stored, counted)
}
