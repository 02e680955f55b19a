package server_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/server/apikey"
)

func TestLogHasOneLineForEachRequest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, customerID := a.demoSession()
	answer := a.do(del("/demo/session", key))

	lines := logLines(t, a)
	require.Len(t, lines, 2)
	assert.Equal(t, "createDemoSession", lines[0]["operation_id"])
	assert.Equal(t, customerID, lines[0]["customer_id"])
	deleted := lines[1]
	assert.Equal(t, answer.header.Get("X-Request-ID"), deleted["request_id"])
	assert.Equal(t, "deleteDemoSession", deleted["operation_id"])
	assert.Equal(t, customerID, deleted["customer_id"])
	assert.EqualValues(t, 204, deleted["status"])
	assert.Positive(t, deleted["duration_ms"])
}

func TestNoKeyReachesTheLogOrAnError(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key, _ := a.demoSession()
	mistyped := key[:len(key)-1]
	for _, secret := range []string{key, mistyped} {
		for _, r := range []request{
			get("/health?key=" + secret), get("/" + secret), post("/demo/session", `{"api_key":"`+secret+`"}`), post("/demo/session", secret),
			get("/health").with("X-Request-ID", secret), del("/demo/session", secret+"x"), get("/health").with("Cookie", secret),
		} {
			answer := a.do(r)
			assert.NotContains(t, string(answer.body), secret, "%v", r)
		}
	}
	a.db.MustExec(`ALTER TABLE customers RENAME TO lost`)
	a.do(del("/demo/session", key))
	a.link.Cut()
	a.do(del("/demo/session", key))
	assert.NotContains(t, a.log.String(), key[8:16])
}

// A key that is sent as a name, by mistake, is not repeated where names are.
func TestAKeyThatIsSentAsANameIsMasked(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, mode := range []string{"demo", "test", "live"} {
		secret := apikey.New(mode)
		masked := "sk_" + mode + "_…"
		for _, r := range []request{
			get("/health?" + secret + "=1"),
			get("/objects?platform=procore&entity_type=payment&" + secret + "=1").as(key),
			post("/connect", `{"platform":"procore","`+secret+`":1}`).as(key),
			post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{},"context":{"`+secret+`":1}}`).as(key),
			payment(`{"`+secret+`":1}`).as(key).with("Idempotency-Key", mode),
			payment(`{"`+secret+`":1}`).as(key).with("Idempotency-Key", mode), // from memory
			payment(`{"` + secret + `":"\u0000"}`).as(key),
		} {
			answer := a.do(r)
			assert.Equal(t, http.StatusBadRequest, answer.status, "%v", r)
			assert.Contains(t, answer.error(t).Message, masked, "%v", r)
			assert.NotContains(t, string(answer.body), secret[8:20], "%v", r)
		}
		assert.NotContains(t, a.log.String(), secret[8:20])
		var kept int
		require.NoError(t, a.db.Get(&kept, `SELECT count(*) FROM idempotency_keys WHERE answer LIKE '%' || $1 || '%'`, secret[8:20]))
		assert.Zero(t, kept)
	}
}

func TestAFailureIsLoggedWithItsCause(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	a.db.MustExec(`ALTER TABLE api_keys RENAME TO lost`)
	answer := a.do(post("/demo/session", ""))
	assert.NotContains(t, string(answer.body), "api_keys")
	lines := logLines(t, a)
	assert.Equal(t, "ERROR", lines[0]["level"])
	assert.Contains(t, lines[0]["error"], "api_keys")
}

func logLines(t *testing.T, a *api) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for scanner := bufio.NewScanner(strings.NewReader(a.log.String())); scanner.Scan(); {
		var line map[string]any
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	return lines
}
