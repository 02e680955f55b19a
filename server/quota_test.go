package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/server"
)

func withQuotas(quotas app.Quotas) func(*server.Config) {
	return func(cfg *server.Config) { cfg.Quotas = quotas }
}

// Changes fill the history of a session until its quota is reached: then nothing more is written, and all of it can be read.
func TestPropagateChange_422_TheQuotaIsReached(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withQuotas(app.Quotas{Demo: 1 << 20}))
	key := a.connected()
	var refused answer
	for i := range 100 {
		refused = a.do(post("/propagate", fmt.Sprintf(`{"format":"platform","platform":"procore","platform_id":"1823461","entity_type":"payment","data":{"origin_data":%q}}`,
			strings.Repeat(fmt.Sprint(i%10), 10_000))).as(key).with("Idempotency-Key", fmt.Sprint(i)))
		if refused.status != http.StatusOK {
			break
		}
	}
	require.Equal(t, http.StatusUnprocessableEntity, refused.status, "%s", refused.body)
	assert.EqualValues(t, "QUOTA_EXCEEDED", refused.error(t).Type)
	assert.Contains(t, refused.error(t).Message, "1 MB")
	assertMeetsContract(t, "propagateChange", refused)
	var stored int64
	require.NoError(t, a.db.Get(&stored, `SELECT record_bytes + history_bytes FROM customer_state WHERE customer_id = $1`, a.customer(key)))
	assert.LessOrEqual(t, stored, int64(1<<20))
	assert.Equal(t, http.StatusOK, a.do(get("/objects/"+paymentID+"/history").as(key)).status)
	assert.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status)
}

func TestConnectPlatform_422_TheQuotaIsReached(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withQuotas(app.Quotas{Demo: 100 << 10}))
	key, _ := a.demoSession()
	refused := a.do(post("/connect", `{"platform":"procore"}`).as(key))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status, "%s", refused.body)
	assert.EqualValues(t, "QUOTA_EXCEEDED", refused.error(t).Type)
	assertMeetsContract(t, "connectPlatform", refused)
	assert.JSONEq(t, `{"data":{"connections":[]}}`, string(a.do(get("/connections").as(key)).body))
}

func TestPropagateChange_422_ATextOrARecordIsTooLarge(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	long := a.do(payment(fmt.Sprintf(`{"notes":%q}`, strings.Repeat("x", 64<<10+1))).as(key))
	require.Equal(t, http.StatusUnprocessableEntity, long.status)
	assert.EqualValues(t, "QUOTA_EXCEEDED", long.error(t).Type)
	assert.Equal(t, "/data/notes: a text of more than 64 KB cannot be stored", long.error(t).Message)

	// Many texts that are not too long make a record that is.
	texts := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%q,", strings.Repeat("x", 60<<10)), 9), ",")
	change := func(field string) request {
		return post("/propagate", fmt.Sprintf(`{"format":"platform","platform":"procore","platform_id":"1823461","entity_type":"payment","data":{%q:[%s]}}`, field, texts)).as(key)
	}
	first := a.do(change("origin_data"))
	require.Equal(t, http.StatusOK, first.status, "%.200s", first.body)
	second := a.do(change("attachments"))
	require.Equal(t, http.StatusUnprocessableEntity, second.status, "%.200s", second.body)
	assert.Contains(t, second.error(t).Message, "larger than 1 MiB")
	assert.Equal(t, http.StatusOK, a.do(get("/objects/"+paymentID).as(key)).status)
}

func TestCreateDemoSession_503_AsManyAsMayBe(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t, withQuotas(app.Quotas{Sessions: 2, PerNetwork: 500}))
	key, _ := a.demoSession()
	a.demoSession()
	refused := a.do(post("/demo/session", ""))
	require.Equal(t, http.StatusServiceUnavailable, refused.status)
	assert.EqualValues(t, "OVERLOADED", refused.error(t).Type)
	assert.NotEmpty(t, refused.header.Get("Retry-After"))
	assert.NoError(t, operation(t, "createDemoSession").CheckResponse(refused.status, refused.header, refused.body, nil))
	require.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status)
	a.demoSession()
}

func TestCreateDemoSession_429_OneNetwork(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t, trustLoopback, withQuotas(app.Quotas{Sessions: 100, PerNetwork: 2}))
	open := func(address string) answer { return a.do(post("/demo/session", "").with("X-Forwarded-For", address)) }
	for _, network := range [][3]string{{"203.0.113.1", "203.0.113.200", "203.0.113.77"}, {"2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:ffff::2"}} {
		require.Equal(t, http.StatusCreated, open(network[0]).status)
		require.Equal(t, http.StatusCreated, open(network[1]).status)
		refused := open(network[2])
		require.Equal(t, http.StatusTooManyRequests, refused.status, "%s", refused.body)
		assert.Contains(t, refused.error(t).Message, "2 demo sessions")
		assertMeetsContract(t, "createDemoSession", refused)
	}
	assert.Equal(t, http.StatusCreated, open("203.0.114.1").status)
	assert.Equal(t, http.StatusCreated, open("2001:db8:2::1").status)
}
