package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"
	"github.com/ulule/limiter/v3"
	limiterredis "github.com/ulule/limiter/v3/drivers/store/redis"

	"structural.app/structural/app"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/server/budget"
	"structural.app/structural/store"
	"structural.app/structural/telemetry"
)

const (
	// shutdownTimeout is how long requests in flight may take to finish once the program has stopped listening: longer than
	// the slowest operation may.
	shutdownTimeout = 30 * time.Second
	// exportTimeout is how long the last spans may take to leave.
	exportTimeout = 5 * time.Second
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API until told to stop (SIGINT, SIGTERM)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readConfig()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, cfg.logger())
		},
	}
}

// limitMemory has the garbage collected more often rather than let the process grow far beyond what may be in flight; GOMEMLIMIT
// overrules it.
func limitMemory(cfg config) {
	const idle = 96 << 20 // what the process takes beside requests
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cfg.InflightBytes) + idle)
	}
}

// serve serves until ctx ends; requests in flight finish before it returns.
func serve(ctx context.Context, cfg config, logger *slog.Logger) (err error) {
	limitMemory(cfg)
	// Bound first: when the port is taken, nothing else needs to be started.
	listener, err := listen(ctx, "ADDR", cfg.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	metricsRegistry := newMetricsRegistry(currentBuild())
	metrics := newMetricsHandler(metricsRegistry, logger)
	if cfg.MetricsAddress != "" {
		stopMetrics, err := serveMetrics(ctx, cfg.MetricsAddress, metrics, logger)
		if err != nil {
			return err
		}
		defer stopMetrics()
		metrics = nil
	}

	limits, err := openRateLimits(cfg, logger)
	if err != nil {
		return err
	}
	traces, err := telemetry.OpenTraces(ctx, currentBuild().Version, logger)
	if err != nil {
		return err
	}
	defer closeTraces(ctx, traces, logger)
	options := []store.Option{store.WithPrecedence(registry.New().Names())}
	if traces != nil {
		options = append(options, store.WithPools(traces.OpenDB))
	}
	db, err := openDatabase(ctx, cfg, logger, options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	telemetry.RegisterPools(metricsRegistry, db.Pools())

	translator := app.New(registry.New(), cfg.ExchangeRates.Rates)
	api, err := server.New(server.Config{
		Store:              db.Store,
		Translator:         translator,
		Sandboxes:          sandboxes(),
		Quotas:             cfg.quotas(),
		ImportBytes:        int64(cfg.ImportBytes),
		Limits:             limits,
		RateLimitPerMinute: int64(cfg.RateLimit),
		Inflight:           budget.New(int64(cfg.InflightBytes)),
		TrustedProxies:     cfg.trustedProxies(),
		CORSOrigins:        cfg.corsOrigins(),
		Logger:             logger,
		Metrics:            metricsRegistry,
		Traces:             traces,
	})
	if err != nil {
		return err
	}
	handler := &operatorHandler{api: api, ping: db.Ping, metrics: metrics}

	defer startTasks(ctx, db.Store, translator, cfg, logger)()
	return serveUntil(ctx, listener, handler, time.Duration(cfg.ShutdownDelay), logger)
}

// startTasks runs the background tasks until the returned function is called, which waits for their end.
func startTasks(ctx context.Context, db *store.Store, translator *app.Translator, cfg config, logger *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runTasks(ctx, backgroundTasks(db, translator, time.Duration(cfg.DemoSessionTTL), logger), logger)
	}()
	return func() { cancel(); <-ended }
}

// serveUntil answers until ctx ends, for so long after that as one not ready any more, and then finishes what is in flight.
func serveUntil(ctx context.Context, listener net.Listener, handler *operatorHandler, delay time.Duration, logger *slog.Logger) error {
	httpServer := newHTTPServer(handler, logger)
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	url := localURL(listener.Addr())
	logger.Info("serving", "url", url+"/api/v1", "document", url+"/openapi.yaml")

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	handler.stopping.Store(true)
	if delay > 0 {
		logger.Info("stopping: not ready any more, but still serving", "for", delay)
		select {
		case err := <-served:
			return err
		case <-time.After(delay):
		}
	}
	logger.Info("stopping: requests in flight finish first")
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := httpServer.Shutdown(finish); err != nil {
		return fmt.Errorf("requests in flight did not finish in %v: %w", shutdownTimeout, errors.Join(err, httpServer.Close()))
	}
	logger.Info("stopped")
	return nil
}

func listen(ctx context.Context, variable, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return listener, nil
}

func newHTTPServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnState:         newConnections(maxConnections).changed,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// closeTraces exports the last spans. That they are lost is no failure of the program.
func closeTraces(ctx context.Context, traces *telemetry.Traces, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
	defer cancel()
	if err := traces.Close(ctx); err != nil {
		logger.Warn("the last traces are not exported", "error", err)
	}
}

func sandboxes() map[string]app.Source {
	sources := map[string]app.Source{}
	for name, sandbox := range registry.Sandboxes() {
		sources[name] = sandbox
	}
	return sources
}

// openRateLimits opens the counts that replicas share in Redis; nil without REDIS_URL.
func openRateLimits(cfg config, logger *slog.Logger) (limiter.Store, error) {
	if cfg.RedisURL == "" {
		return nil, nil
	}
	options, err := redis.ParseURL(string(cfg.RedisURL))
	if err != nil {
		return nil, errors.New("REDIS_URL: must be a Redis URL, such as redis://user:password@host:6379/0")
	}
	// A request does not wait long for its count.
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, time.Second, time.Second
	options.MaxRetries, options.DialerRetries = 1, 1
	redis.SetLogger(redisLogger{logger})
	limits, err := limiterredis.NewStoreWithOptions(redis.NewClient(options), limiter.StoreOptions{Prefix: "structural"})
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return limits, nil
}

// redisLogger makes the Redis client's own messages debug messages: what matters of them is in the errors that it returns.
type redisLogger struct{ *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, v ...any) {
	l.DebugContext(ctx, fmt.Sprintf(format, v...))
}

// localURL is where a person on this machine finds the listener.
func localURL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
