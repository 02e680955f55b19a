package server_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/ulule/limiter/v3"
	limiterredis "github.com/ulule/limiter/v3/drivers/store/redis"

	"structural.app/structural/server"
	"structural.app/structural/server/apikey"
)

func TestRateLimit_Of200AtOnceExactlyFivePass(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[int]int{201: 5, 429: 195}, createAtOnce(200, newAPI(t)))
}

func TestRateLimit_ReplicasShareOneCountInRedis(t *testing.T) {
	t.Parallel()
	shared := withRedis(t, miniredis.RunT(t))
	assert.Equal(t, map[int]int{201: 5, 429: 45}, createAtOnce(50, newAPI(t, shared), newAPI(t, shared)))
}

func TestRateLimit_HoldsInMemoryWhileRedisIsDown(t *testing.T) {
	t.Parallel()
	r := miniredis.RunT(t)
	a := newAPI(t, withRedis(t, r))
	r.Close()
	assert.Equal(t, map[int]int{201: 5, 429: 5}, createAtOnce(10, a))
	assert.Contains(t, a.log.String(), "rate limit store does not answer")
}

func TestRateLimit_FieldsTellTheState(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for remaining := 4; remaining >= 0; remaining-- {
		answer := a.do(post("/demo/session", ""))
		assert.Equal(t, `"demo-session";q=5;w=60`, answer.header.Get("RateLimit-Policy"))
		assert.Regexp(t, fmt.Sprintf(`^"demo-session";r=%d;t=(60|5\d)$`, remaining), answer.header.Get("RateLimit"))
		assert.Empty(t, answer.header.Get("Retry-After"))
	}
	answer := a.do(post("/demo/session", ""))
	require.Equal(t, http.StatusTooManyRequests, answer.status)
	seconds, err := strconv.Atoi(answer.header.Get("Retry-After"))
	require.NoError(t, err)
	assert.True(t, seconds >= 1 && seconds <= 60, seconds)
	assert.Regexp(t, fmt.Sprintf(`^"demo-session";r=0;t=%d$`, seconds), answer.header.Get("RateLimit"))
}

// A window of a minute starts with its first request, and the next one with the first after its end.
func TestRateLimit_WindowsEnd(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	a := newAPI(t, withClock(clock.now))
	open := func() answer { return a.do(post("/demo/session", "")) }
	for range 5 {
		require.Equal(t, http.StatusCreated, open().status)
	}
	clock.advance(59 * time.Second)
	refused := open()
	assert.Equal(t, http.StatusTooManyRequests, refused.status)
	assert.Equal(t, `"demo-session";r=0;t=2`, refused.header.Get("RateLimit"), "one second more makes sure that the end is past")
	assert.Equal(t, "2", refused.header.Get("Retry-After"))
	clock.advance(2 * time.Second)
	admitted := open()
	assert.Equal(t, http.StatusCreated, admitted.status)
	assert.Equal(t, `"demo-session";r=4;t=60`, admitted.header.Get("RateLimit"))
}

// A key counts as good for an hour after it was looked up: until then its client is not locked out by others behind its address.
func TestRateLimit_AKeyIsGoodForAnHour(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	a := newAPI(t, limited(3), withClock(clock.now))
	good, _ := a.demoSession()
	require.Equal(t, http.StatusOK, a.do(get("/connections").as(good)).status)
	for _, after := range []struct {
		passed time.Duration
		want   int
	}{{59 * time.Minute, http.StatusOK}, {2 * time.Minute, http.StatusTooManyRequests}} {
		clock.advance(after.passed)
		for range 3 {
			require.Equal(t, http.StatusUnauthorized, a.do(get("/connections").as(apikey.New("demo"))).status)
		}
		assert.Equal(t, after.want, a.do(get("/connections").as(good)).status, "after %v", after.passed)
	}
}

// Each case sends six requests, all of which but the X-Forwarded-For are the same.
func TestRateLimit_CountsTheClientAddress(t *testing.T) {
	for name, test := range map[string]struct {
		options []func(*server.Config)
		forward func(i int) string
		passed  int
	}{
		"forged, no proxy trusted":         {nil, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, 5},
		"from a trusted proxy":             {[]func(*server.Config){trustLoopback}, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, 6},
		"forged left of a trusted proxy's": {[]func(*server.Config){trustLoopback}, func(i int) string { return fmt.Sprintf("198.51.100.%d, 203.0.113.7", i) }, 5},
		"one IPv6 /64":                     {[]func(*server.Config){trustLoopback}, func(i int) string { return fmt.Sprintf("2001:db8:1:2::%d", i) }, 5},
		"several IPv6 /64":                 {[]func(*server.Config){trustLoopback}, func(i int) string { return fmt.Sprintf("2001:db8:1:%d::1", i) }, 6},
		"IPv4 written as IPv6":             {[]func(*server.Config){trustLoopback}, func(i int) string { return []string{"203.0.113.7", "::ffff:203.0.113.7"}[i%2] }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t, test.options...)
			passed := 0
			for i := range 6 {
				if a.do(post("/demo/session", "").with("X-Forwarded-For", test.forward(i))).status == http.StatusCreated {
					passed++
				}
			}
			assert.Equal(t, test.passed, passed)
		})
	}
}

