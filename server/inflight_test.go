package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/server"
	"structural.app/structural/server/budget"
)

// withInflight gives the server so much memory for requests.
func withInflight(bytes int64) func(*server.Config) {
	return func(cfg *server.Config) { cfg.Inflight = budget.New(bytes) }
}

// A client that says that a body comes, and sends none, takes the place of nobody.
func TestInflight_SlowBodiesTakeNobodysPlace(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withInflight(8*budget.Small))
	key, _ := a.demoSession()
	for range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(a.origin(), "http://"))
		require.NoError(t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST /api/v1/transform HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{", key)
		require.NoError(t, err)
	}
	time.Sleep(100 * time.Millisecond) // until they are there; if they were not, the test would only prove less
	for range 20 {
		answer := a.do(post("/transform", transformPayment).as(key))
		assert.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	}
}

// A body that there is no memory for is refused before it is sent.
func TestInflight_RefusedBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.exhaust()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.origin(), "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /api/v1/transform HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n", key)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	assert.Equal(t, "1", answer.Header.Get("Retry-After"))
}

func TestInflight_HealthIsAlwaysTold(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.exhaust()
	assert.Equal(t, http.StatusOK, a.do(get("/health")).status)
	answer := a.do(get("/connections").as(key))
	assert.Equal(t, http.StatusServiceUnavailable, answer.status)
	assert.Equal(t, "OVERLOADED", answer.error(t).Type)
	assert.Equal(t, "1", answer.header.Get("Retry-After"))
}

// Whatever becomes of a request, what it held is free again.
func TestInflight_EverythingIsGivenBack(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, r := range []request{
		get("/connections"), get("/objects/" + paymentID), get("/objects?platform=procore&entity_type=payment"), get("/objects/" + paymentID + "/history"),
		post("/propagate", canonicalExample), payment(`{"amount":"much"}`), post("/transform", transformPayment), post("/transform", "{"),
		post("/transform", twoMiB), get("/connections?x=1"), post("/connect", `{"platform":"procore"}`), del("/demo/session", key), get("/connections"),
	} {
		a.do(r.as(key))
	}
	assert.Eventually(t, func() bool { return a.inflight.Held() == 0 }, 5*time.Second, time.Millisecond)
	assert.Zero(t, a.inflight.Waiting())
	assert.Zero(t, a.inflight.Refused())
}

// A change of a few bytes reads an object of megabytes: that is reserved before anything is made of it, and before it is written.
func TestInflight_WhatAChangeReadsIsReserved(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.db.MustExec(`UPDATE platform_objects SET payload = json_build_object('id', 1823456, 'notes', repeat('x', 3000000)) WHERE customer_id = $1 AND platform_id = '1823456'`, a.customer(key))
	for range 2 {
		require.True(t, a.inflight.Reservation().TryGrow(100<<20))
	}
	refused := a.do(payment(`{"check_number":"CHK-1"}`).as(key).with("Idempotency-Key", "k"))
	assert.Equal(t, http.StatusServiceUnavailable, refused.status, "%.200s", refused.body)
	assert.Empty(t, a.history(key, paymentID))
}
