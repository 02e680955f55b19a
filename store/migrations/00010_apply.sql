-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for a lock: a replica of the previous version keeps serving. [migrate] tries again when it was
-- not free.
SET lock_timeout = '2s';

-- What records are matched by: their business keys as they are compared, and the records that they refer to. So the records that
-- another one can be one with are found without reading any.
CREATE TABLE IF NOT EXISTS record_keys (
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform    text NOT NULL,
    entity_type text NOT NULL,
    platform_id text NOT NULL,
    key         text NOT NULL, -- which key, and a digest of its value
    scope       text NOT NULL, -- the minted id of the record within whose object the key counts; empty: it says none
    PRIMARY KEY (customer_id, platform, entity_type, platform_id, key)
);

CREATE INDEX IF NOT EXISTS record_keys_key ON record_keys (customer_id, entity_type, key);

CREATE TABLE IF NOT EXISTS record_references (
    customer_id uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform    text NOT NULL,
    entity_type text NOT NULL,
    platform_id text NOT NULL,
    refers_to   text NOT NULL, -- the minted id of the record that it refers to
    PRIMARY KEY (customer_id, platform, entity_type, platform_id, refers_to)
);

CREATE INDEX IF NOT EXISTS record_references_refers_to ON record_references (customer_id, refers_to);

-- The version in which an object was matched by these. Null in rows that the previous version wrote: all of such a customer's records are
-- matched again, once. Where it differs from version, the object's records were changed since.
ALTER TABLE canonical_objects ADD COLUMN IF NOT EXISTS matched_version bigint;

CREATE INDEX IF NOT EXISTS canonical_objects_unmatched ON canonical_objects (customer_id) WHERE matched_version IS DISTINCT FROM version;

-- Imports of a platform's records. One that runs has the connection to itself.
CREATE TABLE IF NOT EXISTS imports (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    id          text        NOT NULL,
    platform    text        NOT NULL,
    entity_type text        NOT NULL,
    status      text        NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(), -- one that runs and is not updated any more belongs to a program that has ended
    received    bigint      NOT NULL DEFAULT 0,
    applied     bigint      NOT NULL DEFAULT 0,
    rejected    bigint      NOT NULL DEFAULT 0,
    errors      json        NOT NULL DEFAULT '[]', -- the first lines that were rejected
    PRIMARY KEY (customer_id, id)
);

CREATE UNIQUE INDEX IF NOT EXISTS imports_running ON imports (customer_id, platform) WHERE status = 'running';

RESET lock_timeout;

-- +goose Down
DROP INDEX canonical_objects_unmatched;
ALTER TABLE canonical_objects DROP COLUMN matched_version;
DROP TABLE imports, record_references, record_keys;
