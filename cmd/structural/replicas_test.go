//go:build deployment

// These tests need a redis-server, and so are not part of `make test`: `make replicas` runs them.

package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

func TestReplicas_ShareRateLimits(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	redis.start()
	a, b := startReplicas(t, redis)
	assert.Equal(t, map[int]int{http.StatusCreated: 5, http.StatusTooManyRequests: 35}, createAtOnce(40, 1, a, b))
	assert.Equal(t, map[int]int{http.StatusCreated: 5}, createAtOnce(5, 2, a, b), "another client's")
	assert.Equal(t, 10, count(t, "shared", "admitted", a, b))
	assert.Equal(t, 35, count(t, "shared", "refused", a, b))
	assert.Equal(t, 0, count(t, "own", "admitted", a, b))
}

func TestReplicas_CountForThemselvesWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	redis.start()
	a, b := startReplicas(t, redis)
	redis.stop()
	assert.Equal(t, map[int]int{http.StatusCreated: 10, http.StatusTooManyRequests: 10}, createAtOnce(20, 1, a, b), "5 on each")
	assert.Equal(t, 10, count(t, "own", "admitted", a, b))
	assert.Equal(t, "10", a.metrics(t)["structural_rate_limit_store_failures_total"])
	assert.Equal(t, "200 ok", a.probe(t, "/readyz"), "it still serves")

	redis.start() // with an empty memory
	next := 100
	for _, r := range []*program{a, b} {
		require.Eventually(t, func() bool {
			before := count(t, "shared", "admitted", r)
			next++
			r.createSession(next)
			return count(t, "shared", "admitted", r) > before
		}, 10*time.Second, 100*time.Millisecond, "it asks Redis again")
	}
	assert.Equal(t, map[int]int{http.StatusCreated: 5, http.StatusTooManyRequests: 15}, createAtOnce(20, 2, a, b), "one count again")
}

func TestReplicas_ShareSessions(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	redis.start()
	a, b := startReplicas(t, redis)
	for i := range 20 {
		status, key := a.createSession(i)
		require.Equal(t, http.StatusCreated, status)
		status, body := b.post("/connect", key, `{"platform":"procore"}`)
		assert.Equal(t, http.StatusOK, status, "at once: %s", body)
		status, body = a.call(http.MethodGet, "/connections", key)
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, body, `"entities_synced":38`)
		status, _ = b.call(http.MethodDelete, "/demo/session", key)
		assert.Equal(t, http.StatusNoContent, status)
		status, _ = a.call(http.MethodGet, "/connections", key)
		assert.Equal(t, http.StatusUnauthorized, status, "at once")
	}
}

// Both replicas are replaced, one after the other, under load. No client sees a failure.
func TestReplicas_RollingRestartLosesNoRequest(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	redis.start()
	db := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	replica := func() *program {
		return start(t, "DATABASE_URL="+db.DSN(embedded.Database), "REDIS_URL="+redis.url(), "SHUTDOWN_DELAY=3s")
	}
	balancer := newBalancer(t)
	a, b := replica(), replica()
	balancer.add(a)
	balancer.add(b)

	// The balancer's clients; only the path to it is a program's.
	entry := &program{t: t, url: balancer.url + "/api/v1"}
	load, endLoad := context.WithCancel(context.Background())
	defer endLoad()
	var wg sync.WaitGroup
	var clients, answered atomic.Int64
	var failures sync.Map
	for range 8 {
		wg.Go(func() {
			for load.Err() == nil {
				i := int(clients.Add(1))
				created, key := entry.createSession(i)
				connections, _ := entry.call(http.MethodGet, "/connections", key)
				deleted, _ := entry.call(http.MethodDelete, "/demo/session", key)
				got := [3]int{created, connections, deleted}
				if got != [3]int{http.StatusCreated, http.StatusOK, http.StatusNoContent} {
					failures.Store(i, got)
				}
				answered.Add(3)
			}
		})
	}
	more := func(n int64) {
		t.Helper()
		reached := answered.Load() + n
		require.Eventually(t, func() bool { return answered.Load() > reached }, time.Minute, time.Millisecond)
	}
	more(300)
	replicas := []*program{a, b}
	for _, old := range replicas {
		old.stop()
		assert.Equal(t, 0, old.cmd.ProcessState.ExitCode(), old.log())
		balancer.remove(old)
		more(300) // by the other one alone
		fresh := replica()
		balancer.add(fresh)
		replicas = append(replicas, fresh)
		more(300)
	}
	endLoad()
	wg.Wait()
	failures.Range(func(client, statuses any) bool {
		return assert.Fail(t, "a request was lost", "client %v: %v", client, statuses)
	})
	for i, r := range replicas {
		assert.Greater(t, strings.Count(r.log(), `"msg":"request"`), 50, "replica %d had its share", i)
		r.stop() // before the database
	}
	t.Logf("%d requests", answered.Load())
}

