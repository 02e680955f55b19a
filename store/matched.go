package store

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// matched is what a customer has, as [reconcile.Applier] asks for it within a transaction.
type matched struct {
	ctx        context.Context //nolint:containedctx // of the transaction
	tx         *sqlx.Tx
	customerID string
}

const (
	// The second condition is that of the index.
	isUnmatchedSQL = `
SELECT EXISTS (SELECT FROM canonical_objects WHERE customer_id = $1 AND matched_version IS NULL AND matched_version IS DISTINCT FROM version)`

	selectUnmatchedSQL = `
SELECT m.platform, m.entity_type, m.platform_id
FROM canonical_objects o JOIN entity_mappings m ON m.customer_id = o.customer_id AND m.canonical_id = o.id
WHERE o.customer_id = $1 AND o.matched_version IS DISTINCT FROM o.version`

	selectRecordsSQL = `
SELECT p.platform, p.entity_type, p.platform_id, p.payload, p.commitment_type, m.canonical_id, m.minted_id
FROM platform_objects p
JOIN entity_mappings m ON (m.customer_id, m.platform, m.entity_type, m.platform_id) = (p.customer_id, p.platform, p.entity_type, p.platform_id)`

	selectAllRecordsSQL = selectRecordsSQL + ` WHERE p.customer_id = $1 AND ($2 = '' OR p.entity_type = $2)`

	selectNamedRecordsSQL = selectRecordsSQL + `
JOIN ` + namesSQL + ` ON (p.platform, p.entity_type, p.platform_id) = (n.platform, n.entity_type, n.platform_id)
WHERE p.customer_id = $1`

	selectRecordKeysSQL = `
SELECT k.platform, k.entity_type, k.platform_id, k.key, k.scope
FROM record_keys k JOIN ` + namesSQL + ` ON (k.platform, k.entity_type, k.platform_id) = (n.platform, n.entity_type, n.platform_id)
WHERE k.customer_id = $1`

	selectSharersSQL = `
SELECT platform, entity_type, platform_id, key, scope FROM record_keys WHERE customer_id = $1 AND entity_type = $2 AND key = ANY ($3)`

	selectReferringSQL = `
SELECT DISTINCT platform, entity_type, platform_id FROM record_references WHERE customer_id = $1 AND refers_to = ANY ($2)`

	selectMembersSQL = `
SELECT platform, entity_type, platform_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = ANY ($2)`

	// The first record of an object is the one whose minted id is the object's.
	selectObjectIDsSQL = `
SELECT canonical_id, canonical_id FROM entity_mappings WHERE customer_id = $1 AND canonical_id = ANY ($2)
UNION
SELECT minted_id, canonical_id FROM entity_mappings WHERE customer_id = $1 AND minted_id = ANY ($2) AND minted_id <> canonical_id`

	selectMatchedObjectsSQL = `
SELECT id, entity_type, document, refers_to, kept, reason, CASE compared_version WHEN version THEN compared END, version,
    matched_version IS NOT DISTINCT FROM version, derived_version IS NOT DISTINCT FROM version
FROM canonical_objects WHERE customer_id = $1 AND id = ANY ($2)`
)

// Unmatched is part of [reconcile.Stored].
func (m matched) Unmatched() (names []reconcile.Name, all bool, err error) {
	if err := m.tx.GetContext(m.ctx, &all, isUnmatchedSQL, m.customerID); err != nil || all {
		return nil, all, err
	}
	names, err = m.names(selectUnmatchedSQL, m.customerID)
	return names, false, err
}

// AllRecords is part of [reconcile.Stored].
func (m matched) AllRecords(t canonical.EntityType) ([]app.StoredRecord, error) {
	return m.records(selectAllRecordsSQL, m.customerID, string(t))
}

// Records is part of [reconcile.Stored].
func (m matched) Records(names []reconcile.Name) ([]app.StoredRecord, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return m.records(selectNamedRecordsSQL, namesOf(m.customerID, names)...)
}

