-- +goose NO TRANSACTION
-- +goose Up

-- Each statement can run again, and none waits long for a lock: a replica of the previous version keeps serving. [migrate]
-- tries again when a lock was not free.
SET lock_timeout = '2s';

-- One row for each customer: the lock that separates connecting a platform (FOR UPDATE) from changes (FOR KEY SHARE), and
-- the counters that both keep.
CREATE TABLE IF NOT EXISTS customer_state (
    customer_id   uuid   PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    version       bigint NOT NULL DEFAULT 0, -- the highest that an object of the customer ever had; 0: not known yet
    record_bytes  bigint NOT NULL DEFAULT 0, -- of platforms' records and canonical objects
    history_bytes bigint NOT NULL DEFAULT 0  -- of changes and of answers to idempotency keys
);

INSERT INTO customer_state (customer_id) SELECT id FROM customers ON CONFLICT DO NOTHING;

-- A customer whose deletion was answered. Its rows go in pieces; until they are gone, no statement reaches them.
CREATE TABLE IF NOT EXISTS deleted_customers (
    customer_id uuid        PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    deleted_at  timestamptz NOT NULL DEFAULT now()
);

-- What SQL needs to know of a document is kept next to it, so that SQL never parses one. All of it is null in rows that the
-- previous version wrote, and out of date where derived_version differs from version.
ALTER TABLE canonical_objects
    ADD COLUMN IF NOT EXISTS refers_to       text[],  -- ids of the objects that the document refers to
    ADD COLUMN IF NOT EXISTS kept            json,    -- what the document says beyond the words of its records; null: nothing
    ADD COLUMN IF NOT EXISTS derived_version bigint,  -- the version that refers_to and kept belong to
    ADD COLUMN IF NOT EXISTS bytes           integer; -- size of the document

ALTER TABLE platform_objects ADD COLUMN IF NOT EXISTS bytes integer; -- size of the payload

ALTER TABLE changes ADD COLUMN IF NOT EXISTS bytes integer; -- size of changes and platforms together

-- Being connected and how the last run of connecting went are two facts: status is the first.
ALTER TABLE connections
    ADD COLUMN IF NOT EXISTS last_run    text CHECK (last_run IN ('running', 'succeeded', 'failed')),
    ADD COLUMN IF NOT EXISTS last_run_at timestamptz;

-- The previous version marked a connected platform as failed when connecting it again failed. Its records are still there.
UPDATE connections c SET status = 'active', last_run = 'failed'
WHERE status = 'error' AND EXISTS (
    SELECT FROM platform_objects p WHERE p.customer_id = c.customer_id AND p.platform = c.platform);

-- Where a demo session was opened from: an IPv4 /24 or an IPv6 /48, so that no network opens them all.
ALTER TABLE customers ADD COLUMN IF NOT EXISTS network text;

CREATE INDEX IF NOT EXISTS customers_demo_network ON customers (network) WHERE mode = 'demo';

-- Work on stored rows that a new version does once, in pieces, after its start.
CREATE TABLE IF NOT EXISTS finished_tasks (
    task        text        PRIMARY KEY,
    finished_at timestamptz NOT NULL DEFAULT now()
);

RESET lock_timeout;

-- +goose Down
DROP TABLE finished_tasks, deleted_customers, customer_state;
DROP INDEX customers_demo_network;
ALTER TABLE customers DROP COLUMN network;
ALTER TABLE connections DROP COLUMN last_run, DROP COLUMN last_run_at;
ALTER TABLE changes DROP COLUMN bytes;
ALTER TABLE platform_objects DROP COLUMN bytes;
ALTER TABLE canonical_objects DROP COLUMN refers_to, DROP COLUMN kept, DROP COLUMN derived_version, DROP COLUMN bytes;
