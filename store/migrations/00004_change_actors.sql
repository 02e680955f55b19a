-- +goose NO TRANSACTION
-- +goose Up

-- Can run again, and does not wait long for the lock: a replica of the previous version keeps serving. [migrate] tries again
-- when it was not free.
SET lock_timeout = '2s';

-- Who made a change, besides key_id and mode. Null in rows that the previous version wrote: a key made those.
ALTER TABLE changes
    ADD COLUMN IF NOT EXISTS actor_kind text,
    ADD COLUMN IF NOT EXISTS actor_name text; -- as it was when the change was made; null: it had none

RESET lock_timeout;

-- +goose Down
ALTER TABLE changes DROP COLUMN actor_kind, DROP COLUMN actor_name;
