-- +goose Up

-- Customers and keys are found without knowing the customer, so they are not sharded.
CREATE TABLE customers (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    mode       text        NOT NULL CHECK (mode IN ('demo', 'test', 'live')),
    name       text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The sweeper looks for demo customers by age.
CREATE INDEX customers_demo_created_at ON customers (created_at) WHERE mode = 'demo';

CREATE TABLE api_keys (
    hash        bytea       PRIMARY KEY CHECK (octet_length(hash) = 32),
    id          uuid        NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    mode        text        NOT NULL CHECK (mode IN ('demo', 'test', 'live')),
    name        text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

CREATE INDEX api_keys_customer_id ON api_keys (customer_id);

-- All that a customer owns: the primary key starts with customer_id, so that each table can be
-- sharded by it, and every row goes with its customer.
CREATE TABLE connections (
    customer_id  uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform     text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('seeding', 'active', 'error')),
    connected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, platform)
);

-- A platform's record as it came: json, not jsonb, which drops key order and rewrites numbers.
CREATE TABLE platform_objects (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform    text        NOT NULL,
    entity_type text        NOT NULL,
    platform_id text        NOT NULL,
    payload     json        NOT NULL,
    -- What the payload does not say of a Procore contract: WorkOrderContract or PurchaseOrderContract. Else empty.
    commitment_type text    NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, platform, entity_type, platform_id)
);

-- The order of lists: ids that are numbers in the order of numbers.
CREATE INDEX platform_objects_listed ON platform_objects
    (customer_id, platform, entity_type, length(platform_id), platform_id COLLATE "C");

CREATE TABLE canonical_objects (
    customer_id uuid        NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    id          text        NOT NULL,
    entity_type text        NOT NULL,
    document    json        NOT NULL,
    version     bigint      NOT NULL DEFAULT 1,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, id)
);

-- Which platform record is which canonical object. Loading writes both sides in the same transaction, so that foreign keys
-- between them would only cost: each is a look-up for every row.
CREATE TABLE entity_mappings (
    customer_id  uuid NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    platform     text NOT NULL,
    entity_type  text NOT NULL,
    platform_id  text NOT NULL,
    canonical_id text NOT NULL,
    -- The id that the record would have on its own. It keeps resolving to the canonical object.
    minted_id    text NOT NULL,
    PRIMARY KEY (customer_id, platform, entity_type, platform_id)
);

CREATE INDEX entity_mappings_canonical_id ON entity_mappings (customer_id, canonical_id);
CREATE INDEX entity_mappings_minted_id ON entity_mappings (customer_id, minted_id) WHERE minted_id <> canonical_id;

-- +goose Down
DROP TABLE entity_mappings, canonical_objects, platform_objects, connections, api_keys, customers;
