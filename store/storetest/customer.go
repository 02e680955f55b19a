package storetest

import (
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// CustomerTables lists the tables with a customer_id, as the database knows them, but for the mark of a deleted customer.
func CustomerTables(t testing.TB, db *sqlx.DB) []string {
	t.Helper()
	var tables []string
	require.NoError(t, db.Select(&tables, `
		SELECT table_name FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'customer_id' AND table_name <> 'deleted_customers' ORDER BY table_name`))
	require.NotEmpty(t, tables)
	return tables
}

// FillCustomerTables gives a customer, who has a key, a row in each of the other tables with a customer_id.
func FillCustomerTables(t testing.TB, db *sqlx.DB, customerID string) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO customer_state (customer_id) VALUES ($1) ON CONFLICT DO NOTHING`,
		`INSERT INTO connections (customer_id, platform, status) VALUES ($1, 'procore', 'active')`,
		`INSERT INTO connection_settings (customer_id, platform, settings, version) VALUES ($1, 'procore', '{}', 1)`,
		`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload) VALUES ($1, 'procore', 'payment', '1823456', '{"id":1823456}')`,
		`INSERT INTO canonical_objects (customer_id, id, entity_type, document) VALUES ($1, 'pay_000000000000001', 'payment', '{}')`,
		`INSERT INTO entity_mappings (customer_id, platform, entity_type, platform_id, canonical_id, minted_id) VALUES ($1, 'procore', 'payment', '1823456', 'pay_000000000000001', 'pay_000000000000001')`,
		`INSERT INTO record_keys (customer_id, platform, entity_type, platform_id, key, scope) VALUES ($1, 'procore', 'payment', '1823456', '0:k', '')`,
		`INSERT INTO record_references (customer_id, platform, entity_type, platform_id, refers_to) VALUES ($1, 'procore', 'payment', '1823456', 'inv_000000000000001')`,
		`INSERT INTO match_decisions (customer_id, version, id, entity_type, same, records, note, actor) VALUES ($1, 1, 'dec_1', 'payment', true, '[]', '', '{}')`,
		`INSERT INTO match_suggestions (customer_id, canonical_id, state, candidates) VALUES ($1, 'pay_000000000000001', 'suggested', '[]')`,
		`INSERT INTO imports (customer_id, id, platform, entity_type, status) VALUES ($1, 'imp_000000000001', 'procore', 'payment', 'succeeded')`,
		`INSERT INTO changes (customer_id, canonical_id, version, request_id, key_id, mode, platform, changes, platforms) VALUES ($1, 'pay_000000000000001', 2, 'req_000000000001', $1, 'demo', '', '[]', '[]')`,
		`INSERT INTO idempotency_keys (customer_id, key, fingerprint, status, version, answer) VALUES ($1, 'k', sha256('k'), 200, 2, '{}')`,
		`INSERT INTO accepted_differences (customer_id, canonical_id, field, stamp, key_id) VALUES ($1, 'pay_000000000000001', '/amount', 's', $1)`,
	} {
		_, err := db.Exec(statement, customerID)
		require.NoError(t, err)
	}
	for _, table := range CustomerTables(t, db) {
		require.EqualValues(t, 1, CountRows(t, db, table, customerID), "%s: a new table needs a row above", table)
	}
}

// CountRows counts a customer's rows in a table.
func CountRows(t testing.TB, db *sqlx.DB, table, customerID string) (rows int) {
	t.Helper()
	require.NoError(t, db.Get(&rows, `SELECT count(*) FROM `+table+` WHERE customer_id = $1`, customerID))
	return rows
}
