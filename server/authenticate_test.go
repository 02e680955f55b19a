package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// Walks the document: whatever declares a security requirement can't be reached without a good key.
func TestEverySecuredOperationNeedsAGoodKey(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	deleted, _ := a.demoSession()
	require.Equal(t, http.StatusNoContent, a.do(del("/demo/session", deleted)).status)
	revoked := a.issuedKey(store.ModeTest)
	a.db.MustExec(`UPDATE api_keys SET revoked_at = now() WHERE customer_id = $1`, a.customer(revoked))
	good, customerID := a.demoSession()

	sent := 0
	bad := map[string]string{
		"none":             "",
		"empty":            "Bearer ",
		"no scheme":        good,
		"another scheme":   "Basic " + good,
		"not a key":        "Bearer sk_demo_invalid_key",
		"unknown key":      "Bearer " + apikey.New("demo"),
		"deleted key":      "Bearer " + deleted,
		"revoked key":      "Bearer " + revoked,
		"mistyped key":     "Bearer " + good[:len(good)-1] + "_",
		"key and more":     "Bearer " + good + " x",
		"two keys":         "Bearer " + good + ", Bearer " + good,
		"another's prefix": "Bearer sk_live_" + strings.TrimPrefix(good, "sk_demo_"),
	}
	secured := 0
	for _, op := range loadDocument().Operations() {
		if !op.Secured() {
			continue
		}
		secured++
		for name, authorization := range bad {
			r := request{method: op.Method, path: op.Path}
			if authorization != "" {
				r = r.with("Authorization", authorization)
			}
			answer := a.do(r)
			assert.Equal(t, http.StatusUnauthorized, answer.status, "%s: %s", op.ID, name)
			challenge := "Bearer"
			if strings.HasPrefix(authorization, "Bearer sk_") { // RFC 6750, section 3.1
				challenge, sent = `Bearer error="invalid_token"`, sent+1
			}
			assert.Equal(t, challenge, answer.header.Get("WWW-Authenticate"), "%s: %s", op.ID, name)
			head := a.do(request{method: http.MethodHead, path: op.Path}.with("Authorization", authorization))
			assert.Contains(t, []int{http.StatusUnauthorized, http.StatusMethodNotAllowed}, head.status, "%s: %s", op.ID, name)
			assert.Equal(t, "Invalid or missing API key", answer.error(t).Message, "%s: %s", op.ID, name)
			assertMeetsContract(t, op.ID, answer)
		}
		// Around the route: other spellings of the path, other ways to say the method.
		for _, r := range []request{
			{method: op.Method, path: op.Path + "/"},
			{method: op.Method, path: "/" + op.Path},
			{method: op.Method, path: strings.ToUpper(op.Path)},
			{method: op.Method, path: strings.Replace(op.Path, "session", "%73ession", 1)},
			{method: http.MethodPut, path: op.Path, header: map[string]string{"X-HTTP-Method-Override": op.Method}},
			{method: strings.ToLower(op.Method), path: op.Path},
		} {
			assert.Contains(t, []int{401, 404, 405}, a.do(r).status, "%s: %s %s", op.ID, r.method, r.path)
		}
	}
	assert.Positive(t, secured)
	assert.Equal(t, 8*secured, sent)
	assert.Equal(t, 1, countCustomers(t, a, customerID), "nothing got through")
}

func TestTheSchemeIsCaseInsensitive(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	assert.Equal(t, http.StatusNoContent, a.do(del("/demo/session", "").with("Authorization", "bearer  "+key)).status)
}

func countCustomers(t *testing.T, a *api, customerID string) (n int) {
	t.Helper()
	require.NoError(t, a.db.Get(&n, `SELECT count(*) FROM customers WHERE id = $1`, customerID))
	return n
}
