package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
)

const (
	selectPresentObjectsSQL = `
SELECT id, document, kept, reason, refers_to, version, derived_version IS NOT DISTINCT FROM version AS derived
FROM canonical_objects WHERE customer_id = $1`

	selectPresentMappingsSQL = `
SELECT platform, entity_type, platform_id, canonical_id FROM entity_mappings WHERE customer_id = $1`

	deleteObjectsSQL = `DELETE FROM canonical_objects WHERE customer_id = $1 AND id = ANY ($2)`

	moveMappingsSQL = `
UPDATE entity_mappings m SET canonical_id = moved.canonical_id
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS moved (platform, entity_type, platform_id, canonical_id)
WHERE m.customer_id = $1 AND (m.platform, m.entity_type, m.platform_id) = (moved.platform, moved.entity_type, moved.platform_id)`

	growStateSQL = `
UPDATE customer_state SET version = $2, record_bytes = record_bytes + $3::bigint, history_bytes = history_bytes + $4::bigint
WHERE customer_id = $1 AND ($5 = 0 OR $3::bigint + $4::bigint <= 0 OR record_bytes + history_bytes + $3 + $4 <= $5)`
)

// recordKey names a record of a customer.
type recordKey struct{ platform, entityType, platformID string }

// rebuilt are a customer's objects as they are made again of the same records, and what of that differs from what is stored.
type rebuilt struct {
	objects map[recordKey]string // the object that each record is
	changed []app.StoredObject   // to be written
	stale   []string             // ids of objects to be deleted: those that are no more, and those that are written again
	moved   []app.StoredRecord   // records that are another object now
	grown   int64                // bytes
}

// rebuild makes the objects of a customer again of its records. The caller holds the customer's state.
func rebuild(ctx context.Context, tx *sqlx.Tx, customerID string, decisions []reconcile.Decision, build app.Rebuild) (*rebuilt, error) {
	records, err := selectOtherRecords(ctx, tx, customerID, "")
	if err != nil {
		return nil, err
	}
	kept, err := selectKept(ctx, tx, customerID)
	if err != nil {
		return nil, err
	}
	mapped, objects, err := build(records, kept, decisions)
	if err != nil {
		return nil, err
	}
	r := &rebuilt{objects: make(map[recordKey]string, len(mapped))}
	if err := r.compareObjects(ctx, tx, customerID, objects); err != nil {
		return nil, err
	}
	return r, r.compareMappings(ctx, tx, customerID, mapped)
}

func (r *rebuilt) compareObjects(ctx context.Context, tx *sqlx.Tx, customerID string, objects []app.StoredObject) error {
	made := make(map[string]*app.StoredObject, len(objects))
	for i := range objects {
		made[objects[i].ID] = &objects[i]
	}
	rows, err := tx.QueryContext(ctx, selectPresentObjectsSQL, customerID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var document, kept, reason sql.RawBytes
		var refersTo pq.StringArray
		var version int64
		var derived bool
		if err := rows.Scan(&id, &document, &kept, &reason, &refersTo, &version, &derived); err != nil {
			return err
		}
		object := made[id]
		if object != nil && derived && bytes.Equal(object.Document, document) && bytes.Equal(object.Kept, kept) &&
			slices.Equal(object.RefersTo, []string(refersTo)) && sameReason(object.Reason, reason) {
			delete(made, id)
			continue
		}
		r.stale = append(r.stale, id)
		r.grown -= int64(app.RowBytes + len(document) + len(kept))
	}
	for i := range objects {
		if object := made[objects[i].ID]; object != nil {
			r.changed = append(r.changed, *object)
			r.grown += int64(app.RowBytes + len(object.Document) + len(object.Kept))
		}
	}
	return rows.Err()
}

func (r *rebuilt) compareMappings(ctx context.Context, tx *sqlx.Tx, customerID string, mapped []app.StoredRecord) error {
	before := make(map[recordKey]string, len(mapped))
	rows, err := tx.QueryContext(ctx, selectPresentMappingsSQL, customerID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k recordKey
		var id string
		if err := rows.Scan(&k.platform, &k.entityType, &k.platformID, &id); err != nil {
			return err
		}
		before[k] = id
	}
	for i := range mapped {
		k := keyOf(&mapped[i])
		r.objects[k] = mapped[i].CanonicalID
		if before[k] != mapped[i].CanonicalID {
			r.moved = append(r.moved, mapped[i])
		}
	}
	return rows.Err()
}

func keyOf(r *app.StoredRecord) recordKey {
	return recordKey{r.Platform, string(r.EntityType), r.PlatformID}
}

// save writes what differs, at a version.
func (r *rebuilt) save(ctx context.Context, tx *sqlx.Tx, customerID string, version int64) error {
	if len(r.stale) > 0 {
		if _, err := tx.ExecContext(ctx, deleteObjectsSQL, customerID, pq.Array(r.stale)); err != nil {
			return err
		}
	}
	if len(r.moved) > 0 {
		var columns [4][]string
		for i := range r.moved {
			m := &r.moved[i]
			for c, value := range []string{m.Platform, string(m.EntityType), m.PlatformID, m.CanonicalID} {
				columns[c] = append(columns[c], value)
			}
		}
		if _, err := tx.ExecContext(ctx, moveMappingsSQL, customerID,
			pq.Array(columns[0]), pq.Array(columns[1]), pq.Array(columns[2]), pq.Array(columns[3])); err != nil {
			return err
		}
	}
	return copyObjects(ctx, tx, customerID, version, r.changed)
}

// reasonText is the text of the column reason; null if the object has one record.
func reasonText(r reconcile.Reason) any {
	if r.Kind == "" {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil // it has strings alone
	}
	return string(text)
}

func sameReason(r reconcile.Reason, stored []byte) bool {
	text, _ := reasonText(r).(string)
	return text == string(stored)
}