func (m matched) records(query string, args ...any) (records []app.StoredRecord, err error) {
	err = m.each(query, args, func(rows *sql.Rows) error {
		var r app.StoredRecord
		err := rows.Scan(&r.Platform, &r.EntityType, &r.PlatformID, &r.Payload, &r.Variant, &r.CanonicalID, &r.MintedID)
		r.Payload = jsontext.HealText(r.Payload)
		records = append(records, r)
		return err
	})
	return records, err
}

// Keys is part of [reconcile.Stored].
func (m matched) Keys(names []reconcile.Name) (map[reconcile.Name][]reconcile.Key, error) {
	keys := map[reconcile.Name][]reconcile.Key{}
	if len(names) == 0 {
		return keys, nil
	}
	sharers, err := m.sharers(selectRecordKeysSQL, namesOf(m.customerID, names)...)
	for _, s := range sharers {
		keys[s.Name] = append(keys[s.Name], s.Key)
	}
	return keys, err
}

// Sharing is part of [reconcile.Stored].
func (m matched) Sharing(t canonical.EntityType, keys []string) ([]reconcile.Sharer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return m.sharers(selectSharersSQL, m.customerID, string(t), pq.Array(keys))
}

func (m matched) sharers(query string, args ...any) (sharers []reconcile.Sharer, err error) {
	err = m.each(query, args, func(rows *sql.Rows) error {
		var s reconcile.Sharer
		err := rows.Scan(&s.Platform, &s.EntityType, &s.PlatformID, &s.Text, &s.Scope)
		sharers = append(sharers, s)
		return err
	})
	return sharers, err
}

// Referring is part of [reconcile.Stored].
func (m matched) Referring(mintedIDs []string) ([]reconcile.Name, error) {
	return m.namesBy(selectReferringSQL, mintedIDs)
}

// Members is part of [reconcile.Stored].
func (m matched) Members(objectIDs []string) ([]reconcile.Name, error) {
	return m.namesBy(selectMembersSQL, objectIDs)
}

func (m matched) namesBy(query string, ids []string) ([]reconcile.Name, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return m.names(query, m.customerID, pq.Array(ids))
}

func (m matched) names(query string, args ...any) (names []reconcile.Name, err error) {
	err = m.each(query, args, func(rows *sql.Rows) error {
		var name reconcile.Name
		err := rows.Scan(&name.Platform, &name.EntityType, &name.PlatformID)
		names = append(names, name)
		return err
	})
	return names, err
}

// ObjectIDs is part of [reconcile.Stored].
func (m matched) ObjectIDs(mintedIDs []string) (map[string]string, error) {
	objects := map[string]string{}
	err := m.each(selectObjectIDsSQL, []any{m.customerID, pq.Array(mintedIDs)}, func(rows *sql.Rows) error {
		var minted, object string
		err := rows.Scan(&minted, &object)
		objects[minted] = object
		return err
	})
	return objects, err
}

// Objects is part of [reconcile.Stored].
func (m matched) Objects(ids []string) (objects []reconcile.MatchedObject, err error) {
	err = m.each(selectMatchedObjectsSQL, []any{m.customerID, pq.Array(ids)}, func(rows *sql.Rows) error {
		var o reconcile.MatchedObject
		var reason []byte
		err := rows.Scan(&o.ID, &o.EntityType, &o.Document, pq.Array(&o.RefersTo), &o.Kept, &reason, &o.Compared, &o.Version, &o.Matched, &o.Derived)
		if err == nil {
			o.Reason, err = readReason(reason)
		}
		objects = append(objects, o)
		return err
	})
	return objects, err
}

// Decisions is part of [reconcile.Stored].
func (m matched) Decisions() ([]reconcile.Decision, error) {
	return selectDecisions(m.ctx, m.tx, m.customerID)
}

func (m matched) each(query string, args []any, row func(*sql.Rows) error) error {
	rows, err := m.tx.QueryContext(m.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
