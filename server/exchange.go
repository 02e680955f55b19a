package server

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"structural.app/structural/server/apikey"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/openapi"
	"structural.app/structural/store"
)

const (
	headerRequestID       = "X-Request-ID"
	headerAPIVersion      = "API-Version"
	headerRateLimit       = "RateLimit"
	headerRateLimitPolicy = "RateLimit-Policy"
	headerReplayed        = "Idempotent-Replayed"
)

// exchange is what is known of one request and its response on the way through. It travels in the request's context.
type exchange struct {
	requestID string
	accept    []string       // the Accept of the request
	network   string         // that the request came from: an IPv4 /24, an IPv6 /48
	key       store.Key      // of the caller; zero before authentication and for open operations
	rateLimit *rateLimitTake // the tightest that the request was held against; nil if there is none
	replayed  bool           // the answer is that of an earlier request with the same Idempotency-Key
	applied   string         // the preference that the answer keeps (RFC 7240); empty: none
	streaming bool           // a part of the answer is sent already
	err       error          // what became the error response, for the log

	reservation *budget.Reservation // of the memory that the request takes; nil: it is not bounded
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// exchange is the outermost middleware: it gives the request its id and its time limit, every response its headers, and the
// log one line.
func (s *Server) exchange(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		op := s.document.OperationOf(c)
		x := &exchange{requestID: newRequestID(), network: widerNetwork(c.RealIP()), accept: c.Request().Header.Values(echo.HeaderAccept)}
		s.metrics.RequestStarted()
		operationID, route := nameOf(op)
		ctx, endSpan := s.traces.Start(c.Request().Context(), c.Request(), operationID, route, x.requestID)
		ctx, cancel := context.WithTimeout(context.WithValue(ctx, exchangeKey{}, x), timeout(op))
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		// Last of all, so that whatever wrote the response, generated code included, these headers are right.
		c.Response().Before(func() { x.writeHeaders(c.Response().Header(), op) })

		if err := next(c); err != nil {
			c.Error(err)
		}
		took, status := time.Since(start), c.Response().Status
		s.metrics.RequestEnded(operationID, status, took)
		endSpan(status)
		s.log(c, op, x, took)
		if x.streaming && x.err != nil {
			panic(http.ErrAbortHandler) // the client must not take what it has for the whole
		}
		return nil
	}
}

// timeout bounds what the request may take; its handler's queries end with it.
func timeout(op *openapi.Operation) time.Duration {
	if op != nil && op.Timeout > 0 {
		return op.Timeout
	}
	return requestTimeout
}

func (x *exchange) writeHeaders(h http.Header, op *openapi.Operation) {
	h.Set(headerRequestID, x.requestID)
	h.Set(headerAPIVersion, apiVersion)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	if op != nil && op.Secured() && h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "private, no-cache") // generated code leaves it empty
	}
	if x.rateLimit != nil {
		x.rateLimit.writeHeaders(h)
	}
	if x.replayed {
		h.Set(headerReplayed, "true")
	}
	if x.applied != "" {
		h.Set(headerPreferenceApplied, x.applied)
	}
}

// log writes the request's line. It holds no path, query, header or body: any of them may carry a key.
func (s *Server) log(c echo.Context, op *openapi.Operation, x *exchange, duration time.Duration) {
	status := c.Response().Status
	attrs := []slog.Attr{
		slog.String("request_id", x.requestID),
		slog.String("method", c.Request().Method),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(duration.Microseconds())/1000),
	}
	if op != nil {
		attrs = append(attrs, slog.String("operation_id", op.ID))
	}
	if id := s.traces.ID(c.Request().Context()); id != "" {
		attrs = append(attrs, slog.String("trace_id", id))
	}
	if x.key.CustomerID != "" {
		attrs = append(attrs, slog.String("customer_id", x.key.CustomerID))
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("error", apikey.Mask(x.err.Error())))
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.logger.LogAttrs(c.Request().Context(), level, "request", attrs...)
}

// newRequestID returns req_ and 12 characters of a-z and 0-9: 62 bits, to tell requests apart and not to keep a secret.
func newRequestID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	b.Grow(16)
	b.WriteString("req_")
	for range 12 {
		b.WriteByte(alphabet[rand.IntN(len(alphabet))])
	}
	return b.String()
}
