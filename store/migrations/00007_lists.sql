-- +goose NO TRANSACTION
-- +goose Up

-- Each statement can run again. Indexes are built beside whoever reads and writes: a replica of the previous version keeps serving, and
-- what it writes is in them. One that was not finished is dropped and built anew.

-- A text at the top of a document; null if there is none. Text that PostgreSQL cannot read, U+0000 and half of a surrogate pair, which
-- an earlier version stored, is read as U+FFFD, as the program reads it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION document_text(document json, field text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN document ->> field;
EXCEPTION WHEN untranslatable_character OR invalid_text_representation THEN
    RETURN regexp_replace(document::text, '\\u(0000|[dD][89a-fA-F]..)', '\\ufffd', 'g')::json ->> field;
END
$$;
-- +goose StatementEnd

-- What lists may be filtered by, each in the order of ids.
DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_listed;
CREATE INDEX CONCURRENTLY canonical_objects_listed ON canonical_objects (customer_id, entity_type, id COLLATE "C");

DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_project_id;
CREATE INDEX CONCURRENTLY canonical_objects_project_id ON canonical_objects
    (customer_id, entity_type, document_text(document, 'project_id'), id COLLATE "C");

DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_contract_id;
CREATE INDEX CONCURRENTLY canonical_objects_contract_id ON canonical_objects
    (customer_id, entity_type, document_text(document, 'contract_id'), id COLLATE "C");

DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_customer_id;
CREATE INDEX CONCURRENTLY canonical_objects_customer_id ON canonical_objects
    (customer_id, entity_type, document_text(document, 'customer_id'), id COLLATE "C");

DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_status;
CREATE INDEX CONCURRENTLY canonical_objects_status ON canonical_objects
    (customer_id, entity_type, document_text(document, 'status'), id COLLATE "C");

-- In the order of changes.
DROP INDEX CONCURRENTLY IF EXISTS canonical_objects_updated_at;
CREATE INDEX CONCURRENTLY canonical_objects_updated_at ON canonical_objects (customer_id, entity_type, updated_at, id COLLATE "C");

-- +goose Down
DROP INDEX canonical_objects_updated_at, canonical_objects_status, canonical_objects_customer_id, canonical_objects_contract_id,
    canonical_objects_project_id, canonical_objects_listed;
DROP FUNCTION document_text;
