package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"structural.app/structural/canonical"
)

// Connection is a platform that a customer has connected.
type Connection struct {
	Platform       string    `db:"platform"`
	ConnectedAt    time.Time `db:"connected_at"`
	EntitiesSynced int       `db:"entities_synced"` // records that are mapped to canonical objects
}

const selectConnectionsSQL = `
SELECT platform, connected_at,
    (SELECT count(*) FROM entity_mappings m WHERE m.customer_id = c.customer_id AND m.platform = c.platform) AS entities_synced
FROM connections c
WHERE customer_id = $1 AND status = 'active'
ORDER BY connected_at, platform`

// ListConnections returns the customer's active connections, the oldest first.
func (s *Store) ListConnections(ctx context.Context, customerID string) ([]Connection, error) {
	connections := []Connection{}
	err := s.retry(ctx, func(ctx context.Context) error {
		return s.db.SelectContext(ctx, &connections, selectConnectionsSQL, customerID)
	})
	return connections, err
}

const (
	markSeedingSQL = `
INSERT INTO connections (customer_id, platform, status) SELECT id, $2, 'seeding' FROM customers WHERE id = $1
ON CONFLICT (customer_id, platform) DO UPDATE SET status = 'seeding'`

	markErrorSQL = `UPDATE connections SET status = 'error' WHERE customer_id = $1 AND platform = $2 AND status = 'seeding'`

	// The first lock is the connection's: who does not get it at once is told so. It ends with the transaction, and so with
	// the program. The second is the customer's: connections of two platforms take turns, and a deletion waits.
	lockConnectionSQL = `
SELECT locked, CASE WHEN locked THEN (SELECT true FROM customers WHERE id = $1::uuid FOR NO KEY UPDATE) END AS found
FROM (SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || '/' || $2, 0)) AS locked OFFSET 0) AS connection`

	selectOtherRecordsSQL = `
SELECT platform, entity_type, platform_id, payload, commitment_type
FROM platform_objects WHERE customer_id = $1 AND platform <> $2`

	// Canonical objects are made anew from all records, so that they don't depend on what was there before.
	clearSQL = `
WITH platform AS (DELETE FROM platform_objects WHERE customer_id = $1 AND platform = $2),
     mappings AS (DELETE FROM entity_mappings WHERE customer_id = $1),
     objects AS (DELETE FROM canonical_objects WHERE customer_id = $1)
UPDATE connections SET status = 'active', connected_at = now() WHERE customer_id = $1 AND platform = $2`
)

// Connect replaces all of a platform's records by others, in one transaction and a fixed number of statements. build is given
// the records of the customer's other platforms, and returns this platform's records, the mapped records of all platforms, and
// the canonical objects of all.
//
// [ErrBusy] if the platform is being connected by another request, [ErrNotFound] if there is no such customer. On any other
// error the connection is marked as failed; what was there before is still there.
func (s *Store) Connect(ctx context.Context, customerID, platform string,
	build func(others []canonical.StoredRecord) (records, mapped []canonical.StoredRecord, objects []canonical.StoredObject, err error),
) error {
	if err := s.retry(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, markSeedingSQL, customerID, platform)
		return err
	}); err != nil {
		return err
	}
	err := s.reseed(ctx, customerID, platform, build)
	if err != nil && !errors.Is(err, ErrBusy) {
		// The request's own context may be what ended it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementTimeout)
		defer cancel()
		if _, markErr := s.db.ExecContext(ctx, markErrorSQL, customerID, platform); markErr != nil {
			err = errors.Join(err, markErr)
		}
	}
	return classify(err)
}

func (s *Store) reseed(ctx context.Context, customerID, platform string,
	build func([]canonical.StoredRecord) ([]canonical.StoredRecord, []canonical.StoredRecord, []canonical.StoredObject, error),
) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back

	var lock struct {
		Locked bool  `db:"locked"`
		Found  *bool `db:"found"`
	}
	if err := tx.GetContext(ctx, &lock, lockConnectionSQL, customerID, platform); err != nil {
		return err
	}
	if !lock.Locked {
		return ErrBusy
	}
	if lock.Found == nil {
		return ErrNotFound
	}
	others, err := selectOtherRecords(ctx, tx, customerID, platform)
	if err != nil {
		return err
	}
	records, mapped, objects, err := build(others)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, clearSQL, customerID, platform); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "platform_objects", []string{"customer_id", "platform", "entity_type", "platform_id", "payload", "commitment_type"},
		len(records), func(i int) []any {
			r := &records[i]
			return []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, string(r.Payload), r.CommitmentType}
		}); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "canonical_objects", []string{"customer_id", "id", "entity_type", "document"},
		len(objects), func(i int) []any {
			o := &objects[i]
			return []any{customerID, o.ID, string(o.EntityType), string(o.Document)}
		}); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "entity_mappings", []string{"customer_id", "platform", "entity_type", "platform_id", "canonical_id", "minted_id"},
		len(mapped), func(i int) []any {
			r := &mapped[i]
			return []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, r.CanonicalID, r.MintedID}
		}); err != nil {
		return err
	}
	return tx.Commit()
}

func selectOtherRecords(ctx context.Context, tx *sqlx.Tx, customerID, platform string) ([]canonical.StoredRecord, error) {
	rows, err := tx.QueryContext(ctx, selectOtherRecordsSQL, customerID, platform)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var objects []canonical.StoredRecord
	for rows.Next() {
		var o canonical.StoredRecord
		if err := rows.Scan(&o.Platform, &o.EntityType, &o.PlatformID, &o.Payload, &o.CommitmentType); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}

// copyRows loads n rows with COPY: one statement, however many they are.
func copyRows(ctx context.Context, tx *sqlx.Tx, table string, columns []string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	statement, err := tx.PrepareContext(ctx, "COPY "+table+" ("+strings.Join(columns, ", ")+") FROM STDIN")
	if err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	for i := range n {
		if _, err := statement.ExecContext(ctx, row(i)...); err != nil {
			return errors.Join(fmt.Errorf("copy into %s: %w", table, err), statement.Close())
		}
	}
	if _, err := statement.ExecContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("copy into %s: %w", table, err), statement.Close())
	}
	return statement.Close()
}
