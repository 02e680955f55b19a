package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/jsontext"
)

// One statement, and so one transaction and one round trip.
//
// Whoever connects a platform holds the customer's row and its state: then nothing is written. The customer's row is locked
// for the previous version, which knows no other lock; it comes first in every transaction.
//
// The version of the object that was read must be the stored one: the other rows depend on that. The new version is higher
// than any that an object of the customer had. An object has one record on a platform, so that the mappings lead to the
// records: with unnest, whose size is unknown, PostgreSQL would plan the statement each time.
const saveChangeSQL = `
WITH customer AS MATERIALIZED (
    SELECT id FROM customers WHERE id = $1 FOR SHARE SKIP LOCKED
), state AS MATERIALIZED (
    SELECT customer_id, record_bytes + history_bytes AS bytes FROM customer_state
    WHERE customer_id = (SELECT id FROM customer) FOR KEY SHARE SKIP LOCKED
), allowed AS MATERIALIZED (
    SELECT customer_id FROM state
    WHERE ($20 = 0 OR $18::bigint + $19 <= 0 OR bytes + $18 + $19 <= $20)
        AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
), current AS MATERIALIZED (
    SELECT version FROM canonical_objects o
    WHERE customer_id = (SELECT customer_id FROM allowed) AND id = $2 AND version = $3 FOR NO KEY UPDATE
), counted AS (
    UPDATE customer_state s SET version = greatest(s.version, current.version) + 1,
        record_bytes = record_bytes + $18, history_bytes = history_bytes + $19
    FROM current WHERE s.customer_id = $1
    RETURNING s.version
), object AS (
    UPDATE canonical_objects o SET document = $4::json, bytes = $17, refers_to = $21, kept = $22::json,
        compared = $25::json, disagrees = $26,
        version = counted.version, derived_version = counted.version, compared_version = counted.version, updated_at = now()
    FROM counted WHERE o.customer_id = $1 AND o.id = $2
    RETURNING o.version
), records AS (
    UPDATE platform_objects p SET payload = ($6::text[])[array_position($5::text[], m.platform)]::json,
        bytes = octet_length(($6::text[])[array_position($5::text[], m.platform)]), updated_at = now()
    FROM counted, entity_mappings m
    WHERE m.customer_id = $1 AND m.canonical_id = $2 AND m.platform = ANY ($5)
        AND (p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
), history AS (
    INSERT INTO changes (customer_id, canonical_id, version, request_id, key_id, mode, platform, changes, platforms, bytes, actor_kind, actor_name)
    SELECT $1, $2, version, $7, $8, $9, $10, $11::text::json, $12::text::json,
        octet_length($11::text) + octet_length($12::text) + octet_length($24::text), nullif($23::text, ''), nullif($24::text, '')
    FROM counted
), answer AS (
    INSERT INTO idempotency_keys (customer_id, key, fingerprint, status, version, answer)
    SELECT $1, $13, $14, $15, version, $16 FROM counted WHERE $13 <> ''
)
SELECT EXISTS (SELECT FROM state), EXISTS (SELECT FROM allowed), (SELECT version FROM object),
    EXISTS (SELECT FROM customer) AND NOT EXISTS (SELECT FROM customer_state WHERE customer_id = $1),
    EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

// SaveChange writes a change, its history and its answer, and returns the object's new version. Nothing was written on an
// error: [app.ErrBusy] if a platform of the customer is being connected, [app.ErrChanged] if the object is no longer the one that the
// change was computed from, or its idempotency key has an answer by now, [app.ErrQuota] if the customer would store more than its
// quota, [app.ErrNotFound] if the customer is gone. After [ErrUnavailable] it may have been.
func (s *Store) SaveChange(ctx context.Context, c app.Change) (version int64, err error) {
	platforms, payloads := make([]string, len(c.Records)), make([]string, len(c.Records))
	for i, r := range c.Records {
		platforms[i], payloads[i] = r.Platform, string(r.Payload)
	}
	var open, allowed, stateless, deleted bool
	var saved sql.NullInt64
	err = s.once(ctx, func(ctx context.Context) error {
		return s.updateObject.QueryRowContext(ctx, c.CustomerID, c.Object.ID, c.Object.Version, string(c.Object.Document),
			pq.Array(platforms), pq.Array(payloads),
			c.RequestID, c.Actor.KeyID, string(c.Actor.Mode), c.Platform, string(c.Changes), string(c.Platforms),
			c.Answer.Key, c.Answer.Fingerprint[:], c.Answer.Status, string(c.Answer.Body),
			len(c.Object.Document), c.RecordBytes, c.HistoryBytes(), c.Quota,
			pq.Array(c.Object.RefersTo), nullText(c.Object.Kept), string(c.Actor.Kind), c.Actor.Name,
			nullText(c.Object.Compared), c.Object.Disagrees).Scan(&open, &allowed, &saved, &stateless, &deleted)
	})
	switch {
	case isAnswered(err):
		return 0, app.ErrChanged
	case err != nil:
		return 0, classify(err)
	case deleted:
		return 0, app.ErrNotFound
	case stateless:
		// The previous version created the customer.
		if err := s.ensureState(ctx, c.CustomerID); err != nil {
			return 0, err
		}
		return 0, app.ErrChanged
	case !open:
		return 0, app.ErrBusy
	case !allowed:
		return 0, app.ErrQuota
	case !saved.Valid:
		return 0, app.ErrChanged
	}
	return saved.Int64, nil
}

const ensureStateSQL = `INSERT INTO customer_state (customer_id) SELECT id FROM customers WHERE id = $1 ON CONFLICT DO NOTHING`

func (s *Store) ensureState(ctx context.Context, customerID string) error {
	return s.retry(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, ensureStateSQL, customerID)
		return err
	})
}

// nullText is the text of a JSON column that may be null.
func nullText(text []byte) any {
	if text == nil {
		return nil
	}
	return string(text)
}

// SavedChange is a change as the history has it.
type SavedChange struct {
	Version   int64
	ChangedAt time.Time
	RequestID string
	Actor     app.Actor // as it was when the change was made
	Platform  string
	Changes   json.RawMessage
	Platforms json.RawMessage
	Decision  json.RawMessage // nil: a change was propagated
}

// The history of an object is that under all ids that it has or had: for each, so many of the latest changes are looked up in
// the order of the primary key, and what they hold is read only for those that are on the page. A page ends before it holds
// more than $8 bytes, but has one change at least. There is a row even if there is no change.
const selectChangesSQL = namedSQL + `,
ids AS (
    SELECT canonical_id AS id FROM named
    UNION
    SELECT minted_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = (SELECT canonical_id FROM named)
), latest AS MATERIALIZED (
    SELECT k.canonical_id, k.version, k.bytes
    FROM ids, LATERAL (
        SELECT canonical_id, version, coalesce(bytes, octet_length(changes::text) + octet_length(platforms::text)) AS bytes
        FROM changes WHERE customer_id = $1 AND canonical_id = ids.id AND ($6::bigint = 0 OR version < $6)
        ORDER BY version DESC LIMIT $7
    ) AS k
    ORDER BY k.version DESC, k.canonical_id LIMIT $7
), page AS MATERIALIZED (
    SELECT canonical_id, version, sum(bytes) OVER (ORDER BY version DESC, canonical_id) - bytes AS before FROM latest
)
SELECT EXISTS (SELECT FROM named), c.version, c.changed_at, c.request_id, c.key_id, c.mode,
    coalesce(c.actor_kind, 'key'), coalesce(c.actor_name, ''), c.platform, c.changes, c.platforms, c.decision,
    EXISTS (SELECT FROM page WHERE before > $8)