func startReplicas(t *testing.T, redis *redisServer) (a, b *program) {
	t.Helper()
	db := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	a = start(t, "DATABASE_URL="+db.DSN(embedded.Database), "REDIS_URL="+redis.url())
	b = start(t, "DATABASE_URL="+db.DSN(embedded.Database), "REDIS_URL="+redis.url())
	return a, b
}

// createAtOnce has one client ask for n sessions at the same time, of the replicas in turn, and counts the statuses.
func createAtOnce(n, client int, replicas ...*program) map[int]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses := map[int]int{}
	for i := range n {
		wg.Go(func() {
			status, _ := replicas[i%len(replicas)].createSession(client)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	wg.Wait()
	return statuses
}

// count sums the decisions on demo sessions of all replicas.
func count(t *testing.T, by, decision string, replicas ...*program) (sum int) {
	t.Helper()
	for _, r := range replicas {
		var n int
		_, err := fmt.Sscan(r.metrics(t)[fmt.Sprintf(`structural_rate_limit_decisions_total{count=%q,decision=%q,limit="demo-session"}`, by, decision)], &n)
		require.NoError(t, err)
		sum += n
	}
	return sum
}

// redisServer is a real Redis, on a socket of its own.
type redisServer struct {
	t      *testing.T
	binary string
	socket string
	cmd    *exec.Cmd
}

func newRedis(t *testing.T) *redisServer {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	require.NoError(t, err, "redis-server is not installed, and these tests need a real one (Debian, Ubuntu: apt-get install redis-server)")
	dir, err := os.MkdirTemp("", "structural-redis-") // short: a socket's path has 107 bytes
	require.NoError(t, err)
	r := &redisServer{t: t, binary: path, socket: filepath.Join(dir, "redis.sock")}
	t.Cleanup(func() {
		if r.cmd != nil {
			r.stop()
		}
		os.RemoveAll(dir)
	})
	return r
}

func (r *redisServer) url() string { return "unix://" + r.socket }

func (r *redisServer) start() {
	r.t.Helper()
	r.cmd = exec.Command(r.binary, "--port", "0", "--unixsocket", r.socket, "--dir", filepath.Dir(r.socket), "--save", "", "--appendonly", "no")
	require.NoError(r.t, r.cmd.Start())
	require.Eventually(r.t, func() bool {
		conn, err := net.Dial("unix", r.socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "redis-server does not answer")
}

func (r *redisServer) stop() {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Kill())
	r.cmd.Wait()
	r.cmd = nil
}

// balancer passes requests in turn to the replicas that are ready, as it finds by asking /readyz. It tries each request once.
type balancer struct {
	url  string
	next atomic.Int64

	mu    sync.Mutex
	ready map[*program]bool
}

func newBalancer(t *testing.T) *balancer {
	b := &balancer{ready: map[*program]bool{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(b.choose())
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}
	server := httptest.NewServer(proxy)
	b.url = server.URL
	polling, stop := context.WithCancel(context.Background())
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		for polling.Err() == nil {
			b.poll()
			time.Sleep(50 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { stop(); <-polled; server.Close() })
	return b
}

// add takes a replica in, and waits until it is ready.
func (b *balancer) add(p *program) {
	b.mu.Lock()
	b.ready[p] = false
	b.mu.Unlock()
	require.Eventually(p.t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.ready[p] }, 10*time.Second, 5*time.Millisecond)
}

func (b *balancer) remove(p *program) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.ready, p)
}

func (b *balancer) poll() {
	b.mu.Lock()
	replicas := slices.Collect(maps.Keys(b.ready))
	b.mu.Unlock()
	for _, p := range replicas {
		req, _ := http.NewRequest(http.MethodGet, strings.TrimSuffix(p.url, "/api/v1")+"/readyz", nil)
		status, _ := send(req)
		b.mu.Lock()
		if _, ok := b.ready[p]; ok {
			b.ready[p] = status == http.StatusOK
		}
		b.mu.Unlock()
	}
}

func (b *balancer) choose() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ready []string
	for p, ok := range b.ready {
		if ok {
			ready = append(ready, strings.TrimSuffix(p.url, "/api/v1"))
		}
	}
	if len(ready) == 0 {
		return &url.URL{Scheme: "http", Host: "no-replica-is-ready.invalid"}
	}
	slices.Sort(ready)
	chosen, _ := url.Parse(ready[int(b.next.Add(1))%len(ready)])
	return chosen
}
