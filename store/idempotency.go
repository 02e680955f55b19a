package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lib/pq"
)

// idempotencyTTL is how long the answer to an Idempotency-Key is kept at least: until it is swept.
const idempotencyTTL = 24 * time.Hour

// Answer is the first answer to a request with an Idempotency-Key.
type Answer struct {
	Key         string
	Fingerprint [32]byte // SHA-256 of the request
	Status      int      // of HTTP
	Version     int64    // of the object, as the ETag has it; 0: the answer has none
	Body        []byte   // of an error, its message
}

// scannedAnswer is a row of idempotency_keys, or none.
type scannedAnswer struct {
	fingerprint, body []byte
	status, version   sql.NullInt64
}

func (a *scannedAnswer) value() *Answer {
	if !a.status.Valid {
		return nil
	}
	answer := &Answer{Status: int(a.status.Int64), Version: a.version.Int64, Body: a.body}
	copy(answer.Fingerprint[:], a.fingerprint)
	return answer
}

const insertAnswerSQL = `
INSERT INTO idempotency_keys (customer_id, key, fingerprint, status, version, answer) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (customer_id, key) DO NOTHING`

// SaveAnswer keeps the answer to a request that changed nothing. [ErrChanged] if there is an answer already.
func (s *Store) SaveAnswer(ctx context.Context, customerID string, a Answer) error {
	result, err := s.db.ExecContext(ctx, insertAnswerSQL, customerID, a.Key, a.Fingerprint[:], a.Status, a.Version, string(a.Body))
	if err != nil {
		return classify(err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return classify(err)
	} else if n == 0 {
		return ErrChanged
	}
	return nil
}

const deleteExpiredAnswersSQL = `DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(secs => $1)`

// DeleteExpiredAnswers deletes the answers that have been kept for 24 hours, and says how many. Until then they stand.
func (s *Store) DeleteExpiredAnswers(ctx context.Context) (deleted int64, err error) {
	result, err := s.db.ExecContext(ctx, deleteExpiredAnswersSQL, idempotencyTTL.Seconds())
	if err != nil {
		return 0, classify(err)
	}
	deleted, err = result.RowsAffected()
	return deleted, classify(err)
}

// isAnswered says whether a statement failed because the idempotency key has an answer already.
func isAnswered(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && pqErr.Code == "23505" && pqErr.Table == "idempotency_keys"
}
