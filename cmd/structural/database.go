package main

import (
	"context"
	"errors"
	"log/slog"

	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
)

// database is the store, and the private PostgreSQL below it if there is one.
type database struct {
	*store.Store
	private *embedded.Server // nil: DATABASE_URL names the server
}

// openDatabase opens the server that DATABASE_URL names; without one, a private server in DATA_DIR. Where one runs there
// already for another program, it is used if join is set, else that is an error. The options are those of store.Open.
func openDatabase(ctx context.Context, cfg config, logger *slog.Logger, join bool, options ...store.Option) (*database, error) {
	if cfg.DatabaseURL != "" {
		return openStore(ctx, string(cfg.DatabaseURL), options)
	}
	if join {
		dsn, ok, err := embedded.RunningDSN(cfg.DataDir, embedded.Database)
		if err != nil {
			return nil, err
		}
		if ok {
			return openStore(ctx, dsn, options)
		}
	}
	private, err := embedded.Start(ctx, embedded.Config{DataDir: cfg.DataDir, Logger: logger})
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, private.DSN(embedded.Database), options...)
	if err != nil {
		return nil, errors.Join(err, private.Stop())
	}
	return &database{Store: s, private: private}, nil
}

func openStore(ctx context.Context, dsn string, options []store.Option) (*database, error) {
	s, err := store.Open(ctx, dsn, options...)
	if err != nil {
		return nil, err
	}
	return &database{Store: s}, nil
}

// Close closes the store, then stops the private server.
func (d *database) Close() error {
	err := d.Store.Close()
	if d.private != nil {
		err = errors.Join(err, d.private.Stop())
	}
	return err
}
