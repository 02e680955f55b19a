// Package telemetry measures the server for its operators: metrics for Prometheus, and OpenTelemetry's traces.
//
// Neither holds a customer's id, a key, a path or anything else that a request carries: labels and attributes are words of the
// contract (operationIds, statuses, names of limits) and names of platforms. The package is told them, and asks nobody.
package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// noOperation is the operation_id of requests that match no operation: unknown paths, the document, preflights of CORS.
const noOperation = "none"

// Operation is an operation of the contract, as far as it is measured.
type Operation struct {
	ID         string
	Statuses   []int    // that it can answer
	RateLimits []string // names of the limits that its requests are held against
}

// Metrics counts what the server does. Safe for concurrent use.
type Metrics struct {
	operations map[string]*operation // by operationId; "": noOperation
	inFlight   prometheus.Gauge

	rateLimitDecisions     *prometheus.CounterVec
	rateLimitStoreFailures prometheus.Counter

	connectRecords  *prometheus.CounterVec
	connectDuration *prometheus.HistogramVec
	importRecords   *prometheus.CounterVec

	propagateWrites  *prometheus.CounterVec
	propagateRetries prometheus.Counter
	propagateReplays prometheus.Counter
}

// operation has the metrics of one operation looked up already: a request finds them without hashing its labels.
type operation struct {
	duration prometheus.Observer
	requests *prometheus.CounterVec // by status
	byStatus map[int]prometheus.Counter
}

// NewMetrics registers the metrics of a server with these operations and platforms. All of them are there from the start, at 0,
// so that the first failure is an increase that Prometheus sees. schemaDisagreements is asked how many there were so far. registry
// may be nil: then they are counted for nobody.
func NewMetrics(registry prometheus.Registerer, operations []Operation, platforms []string, schemaDisagreements func() int64) *Metrics {
	with := promauto.With(registry)
	m := &Metrics{
		operations: map[string]*operation{},
		inFlight: with.NewGauge(prometheus.GaugeOpts{
			Name: "structural_http_requests_in_flight", Help: "Requests that are being answered.",
		}),
		rateLimitDecisions: with.NewCounterVec(prometheus.CounterOpts{
			Name: "structural_rate_limit_decisions_total", Help: "Requests held against a rate limit: admitted or refused, by a count that replicas share or by this process's own.",
		}, []string{"limit", "decision", "count"}),
		rateLimitStoreFailures: with.NewCounter(prometheus.CounterOpts{
			Name: "structural_rate_limit_store_failures_total", Help: "Times that Redis did not count a request, and this process did instead.",
		}),
		connectRecords: with.NewCounterVec(prometheus.CounterOpts{
			Name: "structural_connect_records_total", Help: "Platform records loaded by connecting.",
		}, []string{"platform"}),
		connectDuration: with.NewHistogramVec(prometheus.HistogramOpts{
			Name: "structural_connect_duration_seconds", Help: "How long it took to load a platform's records and reconcile them.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25},
		}, []string{"platform"}),
		importRecords: with.NewCounterVec(prometheus.CounterOpts{
			Name: "structural_import_records_total", Help: "Records of imports that have ended: applied or rejected.",
		}, []string{"platform", "result"}),
		propagateWrites: with.NewCounterVec(prometheus.CounterOpts{
			Name: "structural_propagate_writes_total", Help: "Platform records changed by propagated changes.",
		}, []string{"platform"}),
		propagateRetries: with.NewCounter(prometheus.CounterOpts{
			Name: "structural_propagate_retries_total", Help: "Propagated changes computed once more because another one came in between.",
		}),
		propagateReplays: with.NewCounter(prometheus.CounterOpts{
			Name: "structural_propagate_replays_total", Help: "Propagated changes answered from memory, by their Idempotency-Key.",
		}),
	}
	requests := with.NewCounterVec(prometheus.CounterOpts{
		Name: "structural_http_requests_total", Help: "Requests answered.",
	}, []string{"operation_id", "status"})
	durations := with.NewHistogramVec(prometheus.HistogramOpts{
		Name: "structural_http_request_duration_seconds", Help: "How long requests took, from their headers to the end of the answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25},
	}, []string{"operation_id"})
	with.NewCounterFunc(prometheus.CounterOpts{
		Name: "structural_schema_disagreements_total", Help: "Texts that the fast check of a schema refused and the complete one accepted, which counts; each is a bug.",
	}, func() float64 { return float64(schemaDisagreements()) })
	add := func(id, label string, statuses []int) {
		m.operations[id] = newOperation(durations.WithLabelValues(label), requests.MustCurryWith(prometheus.Labels{"operation_id": label}), statuses)
	}
	add("", noOperation, nil)
	for _, op := range operations {
		add(op.ID, op.ID, op.Statuses)
		for _, limit := range op.RateLimits {
			for _, decision := range []string{"admitted", "refused"} {
				for _, count := range []string{"shared", "own"} {
					m.rateLimitDecisions.WithLabelValues(limit, decision, count)
				}
			}
		}
	}
	for _, platform := range platforms {
		m.connectRecords.WithLabelValues(platform)
		m.connectDuration.WithLabelValues(platform)
		m.propagateWrites.WithLabelValues(platform)
		m.importRecords.WithLabelValues(platform, "applied")
		m.importRecords.WithLabelValues(platform, "rejected")
	}
	return m
}

