package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"structural.app/structural/app"
)

// Mode is the environment that a customer and its keys belong to.
type Mode = app.Mode

// The modes of keys, as the prefix of the key names them: sk_demo_, sk_test_, sk_live_.
const (
	ModeDemo = app.ModeDemo
	ModeTest = app.ModeTest
	ModeLive = app.ModeLive
)

// ErrTooManySessions says that as many demo sessions are alive as may be, [ErrTooManyFromNetwork] that one network has opened
// as many as it may.
var (
	ErrTooManySessions    = errors.New("too many demo sessions")
	ErrTooManyFromNetwork = errors.New("too many demo sessions of one network")
)

// One statement, one round trip, and nothing to roll back. $1 mode, $2 name, $3 SHA-256 of the key, $4 network, $5 how many
// demo customers a network may have.
const insertCustomerSQL = `
WITH customer AS (
    INSERT INTO customers (mode, name, network)
    SELECT $1, $2, nullif($4, '')
    WHERE $4 = '' OR $5 = 0 OR $5 > (
        SELECT count(*) FROM (
            SELECT FROM customers c WHERE c.mode = 'demo' AND c.network = $4
                AND NOT EXISTS (SELECT FROM deleted_customers d WHERE d.customer_id = c.id)
            LIMIT $5) AS alive)
    RETURNING id
), state AS (
    INSERT INTO customer_state (customer_id) SELECT id FROM customer
)
INSERT INTO api_keys (hash, customer_id, mode, name)
SELECT $3, id, $1, $2 FROM customer
RETURNING customer_id`

// CreateCustomer adds a customer with its first key and returns the customer's id, a UUID. keyHash is the key's SHA-256.
func (s *Store) CreateCustomer(ctx context.Context, mode Mode, name string, keyHash [32]byte) (customerID string, err error) {
	// A second run after a broken connection may leave a first customer behind, with a key that no one was given: harmless,
	// and the sweeper takes it if it is a demo customer.
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.insertCustomer.QueryRowContext(ctx, string(mode), name, keyHash[:], "", 0).Scan(&customerID)
	})
	return customerID, err
}

// Customer is a customer, with counts of what it has.
type Customer struct {
	ID          string    `db:"id"` // a UUID
	Mode        Mode      `db:"mode"`
	Name        string    `db:"name"` // empty for demo customers
	CreatedAt   time.Time `db:"created_at"`
	Keys        int       `db:"keys"`         // those that are not revoked
	Connections int       `db:"connections"`  // the platforms that are connected
	StoredBytes int64     `db:"stored_bytes"` // records, objects, history and answers to idempotency keys
}

const selectCustomersSQL = `
SELECT id, mode, name, created_at,
    (SELECT count(*) FROM api_keys k WHERE k.customer_id = c.id AND k.revoked_at IS NULL) AS keys,
    (SELECT count(*) FROM connections n WHERE n.customer_id = c.id AND n.status = 'active') AS connections,
    coalesce(s.record_bytes + s.history_bytes, 0) AS stored_bytes
FROM customers c LEFT JOIN customer_state s ON s.customer_id = c.id
WHERE ($1 = '' OR id::text = $1) AND ($2 = '' OR mode = $2)
    AND NOT EXISTS (SELECT FROM deleted_customers d WHERE d.customer_id = c.id)
ORDER BY created_at, id`

// ListCustomers returns the customers of a mode, or of all with "", the oldest first. Deleted ones are left out.
func (s *Store) ListCustomers(ctx context.Context, mode Mode) (customers []Customer, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		customers = nil
		return s.db.SelectContext(ctx, &customers, selectCustomersSQL, "", string(mode))
	})
	return customers, err
}

// FindCustomer returns a customer, or [app.ErrNotFound] if there is none with that id or it is deleted.
func (s *Store) FindCustomer(ctx context.Context, customerID string) (customer Customer, err error) {
	if customerID == "" {
		return customer, app.ErrNotFound
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &customer, selectCustomersSQL, customerID, "")
	})
	return customer, err
}

// DemoLimits is how many demo customers may be alive; 0 is without a limit.
type DemoLimits struct {
	Sessions   int // in all
	PerNetwork int
}

// CreateDemoCustomer is [Store.CreateCustomer] for a demo customer that is opened from a network, such as "203.0.113.0/24". The
// error is [ErrTooManySessions] or [ErrTooManyFromNetwork] when no more may be opened.
func (s *Store) CreateDemoCustomer(ctx context.Context, network string, limits DemoLimits, keyHash [32]byte) (customerID string, err error) {
	if limits.Sessions > 0 {
		count := func() (int, error) { return s.countDemoCustomers(ctx, limits.Sessions) }
		if err := s.demoCustomers.admit(limits.Sessions, count); err != nil {
			return "", err
		}
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.insertCustomer.QueryRowContext(ctx, string(ModeDemo), "", keyHash[:], network, limits.PerNetwork).Scan(&customerID)
	})
	if errors.Is(err, app.ErrNotFound) {
		err = ErrTooManyFromNetwork
	}
	return customerID, err
}

const countDemoCustomersSQL = `
SELECT count(*) FROM (
    SELECT FROM customers c
    WHERE mode = 'demo' AND NOT EXISTS (SELECT FROM deleted_customers d WHERE d.customer_id = c.id) LIMIT $1) AS alive`

func (s *Store) countDemoCustomers(ctx context.Context, limit int) (n int, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		return s.db.GetContext(ctx, &n, countDemoCustomersSQL, limit)
	})
	return n, err
}

