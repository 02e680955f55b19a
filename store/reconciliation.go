package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

const (
	// Accepted differences are looked for only where there may be any. They are those of all ids that the object's records have on their own.
	comparedSQL = `
SELECT o.id, o.entity_type, o.version, o.compared, o.compared_version IS DISTINCT FROM o.version OR o.compared IS NULL AS stale,
    CASE WHEN o.disagrees AND EXISTS (SELECT FROM accepted_differences WHERE customer_id = $1) THEN (
        SELECT json_agg(json_build_array(a.id, a.field, a.stamp, a.note, a.key_id, a.key_name,
            to_char(a.accepted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) ORDER BY a.accepted_at DESC, a.id)
        FROM accepted_differences a
        WHERE a.customer_id = $1 AND a.canonical_id IN (SELECT minted_id FROM entity_mappings m WHERE m.customer_id = $1 AND m.canonical_id = o.id)
    ) END, s.state
FROM canonical_objects o
LEFT JOIN match_suggestions s ON s.customer_id = $1 AND s.canonical_id = o.id
WHERE o.customer_id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

	// A cursor: one snapshot and one plan, and no statement takes long, however many objects there are. $2 entity type, empty: any.
	declareComparedSQL = `DECLARE compared NO SCROLL CURSOR FOR` + comparedSQL + `
    AND ($2 = '' OR o.entity_type = $2)`
	fetchComparedSQL = `FETCH 5000 FROM compared`
	comparedBatch    = 5000

	// $2 entity type, empty: any; $3 the id behind which the list begins; $4 how many objects.
	listDisagreeingSQL = comparedSQL + `
    AND ($2 = '' OR o.entity_type = $2) AND o.id > $3
    AND (o.disagrees IS NOT FALSE OR o.compared_version IS DISTINCT FROM o.version)
ORDER BY o.id LIMIT $4`

	// $2: any of the object's ids.
	findComparedSQL = comparedSQL + `
    AND o.id = (SELECT canonical_id FROM entity_mappings WHERE customer_id = $1 AND (canonical_id = $2 OR minted_id = $2 AND minted_id <> canonical_id)
        ORDER BY canonical_id <> $2 LIMIT 1)`

	// The third member of a record in what is compared is its amount, the fourth the currency. Ids are hashes: the first objects are any.
	usualCurrencySQL = `
SELECT r ->> 3 FROM (
    SELECT compared FROM canonical_objects
    WHERE customer_id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
    ORDER BY id LIMIT 2000
) AS o, json_array_elements(o.compared -> 'r') AS r
WHERE r ->> 3 IS NOT NULL
GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`

	selectLabelsSQL = `
SELECT id, compared ->> 'l' FROM canonical_objects
WHERE customer_id = $1 AND id = ANY ($2) AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

	selectComparableSQL = `
SELECT o.id, o.entity_type, o.version, o.document, m.platform, m.platform_id, p.payload, p.commitment_type
FROM canonical_objects o
JOIN entity_mappings m ON m.customer_id = o.customer_id AND m.canonical_id = o.id
JOIN platform_objects p ON (p.customer_id, p.platform, p.entity_type, p.platform_id) = (m.customer_id, m.platform, m.entity_type, m.platform_id)
WHERE o.customer_id = $1 AND o.id = $2`

	saveComparedSQL = `
UPDATE canonical_objects SET compared = $4::json, disagrees = $5, compared_version = version
WHERE customer_id = $1 AND id = $2 AND version = $3`
)

// maxStale is how many objects of the previous version one request computes anew. Work in the background does the others.
const maxStale = 1000

// comparedBytes is how large what is read at once of a list is together.
const comparedBytes = 1 << 20

// EachCompared reads what is compared of all of a customer's objects of a type, of any if it is empty, in one snapshot. begin gives what takes
// them, one after the other, and is asked again when all are read again. Its error ends the list. What the previous version wrote is computed
// by compare; [app.ErrPreparing] if that is too much for one request.
func (s *Store) EachCompared(ctx context.Context, customerID string, t canonical.EntityType, compare app.CompareObject, begin func() (take func(*app.ComparedObject) error)) error {
	const attempts = 3
	for range attempts {
		var stale []string
		err := s.retry(ctx, func(ctx context.Context) error {
			stale = nil
			take := begin()
			tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
			if err != nil {
				return err
			}
			defer tx.Rollback() //nolint:errcheck // nothing was written
			return eachCompared(ctx, tx, customerID, t, &stale, take)
		})
		if err != nil || len(stale) == 0 {
			return err
		}
		if err := s.recompare(ctx, customerID, stale, compare); err != nil {
			return err
		}
	}
	return app.ErrPreparing
}