func newOperation(duration prometheus.Observer, requests *prometheus.CounterVec, statuses []int) *operation {
	o := &operation{duration: duration, requests: requests, byStatus: map[int]prometheus.Counter{}}
	for _, status := range statuses {
		o.byStatus[status] = requests.WithLabelValues(strconv.Itoa(status))
	}
	return o
}

// Inflight says what is reserved of the memory for requests and answers in flight. The functions are asked at each scrape.
type Inflight struct {
	Held    func() int64 // bytes
	Waiting func() int64 // requests that wait for bytes now
	Refused func() int64 // requests that there were no bytes for, so far
}

// RegisterInflight registers the metrics of memory in flight. registry may be nil.
func RegisterInflight(registry prometheus.Registerer, inflight Inflight) {
	with := promauto.With(registry)
	gauge := func(name, help string, value func() int64) {
		with.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
	}
	gauge("structural_inflight_bytes", "Bytes reserved for requests and answers in flight.", inflight.Held)
	gauge("structural_inflight_waiting", "Requests that wait for bytes.", inflight.Waiting)
	with.NewCounterFunc(prometheus.CounterOpts{
		Name: "structural_inflight_refused_total", Help: "Requests refused because there were no bytes for them.",
	}, func() float64 { return float64(inflight.Refused()) })
}

// RequestStarted counts a request as one in flight. RequestEnded must follow.
func (m *Metrics) RequestStarted() { m.inFlight.Inc() }

// RequestEnded counts a request as answered. operationID is empty if it matched no operation; one that the metrics were not made
// with counts as none.
func (m *Metrics) RequestEnded(operationID string, status int, took time.Duration) {
	m.inFlight.Dec()
	o, ok := m.operations[operationID]
	if !ok {
		o = m.operations[""]
	}
	o.duration.Observe(took.Seconds())
	count, ok := o.byStatus[status]
	if !ok {
		count = o.requests.WithLabelValues(strconv.Itoa(status))
	}
	count.Inc()
}

// RateLimitDecided counts a request that was held against a limit, by the limit's name. shared says whose count decided: that of all replicas, or
// this process's own.
func (m *Metrics) RateLimitDecided(limit string, admitted, shared bool) {
	decision, count := "refused", "own"
	if admitted {
		decision = "admitted"
	}
	if shared {
		count = "shared"
	}
	m.rateLimitDecisions.WithLabelValues(limit, decision, count).Inc()
}

// RateLimitStoreFailed counts a request that the shared store did not count.
func (m *Metrics) RateLimitStoreFailed() { m.rateLimitStoreFailures.Inc() }

// RecordsImported counts the records of an import that has ended.
func (m *Metrics) RecordsImported(platform string, applied, rejected int) {
	m.importRecords.WithLabelValues(platform, "applied").Add(float64(applied))
	m.importRecords.WithLabelValues(platform, "rejected").Add(float64(rejected))
}

// PlatformConnected counts the records that were loaded for a customer, and how long that took.
func (m *Metrics) PlatformConnected(platform string, records int, took time.Duration) {
	m.connectRecords.WithLabelValues(platform).Add(float64(records))
	m.connectDuration.WithLabelValues(platform).Observe(took.Seconds())
}

// ChangeWritten counts a platform's record that a propagated change has changed. Dry runs don't count.
func (m *Metrics) ChangeWritten(platform string) { m.propagateWrites.WithLabelValues(platform).Inc() }

// ChangeRetried counts a propagated change that is computed once more, because another one was written in between.
func (m *Metrics) ChangeRetried() { m.propagateRetries.Inc() }

// ChangeReplayed counts a propagated change that was answered as it was before, by its Idempotency-Key.
func (m *Metrics) ChangeReplayed() { m.propagateReplays.Inc() }
