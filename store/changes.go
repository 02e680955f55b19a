package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"structural.app/structural/canonical"
)

// Change is a change of an object and its records, to be written at once or not at all.
type Change struct {
	CustomerID string
	Object     canonical.StoredObject   // the new document; Version is the one that it was made of
	Records    []canonical.StoredRecord // those that change; one on a platform at the most
	// Answer is kept if it has a key. Its version becomes the new one.
	Answer Answer

	RequestID, KeyID string
	Mode             Mode
	Platform         string // in whose words the change was stated; empty: in canonical fields
	Changes          []byte // JSON: [{"field","from","to"}]
	Platforms        []byte // JSON: [{"platform","platform_id","changes"}]
}

// One statement, and so one transaction and one round trip. Whoever connects a platform holds the customer's row: what is
// being replaced is not written to. The object's version tells whether it is still what the change was made of; the other
// rows depend on that. An object has one record on a platform, so that the mappings lead to the records: with unnest, whose
// size is unknown, PostgreSQL would plan the statement anew each time.
const saveChangeSQL = `
WITH customer AS MATERIALIZED (
    SELECT id FROM customers WHERE id = $1 FOR SHARE SKIP LOCKED
), object AS (
    UPDATE canonical_objects o SET document = $4::json, version = o.version + 1, updated_at = now()
    FROM customer WHERE o.customer_id = customer.id AND o.id = $2 AND o.version = $3
    RETURNING o.version
), records AS (
    UPDATE platform_objects p SET payload = ($6::text[])[array_position($5::text[], m.platform)]::json, updated_at = now()
    FROM object, entity_mappings m
    WHERE m.customer_id = $1 AND m.canonical_id = $2 AND m.platform = ANY ($5)
        AND (p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
), history AS (
    INSERT INTO changes (customer_id, canonical_id, version, request_id, key_id, mode, platform, changes, platforms)
    SELECT $1, $2, version, $7, $8, $9, $10, $11, $12 FROM object
), answer AS (
    INSERT INTO idempotency_keys (customer_id, key, fingerprint, status, version, answer)
    SELECT $1, $13, $14, $15, version, $16 FROM object WHERE $13 <> ''
)
SELECT EXISTS (SELECT FROM customer), (SELECT version FROM object)`

// SaveChange writes a change, its history and its answer, and returns the object's new version. Nothing was written on an
// error: [ErrBusy] if a platform of the customer is being connected, [ErrChanged] if the object is no longer what the change
// was made of, or its idempotency key has an answer by now. After [ErrUnavailable] it may have been.
func (s *Store) SaveChange(ctx context.Context, c Change) (version int64, err error) {
	platforms, payloads := make([]string, len(c.Records)), make([]string, len(c.Records))
	for i, r := range c.Records {
		platforms[i], payloads[i] = r.Platform, string(r.Payload)
	}
	var open bool
	var saved sql.NullInt64
	err = s.once(ctx, func(ctx context.Context) error {
		return s.updateObject.QueryRowContext(ctx, c.CustomerID, c.Object.ID, c.Object.Version, string(c.Object.Document),
			pq.Array(platforms), pq.Array(payloads),
			c.RequestID, c.KeyID, string(c.Mode), c.Platform, string(c.Changes), string(c.Platforms),
			c.Answer.Key, c.Answer.Fingerprint[:], c.Answer.Status, string(c.Answer.Body)).Scan(&open, &saved)
	})
	switch {
	case isAnswered(err):
		return 0, ErrChanged
	case err != nil:
		return 0, classify(err)
	case !open:
		return 0, ErrBusy
	case !saved.Valid:
		return 0, ErrChanged
	}
	return saved.Int64, nil
}

// SavedChange is a change as the history has it.
type SavedChange struct {
	Version   int64
	ChangedAt time.Time
	RequestID string
	KeyID     string
	Mode      Mode
	Platform  string
	Changes   json.RawMessage
	Platforms json.RawMessage
}

// The history of an object is that under all ids that it has or had. There is a row even if there is no change.
const selectChangesSQL = namedSQL + `,
ids AS (
    SELECT canonical_id AS id FROM named
    UNION
    SELECT minted_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = (SELECT canonical_id FROM named)
)
SELECT EXISTS (SELECT FROM named), c.version, c.changed_at, c.request_id, c.key_id, c.mode, c.platform, c.changes, c.platforms
FROM (VALUES (1)) AS request
LEFT JOIN (
    SELECT * FROM changes
    WHERE customer_id = $1 AND canonical_id IN (SELECT id FROM ids) AND ($6::bigint = 0 OR version < $6)
    ORDER BY version DESC LIMIT $7
) AS c ON true
ORDER BY c.version DESC`

// ListChanges returns so many changes of an object, named by any of its ids, the latest first. before is the version behind
// which the list begins; 0: from the latest. room may be nil. [ErrNotFound] if there is no such object.
func (s *Store) ListChanges(ctx context.Context, customerID, canonicalID string, before int64, limit int, room Room) ([]SavedChange, error) {
	changes := []SavedChange{}
	err := s.retry(ctx, func(ctx context.Context) error {
		changes = changes[:0]
		rows, err := s.db.QueryContext(ctx, selectChangesSQL, customerID, "", canonicalID, "", "", before, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var found bool
			var version sql.NullInt64
			var changedAt sql.NullTime
			var requestID, keyID, mode, platform sql.NullString
			var fields, platforms []byte
			if err := rows.Scan(&found, &version, &changedAt, &requestID, &keyID, &mode, &platform, &fields, &platforms); err != nil {
				return err
			}
			if !found {
				return ErrNotFound
			}
			if room != nil && version.Valid && !room(len(changes), len(fields)+len(platforms)) {
				return nil
			}
			if version.Valid {
				changes = append(changes, SavedChange{
					Version: version.Int64, ChangedAt: changedAt.Time, RequestID: requestID.String, KeyID: keyID.String,
					Mode: Mode(mode.String), Platform: platform.String, Changes: fields, Platforms: platforms,
				})
			}
		}
		return rows.Err()
	})
	return changes, err
}
