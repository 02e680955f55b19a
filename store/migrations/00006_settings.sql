-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for a lock: a replica of the previous version keeps serving. [migrate] tries again when it was
-- not free.
SET lock_timeout = '2s';

-- How documents are posted on a connection. They stay when the platform is connected again. A connection without a row has the
-- usual ones, as version 0.
CREATE TABLE IF NOT EXISTS connection_settings (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform    text        NOT NULL,
    settings    jsonb       NOT NULL,
    version     bigint      NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, platform)
);

RESET lock_timeout;

-- +goose Down
DROP TABLE connection_settings;
