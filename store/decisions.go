package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

const (
	selectDecisionsSQL = `
SELECT id, entity_type, same, records FROM match_decisions WHERE customer_id = $1 ORDER BY id COLLATE "C"`

	// Whoever connects a platform, or decides, has the customer to himself; the others wait. The customer's row is locked for the
	// previous version, which knows no other lock.
	lockDecisionsSQL = `SELECT true FROM customers WHERE id = $1 FOR NO KEY UPDATE`

	countRecordsSQL = `
SELECT count(*) FROM entity_mappings m
JOIN unnest($3::text[], $4::text[]) AS named (platform, platform_id) USING (platform, platform_id)
WHERE m.customer_id = $1 AND m.entity_type = $2`

	insertDecisionSQL = `
INSERT INTO match_decisions (customer_id, version, id, entity_type, same, records, note, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING decided_at`

	deleteDecisionSQL = `
DELETE FROM match_decisions WHERE customer_id = $1 AND id = $2
RETURNING id, entity_type, same, records, note, actor, decided_at, version`

	growStateSQL = `
UPDATE customer_state SET version = $2, record_bytes = record_bytes + $3::bigint, history_bytes = history_bytes + $4::bigint
WHERE customer_id = $1 AND ($5 = 0 OR $3::bigint + $4::bigint <= 0 OR record_bytes + history_bytes + $3 + $4 <= $5)`

	// The objects of a decision's records move to its version even if nothing else of them changed: whoever read them should know.
	touchObjectsSQL = `
UPDATE canonical_objects SET version = $3, derived_version = CASE derived_version WHEN version THEN $3 END,
    matched_version = CASE matched_version WHEN version THEN $3 END, compared_version = CASE compared_version WHEN version THEN $3 END, updated_at = now()
WHERE customer_id = $1 AND id = ANY ($2) AND version <> $3`

	insertDecidedSQL = `
INSERT INTO changes (customer_id, canonical_id, version, request_id, key_id, mode, platform, changes, platforms, bytes, actor_kind, actor_name, decision)
SELECT $1, id, $3, $4, $5, $6, '', '[]', '[]', octet_length($9::text), $7, nullif($8::text, ''), $9::text::json FROM unnest($2::text[]) AS id`

	listDecisionsSQL = `
SELECT id, entity_type, same, records, note, actor, decided_at, version FROM match_decisions
WHERE customer_id = $1 AND ($2 = '' OR entity_type = $2) AND ($3::bigint = 0 OR version < $3)
    AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY version DESC LIMIT $4`
)

// decisionText is a decision in the history.
type decisionText struct {
	ID        string              `json:"id"`
	Decision  string              `json:"decision"`
	Records   []decidedRecordText `json:"records"`
	Note      string              `json:"note,omitempty"`
	Withdrawn bool                `json:"withdrawn"`
}

type decidedRecordText struct {
	Platform   string `json:"platform"`
	PlatformID string `json:"platform_id"`
}

// SaveDecision writes a decision, and what it makes of the customer's objects: see [app.DecisionStorage].
func (s *Store) SaveDecision(ctx context.Context, r app.DecisionRequest, do app.Applying) (saved app.SavedDecision, ids []string, err error) {
	err = s.deciding(ctx, r.CustomerID, func(tx *sqlx.Tx, earlier []reconcile.Decision, version int64) error {
		saved = app.SavedDecision{
			Decision: reconcile.Decision{ID: "dec_" + rand.Text()[:16], EntityType: r.EntityType, Records: r.Records, Same: r.Same},
			Note:     r.Note, DecidedBy: r.Actor, Version: version,
		}
		if err := allRecordsExist(ctx, tx, r); err != nil {
			return err
		}
		if stands := standing(earlier, saved.Decision); stands != "" {
			saved, ids, err = standingDecision(ctx, tx, r, stands)
			return err
		}
		if err := reconcile.Allows(earlier, saved.Decision); err != nil {
			return err
		}
		records, err := json.Marshal(r.Records)
		if err != nil {
			return err
		}
		actor, err := json.Marshal(r.Actor)
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, insertDecisionSQL, r.CustomerID, version, saved.ID, string(r.EntityType), r.Same, string(records), r.Note, string(actor)).
			Scan(&saved.DecidedAt); err != nil {
			return err
		}
		ids, err = decided(ctx, tx, decidedChange{
			customerID: r.CustomerID, requestID: r.RequestID, actor: r.Actor, quota: r.Quota, version: version,
			decision: saved, stored: int64(app.RowBytes + len(records) + len(actor) + len(r.Note)),
		}, do)
		return err
	})
	return saved, ids, err
}

