package store

import (
	"context"
	"encoding/json"
)

// ListedObject is a record of a platform with its canonical view.
type ListedObject struct {
	PlatformID  string          `db:"platform_id"`
	CanonicalID string          `db:"canonical_id"`
	Document    json.RawMessage `db:"document"`
	Payload     json.RawMessage `db:"payload"`
	Mappings    string          `db:"mappings"` // JSON: [{"platform","platform_id"}], by platform in order of precedence
}

// ObjectsQuery says which records are listed.
type ObjectsQuery struct {
	CustomerID string
	Platform   string
	EntityType string
	After      string // the platform's id behind which the page begins; empty: from the start
	Limit      int    // records at the most; 0: all
}

// Procore takes precedence, and so comes first.
const listObjectsSQL = `
SELECT p.platform_id, m.canonical_id, c.document, p.payload,
    (SELECT '[' || string_agg(
            '{"platform":' || to_json(o.platform) || ',"platform_id":' || to_json(o.platform_id) || '}', ','
            ORDER BY o.platform <> 'procore', o.platform, length(o.platform_id), o.platform_id COLLATE "C") || ']'
     FROM entity_mappings o WHERE o.customer_id = p.customer_id AND o.canonical_id = m.canonical_id) AS mappings
FROM platform_objects p
JOIN entity_mappings m USING (customer_id, platform, entity_type, platform_id)
JOIN canonical_objects c ON c.customer_id = p.customer_id AND c.id = m.canonical_id
WHERE p.customer_id = $1 AND p.platform = $2 AND p.entity_type = $3
    AND (length(p.platform_id), p.platform_id COLLATE "C") > (length($4), $4 COLLATE "C")
ORDER BY length(p.platform_id), p.platform_id COLLATE "C"
LIMIT $5`

// ListObjects returns the records of one type on one platform, ordered by their ids: numbers as numbers.
func (s *Store) ListObjects(ctx context.Context, q ObjectsQuery) ([]ListedObject, error) {
	var limit *int
	if q.Limit > 0 {
		limit = &q.Limit
	}
	objects := []ListedObject{}
	err := s.retry(ctx, func() error {
		objects = objects[:0]
		return s.listObjects.SelectContext(ctx, &objects, q.CustomerID, q.Platform, q.EntityType, q.After, limit)
	})
	return objects, err
}
