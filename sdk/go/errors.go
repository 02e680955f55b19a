package structural

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Error is a response that is not a success. Get at it with errors.As.
type Error struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Type is a word of the API, such as NOT_FOUND; empty when the response is not the API's, but that of a proxy before it.
	Type ErrorType
	// Message says what is wrong, and where.
	Message string
	// RequestID is what to quote to support.
	RequestID string
	// RetryAfter is how long to wait before the next request; 0 when the response does not say.
	RetryAfter time.Duration
	// Body is the body of the response as it came.
	Body []byte
}

func (e *Error) Error() string {
	text := fmt.Sprintf("structural: %d %s: %s", e.StatusCode, e.Type, e.Message)
	if e.RequestID != "" {
		text += " (" + e.RequestID + ")"
	}
	return text
}

// decode reads the T of a success, and returns the *Error of any other response. It takes what the generated operations return.
func decode[T any](response *http.Response, err error) (T, http.Header, error) {
	var result T
	if err != nil {
		return result, nil, fmt.Errorf("structural: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return result, nil, fmt.Errorf("structural: reading the response: %w", err)
	case response.StatusCode >= 300:
		return result, nil, newError(response, body)
	case response.StatusCode == http.StatusNoContent:
		return result, response.Header, nil
	}
	if err := json.Unmarshal(body, &result); err != nil {
		return result, nil, fmt.Errorf("structural: reading the response: %w", err)
	}
	return result, response.Header, nil
}

func newError(response *http.Response, body []byte) *Error {
	e := &Error{
		StatusCode: response.StatusCode,
		Message:    http.StatusText(response.StatusCode),
		RequestID:  response.Header.Get("X-Request-ID"),
		RetryAfter: retryAfter(response.Header),
		Body:       body,
	}
	var envelope ErrorResponse
	if json.Unmarshal(body, &envelope) == nil && envelope.Error.Type != "" {
		e.Type, e.Message = envelope.Error.Type, envelope.Error.Message
	}
	return e
}

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.ParseUint(header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
