// Package server is the HTTP edge: Echo's wiring, middleware, the error envelope, and one file for each operation, named after
// its operationId.
//
// A request passes, from the outside in: its id, headers and log line; recovery from panics; CORS; then the contract, which
// reserves memory, checks the API key, the rate limits, the request, and on the way back the response; then the operation's handler.
package server

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/ulule/limiter/v3"

	structural "structural.app/structural"
	"structural.app/structural/app"
	"structural.app/structural/gen"
	"structural.app/structural/server/asset"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/docs"
	"structural.app/structural/server/openapi"
	"structural.app/structural/store"
	"structural.app/structural/telemetry"
	"structural.app/structural/web"
)

const (
	apiVersion     = "1.0"
	maxBodyBytes   = 1 << 20
	requestTimeout = 10 * time.Second // unless the operation has an x-timeout-seconds

	defaultInflightBytes = 256 << 20
	defaultImportBytes   = 1 << 30
	defaultImportIdle    = 30 * time.Second
)

// Config is what a server is made from.
type Config struct {
	Store *store.Store
	// Translator translates records between the platforms.
	Translator *app.Translator
	// Sandboxes are what demo and test keys are connected to, by platform.
	Sandboxes map[string]app.Source
	// Limits counts requests. Nil: in memory, for this process alone.
	Limits limiter.Store
	// RateLimitPerMinute is how many requests a key may send in a minute, beside the operations' own limits. 0: any number.
	RateLimitPerMinute int64
	// Inflight is the memory that requests and answers in flight may take. Nil: 256 MB.
	Inflight *budget.Budget
	// ImportBytes is how large the body of an import may be. 0: 1 GiB.
	ImportBytes int64
	// ImportIdle is for how long the body of an import may send nothing. 0: 30 seconds.
	ImportIdle time.Duration
	// TrustedProxies are the networks whose X-Forwarded-For is believed. None: the client is whoever opened the connection.
	TrustedProxies []*net.IPNet
	// CORSOrigins are the origins whose pages may call the API; "*" is any.
	CORSOrigins []string
	// Quotas bounds what customers store.
	Quotas app.Quotas
	// Logger gets one line for each request. Nil: nothing is logged.
	Logger *slog.Logger
	// Metrics is where the server's metrics are registered. Nil: nowhere.
	Metrics prometheus.Registerer
	// Traces gets a span for each request. Nil: there are none.
	Traces *telemetry.Traces
	// WorkbookRows is how many rows a workbook may have, the header's among them. 0: as many as a sheet has.
	WorkbookRows int
	// Clock tells the time of day: rate limits and times in answers go by it. Nil: time.Now.
	Clock func() time.Time
}

// Server answers the operations of openapi.yaml.
type Server struct {
	store      *store.Store
	translator *app.Translator
	limits     *rateLimits
	budget     *budget.Budget
	connecter  *app.Connecter
	importer   *app.Importer
	changer    *app.Changer
	settler    *app.Settler
	decider    *app.Decider
	matcher    *app.Matcher
	reporter   *app.Reporter
	quotas     app.Quotas
	logger     *slog.Logger
	metrics    *telemetry.Metrics
	traces     *telemetry.Traces
	clock      func() time.Time
	document   *openapi.Document
	platforms  platformsResponse

	workbookRows int
	echo         *echo.Echo
}

// Every operation of the contract has a handler: without one the build fails here.
var _ gen.StrictServerInterface = (*Server)(nil)

// loadContract compiles the document once, however many servers there are.
var loadContract = sync.OnceValues(func() (*openapi.Document, error) { return openapi.Load(structural.OpenAPI) })

