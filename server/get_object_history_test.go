package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

func TestGetObjectHistory_200_SaysWhoMadeAChange(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	changed := func(key, note string) {
		t.Helper()
		answer := a.do(post("/propagate", `{"format":"canonical","entity_type":"payment","canonical_id":"`+paymentID+`","data":{"notes":"`+note+`"}}`).as(key))
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	}
	key := a.issuedKey(store.ModeTest)
	customerID := a.customer(key)
	for _, platform := range []string{"procore", "dynamics"} {
		require.Equal(t, http.StatusOK, a.do(post("/connect", `{"platform":"`+platform+`"}`).as(key)).status)
	}
	changed(key, "first")
	a.db.MustExec(`UPDATE api_keys SET name = 'Another name' WHERE customer_id = $1`, customerID)
	changed(key, "second")
	a.db.MustExec(`UPDATE api_keys SET name = '' WHERE customer_id = $1`, customerID)
	changed(key, "third")
	var keyID string
	require.NoError(t, a.db.Get(&keyID, `SELECT id FROM api_keys WHERE customer_id = $1`, customerID))

	history := a.history(key, paymentID)
	require.Len(t, history, 3)
	was, is := "Doha Builders", "Another name"
	assert.Equal(t, gen.Actor{Kind: "key", KeyID: keyID, Mode: "test"}, history[0].ChangedBy)
	assert.Equal(t, gen.Actor{Kind: "key", KeyID: keyID, Mode: "test", Name: &is}, history[1].ChangedBy)
	assert.Equal(t, gen.Actor{Kind: "key", KeyID: keyID, Mode: "test", Name: &was}, history[2].ChangedBy, "its name at that time")
	answer := a.do(get("/objects/" + paymentID + "/history?limit=1").as(key))
	assert.Contains(t, string(answer.body), `"changed_by":{"key_id":"`+keyID+`","mode":"test","kind":"key"},"format"`, "an empty name is left out")

	// What the previous version wrote.
	a.db.MustExec(`UPDATE changes SET actor_kind = NULL, actor_name = NULL WHERE customer_id = $1`, customerID)
	for _, change := range a.history(key, paymentID) {
		assert.Equal(t, gen.Actor{Kind: "key", KeyID: keyID, Mode: "test"}, change.ChangedBy)
	}
}

func TestGetObjectHistory_400_BadCursor(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, cursor := range []string{"0", "00", "-1", "1.0", "1e1", "9223372036854775808", "1000000000000000000", "AA", "", "%00", "%ff", "+1", "01"} {
		answer := a.do(get("/objects/" + paymentID + "/history?cursor=" + cursor).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, cursor)
		assert.Contains(t, answer.error(t).Message, "query.cursor: ", cursor)
		assertMeetsContract(t, "getObjectHistory", answer)
	}
	for _, cursor := range []string{"1", "999999999999999999"} {
		assert.Equal(t, http.StatusOK, a.do(get("/objects/"+paymentID+"/history?cursor="+cursor).as(key)).status, cursor)
	}
	answer := a.do(get("/objects/" + paymentID + "/history?limit=1e1").as(key))
	assert.Equal(t, http.StatusBadRequest, answer.status)
	assert.Equal(t, "query.limit: must be an integer such as 10, without fraction or exponent", answer.error(t).Message)
}
