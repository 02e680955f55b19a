package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

func TestDeleteDemoSession_204_RemovesAllOfTheCustomerAndNothingElse(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key, customerID := a.demoSession()
	otherKey, otherID := a.demoSession()
	storetest.FillCustomerTables(t, a.db, customerID)
	storetest.FillCustomerTables(t, a.db, otherID)

	answer := a.do(del("/demo/session", key))
	require.Equal(t, http.StatusNoContent, answer.status)
	assert.Empty(t, answer.body)

	purged, err := a.store.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, purged)
	assert.Equal(t, 0, countCustomers(t, a, customerID))
	assert.Equal(t, 1, countCustomers(t, a, otherID))
	for _, table := range storetest.CustomerTables(t, a.db) {
		assert.Zero(t, storetest.CountRows(t, a.db, table, customerID), table)
		assert.Equal(t, 1, storetest.CountRows(t, a.db, table, otherID), table)
	}

	for _, op := range loadDocument().Operations() {
		if op.Secured() {
			assert.Equal(t, http.StatusUnauthorized, a.do(request{method: op.Method, path: op.Path, key: key}).status, op.ID)
		}
	}
	assert.Equal(t, http.StatusNoContent, a.do(del("/demo/session", otherKey)).status, "the other session lives")
}

func TestDeleteDemoSession_403_DeletesNoRealCustomer(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, mode := range []store.Mode{store.ModeTest, store.ModeLive} {
		key := a.issuedKey(mode)
		assert.Equal(t, http.StatusForbidden, a.do(del("/demo/session", key)).status, mode)
		assert.Equal(t, http.StatusForbidden, a.do(del("/demo/session", key)).status, "%s: the key still works", mode)
	}
}

// A platform of the session is being connected, which holds the customer's rows: the deletion is answered at once all the same.
func TestDeleteDemoSession_204_WhileAPlatformIsConnected(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key, customerID := a.demoSession()
	tx := a.db.MustBegin()
	tx.MustExec(`SELECT FROM customers WHERE id = $1 FOR NO KEY UPDATE`, customerID)
	tx.MustExec(`SELECT FROM customer_state WHERE customer_id = $1 FOR UPDATE`, customerID)
	require.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status)
	assert.Equal(t, http.StatusUnauthorized, a.do(get("/connections").as(key)).status)
	require.NoError(t, tx.Rollback())
	purged, err := a.store.PurgeDeleted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, purged)
}
