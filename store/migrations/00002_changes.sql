-- +goose Up

-- A version is never used again, even when connecting a platform anew replaces all objects: what was read before must
-- not be taken for what is there now. So a new object's is the time in microseconds, which no counting catches up with.
ALTER TABLE canonical_objects ALTER COLUMN version SET DEFAULT (extract(epoch FROM now()) * 1000000)::bigint;

-- What was propagated to an object: written with the change, and kept when its platforms are connected again.
CREATE TABLE changes (
    customer_id  uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    canonical_id text        NOT NULL,
    version      bigint      NOT NULL, -- the one that the change made
    changed_at   timestamptz NOT NULL DEFAULT now(),
    request_id   text        NOT NULL,
    key_id       uuid        NOT NULL, -- not a reference: the history outlives the key
    mode         text        NOT NULL,
    platform     text        NOT NULL, -- in whose words the change was stated; empty: in canonical fields
    changes      json        NOT NULL,
    platforms    json        NOT NULL,
    PRIMARY KEY (customer_id, canonical_id, version)
);

-- The first answer to each request that came with an Idempotency-Key.
CREATE TABLE idempotency_keys (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    key         text        NOT NULL,
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32), -- SHA-256 of the request
    status      smallint    NOT NULL,
    version     bigint      NOT NULL, -- of the object, as the answer's ETag has it; 0: there is none
    answer      text        NOT NULL, -- the body, or of an error the message
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, key)
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys, changes;
ALTER TABLE canonical_objects ALTER COLUMN version SET DEFAULT 1;
