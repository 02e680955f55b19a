package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/store/storetest"
	"structural.app/structural/telemetry"
)

// fuzzCustomer is a demo customer with all platforms connected.
type fuzzCustomer struct {
	key     string
	canary  string           // in its records, and in nobody else's
	touched bool             // it may differ from a new one
	gone    bool             // it deleted itself
	highest map[string]int64 // the highest version of each object that was answered
}

// fuzzWorld is a server with two customers, who are made anew when they have done too much.
type fuzzWorld struct {
	url           *url.URL
	transport     *http.Transport
	operations    []fuzzOperation
	first, second *fuzzCustomer
	deleted       string      // the key of a customer that there was
	stored, full  []fuzzFocus // what the sandboxes have; a record of each entity type with all of its fields
	limits        *countingAnew
	log           *watchedLog
	served        chan struct{} // gets one for each request that the server has done with
	report        *fuzzReport
	runs          int
	heap          uint64 // in use after the first runs
}

const headerCanary = "hdr-canary-5d1c"

func newFuzzWorld(t testing.TB, report *fuzzReport) *fuzzWorld {
	w := &fuzzWorld{
		operations: fuzzOperations(loadDocument().JSON()), limits: &countingAnew{Store: memory.NewStore()}, log: &watchedLog{},
		served: make(chan struct{}, 100), report: report, transport: &http.Transport{DisableCompression: true},
	}
	_, loopback, _ := net.ParseCIDR("127.0.0.0/8")
	s, err := server.New(server.Config{
		Store: storetest.Open(t, storetest.NewDatabase(t), byPrecedence), Translator: app.New(registry.New(), canonical.Rates{}),
		Sandboxes: sandboxes(), Limits: w.limits, Quotas: app.Quotas{Demo: 64 << 20, Sessions: 10_000, PerNetwork: 500}, TrustedProxies: []*net.IPNet{loopback}, Logger: slog.New(telemetry.BoundLog(slog.NewJSONHandler(w.log, nil))),
	})
	require.NoError(t, err)
	listener := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer func() { w.served <- struct{}{} }()
		s.ServeHTTP(rw, r)
	}))
	listener.Config.MaxHeaderBytes = 16 << 10 // as the program
	listener.Config.ErrorLog = log.New(w.log, "", 0)
	listener.Start()
	t.Cleanup(listener.Close)
	t.Cleanup(w.transport.CloseIdleConnections)
	w.url, err = url.Parse(listener.URL)
	require.NoError(t, err)

	once := w.newCustomer(t)
	w.deleted = once.key
	require.Equal(t, http.StatusNoContent, w.simple(http.MethodDelete, "/demo/session", once.key, "").status)
	w.first, w.second = w.newCustomer(t), w.newCustomer(t)
	w.stored, w.full = w.storedRecords(t), fullRecords(t)
	return w
}

// countingAnew is a store of limits that forgets, so that a run is not refused for those before it.
type countingAnew struct {
	limiter.Store
	run int
}

func (c *countingAnew) name(key string) string { return fmt.Sprint(c.run, " ", key) }

// Get counts a request.
func (c *countingAnew) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return c.Store.Get(ctx, c.name(key), rate)
}

// Peek counts none.
func (c *countingAnew) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return c.Store.Peek(ctx, c.name(key), rate)
}

// Increment counts some.
func (c *countingAnew) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	return c.Store.Increment(ctx, c.name(key), count, rate)
}

// watchedLog keeps of the server's log what breaks a law.
type watchedLog struct {
	mu      sync.Mutex
	secrets []string
	broken  []string
}

// Write takes one line.
func (l *watchedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(line) > 8<<10 {
		l.broken = append(l.broken, fmt.Sprintf("a log line of %d bytes: %.300s", len(line), line))
	}
	for _, secret := range append(l.secrets, headerCanary) {
		if bytes.Contains(line, []byte(secret)) {
			l.broken = append(l.broken, fmt.Sprintf("the log has a key or the value of a header: %.300s", line))
		}
	}
	if bytes.Contains(line, []byte("panic")) {
		l.broken = append(l.broken, fmt.Sprintf("a panic: %.4000s", line))
	}
	return len(line), nil
}

func (l *watchedLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	broken := l.broken
	l.broken = nil
	return broken
}

