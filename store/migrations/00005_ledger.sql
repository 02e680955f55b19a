-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for the lock: a replica of the previous version keeps serving. [migrate] tries again
-- when it was not free.
SET lock_timeout = '2s';

-- The side of the books that the customer's records are of: receivable or payable. Null: no platform was connected since this version,
-- and records that there are, are receivable.
ALTER TABLE customers ADD COLUMN IF NOT EXISTS ledger text;

RESET lock_timeout;

-- +goose Down
ALTER TABLE customers DROP COLUMN ledger;
