package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"testing"

	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// newPropagateHandler is the whole product on the database of DSN, but for its rate limits: a customer may propagate 300 changes
// a minute, which is over in a moment.
func newPropagateHandler() (http.Handler, error) {
	s, err := store.Open(context.Background(), os.Getenv("DSN"), byPrecedence)
	if err != nil {
		return nil, err
	}
	return newProduct(s, os.Stderr)
}

func newProduct(s *store.Store, log io.Writer) (http.Handler, error) {
	sources := map[string]app.Source{}
	for name, sandbox := range registry.Sandboxes() {
		sources[name] = sandbox
	}
	return server.New(server.Config{
		Store:      s,
		Translator: app.New(platforms, canonical.Rates{}),
		Sandboxes:  sources,
		Limits:     unlimited{memory.NewStore()},
		Logger:     slog.New(slog.NewTextHandler(log, nil)),
	})
}

// unlimited counts as the product does, towards limits that are never reached.
type unlimited struct{ limiter.Store }

// Get counts a request.
func (u unlimited) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	rate.Limit = math.MaxInt64
	return u.Store.Get(ctx, key, rate)
}

// countRoundTrips counts how often the product waits for the database to propagate a change.
func (b *bench) countRoundTrips(ctx context.Context, c customer) (err error) {
	t := &outsideTest{}
	defer t.clean()
	link, dsn := storetest.NewLink(t, b.dsn)
	s, err := store.Open(ctx, dsn, byPrecedence)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	product, err := newProduct(s, io.Discard)
	if err != nil {
		return err
	}
	const changes = 100
	once := func() error {
		n := fmt.Sprint(100_000_000 + changesMade.Add(1))
		method, path, body, headers := c.changeRequest(n, n)
		if status := newCall(product, method, path, body, headers...).do(); status != http.StatusOK {
			return fmt.Errorf("answered %d", status)
		}
		return nil
	}
	if err := once(); err != nil { // prepares the statements on the connection
		return err
	}
	roundTrips, statements := link.RoundTrips(), link.Statements()
	for range changes {
		if err := once(); err != nil {
			return err
		}
	}
	perChange := func(n int64) float64 { return float64(n) / changes }
	b.add(
		row{
			name: "POST /propagate, round trips to the database, vs wanted", unit: "per req",
			ours: perChange(link.RoundTrips() - roundTrips), baseline: wantedOfRoundTrips, wanted: 1,
		},
		row{
			name: "POST /propagate, statements, vs pgbench", unit: "per req",
			ours: perChange(link.Statements() - statements), baseline: 3,
		},
	)
	return nil
}

// outsideTest is what storetest needs of a test.
type outsideTest struct {
	testing.TB
	cleanups []func()
}

// Helper does nothing.
func (*outsideTest) Helper() {}

// Errorf panics: there is no test that could fail.
func (*outsideTest) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// Cleanup has f called by clean.
func (t *outsideTest) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *outsideTest) clean() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}