func (w *fuzzWorld) keys() []string { return []string{w.first.key, w.second.key} }

// newCustomer makes a customer that is as new.
func (w *fuzzWorld) newCustomer(t testing.TB) *fuzzCustomer {
	answer := w.simple(http.MethodPost, "/demo/session", "", "")
	require.Equal(t, http.StatusCreated, answer.status, "%s", answer.body)
	var created gen.CreateDemoSession201JSONResponseBody
	require.NoError(t, json.Unmarshal(answer.body, &created))
	c := &fuzzCustomer{key: created.Data.APIKey, canary: "canary of " + created.Data.CustomerID, highest: map[string]int64{}}
	w.log.mu.Lock()
	w.log.secrets = append(w.log.secrets, c.key)
	w.log.secrets = w.log.secrets[max(0, len(w.log.secrets)-6):]
	w.log.mu.Unlock()
	w.reset(t, c)
	require.False(t, c.gone)
	return c
}

// reset brings a customer back to what the sandboxes have, and leaves its canary there. One that may store no more is gone.
func (w *fuzzWorld) reset(t testing.TB, c *fuzzCustomer) {
	for _, platform := range platformNames() {
		answer := w.simple(http.MethodPost, "/connect", c.key, `{"platform":"`+platform+`"}`)
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	}
	answer := w.simple(http.MethodPost, "/propagate", c.key, `{"format":"canonical","canonical_id":"`+paymentID+`","entity_type":"payment","data":{"notes":"`+c.canary+`"}}`)
	if c.gone = answer.status == http.StatusUnprocessableEntity && strings.Contains(string(answer.body), `"QUOTA_EXCEEDED"`); !c.gone {
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	}
	c.touched = false
}

