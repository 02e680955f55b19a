-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for a lock: a replica of the previous version keeps serving. [migrate] tries again when it was
-- not free.
SET lock_timeout = '2s';

-- What people decided of records: that they are the same thing, or that no two of them are. They stay when platforms are connected again.
CREATE TABLE IF NOT EXISTS match_decisions (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    version     bigint      NOT NULL, -- of the customer's objects that it made
    id          text        NOT NULL,
    entity_type text        NOT NULL,
    same        boolean     NOT NULL,
    records     jsonb       NOT NULL, -- [{"Platform","PlatformID"}]
    note        text        NOT NULL,
    actor       jsonb       NOT NULL, -- as it was then
    decided_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, id),
    UNIQUE (customer_id, version)
);

-- Other records that an object could be as well, as they were computed from a version of the customer's objects.
CREATE TABLE IF NOT EXISTS match_suggestions (
    customer_id  uuid  NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    canonical_id text  NOT NULL,
    state        text  NOT NULL, -- suggested or ambiguous
    candidates   json  NOT NULL,
    PRIMARY KEY (customer_id, canonical_id)
);

ALTER TABLE customer_state
    ADD COLUMN IF NOT EXISTS suggested_version bigint,      -- of the objects from which the suggestions were computed; null: never
    ADD COLUMN IF NOT EXISTS suggested_at      timestamptz;

-- Why the records of an object are one. Null: it has one record, or the previous version wrote the row.
ALTER TABLE canonical_objects ADD COLUMN IF NOT EXISTS reason json;

-- The decision that an entry of the history is about; null: a change was propagated.
ALTER TABLE changes ADD COLUMN IF NOT EXISTS decision json;

RESET lock_timeout;

-- +goose Down
ALTER TABLE changes DROP COLUMN decision;
ALTER TABLE canonical_objects DROP COLUMN reason;
ALTER TABLE customer_state DROP COLUMN suggested_version, DROP COLUMN suggested_at;
DROP TABLE match_suggestions, match_decisions;
