package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// Whoever was answered 201 keeps the session, however the program ends.
func TestServe_KilledUnderLoad(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	var keys []string
	next := 0
	for range 3 {
		p := start(t, "DATA_DIR="+dir)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					mu.Lock()
					next++
					i := next
					mu.Unlock()
					status, key := p.createSession(i)
					if status == 0 {
						return // killed
					}
					assert.Equal(t, http.StatusCreated, status)
					mu.Lock()
					keys = append(keys, key)
					mu.Unlock()
				}
			})
		}
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(keys) > next/2 && next > 20 }, 30*time.Second, time.Millisecond)
		p.kill()
		wg.Wait()
		assert.NotContains(t, p.log(), keys[0][8:20])
	}
	require.NotEmpty(t, keys)

	p := start(t, "DATA_DIR="+dir)
	assert.Len(t, servers(t, dir), 1, "one server, no stray")
	for _, key := range keys {
		status, _ := p.call(http.MethodDelete, "/demo/session", key)
		assert.Equal(t, http.StatusNoContent, status)
	}
	p.stop()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), p.log())
	assert.Empty(t, servers(t, dir))
}

func TestServe_RequestsInFlightFinishBeforeItStops(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t))
	host := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/api/v1")
	conn, err := net.Dial("tcp", host)
	require.NoError(t, err)
	defer conn.Close()
	// A request whose body is still on its way.
	fmt.Fprintf(conn, "POST /api/v1/demo/session HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{", host)
	status, _ := p.call(http.MethodGet, "/health", "") // the first request has been taken up by now
	require.Equal(t, http.StatusOK, status)

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", host)
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, 10*time.Second, 5*time.Millisecond, "new connections are refused")

	fmt.Fprint(conn, "}")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusCreated, resp.StatusCode, "%s", body)
	assert.Equal(t, 0, p.wait(), p.log())
}

// The database that DATABASE_URL names goes away under load and comes back; the program stays.
func TestServe_DatabaseOutage(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	startServer := func() *embedded.Server {
		s, err := embedded.Start(context.Background(), embedded.Config{DataDir: dir, Fast: true, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		return s
	}
	db := startServer()
	p := start(t, "DATABASE_URL="+db.DSN("structural"))

	load, endLoad := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var unavailable, next atomic.Int64
	for range 16 {
		wg.Go(func() {
			for load.Err() == nil {
				begin := time.Now()
				status, key := p.createSession(int(next.Add(1)))
				assert.Less(t, time.Since(begin), 12*time.Second, "no request hangs over the time-out")
				switch status {
				case http.StatusCreated:
					assert.NotEmpty(t, key)
				case http.StatusBadGateway:
					unavailable.Add(1)
				default:
					assert.Fail(t, "unexpected status", status)
				}
			}
		})
	}
	health := func(want int) func() bool {
		return func() bool { status, _ := p.call(http.MethodGet, "/health", ""); return status == want }
	}
	assert.Eventually(t, health(http.StatusOK), 10*time.Second, 10*time.Millisecond)
	require.NoError(t, db.Stop())
	assert.Eventually(t, health(http.StatusServiceUnavailable), 10*time.Second, 10*time.Millisecond)
	assert.Eventually(t, func() bool { return unavailable.Load() > 50 }, 20*time.Second, 10*time.Millisecond)
	_, body := p.call(http.MethodPost, "/demo/session", "", "X-Forwarded-For", "192.0.2.1")
	assert.Contains(t, body, `"type":"EXTERNAL_SERVICE_ERROR"`)

	db = startServer()
	defer func() { assert.NoError(t, db.Stop()) }()
	assert.Eventually(t, health(http.StatusOK), 10*time.Second, 10*time.Millisecond, "back without a restart")
	assert.Eventually(t, func() bool { status, _ := p.createSession(int(next.Add(1))); return status == http.StatusCreated }, 10*time.Second, 10*time.Millisecond)
	endLoad()
	wg.Wait()
	assert.NotContains(t, p.log(), "panic")
	p.stop()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), "stopped cleanly after the outage")
}

// The private server is started again when it dies.
func TestServe_PrivateServerDies(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := start(t, "DATA_DIR="+dir)
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	require.NoError(t, exec.Command("pkill", "-9", "-f", "^[^ ]*postgres .*"+dir).Run())
	assert.Eventually(t, func() bool {
		status, _ := p.call(http.MethodDelete, "/demo/session", key)
		return status == http.StatusNoContent
	},
		30*time.Second, 50*time.Millisecond, p.log())
}

func TestServe_ReplicasStartOnOneEmptyDatabase(t *testing.T) {
	t.Parallel()
	db, err := embedded.Start(context.Background(), embedded.Config{DataDir: dataDir(t), Fast: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer db.Stop()
	replicas := make([]*program, 3)
	var wg sync.WaitGroup
	for i := range replicas {
		wg.Go(func() { replicas[i] = start(t, "DATABASE_URL="+db.DSN("structural")) })
	}
	wg.Wait()
	status, key := replicas[0].createSession(1)
	require.Equal(t, http.StatusCreated, status)
	status, _ = replicas[1].call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusNoContent, status)
	status, _ = replicas[2].call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusUnauthorized, status)
	for _, r := range replicas {
		r.stop() // before the database
	}
}

func TestServe_AbandonedSessionsAreSwept(t *testing.T) {
	t.Parallel()
	db, err := embedded.Start(context.Background(), embedded.Config{DataDir: dataDir(t), Fast: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer db.Stop()
	p := start(t, "DATABASE_URL="+db.DSN("structural"), "DEMO_SESSION_TTL=1s")
	defer p.stop()
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	rows, err := sql.Open("postgres", db.DSN("structural"))
	require.NoError(t, err)
	defer rows.Close()
	assert.Eventually(t, func() bool {
		var n int
		require.NoError(t, rows.QueryRow(`SELECT count(*) FROM customers`).Scan(&n))
		return n == 0
	}, 20*time.Second, 100*time.Millisecond)
	status, _ = p.call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusUnauthorized, status)
}

func TestServe_TellsWhyItDoesNotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for variable, says := range map[string]string{
		"ADDR=" + taken.Addr().String():                   "ADDR: ",
		"ADDR=8080":                                       "ADDR: ",
		"LOG_LEVEL=loud":                                  "LOG_LEVEL: ",
		"DATABASE_URL=postgres://u:hunter2@[":             "DATABASE_URL",
		"DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x": "connection refused",
		"REDIS_URL=http://:hunter2@localhost":             "REDIS_URL: ",
		"REDIS_URL=redis://:hunter2@127.0.0.1:1":          "REDIS_URL: ",
	} {
		cmd := exec.Command(binary, "serve")
		cmd.Env = append(cmd.Environ(), "ADDR=127.0.0.1:0", "DATA_DIR=/dev/null/x", variable)
		output, err := cmd.CombinedOutput()
		assert.Error(t, err, variable)
		assert.Equal(t, 1, cmd.ProcessState.ExitCode(), variable)
		assert.Contains(t, string(output), says, variable)
		assert.NotContains(t, string(output), "hunter2", variable)
		assert.Equal(t, 1, strings.Count(string(output), "\n"), "one line: %s", output)
	}
}
