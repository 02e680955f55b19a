package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"structural.app/structural/store"
)

// readyTimeout is how long the database may take to answer. A load balancer waits not much longer.
const readyTimeout = 2 * time.Second

// operatorHandler answers what those ask who run the program, load balancers and Prometheus, and passes all else to the API.
// These paths are not part of the contract: they have no log line, no limit and no metrics of their own.
type operatorHandler struct {
	api      http.Handler
	ping     func(context.Context) error // asks the database whether it answers, and takes writes
	metrics  http.Handler                // nil: there is a listener of its own for them
	stopping atomic.Bool
}

func (h *operatorHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.stopping.Load() {
		// Clients that keep their connection go elsewhere for their next request, before it is closed.
		w.Header().Set("Connection", "close")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		switch r.URL.Path {
		case "/livez":
			writeProbe(w, http.StatusOK, "ok")
			return
		case "/readyz":
			h.serveReady(w, r)
			return
		case "/metrics":
			if h.metrics != nil {
				h.metrics.ServeHTTP(w, r)
				return
			}
		}
	}
	h.api.ServeHTTP(w, r)
}

func (h *operatorHandler) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if h.stopping.Load() {
		writeProbe(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	switch err := h.ping(ctx); {
	case errors.Is(err, store.ErrReadOnly):
		writeProbe(w, http.StatusServiceUnavailable, "the database is read-only: a standby, or a primary that hands over")
	case err != nil:
		writeProbe(w, http.StatusServiceUnavailable, "the database does not answer")
	default:
		writeProbe(w, http.StatusOK, "ok")
	}
}

func writeProbe(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // whoever asked is gone then
}

// newMetricsRegistry makes a registry that has the metrics of the process already.
func newMetricsRegistry(b build) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "structural_build_info", Help: "Always 1; the labels say what the program was built from.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go": b.Go},
	})
	info.Set(1)
	registry.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

func newMetricsHandler(registry *prometheus.Registry, logger *slog.Logger) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		MaxRequestsInFlight: 4, // anyone who reaches the port may ask
	})
}

// serveMetrics serves nothing but /metrics on address, until the returned function is called.
func serveMetrics(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (stop func(), err error) {
	listener, err := listen(ctx, "METRICS_ADDRESS", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", handler)
	metricsServer := newHTTPServer(mux, logger)
	go func() {
		if err := metricsServer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("metrics are not served any more", "error", err)
		}
	}()
	logger.Info("serving metrics", "url", localURL(listener.Addr())+"/metrics")
	return func() { _ = metricsServer.Close() }, nil
}