FROM (VALUES (1)) AS request
LEFT JOIN (page p JOIN changes c ON c.customer_id = $1 AND c.canonical_id = p.canonical_id AND c.version = p.version AND p.before <= $8) ON true
ORDER BY c.version DESC, c.canonical_id`

// ListChanges returns at most limit changes of an object, named by any of its ids, the latest first, and whether older ones
// follow. before is the version behind which the list begins; 0: from the latest. room may be nil. [app.ErrNotFound] if there is no such object.
func (s *Store) ListChanges(ctx context.Context, customerID, canonicalID string, before int64, limit int, room Room) (changes []SavedChange, more bool, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		changes, more = []SavedChange{}, false
		// One more tells whether there is a next page.
		rows, err := s.db.QueryContext(ctx, selectChangesSQL, customerID, "", canonicalID, "", "", before, limit+1, pageBytes)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var found, cut bool
			var version sql.NullInt64
			var changedAt sql.NullTime
			var requestID, keyID, mode, platform sql.NullString
			var actorKind, actorName string
			var fields, platforms, decision []byte
			if err := rows.Scan(&found, &version, &changedAt, &requestID, &keyID, &mode, &actorKind, &actorName, &platform, &fields, &platforms, &decision, &cut); err != nil {
				return err
			}
			if !found {
				return app.ErrNotFound
			}
			if more = more || cut; !version.Valid {
				continue
			}
			if room != nil && !room(len(changes), len(fields)+len(platforms)+len(decision)+len(actorName)) {
				more = true
				return nil
			}
			changes = append(changes, SavedChange{
				Version: version.Int64, ChangedAt: changedAt.Time, RequestID: requestID.String,
				Actor:    app.Actor{Kind: app.ActorKind(actorKind), KeyID: keyID.String, Name: actorName, Mode: app.Mode(mode.String)},
				Platform: platform.String,
				Changes:  jsontext.HealText(fields), Platforms: jsontext.HealText(platforms), Decision: decision,
			})
		}
		return rows.Err()
	})
	if len(changes) > limit {
		changes, more = changes[:limit], true
	}
	return changes, more, err
}