// DeleteDecision takes a decision back: see [app.DecisionStorage].
func (s *Store) DeleteDecision(ctx context.Context, w app.Withdrawal, do func(decided []reconcile.Name) app.Applying) error {
	return s.deciding(ctx, w.CustomerID, func(tx *sqlx.Tx, _ []reconcile.Decision, version int64) error {
		d, err := scanDecision(tx.QueryRowContext(ctx, deleteDecisionSQL, w.CustomerID, w.DecisionID))
		if err != nil {
			return err
		}
		names := make([]reconcile.Name, len(d.Records))
		for i, r := range d.Records {
			names[i] = reconcile.Name{Platform: r.Platform, EntityType: d.EntityType, PlatformID: r.PlatformID}
		}
		_, err = decided(ctx, tx, decidedChange{
			customerID: w.CustomerID, requestID: w.RequestID, actor: w.Actor, quota: w.Quota, version: version,
			decision: d, withdrawn: true,
		}, do(names))
		return err
	})
}

// deciding runs a transaction in which nobody else changes the customer's objects. do is given the decisions that stand, and the next
// version of the customer.
func (s *Store) deciding(ctx context.Context, customerID string, do func(tx *sqlx.Tx, earlier []reconcile.Decision, version int64) error) error {
	return classify(s.decide(ctx, customerID, do))
}

func (s *Store) decide(ctx context.Context, customerID string, do func(tx *sqlx.Tx, earlier []reconcile.Decision, version int64) error) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	var found bool
	if err := tx.GetContext(ctx, &found, lockDecisionsSQL, customerID); err != nil {
		return err
	}
	version, err := lockState(ctx, tx, customerID)
	if err != nil {
		return err
	}
	var all bool
	if err := tx.GetContext(ctx, &all, isUnmatchedSQL, customerID); err != nil {
		return err
	}
	if all { // the customer's counter may not know them all
		var highest int64
		if err := tx.GetContext(ctx, &highest, highestObjectSQL, customerID); err != nil {
			return err
		}
		version = max(version, highest)
	}
	earlier, err := selectDecisions(ctx, tx, customerID)
	if err != nil {
		return err
	}
	if err := do(tx, earlier, version+1); err != nil {
		return err
	}
	return tx.Commit()
}

// decidedChange is what a decision, or its end, makes.
type decidedChange struct {
	customerID, requestID string
	actor                 app.Actor
	quota, version        int64
	decision              app.SavedDecision
	withdrawn             bool
	stored                int64 // bytes of the decision
}

// decided writes what a decision, or its end, makes of the customer's objects, and the history of those that it is about. It returns
// their ids.
func decided(ctx context.Context, tx *sqlx.Tx, c decidedChange, do app.Applying) (ids []string, err error) {
	applied, err := do(matched{ctx, tx, c.customerID})
	if err != nil {
		return nil, err
	}
	if err := writeApplied(ctx, tx, c.customerID, c.version, applied); err != nil {
		return nil, err
	}
	records, err := json.Marshal(c.decision.Records)
	if err != nil {
		return nil, err
	}
	if err := tx.SelectContext(ctx, &ids, selectDecidedIDsSQL, c.customerID, string(c.decision.EntityType), string(records)); err != nil {
		return nil, err
	}
	history, err := json.Marshal(textOf(c.decision, c.withdrawn))
	if err != nil {
		return nil, err
	}
	bytes := c.stored + int64(len(ids))*int64(app.RowBytes+len(history)+len(c.actor.Name))
	result, err := tx.ExecContext(ctx, growStateSQL, c.customerID, c.version, growth(applied), bytes, c.quota)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(err, app.ErrQuota)
	}
	if _, err := tx.ExecContext(ctx, touchObjectsSQL, c.customerID, pq.Array(ids), c.version); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, insertDecidedSQL, c.customerID, pq.Array(ids), c.version, c.requestID, c.actor.KeyID, string(c.actor.Mode),
		string(c.actor.Kind), c.actor.Name, string(history))
	return ids, err
}

