package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lib/pq"

	"structural.app/structural/app"
	"structural.app/structural/jsontext"
)

// idempotencyTTL is how long the answer to an Idempotency-Key is kept at least: until it is swept.
const idempotencyTTL = 24 * time.Hour

// scannedAnswer is a row of idempotency_keys, or none.
type scannedAnswer struct {
	fingerprint, body []byte
	status, version   sql.NullInt64
}

func (a *scannedAnswer) value() *app.Answer {
	if !a.status.Valid {
		return nil
	}
	answer := &app.Answer{Status: int(a.status.Int64), Version: a.version.Int64, Body: jsontext.HealText(a.body)}
	copy(answer.Fingerprint[:], a.fingerprint)
	return answer
}

const insertAnswerSQL = `
WITH allowed AS (
    SELECT customer_id FROM customer_state
    WHERE customer_id = $1 AND ($8 = 0 OR record_bytes + history_bytes + $7 <= $8)
        AND NOT EXISTS (SELECT FROM deleted_customers WHERE customer_id = $1)
), answer AS (
    INSERT INTO idempotency_keys (customer_id, key, fingerprint, status, version, answer)
    SELECT customer_id, $2, $3, $4, $5, $6 FROM allowed
    ON CONFLICT (customer_id, key) DO NOTHING
    RETURNING customer_id
), counted AS (
    UPDATE customer_state s SET history_bytes = history_bytes + $7 FROM answer WHERE s.customer_id = answer.customer_id
)
SELECT EXISTS (SELECT FROM allowed), EXISTS (SELECT FROM answer), EXISTS (SELECT FROM customer_state WHERE customer_id = $1)`

// SaveAnswer keeps the answer to a request that changed nothing. [app.ErrChanged] if there is an answer already, [app.ErrQuota] if the
// customer may not store it, [app.ErrNotFound] if the customer is gone.
func (s *Store) SaveAnswer(ctx context.Context, customerID string, quota int64, a app.Answer) error {
	var allowed, saved, state bool
	save := func(ctx context.Context) error {
		return s.db.QueryRowContext(ctx, insertAnswerSQL, customerID, a.Key, a.Fingerprint[:], a.Status, a.Version, string(a.Body),
			a.Bytes(), quota).Scan(&allowed, &saved, &state)
	}
	err := s.once(ctx, save)
	if err == nil && !state {
		// The previous version created the customer.
		if err = s.ensureState(ctx, customerID); err == nil {
			err = s.once(ctx, save)
		}
	}
	switch {
	case err != nil:
		return classify(err)
	case !state:
		return app.ErrNotFound
	case !allowed:
		return app.ErrQuota
	case !saved:
		return app.ErrChanged
	}
	return nil
}

// A batch at a time: what a statement deletes is bounded. $1 age in seconds, $2 batch size, $3 bytes of an answer's row.
const deleteExpiredAnswersSQL = `
WITH expired AS (
    DELETE FROM idempotency_keys WHERE (customer_id, key) IN (
        SELECT customer_id, key FROM idempotency_keys WHERE created_at < now() - make_interval(secs => $1)
        ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING customer_id, $3::int + length(key) + octet_length(answer) AS bytes
), freed AS (
    SELECT customer_id, sum(bytes) AS bytes FROM expired GROUP BY customer_id
), counted AS (
    UPDATE customer_state s SET history_bytes = greatest(0, history_bytes - freed.bytes) FROM freed WHERE s.customer_id = freed.customer_id
)
SELECT count(*) FROM expired`

// DeleteExpiredAnswers deletes the answers that have been kept for 24 hours, and says how many. Until then they stay.
func (s *Store) DeleteExpiredAnswers(ctx context.Context) (deleted int64, err error) {
	const batch = 500
	for {
		var n int64
		if err := s.loading.GetContext(ctx, &n, deleteExpiredAnswersSQL, idempotencyTTL.Seconds(), batch, app.RowBytes); err != nil {
			return deleted, classify(err)
		}
		deleted += n
		if n < batch {
			return deleted, nil
		}
	}
}

// isAnswered says whether a statement failed because the idempotency key has an answer already.
func isAnswered(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && pqErr.Code == "23505" && pqErr.Table == "idempotency_keys"
}
