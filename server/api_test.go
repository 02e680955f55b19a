package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural"
	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/server/apikey"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/openapi"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

func TestMain(m *testing.M) {
	// Most tests wait for the database most of the time. Fuzzing takes the number for that of its processes: it keeps its own. What
	// the command line says counts more than this.
	if !slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(arg, "-test.fuzz=") }) {
		_ = flag.Set("test.parallel", "6")
	}
	storetest.Main(m)
}

var byPrecedence = store.WithPrecedence(registry.New().Names())

// translator compiles the tables once. What a translator keeps between requests is derived from them alone.
var translator = sync.OnceValue(func() *app.Translator { return app.New(registry.New(), canonical.Rates{}) })

var loadDocument = sync.OnceValue(func() *openapi.Document {
	document, err := openapi.Load(structural.OpenAPI)
	if err != nil {
		panic(err)
	}
	return document
})

// api is a real server on a real port.
type api struct {
	t     *testing.T
	url   string // base path included
	store *store.Store
	db    *sqlx.DB        // for statements of the test's own
	link  *storetest.Link // between the server and its database, if it has one of its own
	log   *syncBuffer
	// inflight is the memory that requests may take.
	inflight *budget.Budget
}

// newAPI starts a server with the store that the tests share: a test has customers of its own, and looks at no others. The options
// change the server's configuration.
func newAPI(t *testing.T, options ...func(*server.Config)) *api {
	t.Helper()
	a, err := onSharedStore()
	require.NoError(t, err)
	return a.start(t, options)
}

// newAPILinked starts a server with a link of its own to the database that the tests share.
func newAPILinked(t *testing.T, options ...func(*server.Config)) *api {
	t.Helper()
	dsn, err := storetest.SharedDatabase()
	require.NoError(t, err)
	return onLink(t, dsn).start(t, options)
}

// newAPIAlone starts a server with a link and a database of its own, for a test that changes tables, purges, or counts all customers' rows.
func newAPIAlone(t *testing.T, options ...func(*server.Config)) *api {
	t.Helper()
	return onLink(t, storetest.NewDatabase(t)).start(t, options)
}

// onSharedStore opens the store that the tests share, for as long as the process runs.
var onSharedStore = sync.OnceValues(func() (a api, err error) {
	dsn, err := storetest.SharedDatabase()
	if err != nil {
		return a, err
	}
	if a.db, err = sqlx.Open("postgres", dsn); err != nil {
		return a, err
	}
	a.store, err = store.Open(context.Background(), dsn, byPrecedence)
	return a, err
})

func onLink(t *testing.T, dsn string) api {
	t.Helper()
	link, linked := storetest.NewLink(t, dsn)
	return api{store: storetest.Open(t, linked, byPrecedence), db: storetest.SQL(t, dsn), link: link}
}

// start starts a server of its own.
func (a api) start(t *testing.T, options []func(*server.Config)) *api {
	t.Helper()
	a.t, a.log, a.inflight = t, new(syncBuffer), budget.New(256<<20)
	cfg := server.Config{Store: a.store, Translator: translator(), Sandboxes: sandboxes(), Logger: slog.New(slog.NewJSONHandler(a.log, nil)), Inflight: a.inflight}
	for _, option := range options {
		option(&cfg)
	}
	s, err := server.New(cfg)
	require.NoError(t, err)
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	a.url = listener.URL + loadDocument().BasePath()
	return &a
}

// of gives the server to a part of a test, which fails for itself.
func (a *api) of(t *testing.T) *api {
	part := *a
	part.t = t
	return &part
}

// trustLoopback makes the tests' own address a trusted proxy's, so that X-Forwarded-For says whose request it is.
func trustLoopback(cfg *server.Config) {
	_, loopback, _ := net.ParseCIDR("127.0.0.0/8")
	cfg.TrustedProxies = []*net.IPNet{loopback}
}

// withClock sets the server's clock.
func withClock(clock func() time.Time) func(*server.Config) {
	return func(cfg *server.Config) { cfg.Clock = clock }
}

