package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTraces_ASpanForEachRequestBelowTheCallers(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	p := start(t, "DATA_DIR="+dataDir(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.url, "OTEL_EXPORTER_OTLP_PROTOCOL=http/json",
		"OTEL_BSP_SCHEDULE_DELAY=600000", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test")
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	status, body := p.post("/connect", key, `{"platform":"procore"}`)
	require.Equal(t, http.StatusOK, status, body)
	const traceID, callerID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	status, _ = p.call(http.MethodGet, "/objects?platform=procore&entity_type=payment&limit=3", key, "Traceparent", "00-"+traceID+"-"+callerID+"-01")
	require.Equal(t, http.StatusOK, status)
	p.call(http.MethodGet, "/nothing/secret-path", key)
	p.stop()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), p.log())

	// Stopped long before the next export was due: the last spans left at the end.
	spans := c.spans(t)
	listed := only(t, spans, "getObjects")
	assert.Equal(t, traceID, strings.ToLower(listed.TraceID))
	assert.Equal(t, callerID, strings.ToLower(listed.ParentSpanID))
	attributes := listed.values()
	assert.Regexp(t, `^req_`, attributes["structural.request_id"])
	delete(attributes, "structural.request_id")
	assert.Equal(t, map[string]string{
		"http.request.method": "GET", "http.route": "/api/v1/objects", "http.response.status_code": "200", "url.scheme": "http",
	}, attributes)
	assert.Contains(t, p.log(), `"operation_id":"getObjects","trace_id":"`+traceID+`"`)

	only(t, spans, "createDemoSession")
	only(t, spans, "HTTP")
	var statements []string
	for _, s := range spans {
		if s.ParentSpanID == listed.SpanID {
			statements = append(statements, s.values()["db.query.text"])
		}
	}
	assert.Contains(t, strings.Join(statements, "\n"), "FROM api_keys WHERE hash = $1")
	connected := only(t, spans, "connectPlatform")
	below := 0
	for _, s := range spans {
		if s.TraceID == connected.TraceID && s.SpanID != connected.SpanID {
			assert.NotEmpty(t, s.ParentSpanID)
			below++
		}
	}
	assert.Greater(t, below, 3, "statements")
	assert.Less(t, below, 30, "and not each of the rows")

	sent := c.text()
	assert.Contains(t, sent, `"service.name"`)
	assert.Contains(t, sent, `"deployment.environment.name"`)
	for _, secret := range []string{key, key[8:20], "secret-path", "entity_type=payment", "127.0.0.1", "10.0.0.1", "1823456"} {
		assert.NotContains(t, sent, secret)
	}
}

// An unreachable collector costs spans, not requests.
func TestTraces_WithoutTheCollectorItServes(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	c.server.Close()
	p := start(t, "DATA_DIR="+dataDir(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.url, "OTEL_BSP_SCHEDULE_DELAY=10")
	status, _ := p.createSession(1)
	assert.Equal(t, http.StatusCreated, status)
	p.stop()
	assert.Equal(t, 0, p.cmd.ProcessState.ExitCode(), p.log())
	assert.Contains(t, p.log(), "traces are not exported")
}

// collector takes traces by OTLP over HTTP, as JSON.
type collector struct {
	server *httptest.Server
	url    string
	mu     sync.Mutex
	bodies []string
}

type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Attributes                          []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
}

func (s span) values() map[string]string {
	values := map[string]string{}
	for _, a := range s.Attributes {
		values[a.Key] = a.Value.StringValue + a.Value.IntValue
	}
	return values
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "/v1/traces", r.URL.Path)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies = append(c.bodies, string(body))
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, "{}")
	}))
	t.Cleanup(c.server.Close)
	c.url = c.server.URL
	return c
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.bodies, "\n")
}

func (c *collector) spans(t *testing.T) []span {
	t.Helper()
	var spans []span
	for line := range strings.Lines(c.text()) {
		var export struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &export))
		for _, resource := range export.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				spans = append(spans, scope.Spans...)
			}
		}
	}
	return spans
}

func only(t *testing.T, spans []span, name string) span {
	t.Helper()
	var found []span
	for _, s := range spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, name)
	return found[0]
}
