package telemetry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
)

// scrape has what Prometheus would read of the series whose names begin like this.
func scrape(registry *prometheus.Registry, prefix string) (series []string) {
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, prefix) {
			series = append(series, strings.TrimSuffix(line, "\n"))
		}
	}
	return series
}

func TestNewMetrics_AllAreThereFromTheStart(t *testing.T) {
	registry := prometheus.NewRegistry()
	NewMetrics(registry, []Operation{{ID: "getHealth", Statuses: []int{200, 500}, RateLimits: []string{"key"}}}, []string{"procore"},
		func() int64 { return 3 })
	for prefix, want := range map[string][]string{
		"structural_http_requests_total": {
			`structural_http_requests_total{operation_id="getHealth",status="200"} 0`,
			`structural_http_requests_total{operation_id="getHealth",status="500"} 0`,
		},
		"structural_rate_limit_decisions_total": {
			`structural_rate_limit_decisions_total{count="own",decision="admitted",limit="key"} 0`,
			`structural_rate_limit_decisions_total{count="own",decision="refused",limit="key"} 0`,
			`structural_rate_limit_decisions_total{count="shared",decision="admitted",limit="key"} 0`,
			`structural_rate_limit_decisions_total{count="shared",decision="refused",limit="key"} 0`,
		},
		"structural_propagate_writes_total": {`structural_propagate_writes_total{platform="procore"} 0`},
		"structural_import_records_total": {
			`structural_import_records_total{platform="procore",result="applied"} 0`, `structural_import_records_total{platform="procore",result="rejected"} 0`,
		},
		"structural_connect_records_total":      {`structural_connect_records_total{platform="procore"} 0`},
		"structural_schema_disagreements_total": {`structural_schema_disagreements_total 3`},
	} {
		assert.Equal(t, want, scrape(registry, prefix))
	}
}

// What matched no operation, and a name that the metrics were not told, count as none: requests make up no names.
func TestMetrics_RequestEndedKnowsItsOperations(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := NewMetrics(registry, []Operation{{ID: "getHealth", Statuses: []int{200}}}, nil, func() int64 { return 0 })
	for _, operationID := range []string{"getHealth", "", "unheard"} {
		m.RequestStarted()
		m.RequestEnded(operationID, 200, time.Millisecond)
	}
	assert.Equal(t, []string{
		`structural_http_requests_total{operation_id="getHealth",status="200"} 1`,
		`structural_http_requests_total{operation_id="none",status="200"} 2`,
	}, scrape(registry, "structural_http_requests_total"))
	assert.Equal(t, []string{"structural_http_requests_in_flight 0"}, scrape(registry, "structural_http_requests_in_flight"))
}

func TestRegisterInflight_AsksAtEachScrape(t *testing.T) {
	registry := prometheus.NewRegistry()
	held := int64(1)
	RegisterInflight(registry, Inflight{
		Held: func() int64 { return held }, Waiting: func() int64 { return 2 }, Refused: func() int64 { return 4 },
	})
	held = 5
	assert.Equal(t, []string{"structural_inflight_bytes 5", "structural_inflight_refused_total 4", "structural_inflight_waiting 2"},
		scrape(registry, "structural_inflight"))
}
