package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

const someID = "pay_000000000000001"

// someObject is a customer with one object, as FillCustomerTables makes it.
func someObject(t *testing.T) (s *store.Store, customerID string, found app.FoundObject) {
	t.Helper()
	return someObjectIn(t, storetest.NewDatabase(t))
}

func someObjectIn(t *testing.T, dsn string) (s *store.Store, customerID string, found app.FoundObject) {
	t.Helper()
	s = storetest.Open(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", [32]byte{1})
	require.NoError(t, err)
	storetest.FillCustomerTables(t, storetest.SQL(t, dsn), customerID)
	found, err = s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
	require.NoError(t, err)
	return s, customerID, found
}

func changeOf(customerID string, found app.FoundObject, note string) app.Change {
	text := fmt.Appendf(nil, `{"notes":%q}`, note)
	found.Document = text
	return app.Change{
		CustomerID: customerID, Object: found.StoredObject, RequestID: "req_000000000002", Actor: app.Actor{Kind: app.ActorKey, KeyID: customerID, Mode: "test"},
		Records: []app.StoredRecord{{Platform: "procore", PlatformID: "1823456", Payload: text}},
		Changes: []byte(`[]`), Platforms: []byte(`[]`),
	}
}

// A history has the actor's name as it was. A row of the previous version names none: a key made that change.
func TestListChangesSaysWhoMadeThem(t *testing.T) {
	s, customerID, found := someObject(t)
	change := changeOf(customerID, found, "first")
	change.Actor.Kind, change.Actor.Name = app.ActorJob, "nightly"
	_, err := s.SaveChange(t.Context(), change)
	require.NoError(t, err)
	changes, _, err := s.ListChanges(t.Context(), customerID, someID, 0, 10, nil)
	require.NoError(t, err)
	require.Len(t, changes, 2)
	assert.Equal(t, change.Actor, changes[0].Actor)
	assert.Equal(t, app.Actor{Kind: app.ActorKey, KeyID: customerID, Mode: "demo"}, changes[1].Actor)
}

// Of many that made their change of the same version, one writes it.
func TestSaveChangeTakesOnlyWhatTheChangeWasMadeOf(t *testing.T) {
	s, customerID, found := someObject(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	saved := map[string]int64{}
	for i := range 16 {
		wg.Go(func() {
			note := fmt.Sprint(i)
			version, err := s.SaveChange(t.Context(), changeOf(customerID, found, note))
			if err != nil {
				assert.ErrorIs(t, err, app.ErrChanged)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			saved[note] = version
		})
	}
	wg.Wait()
	require.Len(t, saved, 1)
	now, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
	require.NoError(t, err)
	for note, version := range saved {
		assert.Equal(t, version, now.Version)
		assert.Greater(t, version, found.Version)
		assert.Equal(t, fmt.Sprintf(`{"notes":%q}`, note), string(now.Document))
		assert.Equal(t, string(now.Document), string(now.Records[0].Payload))
	}
}

// A change whose idempotency key has an answer by now is not made at all.
func TestSaveChangeWritesAllOrNothing(t *testing.T) {
	s, customerID, found := someObject(t)
	change := changeOf(customerID, found, "twice")
	change.Answer = app.Answer{Key: "k", Status: 200} // the key that FillCustomerTables has an answer for
	_, err := s.SaveChange(t.Context(), change)
	require.ErrorIs(t, err, app.ErrChanged)
	now, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID, IdempotencyKey: "k"})
	require.NoError(t, err)
	assert.Equal(t, found.StoredObject, now.StoredObject)
	assert.Equal(t, found.Records, now.Records)
	assert.Equal(t, "{}", string(now.Answer.Body))
	history, _, err := s.ListChanges(t.Context(), customerID, someID, 0, 10, nil)
	require.NoError(t, err)
	assert.Len(t, history, 1, "that of FillCustomerTables")
}

func TestSaveChangeOfNobodyElse(t *testing.T) {
	s, customerID, found := someObject(t)
	other, err := s.CreateCustomer(t.Context(), store.ModeTest, "Riyadh Builders", [32]byte{2})
	require.NoError(t, err)
	change := changeOf(other, found, "theirs")
	_, err = s.SaveChange(t.Context(), change)
	require.ErrorIs(t, err, app.ErrChanged)
	for _, q := range []app.ObjectQuery{
		{CustomerID: other, CanonicalID: someID, IdempotencyKey: "k"},
		{CustomerID: other, EntityType: "payment", Platform: "procore", PlatformID: "1823456"},
	} {
		found, err := s.FindObject(t.Context(), q)
		require.ErrorIs(t, err, app.ErrNotFound)
		assert.Nil(t, found.Answer)
	}
	_, _, err = s.ListChanges(t.Context(), other, someID, 0, 10, nil)
	require.ErrorIs(t, err, app.ErrNotFound)
	referents, err := s.FindReferents(t.Context(), other, []string{someID})
	require.NoError(t, err)
	assert.Empty(t, referents)
	now, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
	require.NoError(t, err)
	assert.Equal(t, found.StoredObject, now.StoredObject)
}
