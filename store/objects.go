package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// pageBytes is how large the documents of one page of a list may be. A page has one item at least.
const pageBytes = 8 << 20

// ListedObject is a record of a platform with its canonical view.
type ListedObject struct {
	PlatformID  string
	CanonicalID string
	Document    json.RawMessage
	Payload     json.RawMessage
	Mappings    string // JSON: [{"platform","platform_id"}], by platform in order of precedence
}

// ObjectsQuery says which records are listed.
type ObjectsQuery struct {
	CustomerID string
	Platform   string
	EntityType string
	After      string // the platform's id behind which the page begins; empty: from the start
	Limit      int    // records at the most
	Room       Room   // nil: for any number of bytes
}

// Room says whether a list may have one more item of so many bytes, its n-th, counted from 0. The list ends before the first that
// it has no room for. It is asked about 0 again when a list is read again.
type Room func(n, bytes int) bool

// $7 is the order of precedence of platforms. The page's ids come first, in the order of their index; then what belongs to
// each, so that no plan reads more than a page: a record is named so that both indexes find it, whichever PostgreSQL takes
// before it has statistics. A page ends before its documents are larger than $6 bytes.
const listObjectsSQL = `
WITH ids AS MATERIALIZED (
    SELECT platform_id FROM platform_objects
    WHERE customer_id = $1 AND platform = $2 AND entity_type = $3
        AND (length(platform_id), platform_id COLLATE "C") > (length($4), $4 COLLATE "C")
        AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
    ORDER BY length(platform_id), platform_id COLLATE "C"
    LIMIT $5
), page AS MATERIALIZED (
    SELECT ids.platform_id, r.canonical_id,
        sum(r.bytes) OVER (ORDER BY length(ids.platform_id), ids.platform_id COLLATE "C") - r.bytes AS before
    FROM ids, LATERAL (
        SELECT m.canonical_id, coalesce(p.bytes, octet_length(p.payload::text)) + coalesce(c.bytes, octet_length(c.document::text)) AS bytes
        FROM platform_objects p
        JOIN entity_mappings m USING (customer_id, platform, entity_type, platform_id)
        JOIN canonical_objects c ON c.customer_id = p.customer_id AND c.id = m.canonical_id
        WHERE p.customer_id = $1 AND p.platform = $2 AND p.entity_type = $3 AND p.platform_id = ids.platform_id
            AND length(p.platform_id) = length(ids.platform_id) AND p.platform_id COLLATE "C" = ids.platform_id COLLATE "C"
        OFFSET 0
    ) AS r
)
SELECT page.platform_id, page.canonical_id, o.document, o.payload, o.mappings, EXISTS (SELECT FROM page WHERE before > $6)
FROM page, LATERAL (
    SELECT c.document, p.payload,
        (SELECT '[' || string_agg(
                '{"platform":' || to_json(m.platform) || ',"platform_id":' || to_json(m.platform_id) || '}', ','
                ORDER BY array_position($7::text[], m.platform), m.platform, length(m.platform_id), m.platform_id COLLATE "C") || ']'
         FROM entity_mappings m WHERE m.customer_id = $1 AND m.canonical_id = page.canonical_id) AS mappings
    FROM platform_objects p, canonical_objects c
    WHERE p.customer_id = $1 AND p.platform = $2 AND p.entity_type = $3 AND p.platform_id = page.platform_id
        AND length(p.platform_id) = length(page.platform_id) AND p.platform_id COLLATE "C" = page.platform_id COLLATE "C"
        AND c.customer_id = $1 AND c.id = page.canonical_id
    OFFSET 0
) AS o
WHERE page.before <= $6
ORDER BY length(page.platform_id), page.platform_id COLLATE "C"`

// ListObjects returns the records of one type on one platform, ordered by their ids, numbers as numbers; and whether others
// follow.
func (s *Store) ListObjects(ctx context.Context, q ObjectsQuery) (objects []ListedObject, more bool, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		objects, more = []ListedObject{}, false
		// One more tells whether there is a next page.
		rows, err := s.listObjects.QueryContext(ctx, q.CustomerID, q.Platform, q.EntityType, q.After, q.Limit+1, pageBytes, pq.Array(s.precedence))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o ListedObject
			var cut bool
			if err := rows.Scan(&o.PlatformID, &o.CanonicalID, &o.Document, &o.Payload, &o.Mappings, &cut); err != nil {
				return err
			}
			if more = more || cut; q.Room != nil && !q.Room(len(objects), len(o.Document)+len(o.Payload)+len(o.Mappings)) {
				more = true
				return nil
			}
			o.Document, o.Payload = jsontext.HealText(o.Document), jsontext.HealText(o.Payload)
			objects = append(objects, o)
		}
		return rows.Err()
	})
	if len(objects) > q.Limit {
		objects, more = objects[:q.Limit], true
	}
	return objects, more, err
}