func platformNames() (names []string) {
	for name := range registry.Sandboxes() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// storedRecords lists what the sandboxes have.
func (w *fuzzWorld) storedRecords(t testing.TB) (focuses []fuzzFocus) {
	for _, platform := range platformNames() {
		for _, entityType := range []string{"payment", "invoice", "contract", "project", "customer"} {
			answer := w.simple(http.MethodGet, "/objects?platform="+platform+"&entity_type="+entityType, w.first.key, "")
			require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
			var list struct {
				Data []struct {
					ID           string          `json:"id"`
					CanonicalID  string          `json:"canonical_id"`
					Data         json.RawMessage `json:"data"`
					PlatformData json.RawMessage `json:"platform_data"`
				} `json:"data"`
			}
			require.NoError(t, json.Unmarshal(answer.body, &list))
			for _, o := range list.Data {
				focuses = append(focuses, fuzzFocus{entityType, platform, o.ID, o.CanonicalID, parseNode(o.PlatformData), parseNode(bytes.ReplaceAll(o.Data, []byte(w.first.canary), []byte("notes")))})
			}
		}
	}
	return focuses
}

// fullRecords lists the records of every entity type that the mappings are tested with.
func fullRecords(t testing.TB) (focuses []fuzzFocus) {
	for _, name := range platformNames() {
		p, _ := theRegistry.Get(platform.Name(name))
		for _, entityType := range canonical.EntityTypes() {
			if p.Fields(entityType, "") == nil {
				continue
			}
			record, document := fullRecord(t, name, string(entityType))
			f := fuzzFocus{entityType: string(entityType), platform: name, platformID: "1", canonicalID: paymentID, record: parseNode(record), document: parseNode(document)}
			focuses = append(focuses, f)
		}
	}
	return focuses
}

// fullRecord finds the full record of a platform's folder, and its document, which names the platform.
func fullRecord(t testing.TB, platform, entityType string) (record, document []byte) {
	files, err := filepath.Glob("../platform/*/testdata/" + entityType + ".canonical.json")
	require.NoError(t, err)
	for _, file := range files {
		document, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := jsontext.Parse(document)
		require.NoError(t, err)
		if !parsed.At("external_ids", platform).IsNone() {
			record, err := os.ReadFile(strings.TrimSuffix(file, ".canonical.json") + ".json")
			require.NoError(t, err)
			return record, document
		}
	}
	require.Fail(t, "no full record", "%s of %s", entityType, platform)
	return nil, nil
}

// run sends one sequence, and says which laws it has broken.
func (w *fuzzWorld) run(t testing.TB, decisions []byte) (broken []string) {
	w.begin(t)
	a := &author{choices: &choices{data: decisions}, world: w}
	a.focus = pick(a.choices, w.stored...)
	if a.chance(20) {
		a.focus = pick(a.choices, w.full...)
	}
	var sequence []string
	var created []string
	for range 1 + a.upTo(6) {
		r := a.request()
		answer := w.send(r)
		sequence = append(sequence, fmt.Sprintf("%v\n    -> %v", r, answer))
		for _, law := range w.judge(r, answer) {
			broken = append(broken, fmt.Sprintf("%s: %s", r.operation.id, law))
		}
		if version := answer.header.Get("ETag"); version != "" {
			a.versions = append(a.versions, version)
		}
		if answer.status == http.StatusCreated {
			created = append(created, keyPattern.FindString(string(answer.body)))
		}
	}
	for _, key := range created {
		w.simple(http.MethodDelete, "/demo/session", key, "")
	}
	broken = append(broken, w.log.take()...)
	broken = append(broken, w.end()...)
	if len(broken) > 0 {
		w.first.gone, w.second.gone = true, true // whatever they are now, the next run begins well
		broken = append(broken, "after:\n"+strings.Join(sequence, "\n"))
	}
	return broken
}

func (w *fuzzWorld) begin(t testing.TB) {
	w.runs++
	w.limits.run++
	for _, c := range []**fuzzCustomer{&w.first, &w.second} {
		if (*c).touched && !(*c).gone {
			w.reset(t, *c)
		}
		if (*c).gone || w.runs%500 == 0 {
			w.simple(http.MethodDelete, "/demo/session", (*c).key, "")
			*c = w.newCustomer(t)
		}
	}
	w.log.take()
}

// fuzzAnswer is a response, read to its end and unpacked.
type fuzzAnswer struct {
	status    int
	header    http.Header
	body      []byte
	reached   bool // the server has seen the request; false: HTTP itself did not let it through
	err       error
	took      time.Duration
	allocated uint64 // bytes, by server and client
}

func (a fuzzAnswer) String() string {
	return fmt.Sprintf("%d, %d bytes, %v: %.300q", a.status, len(a.body), a.took.Round(time.Millisecond), a.body)
}

func (w *fuzzWorld) simple(method, path, key, body string) fuzzAnswer {
	r := fuzzRequest{method: method, target: loadDocument().BasePath() + path, header: http.Header{}}
	if key != "" {
		r.header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.body = []byte(body)
		r.header.Set("Content-Type", "application/json")
	}
	return w.send(r)
}

func (w *fuzzWorld) send(r fuzzRequest) (a fuzzAnswer) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	before, start := allocated(), time.Now()
	defer func() {
		a.took, a.allocated = time.Since(start), allocated()-before
		w.report.add(r, a)
	}()
	u := *w.url
	u.Opaque = r.target
	request := (&http.Request{Method: r.method, URL: &u, Host: w.url.Host, Header: r.header}).WithContext(ctx)
	if r.body != nil {
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(r.body)), int64(len(r.body))
		if r.chunked {
			request.ContentLength = -1
		}
	}
	response, err := w.transport.RoundTrip(request)
	if err != nil {
		a.err, a.header = err, http.Header{}
		// A connection that ends while a body that is too long is still sent is HTTP's way to say so.
		a.reached = ctx.Err() != nil || errors.Is(err, io.EOF) && len(r.body) <= 1<<20
		return a
	}
	defer response.Body.Close()
	a.status, a.header = response.StatusCode, response.Header
	a.body, a.err = io.ReadAll(response.Body)
	if a.header.Get("Content-Encoding") == "gzip" && len(a.body) > 0 {
		unpacked, err := gzip.NewReader(bytes.NewReader(a.body))
		if err == nil {
			a.body, err = io.ReadAll(unpacked)
		}
		a.err = errors.Join(a.err, err)
	}
	if response.Close && a.header.Get("X-Request-ID") == "" && a.status >= 400 {
		return a // net/http's own
	}
	select {
	case <-w.served: // its line is in the log
	case <-ctx.Done():
		a.err = errors.Join(a.err, ctx.Err())
	}
	a.reached = true
	return a
}

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
