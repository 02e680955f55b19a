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
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"structural.app/structural/server/contract"
	"structural.app/structural/server/telemetry"
)

// rateLimits counts requests in fixed windows, each of which starts with its first request.
type rateLimits struct {
	shared  limiter.Store // nil: the counts are this process's own
	local   limiter.Store
	logger  *slog.Logger
	metrics *telemetry.Metrics
}

func newRateLimits(shared limiter.Store, logger *slog.Logger, metrics *telemetry.Metrics) *rateLimits {
	local := memory.NewStoreWithOptions(limiter.StoreOptions{Prefix: "structural", CleanUpInterval: 30 * time.Second})
	return &rateLimits{shared: shared, local: local, logger: logger, metrics: metrics}
}

// rateLimitTake is the state of a limit after a request was counted.
type rateLimitTake struct {
	limit     *contract.RateLimit
	remaining int64
	reset     int64 // seconds until the window ends
	reached   bool
}

// take counts a request. While the shared store does not answer, each process counts for itself: a limit that is a little
// loose is better than none, and than no service.
func (l *rateLimits) take(ctx context.Context, limit *contract.RateLimit, key string) (*rateLimitTake, error) {
	rate := limiter.Rate{Period: time.Duration(limit.WindowSeconds) * time.Second, Limit: limit.Limit}
	state, err := limiter.Context{}, error(nil)
	if l.shared != nil {
		if state, err = l.shared.Get(ctx, key, rate); err != nil {
			l.metrics.RateLimitStoreFailed()
			l.logger.WarnContext(ctx, "rate limit store does not answer; counting in memory", "error", err)
		}
	}
	shared := l.shared != nil && err == nil
	if !shared {
		if state, err = l.local.Get(ctx, key, rate); err != nil {
			return nil, fmt.Errorf("count request: %w", err)
		}
	}
	l.metrics.RateLimitDecided(limit, !state.Reached, shared)
	// The library floors the window's end to a second: one more makes sure that it is past.
	reset := min(limit.WindowSeconds, max(1, state.Reset+1-time.Now().Unix()))
	return &rateLimitTake{limit: limit, remaining: state.Remaining, reset: reset, reached: state.Reached}, nil
}

// writeHeaders writes the fields of draft-ietf-httpapi-ratelimit-headers, and Retry-After when the limit is reached.
func (t *rateLimitTake) writeHeaders(h http.Header) {
	h.Set(headerRateLimitPolicy, fmt.Sprintf("%q;q=%d;w=%d", t.limit.Name, t.limit.Limit, t.limit.WindowSeconds))
	h.Set(headerRateLimit, fmt.Sprintf("%q;r=%d;t=%d", t.limit.Name, t.remaining, t.reset))
	if t.reached {
		h.Set(echo.HeaderRetryAfter, strconv.FormatInt(t.reset, 10))
	}
}

// admit enforces the operation's x-rate-limit.
func (s *Server) admit(c echo.Context, op *contract.Operation) error {
	if op.RateLimit == nil {
		return nil
	}
	ctx := c.Request().Context()
	x := exchangeOf(ctx)
	counted := clientNetwork(c.RealIP())
	if op.RateLimit.Per == "customer" {
		counted = x.key.CustomerID
	}
	take, err := s.limits.take(ctx, op.RateLimit, op.RateLimit.Name+":"+counted)
	if err != nil {
		return err
	}
	x.rateLimit = take
	if take.reached {
		return &Error{Kind: KindRateLimit}
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

// clientNetwork is what one client is counted by: its IPv4 address, or its IPv6 /64, the least that a subscriber is given.
func clientNetwork(address string) string {
	ip := net.ParseIP(address)
	if ip == nil || ip.To4() != nil {
		return ip.String()
	}
	return ip.Mask(net.CIDRMask(64, 128)).String() + "/64"
}
