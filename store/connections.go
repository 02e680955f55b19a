package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/jsontext"
)

// Connection is a platform that a customer has connected.
type Connection struct {
	Platform       string    `db:"platform"`
	ConnectedAt    time.Time `db:"connected_at"`
	EntitiesSynced int       `db:"entities_synced"` // records that are mapped to canonical objects
	Ledger         string    `db:"ledger"`          // the side of the books of the customer's records
}

const selectConnectionsSQL = `
SELECT platform, connected_at,
    (SELECT count(*) FROM entity_mappings m WHERE m.customer_id = c.customer_id AND m.platform = c.platform) AS entities_synced,
    (SELECT coalesce(ledger, 'receivable') FROM customers WHERE id = c.customer_id) AS ledger
FROM connections c
WHERE customer_id = $1 AND status = 'active' AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY connected_at, platform`

// ListConnections returns the customer's active connections, the oldest first.
func (s *Store) ListConnections(ctx context.Context, customerID string) ([]Connection, error) {
	connections := []Connection{}
	err := s.retry(ctx, func(ctx context.Context) error {
		return s.db.SelectContext(ctx, &connections, selectConnectionsSQL, customerID)
	})
	return connections, err
}

// Records without a ledger are of a version that knew receivables alone.
const selectLedgerSQL = `
SELECT CASE WHEN EXISTS (SELECT FROM connections WHERE customer_id = c.id AND status = 'active') THEN coalesce(ledger, 'receivable') ELSE '' END
FROM customers c WHERE id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

// Ledger returns the side of the books of the customer's records, and nothing if no platform is connected. [app.ErrNotFound] if there is
// no such customer.
func (s *Store) Ledger(ctx context.Context, customerID string) (ledger string, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &ledger, selectLedgerSQL, customerID)
	})
	return ledger, err
}

const (
	// A platform that is connected stays so while it is connected again, and when that fails.
	markRunningSQL = `
WITH customer AS (
    SELECT id FROM customers WHERE id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
), state AS (
    INSERT INTO customer_state (customer_id) SELECT id FROM customer ON CONFLICT DO NOTHING
)
INSERT INTO connections (customer_id, platform, status, last_run, last_run_at) SELECT id, $2, 'seeding', 'running', now() FROM customer
ON CONFLICT (customer_id, platform) DO UPDATE SET
    status = CASE connections.status WHEN 'active' THEN 'active' ELSE 'seeding' END, last_run = 'running', last_run_at = now()`

	markFailedSQL = `
UPDATE connections SET last_run = 'failed', status = CASE status WHEN 'seeding' THEN 'error' ELSE status END
WHERE customer_id = $1 AND platform = $2 AND last_run = 'running'`

	// The first lock is the connection's: whoever does not get it at once is told so. It ends with the transaction, and so with
	// the program. The second is the customer's, for the previous version, which knows no other.
	lockConnectionSQL = `
SELECT locked, CASE WHEN locked THEN (SELECT true FROM customers WHERE id = $1::uuid FOR NO KEY UPDATE) END AS found
FROM (SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || '/' || $2, 0)) AS locked OFFSET 0) AS connection`

	// The third lock is the customer's state: platforms are connected one after the other, and changes are refused meanwhile.
	// It is a statement of its own, so that it sees a deletion that was answered while this one waited.
	lockStateSQL = `
SELECT version FROM customer_state
WHERE customer_id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1) FOR UPDATE`

	// The highest version of a customer whose counter does not know it, since the previous version wrote its objects.
	highestChangeSQL = `SELECT coalesce(max(version), 0) FROM changes WHERE customer_id = $1`

	selectOtherRecordsSQL = `
SELECT platform, entity_type, platform_id, payload, commitment_type
FROM platform_objects WHERE customer_id = $1 AND platform <> $2`

	selectKeptSQL = `
SELECT id, entity_type, kept FROM canonical_objects WHERE customer_id = $1 AND kept IS NOT NULL AND derived_version = version`

	// Canonical objects are made again from all records, so that they don't depend on what was there before. All of a customer's platforms
	// have one ledger; it is not saved if another platform has another.
	clearSQL = `