func eachCompared(ctx context.Context, tx *sqlx.Tx, customerID string, t canonical.EntityType, stale *[]string, take func(*app.ComparedObject) error) error {
	if _, err := tx.ExecContext(ctx, declareComparedSQL, customerID, string(t)); err != nil {
		return err
	}
	for {
		n := 0
		if err := selectCompared(ctx, tx, fetchComparedSQL, nil, func(o *app.ComparedObject, isStale bool, _ int) error {
			n++
			if isStale {
				*stale = append(*stale, o.ID)
			}
			if len(*stale) > 0 { // all is read once more
				return nil
			}
			return take(o)
		}); err != nil || n < comparedBatch || len(*stale) > maxStale {
			return err
		}
	}
}

// selectCompared reads what a statement of comparedSQL finds.
func selectCompared(ctx context.Context, db sqlx.QueryerContext, query string, args []any, take func(o *app.ComparedObject, stale bool, bytes int) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o app.ComparedObject
		var compared, accepted sql.RawBytes
		var match sql.NullString
		var stale bool
		if err := rows.Scan(&o.ID, &o.EntityType, &o.Version, &compared, &stale, &accepted, &match); err != nil {
			return err
		}
		o.Match = app.MatchState(match.String)
		if !stale {
			if o.StoredCompared, err = reconcile.ParseCompared(jsontext.HealText(compared)); err != nil {
				return err
			}
		}
		if o.Accepted, err = parseAccepted(accepted); err != nil {
			return err
		}
		if err := take(&o, stale, len(compared)+len(accepted)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ListDisagreeing reads those of a customer's objects that disagree, in the order of their ids, of a type, behind an id; at most limit, and
// about a MiB. more says that others may follow. What the previous version wrote is computed by compare.
func (s *Store) ListDisagreeing(
	ctx context.Context, customerID string, t canonical.EntityType, after string, limit int, compare app.CompareObject,
) (objects []app.ComparedObject, more bool, err error) {
	objects, cut, err := s.findCompared(ctx, customerID, compare, listDisagreeingSQL, customerID, string(t), after, limit)
	return objects, cut || len(objects) == limit, err
}

// FindCompared reads what is compared of one object, by any of its ids. [app.ErrNotFound] if there is none.
func (s *Store) FindCompared(ctx context.Context, customerID, canonicalID string, compare app.CompareObject) (app.ComparedObject, error) {
	objects, _, err := s.findCompared(ctx, customerID, compare, findComparedSQL, customerID, canonicalID)
	if err != nil || len(objects) == 0 {
		return app.ComparedObject{}, orNotFound(err)
	}
	return objects[0], nil
}

func orNotFound(err error) error {
	if err == nil {
		return app.ErrNotFound
	}
	return err
}

// findCompared reads the objects that a statement finds, until they are large together: cut says so.
func (s *Store) findCompared(ctx context.Context, customerID string, compare app.CompareObject, query string, args ...any) (objects []app.ComparedObject, cut bool, err error) {
	const attempts = 3
	for range attempts {
		var stale []string
		if err := s.retry(ctx, func(ctx context.Context) error {
			bytes := 0
			objects, cut, stale = nil, false, nil
			return selectCompared(ctx, s.db, query, args, func(o *app.ComparedObject, isStale bool, size int) error {
				bytes += size
				if cut = cut || bytes > comparedBytes && len(objects) > 0; cut {
					return nil
				}
				if isStale {
					stale = append(stale, o.ID)
				}
				objects = append(objects, *o)
				return nil
			})
		}); err != nil || len(stale) == 0 {
			return objects, cut, err
		}
		if err := s.recompare(ctx, customerID, stale, compare); err != nil {
			return nil, false, err
		}
	}
	return nil, false, app.ErrPreparing
}

// recompare computes anew what is compared of objects.
func (s *Store) recompare(ctx context.Context, customerID string, ids []string, compare app.CompareObject) error {
	if len(ids) > maxStale {
		return app.ErrPreparing
	}
	for _, id := range ids {
		if err := s.recompareObject(ctx, s.db, customerID, id, compare); err != nil {
			return err
		}
	}
	return nil
}

// recompareObject computes anew what is compared of one object. Nothing is written if it has changed in between.
func (s *Store) recompareObject(ctx context.Context, db *sqlx.DB, customerID, id string, compare app.CompareObject) error {
	var object app.StoredObject
	var records []app.StoredRecord
	err := s.retry(ctx, func(ctx context.Context) (err error) {
		object, records, _, err = selectRecords(ctx, db, selectComparableSQL, customerID, id)
		return err
	})
	if err != nil || object.ID == "" {
		return err
	}
	// Twice: what the records refer to is known once they have been read.
	compared, refers, err := compare(object, records, nil)
	if err != nil {
		return err
	}
	if len(refers) > 0 {
		var objects map[string]string
		if err := s.retry(ctx, func(ctx context.Context) (err error) {
			objects, err = selectMintedIDs(ctx, db, customerID, refers)
			return err
		}); err != nil {
			return err
		}
		if compared, _, err = compare(object, records, objects); err != nil {
			return err
		}
	}
	return s.retry(ctx, func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, saveComparedSQL, customerID, id, object.Version, string(compared.Compared), compared.Disagrees)
		return err
	})
}