// createAtOnce sends n creations at the same time, to the servers in turn, and counts the statuses.
func createAtOnce(n int, servers ...*api) map[int]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses := map[int]int{}
	for i := range n {
		wg.Go(func() {
			a := servers[i%len(servers)]
			status := a.do(post("/demo/session", "")).status
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	wg.Wait()
	return statuses
}

func withRedis(t *testing.T, r *miniredis.Miniredis) func(*server.Config) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: r.Addr(), MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	shared, err := limiterredis.NewStoreWithOptions(client, limiter.StoreOptions{Prefix: "structural"})
	require.NoError(t, err)
	return func(cfg *server.Config) { cfg.Limits = shared }
}

func TestRateLimit_OfAKeyHoldsForAllItsRequests(t *testing.T) {
	t.Parallel()
	shared := withRedis(t, miniredis.RunT(t))
	a := newAPI(t, shared, limited(5))
	key, _ := a.demoSession()
	other, _ := a.demoSession()
	b := a.replica(shared, limited(5))
	var statuses []int
	for i := range 6 {
		server := []*api{a, b}[i%2]
		statuses = append(statuses, server.do([]request{get("/connections"), get("/objects/" + paymentID), post("/transform", "{}")}[i%3].as(key)).status)
	}
	assert.Equal(t, []int{200, 404, 400, 200, 404, 429}, statuses)
	refused := a.do(get("/connections").as(key))
	assert.Equal(t, `"api-key";q=5;w=60`, refused.header.Get("RateLimit-Policy"))
	assert.Regexp(t, `^"api-key";r=0;t=(60|5\d)$`, refused.header.Get("RateLimit"))
	assert.Regexp(t, `^(60|5\d)$`, refused.header.Get("Retry-After"))
	answer := a.do(get("/connections").as(other))
	assert.Equal(t, http.StatusOK, answer.status, "another key")
	assert.Regexp(t, `^"api-key";r=4;t=(60|5\d)$`, answer.header.Get("RateLimit"))
}

func TestRateLimit_FieldsTellTheTighterLimit(t *testing.T) {
	t.Parallel()
	for general, policy := range map[int64]string{200: `"api-key";q=200;w=60`, 1200: `"propagate";q=300;w=60`, 0: `"propagate";q=300;w=60`} {
		a := newAPI(t, limited(general))
		key, _ := a.demoSession()
		answer := a.do(post("/propagate", canonicalExample).as(key))
		assert.Equal(t, policy, answer.header.Get("RateLimit-Policy"))
		if general == 0 {
			answer = a.do(get("/connections").as(key))
			assert.Empty(t, answer.header.Get("RateLimit"), "there is no limit")
		}
	}
}

func TestRateLimit_HealthIsLimitedByAddress(t *testing.T) {
	t.Parallel()
	a := newAPI(t, limited(3), trustLoopback)
	from := func(address string) answer { return a.do(get("/health").with("X-Forwarded-For", address)) }
	for range 3 {
		assert.Equal(t, http.StatusOK, from("203.0.113.7").status)
	}
	assert.Equal(t, http.StatusTooManyRequests, from("203.0.113.7").status)
	assert.Equal(t, http.StatusOK, from("203.0.113.8").status)
}

// A key that is none costs a look-up: a client has so many of them, and no more.
func TestRateLimit_BadKeysAreNotLookedUpForEver(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t, limited(3), trustLoopback)
	good, _ := a.demoSession()
	from := func(address, key string) answer {
		return a.do(get("/connections").as(key).with("X-Forwarded-For", address))
	}
	for range 10 {
		assert.Equal(t, http.StatusUnauthorized, from("203.0.113.7", "sk_demo_mistyped").status, "no look-up: not counted")
	}
	for range 3 {
		assert.Equal(t, http.StatusUnauthorized, from("203.0.113.7", apikey.New("demo")).status)
	}
	before := a.link.RoundTrips()
	refused := from("203.0.113.7", apikey.New("demo"))
	assert.Equal(t, http.StatusTooManyRequests, refused.status)
	assert.Equal(t, `"failed-keys";q=3;w=60`, refused.header.Get("RateLimit-Policy"))
	assert.NotEmpty(t, refused.header.Get("Retry-After"))
	assertMeetsContract(t, "getConnections", refused)
	assert.Equal(t, before, a.link.RoundTrips())
	assert.Equal(t, http.StatusOK, from("203.0.113.8", good).status, "another client")
	assert.Equal(t, http.StatusOK, from("203.0.113.7", good).status, "a key that was good is not locked out by others behind its address")
}