const (
	// $1 customer, $2 entity type, $3 id, $4 platform, $5 the platform's id.
	namedSQL = `
WITH named AS (
    SELECT canonical_id FROM (
        (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = $3 LIMIT 1)
        UNION ALL
        (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND minted_id = $3 AND minted_id <> canonical_id LIMIT 1)
        UNION ALL
        (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND platform = $4 AND entity_type = $2 AND platform_id = $5)
        LIMIT 1
    ) AS any_id
    WHERE NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
)`

	// All in one round trip. $6 idempotency key, $7 platforms in order of precedence, $8 whether settings are wanted. There is a row even if there is no object.
	findObjectSQL = namedSQL + `,
object AS MATERIALIZED (
    SELECT id, entity_type, version, updated_at, document, kept,
        (SELECT json_agg(json_build_array(r.canonical_id, r.entity_type, r.platform, r.platform_id))
         FROM entity_mappings r
         WHERE r.customer_id = $1 AND r.canonical_id = ANY (refers_to) AND derived_version = version) AS referents
    FROM canonical_objects
    WHERE customer_id = $1 AND id = (SELECT canonical_id FROM named) AND ($2 = '' OR entity_type = $2)
)
SELECT o.id, o.entity_type, o.version, o.updated_at, o.document, o.kept,
    p.platform, p.platform_id, p.payload, p.commitment_type, m.minted_id,
    (SELECT string_agg(platform, ' ' ORDER BY connected_at, platform) FROM connections WHERE customer_id = $1 AND status = 'active'),
    CASE WHEN $8 THEN (SELECT s.settings FROM connection_settings s WHERE s.customer_id = $1 AND s.platform = p.platform) END,
    o.referents, i.fingerprint, i.status, i.version, i.answer
FROM (VALUES (1)) AS request
LEFT JOIN object o ON true
LEFT JOIN entity_mappings m ON m.customer_id = $1 AND m.canonical_id = o.id
LEFT JOIN platform_objects p
    ON (p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
LEFT JOIN idempotency_keys i ON i.customer_id = $1 AND i.key = $6 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY array_position($7::text[], p.platform), p.platform`
)

// FindObject finds an object with its records, what they refer to, and what was answered to an idempotency key. [app.ErrNotFound]
// if there is no such object; an answer is found all the same.
func (s *Store) FindObject(ctx context.Context, q app.ObjectQuery) (found app.FoundObject, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		found, err = s.findObject(ctx, q)
		return err
	})
	return found, err
}

func (s *Store) findObject(ctx context.Context, q app.ObjectQuery) (found app.FoundObject, err error) {
	rows, err := s.selectObject.QueryContext(ctx, q.CustomerID, q.EntityType, q.CanonicalID, q.Platform, q.PlatformID, q.IdempotencyKey, pq.Array(s.precedence), q.Settings)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id, entityType, platform, platformID, variant, mintedID, connected sql.NullString
			version                                                            sql.NullInt64
			updatedAt                                                          sql.NullTime
			document, kept, payload, settings, referents                       []byte
			answer                                                             scannedAnswer
		)
		if err := rows.Scan(&id, &entityType, &version, &updatedAt, &document, &kept, &platform, &platformID, &payload, &variant, &mintedID,
			&connected, &settings, &referents, &answer.fingerprint, &answer.status, &answer.version, &answer.body); err != nil {
			return found, err
		}
		found.Answer = answer.value()
		if !id.Valid {
			return found, app.ErrNotFound
		}
		if found.ID == "" {
			found.StoredObject = app.StoredObject{
				ID: id.String, EntityType: canonical.EntityType(entityType.String), Document: jsontext.HealText(document), Version: version.Int64, Kept: kept,
			}
			found.UpdatedAt = updatedAt.Time
			found.Connected = strings.Fields(connected.String)
			if found.Referents, err = readReferents(referents); err != nil {
				return found, err
			}
		}
		if settings != nil {
			if found.Settings == nil {
				found.Settings = map[string][]byte{}
			}
			found.Settings[platform.String] = settings
		}
		found.Records = append(found.Records, app.StoredRecord{
			Platform: platform.String, EntityType: found.EntityType, PlatformID: platformID.String, Payload: jsontext.HealText(payload),
			Variant: variant.String, CanonicalID: found.ID, MintedID: mintedID.String,
		})
	}
	return found, rows.Err()
}

func readReferents(text []byte) ([]app.ReferentRecord, error) {
	if text == nil {
		return nil, nil
	}
	var rows [][4]string
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("read referents: %w", err)
	}
	referents := make([]app.ReferentRecord, len(rows))
	for i, row := range rows {
		referents[i] = app.ReferentRecord{ID: row[0], CanonicalID: row[0], EntityType: canonical.EntityType(row[1]), Platform: row[2], PlatformID: row[3]}
	}
	return referents, nil
}

// By any of their ids, as FindObject does.
const selectReferentsSQL = `
SELECT named.id, r.canonical_id, r.entity_type, r.platform, r.platform_id
FROM (
    SELECT canonical_id AS id, canonical_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = ANY ($2)
    UNION
    SELECT minted_id, canonical_id FROM entity_mappings WHERE customer_id = $1 AND minted_id = ANY ($2) AND minted_id <> canonical_id
) AS named
JOIN entity_mappings r ON r.customer_id = $1 AND r.canonical_id = named.canonical_id
WHERE NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

// FindReferents finds the records of objects by any of the objects' ids.
func (s *Store) FindReferents(ctx context.Context, customerID string, ids []string) ([]app.ReferentRecord, error) {
	var referents []app.ReferentRecord
	err := s.retry(ctx, func(ctx context.Context) error {
		referents = nil
		rows, err := s.listReferents.QueryContext(ctx, customerID, pq.Array(ids))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r app.ReferentRecord
			if err := rows.Scan(&r.ID, &r.CanonicalID, &r.EntityType, &r.Platform, &r.PlatformID); err != nil {
				return err
			}
			referents = append(referents, r)
		}
		return rows.Err()
	})
	return referents, err
}
