-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for a lock: a replica of the previous version keeps serving. [migrate] tries again when it was
-- not free.
SET lock_timeout = '2s';

-- What the report needs of an object and its records is kept next to it, so that the report reads no document. All of it is null in rows
-- that the previous version wrote, and out of date where compared_version differs from version: it is computed again then.
ALTER TABLE canonical_objects
    ADD COLUMN IF NOT EXISTS compared         json,    -- label, references, date, amounts, differences
    ADD COLUMN IF NOT EXISTS disagrees        boolean, -- whether there are differences
    ADD COLUMN IF NOT EXISTS compared_version bigint;  -- the version that both belong to

-- Differences that somebody accepted. Each is that of the object whose id is canonical_id, or that has a record which had this id as
-- minted_id: it outlives a reload. It counts for as long as both platforms say what they said then.
CREATE TABLE IF NOT EXISTS accepted_differences (
    customer_id  uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    canonical_id text        NOT NULL,
    field        text        NOT NULL, -- JSON pointer
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    stamp        text        NOT NULL, -- of the values as they were
    note         text,
    key_id       uuid        NOT NULL, -- who accepted it
    key_name     text,
    accepted_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, canonical_id, field),
    UNIQUE (customer_id, id)
);

RESET lock_timeout;

-- +goose Down
DROP TABLE accepted_differences;
ALTER TABLE canonical_objects DROP COLUMN compared, DROP COLUMN disagrees, DROP COLUMN compared_version;
