package main

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// Customers are listed and deleted while the program serves, and while it does not.
func TestCustomers(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	environment := []string{"DATA_DIR=" + dir}
	customers := func(args ...string) result { return runWith(t, environment, append([]string{"customers"}, args...)...) }
	p := start(t, environment...)
	keys := map[string]string{}
	for name, mode := range map[string]string{"Doha": "test", "Jeddah": "live"} {
		created := runWith(t, environment, "keys", "create", "--mode", mode, "--name", name)
		require.Zero(t, created.code, created.messages)
		keys[name] = strings.TrimSpace(created.output)
	}
	status, demo := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	status, body := p.post("/connect", keys["Doha"], `{"platform":"procore"}`)
	require.Equal(t, http.StatusOK, status, body)

	list := customers("list")
	require.Zero(t, list.code, list.messages)
	assert.Equal(t, 4, strings.Count(list.output, "\n"), list.output)
	doha := rowOf(t, list.output, "Doha") // id, mode, name, created, keys, connections, bytes
	require.Len(t, doha, 7)
	assert.Equal(t, []string{"test", "1", "1"}, []string{doha[1], doha[4], doha[5]})
	stored, err := strconv.Atoi(doha[6])
	require.NoError(t, err)
	assert.Greater(t, stored, 10_000, "the records of a platform")
	jeddah := rowOf(t, list.output, "Jeddah")
	assert.Equal(t, []string{"live", "1", "0", "0"}, []string{jeddah[1], jeddah[4], jeddah[5], jeddah[6]})
	live := customers("list", "--mode", "live")
	assert.Equal(t, 2, strings.Count(live.output, "\n"), live.output)
	assert.Contains(t, live.output, "Jeddah")

	refused := customers("delete", doha[0])
	assert.Equal(t, exitUsage, refused.code)
	assert.Contains(t, refused.messages, "--yes")
	unknown := customers("delete", "--yes", "nobody")
	assert.Equal(t, exitFailure, unknown.code)
	assert.Contains(t, unknown.messages, "customers list")
	status, _ = p.call(http.MethodGet, "/connections", keys["Doha"])
	require.Equal(t, http.StatusOK, status, "nothing is deleted yet")

	deleted := customers("delete", "--yes", doha[0])
	require.Zero(t, deleted.code, deleted.messages)
	status, _ = p.call(http.MethodGet, "/connections", keys["Doha"])
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.NotContains(t, customers("list").output, doha[0])
	assert.NotContains(t, runWith(t, environment, "keys", "list").output, doha[0])
	assert.Equal(t, exitFailure, customers("delete", "--yes", doha[0]).code)
	status, _ = p.call(http.MethodGet, "/connections", demo)
	assert.Equal(t, http.StatusOK, status, "no other customer is touched")

	p.stop()
	demoID := rowOf(t, customers("list", "--mode", "demo").output, "demo")[0]
	for _, id := range []string{demoID, jeddah[0]} {
		deleted = customers("delete", id, "--yes")
		require.Zero(t, deleted.code, deleted.messages)
	}
	server := startDatabase(t, dir)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	db, err := sql.Open("postgres", server.DSN(embedded.Database))
	require.NoError(t, err)
	defer db.Close()
	var rows int
	require.NoError(t, db.QueryRow(`SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM api_keys) + (SELECT count(*) FROM platform_objects)`).Scan(&rows))
	assert.Zero(t, rows, "the command deletes the rows, too")
}

// Only the word yes deletes.
func TestCustomersDelete_AsksForYes(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"yes\n": true, " yes \r\n": true, "yes": true, "y\n": false, "no\n": false, "\n": false, "": false, "\nyes\n": false} {
		assert.Equal(t, want, confirmed(t.Context(), strings.NewReader(answer)), "%q", answer)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	silent, keyboard := io.Pipe()
	defer keyboard.Close()
	assert.False(t, confirmed(ctx, silent), "whoever interrupts the program has not said yes")
}
