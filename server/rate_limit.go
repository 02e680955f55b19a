package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/ulule/limiter/v3"

	"structural.app/structural/server/openapi"
	"structural.app/structural/telemetry"
)

// rateLimits counts requests in fixed windows, each of which starts with its first request.
type rateLimits struct {
	shared  limiter.Store // nil: the counts are this process's own
	local   *counts
	good    *counts // hashes of keys that were good within the last hour
	general int64   // requests a minute by the limits that the operator sets; 0: those are off
	logger  *slog.Logger
	metrics *telemetry.Metrics
	clock   func() time.Time
}

func newRateLimits(shared limiter.Store, general int64, logger *slog.Logger, metrics *telemetry.Metrics, clock func() time.Time) *rateLimits {
	return &rateLimits{
		shared: shared, local: newCounts(maxCounts), good: newCounts(maxCounts), general: general, logger: logger, metrics: metrics, clock: clock,
	}
}

// requests is how many requests a limit allows in its window; 0: it is off.
func (l *rateLimits) requests(limit *openapi.RateLimit) int64 {
	switch {
	case limit == nil:
		return 0
	case limit.Setting == "":
		return limit.Limit
	}
	return l.general * limit.WindowSeconds / 60
}

// rateLimitTake is the state of a limit after a request was counted.
type rateLimitTake struct {
	limit     *openapi.RateLimit
	requests  int64 // in a window
	remaining int64
	reset     int64 // seconds until the window ends
	reached   bool
}

// take counts a request. While the shared store does not answer, each process counts for itself: a limit that is a little
// loose is better than none, and than no service.
// Nil: the limit is off.
func (l *rateLimits) take(ctx context.Context, limit *openapi.RateLimit, counted string) *rateLimitTake {
	requests := l.requests(limit)
	if requests == 0 {
		return nil
	}
	key, period := limit.Name+":"+counted, time.Duration(limit.WindowSeconds)*time.Second
	if l.shared != nil {
		state, err := l.shared.Get(ctx, key, limiter.Rate{Period: period, Limit: requests})
		if err == nil {
			l.metrics.RateLimitDecided(limit.Name, !state.Reached, true)
			return l.newTake(limit, requests, requests-state.Remaining, state.Reset, state.Reached)
		}
		l.metrics.RateLimitStoreFailed()
		l.logger.WarnContext(ctx, "rate limit store does not answer; counting in memory", "error", err)
	}
	w := l.local.add(key, period, l.clock())
	l.metrics.RateLimitDecided(limit.Name, w.count <= requests, false)
	return l.newTake(limit, requests, w.count, w.ends.Unix(), w.count > requests)
}

// newTake is the state of a limit of which so many requests are used. ends is when its window does, floored to a second.
func (l *rateLimits) newTake(limit *openapi.RateLimit, requests, used, ends int64, reached bool) *rateLimitTake {
	// One second more makes sure that the end is past.
	reset := min(limit.WindowSeconds, max(1, ends+1-l.clock().Unix()))
	return &rateLimitTake{limit: limit, requests: requests, remaining: max(0, requests-used), reset: reset, reached: reached}
}

// tighter is the limit that a client meets first: what the RateLimit fields tell.
func tighter(a, b *rateLimitTake) *rateLimitTake {
	if a == nil || b != nil && !a.reached && b.remaining < a.remaining {
		return b
	}
	return a
}

// writeHeaders writes the fields of draft-ietf-httpapi-ratelimit-headers, and Retry-After when the limit is reached.
func (t *rateLimitTake) writeHeaders(h http.Header) {
	h.Set(headerRateLimitPolicy, fmt.Sprintf("%q;q=%d;w=%d", t.limit.Name, t.requests, t.limit.WindowSeconds))
	h.Set(headerRateLimit, fmt.Sprintf("%q;r=%d;t=%d", t.limit.Name, t.remaining, t.reset))
	if t.reached {
		h.Set(echo.HeaderRetryAfter, strconv.FormatInt(t.reset, 10))
	}
}

// admit enforces the general limit of the key and the operation's own x-rate-limit, and makes what the request takes from now on
// that of its customer.
func (s *Server) admit(c echo.Context, op *openapi.Operation) error {
	ctx := c.Request().Context()
	x := exchangeOf(ctx)
	for _, limit := range []*openapi.RateLimit{op.KeyLimit, op.RateLimit} {
		if limit == nil {
			continue
		}
		x.rateLimit = tighter(x.rateLimit, s.limits.take(ctx, limit, s.countedBy(c, x, limit)))
		if x.rateLimit != nil && x.rateLimit.reached {
			return &Error{Kind: KindRateLimit}
		}
	}
	if x.key.CustomerID != "" {
		x.reservation.Of(x.key.CustomerID)
	}
	return nil
}

// widerNetwork is what shares a bound on demo sessions: an IPv4 /24, an IPv6 /48. Empty for an address that is none.
func widerNetwork(address string) string {
	ip := net.ParseIP(address)
	switch {
	case ip == nil:
		return ""
	case ip.To4() != nil:
		return (&net.IPNet{IP: ip.Mask(net.CIDRMask(24, 32)), Mask: net.CIDRMask(24, 32)}).String()
	}
	return (&net.IPNet{IP: ip.Mask(net.CIDRMask(48, 128)), Mask: net.CIDRMask(48, 128)}).String()
}

// countedBy is what a limit counts a request by.
func (s *Server) countedBy(c echo.Context, x *exchange, limit *openapi.RateLimit) string {
	switch limit.Per {
	case "customer":
		return x.key.CustomerID
	case "key":
		return x.key.ID
	}
	return clientNetwork(c.RealIP())
}

// mayTryKey refuses a client that has sent too many keys which are none, before another one is looked up. A key that was good a
// while ago is always looked up: nobody is locked out by somebody else behind the same address. Each process counts for itself:
// the limit protects its own work.
func (s *Server) mayTryKey(c echo.Context, hash [32]byte) error {
	limit := s.document.OperationOf(c).FailureLimit
	requests := s.limits.requests(limit)
	if requests == 0 {
		return nil
	}
	w := s.limits.local.get(limit.Name+":"+clientNetwork(c.RealIP()), s.limits.clock())
	if w.count < requests || s.limits.good.get(string(hash[:]), s.limits.clock()).count > 0 {
		return nil
	}
	s.metrics.RateLimitDecided(limit.Name, false, false)
	exchangeOf(c.Request().Context()).rateLimit = s.limits.newTake(limit, requests, w.count, w.ends.Unix(), true)
	return &Error{Kind: KindRateLimit}
}

// keySucceeded remembers a key that was looked up and is good.
func (s *Server) keySucceeded(hash [32]byte) {
	if now := s.limits.clock(); s.limits.good.get(string(hash[:]), now).count == 0 {
		s.limits.good.add(string(hash[:]), time.Hour, now)
	}
}

// keyFailed counts a key that was looked up and is none.
func (s *Server) keyFailed(c echo.Context) {
	limit := s.document.OperationOf(c).FailureLimit
	if s.limits.requests(limit) > 0 {
		s.metrics.RateLimitDecided(limit.Name, true, false)
		s.limits.local.add(limit.Name+":"+clientNetwork(c.RealIP()), time.Duration(limit.WindowSeconds)*time.Second, s.limits.clock())
	}
}

// clientNetwork is what one client is counted by: its IPv4 address, or its IPv6 /64, the least that a subscriber is given.
func clientNetwork(address string) string {
	ip := net.ParseIP(address)
	if ip == nil || ip.To4() != nil {
		return ip.String()
	}
	return ip.Mask(net.CIDRMask(64, 128)).String() + "/64"
}
