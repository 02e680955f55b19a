package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

const (
	selectSettingsSQL = `
SELECT s.settings, coalesce(s.version, 0) AS version
FROM connections c LEFT JOIN connection_settings s USING (customer_id, platform)
WHERE customer_id = $1 AND platform = $2 AND status = 'active' AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

	// Nothing is written unless the settings still have the version that they are to replace.
	saveSettingsSQL = `
INSERT INTO connection_settings AS s (customer_id, platform, settings, version)
SELECT customer_id, platform, $3, $4 + 1 FROM connections
WHERE customer_id = $1 AND platform = $2 AND status = 'active' AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ON CONFLICT (customer_id, platform) DO UPDATE SET settings = excluded.settings, version = excluded.version, updated_at = now()
WHERE s.version = $4`

	selectDocumentsSQL = `
SELECT document FROM canonical_objects
WHERE customer_id = $1 AND entity_type = ANY ($2) AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY id COLLATE "C"`
)

// FindSettings finds the settings of a connection. One that has none of its own has none at version 0. [app.ErrNotFound] if the
// platform is not connected.
func (s *Store) FindSettings(ctx context.Context, customerID, platform string) (found app.StoredSettings, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.QueryRowContext(ctx, selectSettingsSQL, customerID, platform).Scan(&found.Settings, &found.Version)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return found, app.ErrNotFound
	}
	return found, err
}

// SaveSettings replaces the settings of a connection, which have this version, by others, and returns the new version. [app.ErrChanged]
// if they have another one by now, or the platform is not connected any more; nothing was written then.
func (s *Store) SaveSettings(ctx context.Context, customerID, platform string, settings []byte, version int64) (int64, error) {
	err := s.once(ctx, func(ctx context.Context) error {
		result, err := s.db.ExecContext(ctx, saveSettingsSQL, customerID, platform, string(settings), version)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, app.ErrChanged)
		}
		return nil
	})
	return version + 1, err
}

// EachDocument reads the documents of a customer's objects of some types, in the order of their ids. begin gives what takes them, one
// after the other, and is asked again when all are read again. A text is its own until it returns; its error ends the list.
func (s *Store) EachDocument(ctx context.Context, customerID string, types []canonical.EntityType, begin func() (take func(document []byte) error)) error {
	return s.retry(ctx, func(ctx context.Context) error {
		take := begin()
		rows, err := s.db.QueryContext(ctx, selectDocumentsSQL, customerID, pq.Array(types))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var document sql.RawBytes
			if err := rows.Scan(&document); err != nil {
				return err
			}
			if err := take(jsontext.HealText(document)); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
