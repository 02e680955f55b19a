package store

import (
	"context"
	"time"
)

// Mode is the environment that a customer and its keys belong to.
type Mode string

// The modes of keys, as the prefix of the key names them: sk_demo_, sk_test_, sk_live_.
const (
	ModeDemo Mode = "demo"
	ModeTest Mode = "test"
	ModeLive Mode = "live"
)

// One statement, one round trip, and nothing to roll back. $1 mode, $2 name, $3 SHA-256 of the key.
const insertCustomerSQL = `
WITH customer AS (
    INSERT INTO customers (mode, name) VALUES ($1, $2) RETURNING id
)
INSERT INTO api_keys (hash, customer_id, mode, name)
SELECT $3, id, $1, $2 FROM customer
RETURNING customer_id`

// CreateCustomer adds a customer with its first key and returns the customer's id, a UUID. keyHash is the key's SHA-256.
func (s *Store) CreateCustomer(ctx context.Context, mode Mode, name string, keyHash [32]byte) (customerID string, err error) {
	// A second run after a broken connection may leave a first customer behind, with a key that no one was given: harmless,
	// and the sweeper takes it if it is a demo customer.
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.insertCustomer.QueryRowContext(ctx, string(mode), name, keyHash[:]).Scan(&customerID)
	})
	return customerID, err
}

const deleteCustomerSQL = `DELETE FROM customers WHERE id = $1`

// DeleteCustomer deletes the customer with all that it owns. Deleting one that is gone is no error.
func (s *Store) DeleteCustomer(ctx context.Context, customerID string) error {
	return s.retry(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, deleteCustomerSQL, customerID)
		return err
	})
}

// A batch at a time, past the rows that another replica is deleting. $1 age in seconds, $2 batch size.
const deleteExpiredDemoCustomersSQL = `
DELETE FROM customers WHERE id IN (
    SELECT id FROM customers
    WHERE mode = 'demo' AND created_at < now() - make_interval(secs => $1)
    LIMIT $2 FOR UPDATE SKIP LOCKED
)`

// DeleteExpiredDemoCustomers deletes the demo customers that are older than ttl, with all that they own, and says how many.
func (s *Store) DeleteExpiredDemoCustomers(ctx context.Context, ttl time.Duration) (deleted int64, err error) {
	const batch = 100
	for {
		result, err := s.db.ExecContext(ctx, deleteExpiredDemoCustomersSQL, ttl.Seconds(), batch)
		if err != nil {
			return deleted, classify(err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return deleted, classify(err)
		}
		deleted += n
		if n < batch {
			return deleted, nil
		}
	}
}
