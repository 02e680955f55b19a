package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIdempotency_TheFirstAnswerIsGivenAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for name, test := range map[string]struct {
		request request
		status  int
	}{
		"a change":                  {payment(`{"notes":"once"}`), 200},
		"one that changes nothing":  {payment(`{"check_number":"CHK-2026-0101"}`), 200},
		"a wrong value":             {payment(`{"status":"gone"}`), 422},
		"a wrong field":             {payment(`{"stats":"paid"}`), 400},
		"no such object":            {post("/propagate", strings.Replace(canonicalExample, paymentID, "pay_000000000000000", 1)), 404},
		"an object that went ahead": {request: payment(`{"notes":"twice"}`).with("If-Match", `"1"`), status: 412},
	} {
		t.Run(name, func(t *testing.T) {
			send := func(a *api, idempotencyKey string) answer {
				r := test.request.as(key)
				header := map[string]string{"Idempotency-Key": idempotencyKey}
				for k, v := range r.header {
					header[k] = v
				}
				r.header = header
				answer := a.do(r)
				assertMeetsContract(t, "propagateChange", answer)
				return answer
			}
			idempotencyKey := strings.ReplaceAll(name, " ", "-")
			first := send(a, idempotencyKey)
			assert.Equal(t, test.status, first.status, "%s", first.body)
			assert.Empty(t, first.header.Get("Idempotent-Replayed"))
			changes := len(a.history(key, paymentID))

			// What happens meanwhile makes no difference, nor does a restart, nor the quotes of the draft.
			a.propagate(payment(fmt.Sprintf(`{"method":"%d"}`, changes)).as(key))
			for _, again := range []answer{send(a, idempotencyKey), send(a.replica(), `"`+idempotencyKey+`"`)} {
				assert.Equal(t, test.status, again.status)
				assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
				assert.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
				if test.status == http.StatusOK {
					assert.Equal(t, string(first.body), string(again.body))
				} else {
					assert.Equal(t, first.error(t).Message, again.error(t).Message)
					assert.Equal(t, first.error(t).Type, again.error(t).Type)
				}
			}
			assert.Len(t, a.history(key, paymentID), changes+1)

			other := a.do(payment(`{"notes":"another"}`).as(key).with("Idempotency-Key", idempotencyKey))
			assert.Equal(t, http.StatusUnprocessableEntity, other.status)
			assert.EqualValues(t, "IDEMPOTENCY_ERROR", other.error(t).Type)
			assertMeetsContract(t, "propagateChange", other)
		})
	}
}

func TestIdempotency_ATwinInFlightIsAConflict(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	change := payment(`{"notes":"once"}`).as(key).with("Idempotency-Key", "twin")

	// The first request waits for the object.
	tx, err := a.db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec(`SELECT FROM canonical_objects WHERE customer_id = $1 AND id = $2 FOR UPDATE`, a.customer(key), paymentID)
	require.NoError(t, err)
	var blocker int
	require.NoError(t, tx.QueryRow(`SELECT pg_backend_pid()`).Scan(&blocker))
	first := make(chan answer)
	go func() { first <- a.do(change) }()
	require.Eventually(t, func() bool {
		var waiting int
		require.NoError(t, a.db.Get(&waiting, `SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, blocker))
		return waiting == 1
	}, 10*time.Second, 10*time.Millisecond)

	twin := a.do(change)
	assert.Equal(t, http.StatusConflict, twin.status)
	assert.Equal(t, "A request with this Idempotency-Key is being worked on; try again shortly", twin.error(t).Message)
	elsewhere := make(chan answer)
	go func() { elsewhere <- a.replica().do(change) }() // another replica does not know, but the database does
	require.NoError(t, tx.Rollback())
	assert.Equal(t, http.StatusOK, (<-first).status)
	assert.Equal(t, http.StatusOK, (<-elsewhere).status)
	assert.Equal(t, "true", a.do(change).header.Get("Idempotent-Replayed"))
	assert.Len(t, a.history(key, paymentID), 1)
}

// Errors of ours are not kept: the same request succeeds as soon as it can.
func TestIdempotency_ErrorsOfOursAreNotKept(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key := a.connected()
	change := payment(`{"notes":"once"}`).as(key).with("Idempotency-Key", "k")
	a.link.Cut()
	assert.Equal(t, http.StatusBadGateway, a.do(change).status)
	a.link.Restore()
	a.db.MustExec(`ALTER TABLE platform_objects RENAME TO lost`)
	assert.Equal(t, http.StatusInternalServerError, a.do(change).status)
	a.db.MustExec(`ALTER TABLE lost RENAME TO platform_objects`)
	answer := a.do(change)
	assert.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assert.Empty(t, answer.header.Get("Idempotent-Replayed"))
}

func TestIdempotency_AnswersAreKeptForADay(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t)
	key := a.connected()
	change := payment(`{"notes":"once"}`).as(key).with("Idempotency-Key", "k")
	require.Equal(t, http.StatusOK, a.do(change).status)
	for _, test := range []struct {
		age     string
		deleted int64
	}{{"23 hours", 0}, {"25 hours", 1}} {
		a.db.MustExec(`UPDATE idempotency_keys SET created_at = now() - $1::interval`, test.age)
		deleted, err := a.store.DeleteExpiredAnswers(t.Context())
		require.NoError(t, err)
		assert.Equal(t, test.deleted, deleted, test.age)
	}
	assert.Empty(t, a.do(change).header.Get("Idempotent-Replayed"))
}

// What is given with its default is not given: the same request.
func TestIdempotency_NoDryRunIsNoOtherRequest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	without := post("/propagate", canonicalExample).as(key).with("Idempotency-Key", "k")
	first := a.do(without)
	require.Equal(t, http.StatusOK, first.status)
	again := a.do(post("/propagate", strings.Replace(canonicalExample, `"data"`, `"dry_run":false,"data"`, 1)).as(key).with("Idempotency-Key", "k"))
	assert.Equal(t, http.StatusOK, again.status, "%s", again.body)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Equal(t, string(first.body), string(again.body))
}

// A dry run writes nothing, and so is no use of a key.
func TestIdempotency_NotOfADryRun(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	dry := post("/propagate", strings.Replace(canonicalExample, `"data"`, `"dry_run":true,"data"`, 1)).as(key).with("Idempotency-Key", "k")
	first := a.do(dry)
	assert.Equal(t, http.StatusOK, first.status)
	assert.Equal(t, a.do(get("/objects/"+paymentID).as(key)).header.Get("ETag"), first.header.Get("ETag"))
	run := a.do(post("/propagate", canonicalExample).as(key).with("Idempotency-Key", "k"))
	assert.Equal(t, string(first.body), string(run.body))
	assert.Empty(t, run.header.Get("Idempotent-Replayed"))
}
