package store

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/jmoiron/sqlx"

	"structural.app/structural/app"
)

const (
	// The lock is that of connecting: a platform is connected, or records of it imported. An import that was not updated for so long is that
	// of a program that has ended.
	lockImportSQL = `
SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || '/' || $2, 0)),
    EXISTS (SELECT FROM customers WHERE id = $1::uuid) AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1::uuid)`

	abandonedSQL = `updated_at < now() - interval '2 minutes'`

	endAbandonedSQL = `
UPDATE imports SET status = 'failed' WHERE customer_id = $1 AND platform = $2 AND status = 'running' AND ` + abandonedSQL

	// Those before the last few are forgotten.
	forgetImportsSQL = `
DELETE FROM imports WHERE customer_id = $1 AND platform = $2 AND status <> 'running' AND id NOT IN (
    SELECT id FROM imports WHERE customer_id = $1 AND platform = $2 ORDER BY started_at DESC, id LIMIT 9)`

	insertImportSQL = `
INSERT INTO imports (customer_id, id, platform, entity_type, status) VALUES ($1, $2, $3, $4, 'running')
ON CONFLICT DO NOTHING RETURNING started_at`

	saveImportSQL = `
UPDATE imports SET status = $3, updated_at = now(), received = $4, applied = $5, rejected = $6, errors = $7::json
WHERE customer_id = $1 AND id = $2 AND status = 'running'`

	// One that was abandoned does not go on.
	isImportingSQL = `
WITH ended AS (` + endAbandonedSQL + `)
SELECT EXISTS (SELECT FROM imports WHERE customer_id = $1 AND platform = $2 AND status = 'running' AND NOT ` + abandonedSQL + `)`

	selectImportsSQL = `
SELECT id, platform, entity_type, CASE WHEN status = 'running' AND ` + abandonedSQL + ` THEN 'failed' ELSE status END,
    started_at, received, applied, rejected, errors
FROM imports WHERE customer_id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY started_at DESC, id LIMIT 100`
)

// StartImport begins an import, and sets when it did. [app.ErrBusy] if the platform is being connected, or another import of its records
// runs, [app.ErrNotFound] if there is no such customer.
func (s *Store) StartImport(ctx context.Context, m *app.Import) error {
	return classify(s.startImport(ctx, m))
}

func (s *Store) startImport(ctx context.Context, m *app.Import) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	var locked, found bool
	switch err := tx.QueryRowContext(ctx, lockImportSQL, m.CustomerID, m.Platform).Scan(&locked, &found); {
	case err != nil:
		return err
	case !locked:
		return app.ErrBusy
	case !found:
		return app.ErrNotFound
	}
	for _, statement := range []string{endAbandonedSQL, forgetImportsSQL} {
		if _, err := tx.ExecContext(ctx, statement, m.CustomerID, m.Platform); err != nil {
			return err
		}
	}
	err = tx.GetContext(ctx, &m.StartedAt, insertImportSQL, m.CustomerID, m.ID, m.Platform, string(m.EntityType))
	if isNoRow(err) {
		return app.ErrBusy
	}
	return cmp.Or(err, tx.Commit())
}

// SaveImport keeps how far an import is. [app.ErrChanged] if it does not run any more.
func (s *Store) SaveImport(ctx context.Context, m *app.Import) error {
	return classify(saveImport(ctx, s.loading, m))
}

func saveImport(ctx context.Context, db sqlx.ExecerContext, m *app.Import) error {
	text, err := json.Marshal(m.Errors)
	if err != nil {
		return err
	}
	result, err := db.ExecContext(ctx, saveImportSQL, m.CustomerID, m.ID, string(m.Status), m.Received, m.Applied, m.Rejected, string(text))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, app.ErrChanged)
	}
	return nil
}

// refuseWhileImporting returns [app.ErrBusy] while records of a platform are imported. The caller has the lock of connecting.
func refuseWhileImporting(ctx context.Context, tx *sqlx.Tx, customerID, platform string) error {
	var importing bool
	if err := tx.GetContext(ctx, &importing, isImportingSQL, customerID, platform); err != nil {
		return err
	}
	if importing {
		return app.ErrBusy
	}
	return nil
}

// ListImports returns the customer's last imports, the latest first, 10 of each platform at most.
func (s *Store) ListImports(ctx context.Context, customerID string) (imports []app.Import, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		imports = nil
		rows, err := s.db.QueryContext(ctx, selectImportsSQL, customerID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m := app.Import{CustomerID: customerID}
			var text []byte
			if err := rows.Scan(&m.ID, &m.Platform, &m.EntityType, &m.Status, &m.StartedAt, &m.Received, &m.Applied, &m.Rejected, &text); err != nil {
				return err
			}
			if err := json.Unmarshal(text, &m.Errors); err != nil {
				return err
			}
			imports = append(imports, m)
		}
		return rows.Err()
	})
	return imports, err
}
