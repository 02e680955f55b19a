package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

const (
	// An object of one record is an open one.
	openObjectsSQL = `
FROM canonical_objects o
JOIN entity_mappings m ON m.customer_id = o.customer_id AND m.canonical_id = o.id
WHERE o.customer_id = $1 AND NOT EXISTS (
    SELECT FROM entity_mappings other
    WHERE other.customer_id = $1 AND other.canonical_id = o.id AND (other.platform, other.platform_id) <> (m.platform, m.platform_id))`

	// Of one platform alone, no record can be another one.
	selectSuggestionStateSQL = `
SELECT s.version, coalesce(s.suggested_version, -1), s.suggested_at,
    CASE WHEN s.suggested_version IS DISTINCT FROM s.version AND (SELECT count(*) FROM connections WHERE customer_id = $1 AND status = 'active') > 1
        THEN (SELECT count(*) ` + openObjectsSQL + `) ELSE 0 END
FROM customer_state s WHERE customer_id = $1 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

	selectOpenObjectsSQL = `SELECT o.id, o.entity_type, m.platform, m.platform_id, o.document ` + openObjectsSQL + ` ORDER BY o.id COLLATE "C"`

	selectVersionSQL = `SELECT version FROM customer_state WHERE customer_id = $1`

	markSuggestedSQL = `
UPDATE customer_state SET suggested_version = version, suggested_at = now()
WHERE customer_id = $1 AND version = $2 AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)`

	deleteSuggestionsSQL = `DELETE FROM match_suggestions WHERE customer_id = $1`

	// $2 type, $3 state, $4 project, $5 id behind which the page begins, $6 limit, $7 platforms in order of precedence.
	listMatchesSQL = `
SELECT o.id, o.entity_type, coalesce(CASE o.compared_version WHEN o.version THEN o.compared ->> 'l' END, ''), m.records, CASE WHEN m.n > 1 THEN 'matched' ELSE coalesce(s.state, 'one_sided') END, o.reason,
    CASE WHEN m.n = 1 THEN s.candidates END,
    (SELECT json_build_object('id', d.id, 'note', d.note, 'actor', d.actor, 'at', d.decided_at) FROM match_decisions d
     WHERE d.customer_id = $1 AND d.id = o.reason ->> 'decision_id')
FROM canonical_objects o
LEFT JOIN match_suggestions s ON s.customer_id = $1 AND s.canonical_id = o.id
CROSS JOIN LATERAL (
    SELECT count(*) AS n, json_agg(json_build_object('Platform', platform, 'PlatformID', platform_id) ORDER BY array_position($7::text[], platform)) AS records
    FROM entity_mappings WHERE customer_id = $1 AND canonical_id = o.id) AS m
WHERE o.customer_id = $1 AND o.id > $5 AND ($2 = '' OR o.entity_type = $2)
    AND ($3 = '' OR CASE WHEN m.n > 1 THEN 'matched' ELSE coalesce(s.state, 'one_sided') END = $3)
    AND ($4 = '' OR o.id = $4 OR $4 = ANY (o.refers_to))
    AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