// UsualCurrency is the currency that most of a customer's amounts are in, as far as 2,000 objects tell; empty: there are none.
func (s *Store) UsualCurrency(ctx context.Context, customerID string) (currency string, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &currency, usualCurrencySQL, customerID)
	})
	if errors.Is(err, app.ErrNotFound) {
		return "", nil
	}
	return currency, err
}

// Labels finds the labels of objects by their ids.
func (s *Store) Labels(ctx context.Context, customerID string, ids []string) (labels map[string]string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		labels = map[string]string{}
		rows, err := s.db.QueryContext(ctx, selectLabelsSQL, customerID, pq.Array(ids))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var label sql.NullString
			if err := rows.Scan(&id, &label); err != nil {
				return err
			}
			labels[id] = label.String
		}
		return rows.Err()
	})
	return labels, err
}

const (
	compareTask = "compare objects at "

	nextComparedSQL = `
SELECT customer_id, id, true AS stale
FROM canonical_objects WHERE (customer_id, id) > ($1::uuid, $2) ORDER BY customer_id, id LIMIT $3`

	// The one at the present rates takes the place of all others.
	finishComparingSQL = `
WITH others AS (DELETE FROM finished_tasks WHERE task LIKE $2 || '%' AND task <> $1)
INSERT INTO finished_tasks (task) VALUES ($1) ON CONFLICT DO NOTHING`
)

// CompareAll computes what is compared of the objects of all customers, once for all rates of exchange, which a text names: amounts were
// compared at other rates before, or by the previous version not at all. done says that this has been done. An object that cannot be compared
// is passed over; the error joins their errors.
func (s *Store) CompareAll(ctx context.Context, rates string, compare app.CompareObject) (compared int, done bool, err error) {
	sum := sha256.Sum256([]byte(rates))
	task := compareTask + hex.EncodeToString(sum[:16])
	if err := s.loading.GetContext(ctx, &done, isFinishedSQL, task); err != nil || done {
		return 0, done, classify(err)
	}
	var failures error
	err = s.eachObject(ctx, nextComparedSQL, func(customerID, id string) error {
		err := s.recompareObject(ctx, s.loading, customerID, id, compare)
		switch {
		case err == nil:
			compared++
		case ctx.Err() != nil || errors.Is(err, ErrUnavailable):
			return err
		default:
			failures = errors.Join(failures, fmt.Errorf("compare %s: %w", id, err))
		}
		return nil
	})
	if err == nil {
		_, err = s.loading.ExecContext(ctx, finishComparingSQL, task, compareTask)
	}
	return compared, err == nil, errors.Join(classify(err), failures)
}