// testClock stands still until it is told to advance.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func newTestClock() *testClock { return &testClock{at: time.Date(2026, 4, 11, 12, 0, 0, 0, time.UTC)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// limited sets the general limit.
func limited(perMinute int64) func(*server.Config) {
	return func(cfg *server.Config) { cfg.RateLimitPerMinute = perMinute }
}

// exhaust takes all memory for requests, for the rest of the test.
func (a *api) exhaust() {
	a.t.Helper()
	for range 2 { // one has half of it at the most
		require.True(a.t, a.inflight.Reservation().TryGrow(1<<40))
	}
}

// request is one request, as a client would describe it.
type request struct {
	method, path string
	key          string
	header       map[string]string
	body         string
}

func get(path string) request        { return request{method: http.MethodGet, path: path} }
func post(path, body string) request { return request{method: http.MethodPost, path: path, body: body} }
func del(path, key string) request   { return request{method: http.MethodDelete, path: path, key: key} }

func (r request) as(key string) request {
	r.key = key
	return r
}

func (r request) with(header, value string) request {
	r.header = map[string]string{header: value}
	return r
}

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) error(t *testing.T) gen.ErrorResponse_Error {
	t.Helper()
	var envelope gen.ErrorResponse
	require.NoError(t, json.Unmarshal(a.body, &envelope), "%s", a.body)
	return envelope.Error
}

func (a *api) do(r request) answer {
	a.t.Helper()
	return send(a.t, a.url, r)
}

func send(t *testing.T, url string, r request) answer {
	t.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, url+r.path, body)
	require.NoError(t, err)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, text}
}

// demoSession creates one through the API.
func (a *api) demoSession() (key, customerID string) {
	a.t.Helper()
	answer := a.do(post("/demo/session", ""))
	require.Equal(a.t, http.StatusCreated, answer.status, "%s", answer.body)
	var created gen.CreateDemoSession201JSONResponseBody
	require.NoError(a.t, json.Unmarshal(answer.body, &created))
	return created.Data.APIKey, created.Data.CustomerID
}

// customer tells whose a key is.
func (a *api) customer(key string) (customerID string) {
	a.t.Helper()
	hash := apikey.Hash(key)
	require.NoError(a.t, a.db.Get(&customerID, `SELECT customer_id FROM api_keys WHERE hash = $1`, hash[:]))
	return customerID
}

// issuedKey makes a key that no endpoint issues.
func (a *api) issuedKey(mode store.Mode) string {
	a.t.Helper()
	key := apikey.New(string(mode))
	_, err := a.store.CreateCustomer(a.t.Context(), mode, "Doha Builders", apikey.Hash(key))
	require.NoError(a.t, err)
	return key
}

// assertMeetsContract holds an answer to the document: status, headers and body, and one request id in all places.
func assertMeetsContract(t *testing.T, operationID string, a answer) {
	t.Helper()
	op := operation(t, operationID)
	assert.NoError(t, op.CheckResponse(a.status, a.header, a.body, nil), "%s", a.body)
	if a.status >= 400 && a.status != http.StatusServiceUnavailable {
		assert.Equal(t, a.header.Get("X-Request-ID"), a.error(t).RequestID)
	}
}

func operation(t *testing.T, operationID string) *openapi.Operation {
	t.Helper()
	op := loadDocument().Operation(operationID)
	require.NotNil(t, op, operationID)
	return op
}

// syncBuffer is a log that can be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newFuzzAPI makes a function that sends a body to POST /transform of one server, with a good key, without a network.
func newFuzzAPI(f *testing.F) func(body []byte) (status int, answer []byte) {
	f.Helper()
	shared, err := onSharedStore()
	require.NoError(f, err)
	s, err := server.New(server.Config{
		Store:      shared.store,
		Translator: app.New(registry.New(), canonical.Rates{}),
	})
	require.NoError(f, err)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/demo/session", nil))
	var created gen.CreateDemoSession201JSONResponseBody
	require.NoError(f, json.Unmarshal(w.Body.Bytes(), &created))
	return func(body []byte) (int, []byte) {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/transform", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+created.Data.APIKey)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.Bytes()
	}
}

func sandboxes() map[string]app.Source {
	sources := map[string]app.Source{}
	for name, sandbox := range registry.Sandboxes() {
		sources[name] = sandbox
	}
	return sources
}
