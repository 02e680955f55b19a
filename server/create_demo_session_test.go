package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/server/apikey"
)

func TestCreateDemoSession_201_KeyIsWellFormedAndKeptAsHashAlone(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	assert.True(t, apikey.WellFormed(key))

	var stored struct {
		Hash       []byte `db:"hash"`
		CustomerID string `db:"customer_id"`
		Mode       string `db:"mode"`
	}
	require.NoError(t, a.db.Get(&stored, `SELECT hash, customer_id, mode FROM api_keys WHERE customer_id = $1`, customerID))
	hash := apikey.Hash(key)
	assert.Equal(t, hash[:], stored.Hash)
	assert.Equal(t, customerID, stored.CustomerID)
	assert.Equal(t, "demo", stored.Mode)

	var everything string
	require.NoError(t, a.db.Get(&everything, `SELECT (SELECT string_agg(c::text, ' ') FROM customers c) || (SELECT string_agg(k::text, ' ') FROM api_keys k)`))
	assert.NotContains(t, everything, key[8:20], "the key itself is nowhere")
}

func TestCreateDemoSession_201_MustNotBeStored(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "no-store", newAPI(t).do(post("/demo/session", "")).header.Get("Cache-Control"))
}

// Many clients send {} with every POST.
func TestCreateDemoSession_201_WithAnEmptyObject(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	assert.Equal(t, http.StatusCreated, a.do(post("/demo/session", " { }\n")).status)
	assert.Equal(t, http.StatusCreated, a.do(post("/demo/session", "").with("Content-Type", "text/plain")).status, "no body, no type to check")
	assert.Equal(t, http.StatusCreated, a.do(post("/demo/session", "{}").with("Content-Type", "application/json; charset=utf-8")).status)
}

func TestCreateDemoSession_400_NamesWhatIsWrongAndEchoesNothing(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, body := range []string{`{"secret-value`, `{"a":"secret-value"}`, `"secret-value"`} {
		answer := a.do(post("/demo/session", body))
		assert.Equal(t, http.StatusBadRequest, answer.status, body)
		assert.NotContains(t, string(answer.body), "secret-value")
	}
}
