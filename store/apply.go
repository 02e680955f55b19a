package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
)

const (
	// The connection becomes active with its first records. All of a customer's records are of one ledger.
	openConnectionSQL = `
WITH customer AS (
    SELECT id FROM customers WHERE id = $1 AND (coalesce(ledger, 'receivable') = $3
        OR NOT EXISTS (SELECT FROM connections WHERE customer_id = $1 AND status = 'active'))
), ledger AS (
    UPDATE customers SET ledger = $3 WHERE id = (SELECT id FROM customer) AND ledger IS DISTINCT FROM $3
), connection AS (
    INSERT INTO connections (customer_id, platform, status) SELECT id, $2, 'active' FROM customer
    ON CONFLICT (customer_id, platform) DO UPDATE SET status = 'active', connected_at = now() WHERE connections.status <> 'active'
)
SELECT EXISTS (SELECT FROM customer)`

	addStateSQL = `
UPDATE customer_state SET version = $2, record_bytes = record_bytes + $3
WHERE customer_id = $1 AND ($4 = 0 OR $3 <= 0 OR record_bytes + history_bytes + $3 <= $4)`

	highestObjectSQL = `SELECT coalesce(max(version), 0) FROM canonical_objects WHERE customer_id = $1`

	deleteObjectsSQL = `DELETE FROM canonical_objects WHERE customer_id = $1 AND id = ANY ($2)`
	settleObjectsSQL = `UPDATE canonical_objects SET matched_version = version WHERE customer_id = $1 AND id = ANY ($2)`
)

// recordTables are the tables with a row, or some, for each record.
var recordTables = []string{"entity_mappings", "record_keys", "record_references"}

// Apply writes what do makes of a batch of a platform's records, in one transaction. While it lasts, the customer's other platforms
// wait to be connected, and changes of its objects are refused.
//
// [app.ErrBusy] if the platform is being connected by another request, [app.ErrNotFound] if there is no such customer, [app.ErrQuota] if
// the customer would store more than it may, [app.ErrLedger] if its records are of another side of the books. After any error the customer
// has what it had.
func (s *Store) Apply(ctx context.Context, b app.Batch, do app.Applying) error {
	if err := s.ensureState(ctx, b.CustomerID); err != nil {
		return err
	}
	return classify(s.apply(ctx, b, do))
}

func (s *Store) apply(ctx context.Context, b app.Batch, do app.Applying) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back

	version, err := lockCustomer(ctx, tx, b.CustomerID, b.Platform)
	if err != nil {
		return err
	}
	var saved bool
	if err := tx.GetContext(ctx, &saved, openConnectionSQL, b.CustomerID, b.Platform, b.Ledger); err != nil {
		return err
	}
	if !saved {
		return app.ErrLedger
	}
	applied, err := do(matched{ctx, tx, b.CustomerID})
	if err != nil {
		return err
	}
	if !applied.IsEmpty() {
		if err := saveApplied(ctx, tx, b, version, applied); err != nil {
			return err
		}
	}
	if b.Import != nil {
		if err := saveImport(ctx, tx, b.Import); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// saveApplied writes what differs. What changes is deleted and written anew, with the statements by which a platform is loaded.
func saveApplied(ctx context.Context, tx *sqlx.Tx, b app.Batch, version int64, a *reconcile.Applied) error {
	if a.All { // the customer's counter may not know them all
		var highest int64
		if err := tx.GetContext(ctx, &highest, highestObjectSQL, b.CustomerID); err != nil {
			return err
		}
		version = max(version, highest)
	}
	version++
	result, err := tx.ExecContext(ctx, addStateSQL, b.CustomerID, version, growth(a), b.Quota)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, app.ErrQuota)
	}
	return writeApplied(ctx, tx, b.CustomerID, version, a)
}

// growth is by how many bytes a customer's records and objects grow.
func growth(a *reconcile.Applied) int64 {
	return storedBytes(a.Put, a.Objects) - storedBytes(a.WerePut, a.WereObjects) - storedBytes(a.Gone, nil)
}

func writeApplied(ctx context.Context, tx *sqlx.Tx, customerID string, version int64, a *reconcile.Applied) error {
	if err := deleteApplied(ctx, tx, customerID, a); err != nil {
		return err
	}
	return copyAll(ctx, tx, customerID, version, a.Put, a.Mapped, a.Objects)
}

func deleteApplied(ctx context.Context, tx *sqlx.Tx, customerID string, a *reconcile.Applied) error {
	if a.All {
		for _, table := range recordTables[1:] { // rows of records that the previous version deleted, too
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE customer_id = $1`, customerID); err != nil {
				return err
			}
		}
	}
	if err := deleteRecords(ctx, tx, "platform_objects", customerID, a.Gone, a.Put); err != nil {
		return err
	}
	for _, table := range recordTables {
		if err := deleteRecords(ctx, tx, table, customerID, a.Gone, a.Mapped); err != nil {
			return err
		}
	}
	ids := a.Removed
	for i := range a.Objects {
		ids = append(ids, a.Objects[i].ID)
	}
	if len(ids) > 0 {
		if _, err := tx.ExecContext(ctx, deleteObjectsSQL, customerID, pq.Array(ids)); err != nil {
			return err
		}
	}
	if len(a.Settled) > 0 {
		if _, err := tx.ExecContext(ctx, settleObjectsSQL, customerID, pq.Array(a.Settled)); err != nil {
			return err
		}
	}
	return nil
}

// deleteRecords deletes the rows of records.
func deleteRecords(ctx context.Context, tx *sqlx.Tx, table, customerID string, records ...[]app.StoredRecord) error {
	var names []reconcile.Name
	for _, list := range records {
		for i := range list {
			names = append(names, list[i].Name())
		}
	}
	if len(names) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM `+table+` r USING `+namesSQL+`
WHERE r.customer_id = $1 AND (r.platform, r.entity_type, r.platform_id) = (n.platform, n.entity_type, n.platform_id)`, namesOf(customerID, names)...)
	return err
}

// namesSQL are the names of records as rows, which namesOf gives the values of.
const namesSQL = `unnest($2::text[], $3::text[], $4::text[]) AS n (platform, entity_type, platform_id)`

func namesOf(customerID string, names []reconcile.Name) []any {
	platforms, types, ids := make([]string, len(names)), make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		platforms[i], types[i], ids[i] = name.Platform, string(name.EntityType), name.PlatformID
	}
	return []any{customerID, pq.Array(platforms), pq.Array(types), pq.Array(ids)}
}

// isNoRow says whether a statement has found nothing.
func isNoRow(err error) bool { return errors.Is(err, sql.ErrNoRows) }
