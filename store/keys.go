package store

import (
	"context"
	"time"
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

// FindKey returns the key with that SHA-256, or [ErrNotFound] if there is none or it is revoked.
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

const revokeKeySQL = `UPDATE api_keys SET revoked_at = now() WHERE id::text = $1 AND revoked_at IS NULL`

// RevokeKey makes a key useless at once. [ErrNotFound] if no unrevoked key has that id.
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
		return ErrNotFound
	}
	return nil
}
