package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// lockTimeout is how long one replica waits for another to migrate.
const lockTimeout = time.Minute

// migrate brings the database at dsn to the newest version. One replica does so at a time; the others look again every second,
// for a minute at most.
func migrate(ctx context.Context, dsn string, pooled bool) error {
	connector, err := newConnector(dsn, 0, pooled)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()

	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	unlock, err := lockMigrations(ctx, db)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", classify(err))
	}
	defer unlock()
	for deadline := time.Now().Add(lockTimeout); ; {
		_, err := provider.Up(ctx)
		if isLocked(err) && time.Now().Before(deadline) {
			continue // a replica of the previous version works on a table; the statement has waited for it
		}
		if err != nil {
			return fmt.Errorf("migrate the database: %w", classify(err))
		}
		return nil
	}
}

// findData returns [ErrNoData] if no migration has made the tables.
func findData(ctx context.Context, dsn string, pooled bool) error {
	connector, err := newConnector(dsn, statementTimeout, pooled)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var found bool
	err = db.QueryRowContext(ctx, `SELECT to_regclass('api_keys') IS NOT NULL AND to_regclass($1) IS NOT NULL`, goose.DefaultTablename).Scan(&found)
	if err != nil {
		return fmt.Errorf("look for data: %w", classify(err))
	}
	if !found {
		return ErrNoData
	}
	return nil
}

// isLocked says whether a statement gave up waiting for a lock.
func isLocked(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && pqErr.Code == "55P03"
}

// lockMigrations takes goose's lock, but for a transaction: a pooler may give each transaction another session, so that a
// session's lock would belong to nobody.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	unlock = func() { _ = tx.Rollback() }
	for deadline := time.Now().Add(lockTimeout); ; {
		var locked bool
		// With a parameter, the transaction would keep the statement's snapshot, and an index that is built concurrently waits for those.
		if err := tx.QueryRowContext(ctx, fmt.Sprintf("SELECT pg_try_advisory_xact_lock(%d)", lock.DefaultLockID)).Scan(&locked); err != nil {
			unlock()
			return nil, err
		}
		if locked {
			return unlock, nil
		}
		if time.Now().After(deadline) {
			unlock()
			return nil, errors.New("another program holds the lock on migrations")
		}
		select {
		case <-ctx.Done():
			unlock()
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
