package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
)

// database is the store, and the private PostgreSQL below it if there is one.
type database struct {
	*store.Store
	private *embedded.Server // nil: DATABASE_URL names the server
}

// openDatabase opens the server that DATABASE_URL names; without one, a private server in DATA_DIR. What is not there yet is
// created. The options are those of store.Open.
func openDatabase(ctx context.Context, cfg config, logger *slog.Logger, options ...store.Option) (*database, error) {
	if cfg.DatabaseURL != "" {
		return openStore(ctx, string(cfg.DatabaseURL), options)
	}
	return startPrivate(ctx, cfg, logger, options)
}

// openExisting opens the data that `structural serve` has made, beside it or while it is stopped. It creates nothing: without
// data, the error says where it looked.
func openExisting(ctx context.Context, cfg config, logger *slog.Logger) (*database, error) {
	options := []store.Option{store.WithExistingData()}
	if cfg.DatabaseURL != "" {
		db, err := openStore(ctx, string(cfg.DatabaseURL), options)
		return db, explainNoData("the database of DATABASE_URL", err)
	}
	where, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	dsn, running, err := embedded.RunningDSN(cfg.DataDir, embedded.Database)
	if err != nil {
		return nil, err
	}
	if running {
		db, err := openStore(ctx, dsn, options)
		return db, explainNoData(where, err)
	}
	found, err := embedded.HasData(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%s (DATA_DIR): %w; run this in the folder where `structural serve` runs, set DATA_DIR or DATABASE_URL "+
			"as it has them, or start `structural serve` first", where, store.ErrNoData)
	}
	db, err := startPrivate(ctx, cfg, logger, options)
	return db, explainNoData(where, err)
}

func explainNoData(where string, err error) error {
	if errors.Is(err, store.ErrNoData) {
		return fmt.Errorf("%s: %w; start `structural serve` first", where, err)
	}
	return err
}

func startPrivate(ctx context.Context, cfg config, logger *slog.Logger, options []store.Option) (*database, error) {
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