WITH platform AS (DELETE FROM platform_objects WHERE customer_id = $1 AND platform = $2),
     mappings AS (DELETE FROM entity_mappings WHERE customer_id = $1),
     keys AS (DELETE FROM record_keys WHERE customer_id = $1),
     refs AS (DELETE FROM record_references WHERE customer_id = $1),
     objects AS (DELETE FROM canonical_objects WHERE customer_id = $1 RETURNING version),
     connection AS (
         UPDATE connections SET status = 'active', connected_at = now(), last_run = 'succeeded', last_run_at = now()
         WHERE customer_id = $1 AND platform = $2),
     ledger AS (
         UPDATE customers SET ledger = $3 WHERE id = $1 AND (coalesce(ledger, 'receivable') = $3
             OR NOT EXISTS (SELECT FROM connections WHERE customer_id = $1 AND platform <> $2 AND status = 'active')) RETURNING id)
SELECT (SELECT coalesce(max(version), 0) FROM objects) AS highest, EXISTS (SELECT FROM ledger) AS saved`

	saveStateSQL = `
UPDATE customer_state SET version = $2, record_bytes = $3 WHERE customer_id = $1 AND ($4 = 0 OR history_bytes + $3 <= $4)`
)

// Build makes what is stored when a platform is connected. It is given the records of the customer's other platforms, and of
// the customer's objects those that say something beyond their records' words, and what people decided. It returns the platform's records, the records
// of all platforms with the ids of their objects, and the objects of all.
type Build = func(others []app.StoredRecord, kept []app.StoredObject, decisions []reconcile.Decision) (
	records, mapped []app.StoredRecord, objects []app.StoredObject, err error)

// Connect replaces all of a platform's records by others, of a side of the books, in one transaction and a fixed number of statements.
// quota is how many bytes the customer may store; 0: without a limit.
//
// [app.ErrBusy] if the platform is being connected by another request, [app.ErrNotFound] if there is no such customer, [app.ErrQuota] if
// the records are more than the customer may store, [app.ErrLedger] if other platforms are connected with another ledger. After any error the customer has what it had before: a platform that was
// connected still is.
func (s *Store) Connect(ctx context.Context, customerID, platform, ledger string, quota int64, build Build) error {
	if err := s.retry(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, markRunningSQL, customerID, platform)
		return err
	}); err != nil {
		return err
	}
	err := s.reseed(ctx, customerID, platform, ledger, quota, build)
	if err != nil && !errors.Is(err, app.ErrBusy) {
		// The request's own context may be what ended it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementTimeout)
		defer cancel()
		if markErr := s.once(ctx, func(ctx context.Context) error {
			_, err := s.db.ExecContext(ctx, markFailedSQL, customerID, platform)
			return err
		}); markErr != nil {
			err = errors.Join(err, markErr)
		}
	}
	return classify(err)
}

func (s *Store) reseed(ctx context.Context, customerID, platform, ledger string, quota int64, build Build) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back

	version, err := lockCustomer(ctx, tx, customerID, platform)
	if err != nil {
		return err
	}
	if err := refuseWhileImporting(ctx, tx, customerID, platform); err != nil {
		return err
	}
	others, err := selectOtherRecords(ctx, tx, customerID, platform)
	if err != nil {
		return err
	}
	kept, err := selectKept(ctx, tx, customerID)
	if err != nil {
		return err
	}
	decisions, err := selectDecisions(ctx, tx, customerID)
	if err != nil {
		return err
	}
	records, mapped, objects, err := build(others, kept, decisions)
	if err != nil {
		return err
	}
	var cleared struct {
		Highest int64
		Saved   bool
	}
	if err := tx.GetContext(ctx, &cleared, clearSQL, customerID, platform, ledger); err != nil {
		return err
	}
	if !cleared.Saved {
		return app.ErrLedger
	}
	// Above every version that an object of the customer had, whatever the clock says.
	version = max(version, cleared.Highest) + 1
	if err := saveState(ctx, tx, customerID, version, storedBytes(mapped, objects), quota); err != nil {
		return err
	}
	if err := copyAll(ctx, tx, customerID, version, records, mapped, objects); err != nil {
		return err
	}
	return tx.Commit()
}

// lockCustomer takes the locks of connecting, and returns the highest version that the customer's counter knows.
func lockCustomer(ctx context.Context, tx *sqlx.Tx, customerID, platform string) (version int64, err error) {
	var lock struct {
		Locked bool  `db:"locked"`
		Found  *bool `db:"found"`
	}
	if err := tx.GetContext(ctx, &lock, lockConnectionSQL, customerID, platform); err != nil {
		return 0, err
	}
	if !lock.Locked {
		return 0, app.ErrBusy
	}
	if lock.Found == nil {
		return 0, app.ErrNotFound
	}
	return lockState(ctx, tx, customerID)
}

// lockState has the customer's objects to itself, and returns the highest version that they ever had.
func lockState(ctx context.Context, tx *sqlx.Tx, customerID string) (version int64, err error) {
	if err := tx.GetContext(ctx, &version, lockStateSQL, customerID); err != nil {
		return 0, err // no row: the customer is deleted
	}
	if version == 0 {
		err = tx.GetContext(ctx, &version, highestChangeSQL, customerID)
	}
	return version, err
}

func saveState(ctx context.Context, tx *sqlx.Tx, customerID string, version, bytes, quota int64) error {
	result, err := tx.ExecContext(ctx, saveStateSQL, customerID, version, bytes, quota)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, app.ErrQuota)
	}
	return nil
}

// storedBytes is what a customer's records and objects count for.
func storedBytes(records []app.StoredRecord, objects []app.StoredObject) (bytes int64) {
	for i := range records {
		bytes += int64(app.RowBytes + len(records[i].Payload))
	}
	for i := range objects {
		bytes += int64(app.RowBytes + len(objects[i].Document) + len(objects[i].Kept))
	}
	return bytes
}

func copyAll(ctx context.Context, tx *sqlx.Tx, customerID string, version int64, records, mapped []app.StoredRecord, objects []app.StoredObject) error {
	if err := copyRows(ctx, tx, "platform_objects", []string{"customer_id", "platform", "entity_type", "platform_id", "payload", "commitment_type", "bytes"},
		len(records), func(i int) []any {
			r := &records[i]
			return []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, string(r.Payload), r.Variant, len(r.Payload)}
		}); err != nil {
		return err
	}
	if err := copyObjects(ctx, tx, customerID, version, objects); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "entity_mappings", []string{"customer_id", "platform", "entity_type", "platform_id", "canonical_id", "minted_id"},
		len(mapped), func(i int) []any {
			r := &mapped[i]
			return []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, r.CanonicalID, r.MintedID}
		}); err != nil {
		return err
	}
	return copyMatchedBy(ctx, tx, customerID, mapped)
}

// copyMatchedBy writes what records are matched by.
func copyMatchedBy(ctx context.Context, tx *sqlx.Tx, customerID string, records []app.StoredRecord) error {
	var keys, references [][]any
	for i := range records {
		r := &records[i]
		for _, key := range r.Keys {
			keys = append(keys, []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, key.Text, key.Scope})
		}
		for _, id := range r.RefersTo {
			references = append(references, []any{customerID, r.Platform, string(r.EntityType), r.PlatformID, id})
		}
	}
	if err := copyRows(ctx, tx, "record_keys", []string{"customer_id", "platform", "entity_type", "platform_id", "key", "scope"},
		len(keys), func(i int) []any { return keys[i] }); err != nil {
		return err
	}
	return copyRows(ctx, tx, "record_references", []string{"customer_id", "platform", "entity_type", "platform_id", "refers_to"},
		len(references), func(i int) []any { return references[i] })
}

func copyObjects(ctx context.Context, tx *sqlx.Tx, customerID string, version int64, objects []app.StoredObject) error {
	return copyRows(ctx, tx, "canonical_objects", []string{"customer_id", "id", "entity_type", "document", "version", "derived_version", "matched_version", "refers_to", "kept", "reason", "bytes",
		"compared", "disagrees", "compared_version"},
		len(objects), func(i int) []any {
			o := &objects[i]
			return []any{customerID, o.ID, string(o.EntityType), string(o.Document), version, version, version, pq.Array(o.RefersTo), nullText(o.Kept), reasonText(o.Reason), len(o.Document),
				nullText(o.Compared), o.Disagrees, version}
		})
}

func selectKept(ctx context.Context, tx *sqlx.Tx, customerID string) ([]app.StoredObject, error) {
	rows, err := tx.QueryContext(ctx, selectKeptSQL, customerID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var objects []app.StoredObject
	for rows.Next() {
		var o app.StoredObject
		if err := rows.Scan(&o.ID, &o.EntityType, &o.Kept); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}

func selectOtherRecords(ctx context.Context, tx *sqlx.Tx, customerID, platform string) ([]app.StoredRecord, error) {
	rows, err := tx.QueryContext(ctx, selectOtherRecordsSQL, customerID, platform)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var objects []app.StoredRecord
	for rows.Next() {
		var o app.StoredRecord
		if err := rows.Scan(&o.Platform, &o.EntityType, &o.PlatformID, &o.Payload, &o.Variant); err != nil {
			return nil, err
		}
		o.Payload = jsontext.HealText(o.Payload)
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
