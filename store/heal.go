package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/jsontext"
)

// Derive computes what is stored next to an object's document: the object with its RefersTo and Kept. objects maps the ids that
// records have on their own to those of the objects that they are, for the records that the document refers to.
type Derive func(object app.StoredObject, records []app.StoredRecord, objects map[string]string) (app.StoredObject, error)

const (
	healTask = "derive objects"

	isFinishedSQL = `SELECT EXISTS (SELECT FROM finished_tasks WHERE task = $1)`
	finishSQL     = `INSERT INTO finished_tasks (task) VALUES ($1) ON CONFLICT DO NOTHING`

	// So many rows of the primary key at a time, whether or not they are out of date: what one statement reads is bounded.
	nextObjectsSQL = `
SELECT customer_id, id, derived_version IS DISTINCT FROM version AS stale
FROM canonical_objects WHERE (customer_id, id) > ($1::uuid, $2) ORDER BY customer_id, id LIMIT $3`

	selectStaleSQL = `
SELECT o.id, o.entity_type, o.version, o.document, m.platform, m.platform_id, p.payload, p.commitment_type
FROM canonical_objects o
JOIN entity_mappings m ON m.customer_id = o.customer_id AND m.canonical_id = o.id
JOIN platform_objects p ON (p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
WHERE o.customer_id = $1 AND o.id = $2 AND o.derived_version IS DISTINCT FROM o.version`

	selectMintedSQL = `
SELECT minted_id, canonical_id FROM entity_mappings
WHERE customer_id = $1 AND canonical_id IN (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND (canonical_id = ANY ($2) OR minted_id = ANY ($2)))`

	// The version stays: nothing that anyone reads has changed, but for text that could not be read.
	saveDerivedSQL = `
WITH object AS (
    UPDATE canonical_objects SET document = $4::json, bytes = $5, refers_to = $6, kept = $7::json, derived_version = version
    WHERE customer_id = $1 AND id = $2 AND version = $3
    RETURNING id
)
UPDATE platform_objects p SET payload = h.payload::json, bytes = octet_length(h.payload)
FROM object, unnest($8::text[], $9::text[], $10::text[]) AS h (platform, platform_id, payload)
WHERE p.customer_id = $1 AND p.platform = h.platform AND p.entity_type = $11 AND p.platform_id = h.platform_id`
)

// Heal brings up to date what the previous version wrote: text that PostgreSQL cannot read is replaced, and what is stored next
// to a document is computed. It works in pieces, and may run on several replicas at once. done says that there was nothing left
// to do: until then, it should run again. healed is how many objects it brought up to date. An object that cannot be healed is
// passed over; the error joins their errors.
func (s *Store) Heal(ctx context.Context, derive Derive) (healed int, done bool, err error) {
	if err := s.loading.GetContext(ctx, &done, isFinishedSQL, healTask); err != nil || done {
		return 0, done, classify(err)
	}
	stale := 0
	err = s.eachObject(ctx, nextObjectsSQL, func(customerID, id string) error {
		stale++
		err := s.healObject(ctx, customerID, id, derive)
		if err == nil {
			healed++
		}
		return err
	})
	if err == nil && stale == 0 {
		_, err = s.loading.ExecContext(ctx, finishSQL, healTask)
	}
	return healed, stale == 0 && err == nil, classify(err)
}

// eachObject calls do for every object of all customers that is out of date, as next says, which is like [nextObjectsSQL]. An object that
// fails is passed over; the error joins the errors, or says why no further one was tried.
func (s *Store) eachObject(ctx context.Context, next string, do func(customerID, id string) error) (err error) {
	const batch = 1000
	customerID, id := "00000000-0000-0000-0000-000000000000", ""
	for {
		var keys []struct {
			CustomerID string `db:"customer_id"`
			ID         string `db:"id"`
			Stale      bool   `db:"stale"`
		}
		if err := s.loading.SelectContext(ctx, &keys, next, customerID, id, batch); err != nil {
			return classify(err)
		}
		for _, key := range keys {
			if customerID, id = key.CustomerID, key.ID; !key.Stale {
				continue
			}
			failure := do(customerID, id)
			if ctx.Err() != nil || errors.Is(failure, ErrUnavailable) {
				return failure
			}
			if failure != nil {
				err = errors.Join(err, fmt.Errorf("bring %s up to date: %w", id, failure))
			}
		}
		if len(keys) < batch {
			return err
		}
	}
}

// healObject heals an object with its records.
func (s *Store) healObject(ctx context.Context, customerID, id string, derive Derive) error {
	object, records, changed, err := s.selectStale(ctx, customerID, id)
	if err != nil || object.ID == "" {
		return classify(err)
	}
	// Twice: what the document refers to is known once it has been read.
	derived, err := derive(object, records, nil)
	if err != nil {
		return err
	}
	if len(derived.RefersTo) > 0 {
		objects, err := s.selectMinted(ctx, customerID, derived.RefersTo)
		if err != nil {
			return classify(err)
		}
		if derived, err = derive(object, records, objects); err != nil {
			return err
		}
	}
	var platforms, ids, payloads []string
	for _, r := range changed {
		platforms, ids, payloads = append(platforms, r.Platform), append(ids, r.PlatformID), append(payloads, string(r.Payload))
	}
	_, err = s.loading.ExecContext(ctx, saveDerivedSQL, customerID, id, object.Version, string(object.Document), len(object.Document),
		pq.Array(derived.RefersTo), nullText(derived.Kept), pq.Array(platforms), pq.Array(ids), pq.Array(payloads), string(object.EntityType))
	return classify(err)
}

// selectStale reads an object that is out of date with its records. changed are the records whose text was replaced.
func (s *Store) selectStale(ctx context.Context, customerID, id string) (object app.StoredObject, records, changed []app.StoredRecord, err error) {
	return selectRecords(ctx, s.loading, selectStaleSQL, customerID, id)
}

// selectRecords reads an object with its records, as a statement like [selectStaleSQL] finds them.
func selectRecords(ctx context.Context, db *sqlx.DB, query, customerID, id string) (object app.StoredObject, records, changed []app.StoredRecord, err error) {
	rows, err := db.QueryContext(ctx, query, customerID, id)
	if err != nil {
		return object, nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r app.StoredRecord
		if err := rows.Scan(&object.ID, &object.EntityType, &object.Version, &object.Document, &r.Platform, &r.PlatformID, &r.Payload, &r.Variant); err != nil {
			return object, nil, nil, err
		}
		object.Document = jsontext.HealText(object.Document)
		payload := jsontext.HealText(r.Payload)
		unread := !bytes.Equal(payload, r.Payload)
		r.Payload, r.EntityType, r.CanonicalID = payload, object.EntityType, object.ID
		if records = append(records, r); unread {
			changed = append(changed, r)
		}
	}
	return object, records, changed, rows.Err()
}

// selectMinted maps the ids that the records of objects have on their own to those of the objects.
func (s *Store) selectMinted(ctx context.Context, customerID string, ids []string) (map[string]string, error) {
	return selectMintedIDs(ctx, s.loading, customerID, ids)
}

func selectMintedIDs(ctx context.Context, db *sqlx.DB, customerID string, ids []string) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, selectMintedSQL, customerID, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	objects := map[string]string{}
	for rows.Next() {
		var minted, canonicalID sql.NullString
		if err := rows.Scan(&minted, &canonicalID); err != nil {
			return nil, err
		}
		objects[minted.String] = canonicalID.String
	}
	return objects, rows.Err()
}
