package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
)

// suite measures one subject and adds its rows. To add one: a file with its run function, and a line below.
type suite struct {
	name string
	run  func(context.Context, *bench) error
}

// suites run in this order; the table has the same.
var suites = []suite{
	{"demo sessions against pgbench", measureSessions},
	{"calls against a bare handler", measureCalls},
	{"validation in one process", measureValidation},
	{"validation over HTTP", measureValidationHTTP},
	{"allocations of the operations", measureAllocations},
	{"mapping against plain Go", measureMapping},
	{"cost of a contract's lines", measureLines},
	{"transform against a bare handler", measureTransform},
	{"connecting against psql", measureConnect},
	{"connecting many records", measureLoading},
	{"objects against a bare handler", measureObjects},
	{"propagate against pgbench", measurePropagate},
	{"suggestions", measureSuggestions},
	{"imports and the report", measureReconciliation},
	{"memory", measureMemory},
}

// effort is how much time is spent.
type effort struct {
	rounds     int           // how often each side has its turn over HTTP; in one process, where turns are short, thrice that
	warmUp     time.Duration // of load that does not count, before the first round
	load       time.Duration // of one round of load over HTTP
	pgbench    time.Duration // of one round of pgbench and of what is compared with it; whole seconds
	perOp      time.Duration // of one round in one process
	operations int           // whose allocations are counted
}

var (
	thorough = effort{rounds: 7, warmUp: 500 * time.Millisecond, load: time.Second, pgbench: 2 * time.Second, perOp: 50 * time.Millisecond, operations: 2000}
	brief    = effort{rounds: 1, warmUp: 200 * time.Millisecond, load: 500 * time.Millisecond, pgbench: time.Second, perOp: 20 * time.Millisecond, operations: 200}
)

// bench is what the suites share: a database, the program, a key, and the rows.
type bench struct {
	effort
	dir     string // temporary
	program string // the product's executable
	dsn     string // of the database, for the program, the store and pgbench alike
	store   *store.Store
	testKey string // a key of mode test
	rows    []row

	postgres *embedded.Server
}

// newBench builds the program and starts PostgreSQL as the program itself would: private, with its durable settings.
func newBench(ctx context.Context, e effort) (_ *bench, err error) {
	b := &bench{effort: e}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "structural-bench-"); err != nil {
		return nil, err
	}
	// Passable, since root's PostgreSQL runs as another user.
	if err = os.Chmod(b.dir, 0o755); err != nil {
		return nil, err
	}
	progress("building the program")
	if b.program, err = buildProgram(ctx, b.dir); err != nil {
		return nil, err
	}
	progress("starting PostgreSQL")
	warnings := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if b.postgres, err = embedded.Start(ctx, embedded.Config{DataDir: filepath.Join(b.dir, "data"), Logger: warnings}); err != nil {
		return nil, err
	}
	b.dsn = b.postgres.DSN(embedded.Database)
	if b.store, err = store.Open(ctx, b.dsn, byPrecedence); err != nil {
		return nil, err
	}
	b.testKey = apikey.New(string(store.ModeTest))
	_, err = b.store.CreateCustomer(ctx, store.ModeTest, "bench", apikey.Hash(b.testKey))
	return b, err
}

// close stops PostgreSQL and removes all files.
func (b *bench) close() {
	var err error
	if b.store != nil {
		err = errors.Join(err, b.store.Close())
	}
	if b.postgres != nil {
		err = errors.Join(err, b.postgres.Stop())
	}
	if b.dir != "" {
		err = errors.Join(err, os.RemoveAll(b.dir))
	}
	if err != nil {
		progress("cleaning up: %v", err)
	}
}

func (b *bench) add(rows ...row) { b.rows = append(b.rows, rows...) }
