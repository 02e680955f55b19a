// Package structural is a client of the Structural API.
//
// Types are generated from the API's OpenAPI document, and have its names. A field that is absent is the zero value; numbers and
// truth values that may be absent are pointers.
package structural

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"structural.app/structural/sdk/go/internal/operations"
)

// Client calls the API. It is safe for concurrent use, and has no time limits of its own: contexts set them.
type Client struct {
	once     *operations.Client // for what is not safe to repeat, or not to be
	repeated *operations.Client
	streamed *operations.Client // for a body that is sent as it is read, and so once
}

type config struct {
	apiKey     string
	retries    int
	httpClient *http.Client
}

// Option is a setting of a new Client.
type Option func(*config)

// WithAPIKey sets the key that requests carry.
func WithAPIKey(key string) Option {
	return func(c *config) { c.apiKey = key }
}

// WithRetry has requests that are safe to repeat repeated up to n times when the answer is 429, 502, 503 or 504, or when there is
// none. In between it waits as long as Retry-After asks, else 0.5 seconds, 1, 2 … up to 30. It does not begin to wait when the
// context would end first. Without this option nothing is repeated.
//
// Safe are all operations but CreateDemoSession: PropagateChange carries an idempotency key. GetHealth tells the state now, and
// is not repeated either, and ImportRecords sends its records as they are read.
func WithRetry(n int) Option {
	return func(c *config) { c.retries = n }
}

// WithHTTPClient sets what sends the requests, in place of a client of its own.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) { c.httpClient = client }
}

// New returns a client of the API at baseURL, such as "https://api.structural.app/api/v1".
func New(baseURL string, options ...Option) *Client {
	cfg := config{httpClient: retryablehttp.NewClient().HTTPClient}
	for _, option := range options {
		option(&cfg)
	}
	return &Client{
		once: newOperations(baseURL, cfg, newSender(cfg, 0)), repeated: newOperations(baseURL, cfg, newSender(cfg, cfg.retries)),
		streamed: newOperations(baseURL, cfg, cfg.httpClient),
	}
}

func newSender(cfg config, retries int) doer {
	sender := retryablehttp.NewClient()
	sender.RetryMax = retries
	sender.RetryWaitMin, sender.RetryWaitMax = 500*time.Millisecond, 30*time.Second
	sender.CheckRetry = worthRepeating
	sender.ErrorHandler = retryablehttp.PassthroughErrorHandler
	sender.Logger = nil
	sender.HTTPClient = cfg.httpClient
	return doer{sender}
}

func newOperations(baseURL string, cfg config, sender operations.HttpRequestDoer) *operations.Client {
	authorize := func(_ context.Context, request *http.Request) error {
		if cfg.apiKey != "" {
			request.Header.Set("Authorization", "Bearer "+cfg.apiKey)
		}
		return nil
	}
	// Only an option can fail, and these don't.
	client, _ := operations.NewClient(baseURL, operations.WithHTTPClient(sender), operations.WithRequestEditorFn(authorize))
	return client
}

type doer struct{ *retryablehttp.Client }

func (d doer) Do(request *http.Request) (*http.Response, error) {
	repeatable, err := retryablehttp.FromRequest(request)
	if err != nil {
		return nil, err
	}
	return d.Client.Do(repeatable)
}

// worthRepeating is a retryablehttp.CheckRetry.
func worthRepeating(ctx context.Context, response *http.Response, err error) (bool, error) {
	if err != nil {
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		deadline, ok := ctx.Deadline()
		return !ok || time.Until(deadline) > retryAfter(response.Header), nil
	}
	return false, nil
}