ORDER BY o.id LIMIT $6`
)

// Objects for which there are suggestions are found by those: they are few.
var listSuggestedSQL = strings.Replace(listMatchesSQL, "LEFT JOIN match_suggestions", "JOIN match_suggestions", 1)

// SuggestionState says how old a customer's suggestions are. [app.ErrNotFound] if the customer is gone.
func (s *Store) SuggestionState(ctx context.Context, customerID string) (state app.SuggestionState, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		var at sql.NullTime
		err := s.db.QueryRowContext(ctx, selectSuggestionStateSQL, customerID).Scan(&state.Version, &state.Suggested, &at, &state.Open)
		state.At = at.Time
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return state, app.ErrNotFound
	}
	return state, err
}

// EachOpenObject reads the objects of one record in the order of their ids, what people decided, and the version of the customer's
// objects, all at one moment.
func (s *Store) EachOpenObject(
	ctx context.Context, customerID string, begin func() (take func(app.OpenObject) error),
) (decisions []reconcile.Decision, version int64, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		tx, err := s.loading.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // nothing is written
		if err := tx.GetContext(ctx, &version, selectVersionSQL, customerID); err != nil {
			return err
		}
		if decisions, err = selectDecisions(ctx, tx, customerID); err != nil {
			return err
		}
		return eachOpenObject(ctx, tx, customerID, begin())
	})
	return decisions, version, err
}

func eachOpenObject(ctx context.Context, tx *sqlx.Tx, customerID string, take func(app.OpenObject) error) error {
	rows, err := tx.QueryContext(ctx, selectOpenObjectsSQL, customerID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o app.OpenObject
		var document sql.RawBytes
		if err := rows.Scan(&o.ID, &o.EntityType, &o.Record.Platform, &o.Record.PlatformID, &document); err != nil {
			return err
		}
		o.Document = jsontext.HealText(document)
		if err := take(o); err != nil {
			return err
		}
	}
	return rows.Err()
}

// SaveSuggestions replaces all suggestions of a customer. [app.ErrChanged] if its objects have another version by now: nothing was
// written then.
func (s *Store) SaveSuggestions(ctx context.Context, customerID string, version int64, list []app.Suggestion) error {
	return classify(s.saveSuggestions(ctx, customerID, version, list))
}

func (s *Store) saveSuggestions(ctx context.Context, customerID string, version int64, list []app.Suggestion) error {
	tx, err := s.loading.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	result, err := tx.ExecContext(ctx, markSuggestedSQL, customerID, version)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, app.ErrChanged)
	}
	if _, err := tx.ExecContext(ctx, deleteSuggestionsSQL, customerID); err != nil {
		return err
	}
	if err := copyRows(ctx, tx, "match_suggestions", []string{"customer_id", "canonical_id", "state", "candidates"}, len(list), func(i int) []any {
		return []any{customerID, list[i].CanonicalID, string(list[i].State), string(list[i].Candidates)}
	}); err != nil {
		return err
	}
	return tx.Commit()
}

// ListMatches lists objects in the order of their ids, and says whether more follow. room may be nil.
func (s *Store) ListMatches(ctx context.Context, q app.MatchQuery, room func(n, bytes int) bool) (list []app.MatchedObject, more bool, err error) {
	statement := listMatchesSQL
	if q.State == app.StateSuggested || q.State == app.StateAmbiguous {
		statement = listSuggestedSQL
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		list, more = []app.MatchedObject{}, false
		rows, err := s.db.QueryContext(ctx, statement, q.CustomerID, string(q.EntityType), string(q.State), q.ProjectID, q.After, q.Limit+1, pq.Array(s.precedence))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			o, err := scanMatch(rows)
			if err != nil {
				return err
			}
			if len(list) == q.Limit || room != nil && !room(len(list), len(o.Label)+len(o.Candidates)) {
				more = true
				return nil
			}
			list = append(list, o)
		}
		return rows.Err()
	})
	return list, more, err
}

func scanMatch(rows *sql.Rows) (o app.MatchedObject, err error) {
	var entityType, state string
	var records, reason, decision []byte
	if err := rows.Scan(&o.ID, &entityType, &o.Label, &records, &state, &reason, &o.Candidates, &decision); err != nil {
		return o, err
	}
	o.EntityType, o.State = canonical.EntityType(entityType), app.MatchState(state)
	if err := json.Unmarshal(records, &o.Records); err != nil {
		return o, fmt.Errorf("records of %s: %w", o.ID, err)
	}
	if o.Reason, err = readReason(reason); err != nil {
		return o, fmt.Errorf("%s: %w", o.ID, err)
	}
	if decision != nil {
		var d struct {
			ID, Note string
			Actor    app.Actor
			At       time.Time
		}
		if err := json.Unmarshal(decision, &d); err != nil {
			return o, fmt.Errorf("decision of %s: %w", o.ID, err)
		}
		o.Decision = &app.SavedDecision{Decision: reconcile.Decision{ID: d.ID}, Note: d.Note, DecidedBy: d.Actor, DecidedAt: d.At}
	}
	return o, nil
}
