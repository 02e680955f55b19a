package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// nothing loads no record.
func nothing([]app.StoredRecord, []app.StoredObject, []reconcile.Decision) (records, mapped []app.StoredRecord, objects []app.StoredObject, err error) {
	return nil, nil, nil, nil
}

// onePayment loads the record that FillCustomerTables has, beside those of other platforms.
func onePayment(others []app.StoredRecord, _ []app.StoredObject, _ []reconcile.Decision) (records, mapped []app.StoredRecord, objects []app.StoredObject, err error) {
	record := app.StoredRecord{
		Platform: "procore", EntityType: canonical.Payment, PlatformID: "1823456", Payload: []byte(`{"id":1823456}`),
		CanonicalID: someID, MintedID: someID,
	}
	object := app.StoredObject{ID: someID, EntityType: canonical.Payment, Document: []byte(`{}`), RefersTo: []string{}}
	return []app.StoredRecord{record}, []app.StoredRecord{record}, []app.StoredObject{object}, nil
}

// Whoever connects at the same time, and whatever the clock says: an object's version is higher than each that it had.
func TestVersionsOnlyRise(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, onePayment))
	// As if a clock that was ahead had given the version, as the previous version does.
	db.MustExec(`UPDATE canonical_objects SET version = 4000000000000000 WHERE customer_id = $1`, customerID)

	var mu sync.Mutex
	highest := int64(4000000000000000)
	rises := func(from, version int64) {
		mu.Lock()
		defer mu.Unlock()
		assert.Greater(t, version, from)
		highest = max(highest, version)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 40 {
				mu.Lock()
				from := highest
				mu.Unlock()
				if i < 3 {
					if err := s.Connect(context.Background(), customerID, "procore", "receivable", 0, onePayment); err == nil {
						rises(from, latest(t, s, customerID))
					}
					continue
				}
				found, err := s.FindObject(context.Background(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
				if !assert.NoError(t, err) {
					return
				}
				if version, err := s.SaveChange(context.Background(), changeOf(customerID, found, fmt.Sprint(i))); err == nil {
					rises(found.Version, version)
				}
			}
		})
	}
	wg.Wait()
	history, _, err := s.ListChanges(t.Context(), customerID, someID, 0, 1000, nil)
	require.NoError(t, err)
	require.NotEmpty(t, history)
	for i := 1; i < len(history); i++ {
		assert.Greater(t, history[i-1].Version, history[i].Version)
		assert.False(t, history[i-1].ChangedAt.Before(history[i].ChangedAt), "in the order in which they were made")
	}
}

// A customer whose objects the previous version wrote, with a clock ahead, has no version to fall below.
func TestVersionsRiseFromTheHistoryOfThePreviousVersion(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	storetest.FillCustomerTables(t, db, customerID)
	db.MustExec(`UPDATE changes SET version = 5000000000000000`)
	db.MustExec(`DELETE FROM customer_state`)
	db.MustExec(`DELETE FROM canonical_objects`) // it is gone, and may come back
	require.NoError(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, onePayment))
	assert.Equal(t, int64(5000000000000001), latest(t, s, customerID))
}

// Connecting again fails, or its client hangs up: the platform stays connected, with the records that it had.
func TestAConnectionOutlivesARunThatFails(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	broken := errors.New("a record that cannot be read")
	fails := func([]app.StoredRecord, []app.StoredObject, []reconcile.Decision) (a, b []app.StoredRecord, c []app.StoredObject, err error) {
		return nil, nil, nil, broken
	}
	lastRun := func() (run string) {
		require.NoError(t, db.Get(&run, `SELECT last_run FROM connections`))
		return run
	}
	require.ErrorIs(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, fails), broken)
	connections, err := s.ListConnections(t.Context(), customerID)
	require.NoError(t, err)
	assert.Empty(t, connections, "never connected")
	assert.Equal(t, "failed", lastRun())

	require.NoError(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, onePayment))
	assert.Equal(t, "succeeded", lastRun())
	require.ErrorIs(t, s.Connect(t.Context(), customerID, "procore", "receivable", 0, fails), broken)
	assert.Equal(t, "failed", lastRun())
	gone, hangUp := context.WithCancel(t.Context())
	require.Error(t, s.Connect(gone, customerID, "procore", "receivable", 0, func([]app.StoredRecord, []app.StoredObject, []reconcile.Decision) (a, b []app.StoredRecord, c []app.StoredObject, err error) {
		hangUp()
		return onePayment(nil, nil, nil)
	}))
	connections, err = s.ListConnections(t.Context(), customerID)
	require.NoError(t, err)
	require.Len(t, connections, 1)
	assert.Equal(t, 1, connections[0].EntitiesSynced)
	assert.Equal(t, "failed", lastRun())
}

// What an object says beyond its records' words is given to whoever makes the objects again.
func TestConnectHandsOverWhatObjectsKeep(t *testing.T) {
	s, customerID, found := someObject(t)
	change := changeOf(customerID, found, "x")
	change.Object.Kept = []byte(`{"status":{"value":"planning","written":{"procore":"active"}}}`)
	_, err := s.SaveChange(t.Context(), change)
	require.NoError(t, err)
	require.NoError(t, s.Connect(t.Context(), customerID, "dynamics", "receivable", 0,
		func(others []app.StoredRecord, kept []app.StoredObject, _ []reconcile.Decision) (a, b []app.StoredRecord, c []app.StoredObject, err error) {
			if assert.Len(t, others, 1) && assert.Len(t, kept, 1) {
				assert.Equal(t, someID, kept[0].ID)
				assert.JSONEq(t, string(change.Object.Kept), string(kept[0].Kept))
			}
			return nil, others, nil, nil
		}))
}

// A customer's platforms have one ledger: the first sets it, and another word needs the platform to be connected alone.
func TestConnect_OneLedgerForAllPlatforms(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	customerID, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	require.NoError(t, err)
	ledger := func(want string) {
		t.Helper()
		got, err := s.Ledger(t.Context(), customerID)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	connect := func(platform, ledger string) error {
		return s.Connect(t.Context(), customerID, platform, ledger, 0, nothing)
	}
	ledger("")
	require.NoError(t, connect("procore", "receivable"))
	ledger("receivable")
	require.ErrorIs(t, connect("dynamics", "payable"), app.ErrLedger)
	ledger("receivable")
	require.NoError(t, connect("procore", "payable"))
	ledger("payable")
	require.NoError(t, connect("dynamics", "payable"))
	require.ErrorIs(t, connect("procore", "receivable"), app.ErrLedger)
	ledger("payable")
	connections, err := s.ListConnections(t.Context(), customerID)
	require.NoError(t, err)
	require.Len(t, connections, 2)
	require.Equal(t, "payable", connections[0].Ledger)

	_, err = s.Ledger(t.Context(), "00000000-0000-0000-0000-000000000000")
	require.ErrorIs(t, err, app.ErrNotFound)
}