func textOf(d app.SavedDecision, withdrawn bool) decisionText {
	text := decisionText{ID: d.ID, Decision: "different", Note: d.Note, Withdrawn: withdrawn}
	if d.Same {
		text.Decision = "same"
	}
	for _, r := range d.Records {
		text.Records = append(text.Records, decidedRecordText{r.Platform, r.PlatformID})
	}
	return text
}

func allRecordsExist(ctx context.Context, tx *sqlx.Tx, r app.DecisionRequest) error {
	platforms, ids := make([]string, len(r.Records)), make([]string, len(r.Records))
	for i, record := range r.Records {
		platforms[i], ids[i] = record.Platform, record.PlatformID
	}
	var n int
	if err := tx.GetContext(ctx, &n, countRecordsSQL, r.CustomerID, string(r.EntityType), pq.Array(platforms), pq.Array(ids)); err != nil {
		return err
	}
	if n < len(r.Records) {
		return app.ErrNotFound
	}
	return nil
}

// standing is the id of a decision that says the same of the same records; empty if there is none.
func standing(earlier []reconcile.Decision, d reconcile.Decision) string {
	for _, e := range earlier {
		if e.EntityType == d.EntityType && e.Same == d.Same && len(e.Records) == len(d.Records) &&
			!slices.ContainsFunc(d.Records, func(r reconcile.RecordID) bool { return !slices.Contains(e.Records, r) }) {
			return e.ID
		}
	}
	return ""
}

const (
	selectDecisionSQL = `
SELECT id, entity_type, same, records, note, actor, decided_at, version FROM match_decisions WHERE customer_id = $1 AND id = $2`

	selectDecidedIDsSQL = `
SELECT DISTINCT canonical_id FROM entity_mappings m
JOIN jsonb_to_recordset($3::jsonb) AS named ("Platform" text, "PlatformID" text) ON (m.platform, m.platform_id) = (named."Platform", named."PlatformID")
WHERE m.customer_id = $1 AND m.entity_type = $2 ORDER BY canonical_id`
)

func standingDecision(ctx context.Context, tx *sqlx.Tx, r app.DecisionRequest, id string) (d app.SavedDecision, ids []string, err error) {
	if d, err = scanDecision(tx.QueryRowContext(ctx, selectDecisionSQL, r.CustomerID, id)); err != nil {
		return d, nil, err
	}
	records, err := json.Marshal(r.Records)
	if err != nil {
		return d, nil, err
	}
	return d, ids, tx.SelectContext(ctx, &ids, selectDecidedIDsSQL, r.CustomerID, string(r.EntityType), string(records))
}

// ListDecisions lists decisions, the latest first, and says whether older ones follow.
func (s *Store) ListDecisions(ctx context.Context, q app.DecisionQuery) (list []app.SavedDecision, more bool, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		list = []app.SavedDecision{}
		rows, err := s.db.QueryContext(ctx, listDecisionsSQL, q.CustomerID, string(q.EntityType), q.Before, q.Limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			d, err := scanDecision(rows)
			if err != nil {
				return err
			}
			list = append(list, d)
		}
		return rows.Err()
	})
	if len(list) > q.Limit {
		list, more = list[:q.Limit], true
	}
	return list, more, err
}

func scanDecision(row interface{ Scan(...any) error }) (d app.SavedDecision, err error) {
	var entityType string
	var records, actor []byte
	if err := row.Scan(&d.ID, &entityType, &d.Same, &records, &d.Note, &actor, &d.DecidedAt, &d.Version); err != nil {
		return d, err
	}
	d.EntityType = canonical.EntityType(entityType)
	if err := json.Unmarshal(records, &d.Records); err != nil {
		return d, fmt.Errorf("decision %s: %w", d.ID, err)
	}
	if err := json.Unmarshal(actor, &d.DecidedBy); err != nil {
		return d, fmt.Errorf("decision %s: %w", d.ID, err)
	}
	return d, nil
}

func selectDecisions(ctx context.Context, tx *sqlx.Tx, customerID string) ([]reconcile.Decision, error) {
	rows, err := tx.QueryContext(ctx, selectDecisionsSQL, customerID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []reconcile.Decision
	for rows.Next() {
		var d reconcile.Decision
		var entityType string
		var records []byte
		if err := rows.Scan(&d.ID, &entityType, &d.Same, &records); err != nil {
			return nil, err
		}
		if d.EntityType = canonical.EntityType(entityType); json.Unmarshal(records, &d.Records) != nil {
			return nil, fmt.Errorf("decision %s: no records", d.ID)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}