// demoCounter knows about how many demo customers are alive. Counting them takes as long as there are many, so that it is done
// once a second, and again before anyone is refused. Nobody waits for another request that counts.
type demoCounter struct {
	mu       sync.Mutex
	alive    int
	counted  time.Time
	counting bool
}

// admit counts one more in, or returns [ErrTooManySessions].
func (c *demoCounter) admit(limit int, count func() (int, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.counting && (c.alive >= limit || time.Since(c.counted) > time.Second) {
		c.counting = true
		c.mu.Unlock()
		alive, err := count()
		c.mu.Lock()
		if c.counting = false; err != nil {
			return err
		}
		c.alive, c.counted = alive, time.Now()
	}
	if c.alive >= limit {
		return ErrTooManySessions
	}
	c.alive++
	return nil
}

// A customer is deleted when this is committed: its keys open nothing, and no statement reaches its rows any more. They go
// later, in pieces. The insertion waits for nobody, not even for a platform that is being connected.
const markDeletedSQL = `
WITH keys AS (
    UPDATE api_keys SET revoked_at = now() WHERE customer_id = $1 AND revoked_at IS NULL
)
INSERT INTO deleted_customers (customer_id) SELECT id FROM customers WHERE id = $1 ON CONFLICT DO NOTHING`

// DeleteCustomer revokes the customer's keys and hides all that it owns, at once. [Store.PurgeDeleted] deletes the rows.
// Deleting one that is gone is no error.
func (s *Store) DeleteCustomer(ctx context.Context, customerID string) error {
	return s.retry(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, markDeletedSQL, customerID)
		return err
	})
}

// A batch at a time. $1 age in seconds, $2 batch size.
const markExpiredSQL = `
WITH expired AS (
    SELECT id FROM customers c
    WHERE mode = 'demo' AND created_at < now() - make_interval(secs => $1)
        AND NOT EXISTS (SELECT FROM deleted_customers d WHERE d.customer_id = c.id)
    ORDER BY created_at LIMIT $2
), keys AS (
    UPDATE api_keys SET revoked_at = now() WHERE customer_id IN (SELECT id FROM expired) AND revoked_at IS NULL
)
INSERT INTO deleted_customers (customer_id) SELECT id FROM expired ON CONFLICT DO NOTHING`

// DeleteExpiredDemoCustomers deletes the demo customers that are older than ttl, as [Store.DeleteCustomer] does, and says how
// many.
func (s *Store) DeleteExpiredDemoCustomers(ctx context.Context, ttl time.Duration) (deleted int64, err error) {
	const batch = 100
	for {
		result, err := s.loading.ExecContext(ctx, markExpiredSQL, ttl.Seconds(), batch)
		if err != nil {
			return deleted, classify(err)
		}
		n, err := result.RowsAffected()
		if err != nil || n == 0 {
			return deleted, classify(err)
		}
		deleted += n
	}
}

const (
	// One that could not be purged comes after the others. $1: those that this run has tried already.
	nextDeletedSQL = `
SELECT customer_id FROM deleted_customers WHERE NOT customer_id = ANY ($1) ORDER BY deleted_at, customer_id LIMIT 1`

	// Whoever connects a platform holds the customer's row. Nobody begins to once the customer is deleted.
	lockDeletedSQL = `SELECT id FROM customers WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED`

	deleteRestSQL = `DELETE FROM customers WHERE id = $1`
)

// purgedTables are the tables whose rows may be many.
var purgedTables = []string{
	"platform_objects", "entity_mappings", "record_keys", "record_references", "canonical_objects", "changes", "idempotency_keys",
	"match_decisions", "match_suggestions", "accepted_differences",
}

// PurgeDeleted deletes the rows of deleted customers, one customer after the other, and says how many customers are gone. One
// that fails does not stop the others; the error joins those of all that failed. Replicas may purge at the same time.
func (s *Store) PurgeDeleted(ctx context.Context) (purged int, err error) {
	tried := []string{}
	for ctx.Err() == nil {
		var id string
		switch next := s.loading.GetContext(ctx, &id, nextDeletedSQL, tried); {
		case errors.Is(next, sql.ErrNoRows):
			return purged, err
		case next != nil:
			return purged, errors.Join(err, classify(next))
		}
		gone, failure := s.purge(ctx, id)
		if gone {
			purged++
		} else {
			tried = append(tried, id)
		}
		err = errors.Join(err, classify(failure))
	}
	return purged, errors.Join(err, classify(ctx.Err()))
}

// purge deletes the rows of a deleted customer in pieces. It does nothing yet while a platform of it is being connected.
func (s *Store) purge(ctx context.Context, customerID string) (gone bool, err error) {
	var locked string
	if err := s.loading.GetContext(ctx, &locked, lockDeletedSQL, customerID); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return false, err
	}
	const batch = 1000
	for _, table := range purgedTables {
		// By the rows' places: whatever PostgreSQL knows of the table, it reads no more than a piece.
		statement := `DELETE FROM ` + table + ` WHERE customer_id = $1 AND ctid = ANY (ARRAY(
			SELECT ctid FROM ` + table + ` WHERE customer_id = $1 LIMIT $2))`
		for {
			result, err := s.loading.ExecContext(ctx, statement, customerID, batch)
			if err != nil {
				return false, err
			}
			if n, err := result.RowsAffected(); err != nil {
				return false, err
			} else if n < batch {
				break
			}
		}
	}
	_, err = s.loading.ExecContext(ctx, deleteRestSQL, customerID)
	return err == nil, err
}
