package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"structural.app/structural/app"
)

const (
	// The customer is locked as for a change, so that nothing is accepted while a platform is being connected, and the object, so that what is
	// accepted is what was read. $9: how many a customer may have; an earlier one of the same field does not count.
	saveAcceptanceSQL = `
WITH customer AS MATERIALIZED (
    SELECT id FROM customers WHERE id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1) FOR SHARE SKIP LOCKED
), allowed AS MATERIALIZED (
    SELECT id AS customer_id FROM customer
    WHERE (SELECT count(*) FROM (SELECT FROM accepted_differences WHERE customer_id = $1 LIMIT $9) AS those) < $9
        OR EXISTS (SELECT FROM accepted_differences WHERE customer_id = $1 AND canonical_id = $2 AND field = $4)
), current AS MATERIALIZED (
    SELECT id FROM canonical_objects WHERE customer_id = (SELECT customer_id FROM allowed) AND id = $2 AND version = $3 FOR SHARE
), saved AS (
    INSERT INTO accepted_differences AS a (customer_id, canonical_id, field, stamp, note, key_id, key_name)
    SELECT $1, id, $4, $5, nullif($6::text, ''), $7, nullif($8::text, '') FROM current
    ON CONFLICT (customer_id, canonical_id, field) DO UPDATE SET
        stamp = excluded.stamp, note = excluded.note, key_id = excluded.key_id, key_name = excluded.key_name, accepted_at = now()
    RETURNING a.id, a.accepted_at
)
SELECT EXISTS (SELECT FROM customer), EXISTS (SELECT FROM allowed), EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1),
    (SELECT id FROM saved), (SELECT accepted_at FROM saved)`

	deleteAcceptanceSQL = `
DELETE FROM accepted_differences
WHERE customer_id = $1 AND id = $2 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`
)

// SaveAcceptance keeps an acceptance of a difference of an object in a version, in place of an earlier one of the same field, and returns it with
// its id and time. [app.ErrChanged] if the object has another version by now, [app.ErrBusy] if a platform is being connected, [app.ErrNotFound]
// if the customer is gone, [app.ErrTooManyAccepted] if there are limit already.
func (s *Store) SaveAcceptance(ctx context.Context, customerID string, o *app.ComparedObject, a app.Acceptance, limit int) (app.Acceptance, error) {
	var open, allowed, deleted bool
	var id sql.NullString
	var at sql.NullTime
	err := s.retry(ctx, func(ctx context.Context) error {
		return s.db.QueryRowContext(ctx, saveAcceptanceSQL, customerID, o.ID, o.Version, a.Field, a.Stamp, a.Note, a.KeyID, a.KeyName, limit).
			Scan(&open, &allowed, &deleted, &id, &at)
	})
	switch {
	case err != nil:
		return a, err
	case deleted:
		return a, app.ErrNotFound
	case !open:
		return a, app.ErrBusy
	case !allowed:
		return a, app.ErrTooManyAccepted
	case !id.Valid:
		return a, app.ErrChanged
	}
	a.ID, a.AcceptedAt = id.String, at.Time
	return a, nil
}

// DeleteAcceptance takes an acceptance back. [app.ErrNotFound] if there is none.
func (s *Store) DeleteAcceptance(ctx context.Context, customerID, id string) error {
	deleted, ran := int64(0), false
	err := s.retry(ctx, func(ctx context.Context) error {
		result, err := s.db.ExecContext(ctx, deleteAcceptanceSQL, customerID, id)
		if err != nil {
			ran = true // it may have been done
			return err
		}
		deleted, err = result.RowsAffected()
		return err
	})
	if err == nil && deleted == 0 && !ran {
		return app.ErrNotFound
	}
	return err
}

func parseAccepted(text []byte) ([]app.Acceptance, error) {
	if text == nil {
		return nil, nil
	}
	var rows [][7]*string
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("accepted differences: %w", err)
	}
	accepted := make([]app.Acceptance, len(rows))
	for i, row := range rows {
		at, err := time.Parse(time.RFC3339Nano, orEmpty(row[6]))
		if err != nil {
			return nil, fmt.Errorf("accepted differences: %w", err)
		}
		accepted[i] = app.Acceptance{
			ID: orEmpty(row[0]), Field: orEmpty(row[1]), Stamp: orEmpty(row[2]), Note: orEmpty(row[3]), KeyID: orEmpty(row[4]), KeyName: orEmpty(row[5]), AcceptedAt: at,
		}
	}
	return accepted, nil
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