// New makes a server. It fails when openapi.yaml is broken, or differs from the routes.
func New(cfg Config) (*Server, error) {
	s := &Server{
		store: cfg.Store, translator: cfg.Translator, quotas: cfg.Quotas, logger: cfg.Logger, traces: cfg.Traces, clock: cfg.Clock,
		connecter: app.NewConnecter(cfg.Translator, cfg.Store, cfg.Sandboxes, cfg.Quotas), importer: app.NewImporter(cfg.Translator, cfg.Store, cfg.Quotas),
		changer: app.NewChanger(cfg.Translator, cfg.Store, cfg.Quotas), settler: app.NewSettler(cfg.Store),
		decider: app.NewDecider(cfg.Translator, cfg.Store, cfg.Quotas), matcher: app.NewMatcher(cfg.Translator, cfg.Store), echo: echo.New(),
		reporter: app.NewReporter(cfg.Translator, cfg.Store), workbookRows: cmp.Or(cfg.WorkbookRows, workbookRows),
	}
	cfg.ImportBytes, cfg.ImportIdle = cmp.Or(cfg.ImportBytes, defaultImportBytes), cmp.Or(cfg.ImportIdle, defaultImportIdle)
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = time.Now
	}

	document, err := loadContract()
	if err != nil {
		return nil, err
	}
	s.document = document
	if s.platforms, err = newPlatformsResponse(cfg.Translator.Platforms()); err != nil {
		return nil, err
	}
	if s.budget = cfg.Inflight; s.budget == nil {
		s.budget = budget.New(defaultInflightBytes)
	}
	s.metrics = newMetrics(cfg, document, s.budget)
	s.changer.Retried = s.metrics.ChangeRetried
	s.matcher.Failed = func(err error) { s.logger.Error("suggestions", slog.Any("error", err)) }
	s.limits = newRateLimits(cfg.Limits, cfg.RateLimitPerMinute, s.logger, s.metrics, s.clock)
	enforceContract, err := document.Middleware(openapi.Options{
		MaxBodyBytes:    maxBodyBytes,
		MaxStreamBytes:  cfg.ImportBytes,
		StreamIdle:      cfg.ImportIdle,
		Authenticators:  map[string]func(echo.Context) error{"bearerAuth": s.authenticateBearer},
		Admit:           s.admit,
		Reservation:     s.reservation,
		InvalidResponse: s.invalidResponse,
	})
	if err != nil {
		return nil, err
	}

	e := s.echo
	e.IPExtractor = clientAddress(cfg.TrustedProxies)
	e.HTTPErrorHandler = s.respondError
	e.Use(s.exchange, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: s.logPanic}), joinPreferences)
	if len(cfg.CORSOrigins) > 0 {
		e.Use(cors(cfg.CORSOrigins))
	}
	e.Use(enforceContract)
	gen.RegisterHandlersWithBaseURL(router{e}, gen.NewStrictHandler(s, []gen.StrictMiddlewareFunc{s.measureConnect}), document.BasePath())
	documentRoutes := serveDocument(e, document)
	referenceRoutes, err := docs.Register(e)
	if err != nil {
		return nil, err
	}
	pageRoutes, err := web.Register(e)
	if err != nil {
		return nil, err
	}
	if err := document.CheckRoutes(e.Routes(), slices.Concat(documentRoutes, referenceRoutes, pageRoutes)...); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.echo.ServeHTTP(w, r)
}

// clientAddress tells whose request it is. X-Forwarded-For is read from the right, and only past trusted proxies: what a
// client writes there itself counts for nothing.
func clientAddress(trustedProxies []*net.IPNet) echo.IPExtractor {
	if len(trustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, network := range trustedProxies {
		trust = append(trust, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

func cors(origins []string) echo.MiddlewareFunc {
	return middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:  origins,
		AllowMethods:  []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowHeaders:  []string{echo.HeaderAuthorization, echo.HeaderContentType, headerIdempotencyKey, headerIfMatch, headerIfNoneMatch, headerPrefer},
		ExposeHeaders: []string{headerRequestID, headerAPIVersion, echo.HeaderRetryAfter, headerRateLimit, headerRateLimitPolicy, headerETag, headerReplayed, headerPreferenceApplied, "Link"},
		MaxAge:        600,
	})
}

// router takes HEAD wherever it takes GET (RFC 9110, section 9.1).
type router struct{ *echo.Echo }

// GET adds a route for both.
func (r router) GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	r.HEAD(path, h, m...)
	return r.Echo.GET(path, h, m...)
}

// serveDocument publishes the contract, and returns the routes under which it does.
func serveDocument(e *echo.Echo, document *openapi.Document) []string {
	const asYAML, asJSON = "/openapi.yaml", "/openapi.json"
	r := router{e}
	r.GET(asYAML, asset.New("application/yaml", document.YAML(), true).Serve) // RFC 9512
	r.GET(asJSON, asset.New(echo.MIMEApplicationJSON, document.JSON(), true).Serve)
	return []string{asYAML, asJSON}
}

// reservation is what a request's memory is reserved by. Health is always told.
func (s *Server) reservation(c echo.Context, op *openapi.Operation) *budget.Reservation {
	if op.ID == "getHealth" {
		return nil
	}
	x := exchangeOf(c.Request().Context())
	x.reservation = s.budget.Reservation()
	return x.reservation
}

func (s *Server) invalidResponse(c echo.Context, op *openapi.Operation, violation error) error {
	return &Error{Kind: KindInternal, Cause: violation}
}

func (s *Server) logPanic(c echo.Context, err error, stack []byte) error {
	s.logger.ErrorContext(c.Request().Context(), "panic", "request_id", exchangeOf(c.Request().Context()).requestID, "stack", string(stack))
	return &Error{Kind: KindInternal, Cause: err}
}
