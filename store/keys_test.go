package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

func TestCreateKeyIsOfTheCustomersMode(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	customerID, err := s.CreateCustomer(t.Context(), store.ModeLive, "Doha Builders", [32]byte{1})
	require.NoError(t, err)
	for range 2 { // as after a connection that broke: once is enough
		require.NoError(t, s.CreateKey(t.Context(), customerID, "Payroll", [32]byte{2}))
	}
	key, err := s.FindKey(t.Context(), [32]byte{2})
	require.NoError(t, err)
	assert.Equal(t, []any{customerID, store.ModeLive, "Payroll"}, []any{key.CustomerID, key.Mode, key.Name})
	keys, err := s.ListKeys(t.Context())
	require.NoError(t, err)
	assert.Len(t, keys, 2)

	assert.ErrorIs(t, s.CreateKey(t.Context(), "nobody", "x", [32]byte{3}), app.ErrNotFound)
	require.NoError(t, s.DeleteCustomer(t.Context(), customerID))
	assert.ErrorIs(t, s.CreateKey(t.Context(), customerID, "x", [32]byte{3}), app.ErrNotFound)
	_, err = s.FindKey(t.Context(), [32]byte{3})
	assert.ErrorIs(t, err, app.ErrNotFound)
}

// Of many that rotate a key at the same time one does, and no customer is left without a key.
func TestRotateKeyIsDoneOnce(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", [32]byte{1})
	require.NoError(t, err)
	old, err := s.FindKey(t.Context(), [32]byte{1})
	require.NoError(t, err)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var rotated []byte
	for i := range byte(8) {
		wg.Go(func() {
			key, err := s.RotateKey(t.Context(), old.ID, [32]byte{2, i})
			if err != nil {
				assert.ErrorIs(t, err, app.ErrNotFound)
				return
			}
			assert.Equal(t, []any{customerID, store.ModeTest, "Doha Builders"}, []any{key.CustomerID, key.Mode, key.Name})
			assert.Nil(t, key.RevokedAt)
			mu.Lock()
			defer mu.Unlock()
			rotated = append(rotated, i)
		})
	}
	wg.Wait()
	require.Len(t, rotated, 1)
	_, err = s.FindKey(t.Context(), [32]byte{1})
	assert.ErrorIs(t, err, app.ErrNotFound, "the one before is revoked at once")
	fresh, err := s.FindKey(t.Context(), [32]byte{2, rotated[0]})
	require.NoError(t, err)
	again, err := s.RotateKey(t.Context(), old.ID, [32]byte{2, rotated[0]})
	require.NoError(t, err, "as after a connection that broke: what was done is found")
	assert.Equal(t, fresh.ID, again.ID)
	keys, err := s.ListKeys(t.Context())
	require.NoError(t, err)
	assert.Len(t, keys, 2)
}

// A demo session has the one key that it was opened with.
func TestRotateKeyOfADemoSession(t *testing.T) {
	s := storetest.Open(t, storetest.NewDatabase(t))
	_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	require.NoError(t, err)
	key, err := s.FindKey(t.Context(), [32]byte{1})
	require.NoError(t, err)
	_, err = s.FindKeyInfo(t.Context(), key.ID)
	assert.ErrorIs(t, err, app.ErrNotFound)
	_, err = s.RotateKey(t.Context(), key.ID, [32]byte{2})
	assert.ErrorIs(t, err, app.ErrNotFound)
	_, err = s.FindKey(t.Context(), [32]byte{1})
	assert.NoError(t, err)
}
