package store

import (
	"context"
	"time"

	"structural.app/structural/app"
)

// Key is an API key as it is kept: its hash, and whose it is.
type Key struct {
	Hash       []byte `db:"hash"` // SHA-256 of the key
	ID         string `db:"id"`   // a UUID, by which the key can be told without being known
	CustomerID string `db:"customer_id"`
	Mode       Mode   `db:"mode"`
	Name       string `db:"name"` // what people call it; empty: it has none
}

const selectKeySQL = `SELECT hash, id, customer_id, mode, name FROM api_keys WHERE hash = $1 AND revoked_at IS NULL`

// FindKey returns the key with that SHA-256, or [app.ErrNotFound] if there is none or it is revoked.
func (s *Store) FindKey(ctx context.Context, hash [32]byte) (Key, error) {
	var key Key
	err := s.retry(ctx, func(ctx context.Context) error {
		// Scanned by hand: this runs for every request, and need not look at a struct's tags.
		return s.selectKey.QueryRowContext(ctx, hash[:]).Scan(&key.Hash, &key.ID, &key.CustomerID, &key.Mode, &key.Name)
	})
	return key, err
}

// KeyInfo is what can be told of a key; the key itself can't.
type KeyInfo struct {
	ID         string     `db:"id"` // a UUID, to revoke the key by
	CustomerID string     `db:"customer_id"`
	Mode       Mode       `db:"mode"`
	Name       string     `db:"name"`
	CreatedAt  time.Time  `db:"created_at"`
	RevokedAt  *time.Time `db:"revoked_at"`
}

const selectKeysSQL = `
SELECT id, customer_id, mode, name, created_at, revoked_at FROM api_keys
WHERE mode <> 'demo'
ORDER BY created_at, id`

// ListKeys returns all test and live keys, the oldest first, revoked ones included. Demo keys come and go by the API.
func (s *Store) ListKeys(ctx context.Context) ([]KeyInfo, error) {
	var keys []KeyInfo
	err := s.retry(ctx, func(ctx context.Context) error {
		keys = nil
		return s.db.SelectContext(ctx, &keys, selectKeysSQL)
	})
	return keys, err
}

const findKeyInfoSQL = `
SELECT id, customer_id, mode, name, created_at, revoked_at FROM api_keys
WHERE id::text = $1 AND mode <> 'demo' AND revoked_at IS NULL`

// FindKeyInfo returns the unrevoked test or live key with that id, or [app.ErrNotFound].
func (s *Store) FindKeyInfo(ctx context.Context, keyID string) (key KeyInfo, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &key, findKeyInfoSQL, keyID)
	})
	return key, err
}

const insertKeySQL = `
INSERT INTO api_keys (hash, customer_id, mode, name)
SELECT $2, id, mode, $3 FROM customers c
WHERE id::text = $1 AND NOT EXISTS (SELECT FROM deleted_customers d WHERE d.customer_id = c.id)
ON CONFLICT (hash) DO NOTHING`

// CreateKey adds a key to a customer, of the customer's mode. keyHash is the key's SHA-256. [app.ErrNotFound] if there is no such
// customer.
func (s *Store) CreateKey(ctx context.Context, customerID, name string, keyHash [32]byte) error {
	return s.retry(ctx, func(ctx context.Context) error {
		result, err := s.db.ExecContext(ctx, insertKeySQL, customerID, keyHash[:], name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		// A run whose connection broke may have added it already.
		var there int
		return s.db.GetContext(ctx, &there, `SELECT 1 FROM api_keys WHERE hash = $1`, keyHash[:])
	})
}

// A second run finds what the first one has done.
const rotateKeySQL = `
WITH old AS (
    UPDATE api_keys SET revoked_at = now() WHERE id::text = $1 AND mode <> 'demo' AND revoked_at IS NULL
    RETURNING customer_id, mode, name
), new AS (
    INSERT INTO api_keys (hash, customer_id, mode, name) SELECT $2, customer_id, mode, name FROM old
    RETURNING id, customer_id, mode, name, created_at, revoked_at
)
SELECT * FROM new
UNION ALL
SELECT id, customer_id, mode, name, created_at, revoked_at FROM api_keys WHERE hash = $2`

// RotateKey puts a new key in the place of a test or live key, and revokes that one at once. keyHash is the new key's SHA-256.
// [app.ErrNotFound] if no unrevoked key has that id.
func (s *Store) RotateKey(ctx context.Context, keyID string, keyHash [32]byte) (key KeyInfo, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &key, rotateKeySQL, keyID, keyHash[:])
	})
	return key, err
}

const revokeKeySQL = `UPDATE api_keys SET revoked_at = now() WHERE id::text = $1 AND revoked_at IS NULL`

// RevokeKey makes a key useless at once. [app.ErrNotFound] if no unrevoked key has that id.
func (s *Store) RevokeKey(ctx context.Context, keyID string) error {
	var revoked int64
	if err := s.once(ctx, func(ctx context.Context) error {
		result, err := s.db.ExecContext(ctx, revokeKeySQL, keyID)
		if err == nil {
			revoked, err = result.RowsAffected()
		}
		return err
	}); err != nil {
		return classify(err)
	}
	if revoked == 0 {
		return app.ErrNotFound
	}
	return nil
}
