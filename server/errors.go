package server

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"structural.app/structural/gen"
	"structural.app/structural/server/apikey"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/openapi"
	"structural.app/structural/store"
)

// Kind is a kind of error that a caller can be answered with.
type Kind int

// The kinds of errors; the table below gives each its type, status and message.
const (
	KindInternal Kind = iota
	KindValidation
	KindAuthentication
	KindAuthorization
	KindNotFound
	KindMethodNotAllowed
	KindConflict
	KindPreconditionFailed
	KindPayloadTooLarge
	KindUnsupportedMediaType
	KindTransform
	KindSettings
	KindRecordClosed
	KindIdempotency
	KindQuotaExceeded
	KindRateLimit
	KindExternalService
	KindOverloaded
)

var kinds = map[Kind]struct {
	errorType gen.ErrorType
	status    int
	message   string // unless the error has its own
}{
	KindInternal:             {"INTERNAL_ERROR", http.StatusInternalServerError, "Unexpected server error; quote the request_id to support"},
	KindValidation:           {"VALIDATION_ERROR", http.StatusBadRequest, "The request is not valid"},
	KindAuthentication:       {"AUTHENTICATION_ERROR", http.StatusUnauthorized, "Invalid or missing API key"},
	KindAuthorization:        {"AUTHORIZATION_ERROR", http.StatusForbidden, "This API key may not do this"},
	KindNotFound:             {"NOT_FOUND", http.StatusNotFound, "No such path; /openapi.yaml lists those there are"},
	KindMethodNotAllowed:     {"METHOD_NOT_ALLOWED", http.StatusMethodNotAllowed, "This path has no such method; the Allow header lists those it has"},
	KindConflict:             {"CONFLICT_ERROR", http.StatusConflict, "The request conflicts with the present state"},
	KindPreconditionFailed:   {"PRECONDITION_FAILED", http.StatusPreconditionFailed, "The object has changed since; read it again and send its ETag as If-Match"},
	KindPayloadTooLarge:      {"PAYLOAD_TOO_LARGE", http.StatusRequestEntityTooLarge, "Request body is larger than 1 MiB"},
	KindUnsupportedMediaType: {"UNSUPPORTED_MEDIA_TYPE", http.StatusUnsupportedMediaType, "A request body must be sent with Content-Type: application/json"},
	KindTransform:            {"TRANSFORM_ERROR", http.StatusUnprocessableEntity, "The data cannot be translated"},
	KindSettings:             {"SETTINGS_ERROR", http.StatusUnprocessableEntity, "These settings are not possible"},
	KindRecordClosed:         {"RECORD_CLOSED", http.StatusUnprocessableEntity, "The platform has closed this record"},
	KindIdempotency:          {"IDEMPOTENCY_ERROR", http.StatusUnprocessableEntity, "This Idempotency-Key was used for another request; take a new one"},
	KindQuotaExceeded:        {"QUOTA_EXCEEDED", http.StatusUnprocessableEntity, "This customer stores as much as it may; delete what is not needed any more"},
	KindRateLimit:            {"RATE_LIMIT_ERROR", http.StatusTooManyRequests, "Too many requests"},
	KindExternalService:      {"EXTERNAL_SERVICE_ERROR", http.StatusBadGateway, "The database is not available; try again shortly"},
	KindOverloaded:           {"OVERLOADED", http.StatusServiceUnavailable, "Too much to do at this moment; try again shortly"},
}

// overloadedSeconds is the Retry-After of [KindOverloaded]: what is in flight then, is done by then.
const overloadedSeconds = "1"

// rateLimitedSeconds is the Retry-After of [KindRateLimit] where the limit is not that of a window.
const rateLimitedSeconds = "60"

// Error is an error with an answer for the caller.
type Error struct {
	Kind    Kind
	Message string // for the caller; empty: the kind's own
	Cause   error  // for the log alone
}

// message is what the caller is told. It may name what the request named: a key in there is masked, and text that cannot be
// stored is none of an answer.
func (e *Error) message() string {
	if e.Message != "" {
		return strings.ReplaceAll(strings.ToValidUTF8(apikey.Mask(e.Message), "\ufffd"), "\x00", "\ufffd")
	}
	return kinds[e.Kind].message
}

func (e *Error) Error() string {
	text := e.message()
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// asError finds the answer to an error of any package.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*openapi.RequestError](err); ok {
		return &Error{Kind: kindOfStatus(e.Status), Message: strings.Join(e.Problems, "; ")}
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		return &Error{Kind: kindOfStatus(e.Code), Cause: e}
	}
	if errors.Is(err, store.ErrUnavailable) {
		return &Error{Kind: KindExternalService, Cause: err}
	}
	// A request whose time is over, or whose client has gone, may be sent again as well.
	if errors.Is(err, budget.ErrOverloaded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &Error{Kind: KindOverloaded, Cause: err}
	}
	return &Error{Kind: KindInternal, Cause: err}
}

// kindOfStatus is the first kind of a status.
func kindOfStatus(status int) Kind {
	for kind := range Kind(len(kinds)) {
		if kinds[kind].status == status {
			return kind
		}
	}
	return KindInternal
}

// respondError is the one place where an error becomes a response.
func (s *Server) respondError(err error, c echo.Context) {
	e := asError(err)
	x := exchangeOf(c.Request().Context())
	x.err = e
	if c.Response().Committed {
		return
	}
	kind := kinds[e.Kind]
	switch e.Kind {
	case KindAuthentication:
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge(c.Request().Header))
	case KindOverloaded:
		c.Response().Header().Set(echo.HeaderRetryAfter, overloadedSeconds)
	case KindRateLimit:
		c.Response().Header().Set(echo.HeaderRetryAfter, rateLimitedSeconds) // unless a window that ends sooner is known
	}
	body := gen.ErrorResponse{Error: gen.ErrorResponse_Error{Type: kind.errorType, Message: e.message(), RequestID: x.requestID}}
	if err := c.JSON(kind.status, body); err != nil {
		x.err = errors.Join(x.err, err)
	}
}
