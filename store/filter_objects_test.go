package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// fillFiltered stores 20,000 invoices of a customer: 40 projects, 200 contracts, 400 partners, one in fifty is a draft, one in fifty has
// a record of one platform. Another customer has the same. They changed one after the other, a second apart.
func fillFiltered(t *testing.T, dsn string) (s *store.Store, customerID string) {
	t.Helper()
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	for i := range 2 {
		var err error
		customerID, err = s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{byte(i)})
		require.NoError(t, err)
		for _, statement := range []string{
			`INSERT INTO canonical_objects (customer_id, id, entity_type, document, bytes, updated_at) SELECT $1, 'inv_' || g, 'invoice', json_build_object(
				'project_id', 'proj_' || g % 40, 'contract_id', 'cor_' || g % 200, 'customer_id', 'cust_' || g % 400,
				'status', CASE g % 50 WHEN 0 THEN 'draft' ELSE 'approved' END, 'description', repeat(md5(g::text), 50)), 1700, '2026-01-01T00:00:00Z'::timestamptz + g * interval '1 s'
				FROM generate_series(1, 20000) g`,
			`INSERT INTO platform_objects (customer_id, platform, entity_type, platform_id, payload, bytes)
				SELECT $1, p, 'invoice', g, '{"id":1}', 8 FROM generate_series(1, 20000) g, unnest(ARRAY['procore', 'dynamics']) p WHERE p = 'procore' OR g % 50 <> 1`,
			`INSERT INTO entity_mappings (customer_id, platform, entity_type, platform_id, canonical_id, minted_id)
				SELECT customer_id, platform, entity_type, platform_id, 'inv_' || platform_id, 'inv_' || platform_id FROM platform_objects WHERE customer_id = $1`,
		} {
			db.MustExec(statement, customerID)
		}
	}
	return s, customerID
}

// A page of a filtered list reads what is on it, and not all that the customer has, whether or not PostgreSQL has statistics.
func TestFilteredListsReadNoMoreThanAPage(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, customerID := fillFiltered(t, dsn)
	project := []store.ReferenceFilter{{Field: "project_id", ID: "proj_7"}}
	both := []store.ReferenceFilter{{Field: "contract_id", ID: "cor_7"}, {Field: "project_id", ID: "proj_7"}}
	middle, late := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 5, 33, 0, 0, time.UTC)
	tests := map[string]struct {
		query store.FilterQuery
		most  int64 // blocks
	}{
		"all":                         {store.FilterQuery{}, 6000},
		"all, from the middle":        {store.FilterQuery{After: store.Position{ID: "inv_5"}}, 6000},
		"project":                     {store.FilterQuery{References: project}, 6000},
		"records of a project":        {store.FilterQuery{References: project, Platform: "procore", Record: true}, 6000},
		"contract and project":        {store.FilterQuery{References: both}, 6000},
		"rare status":                 {store.FilterQuery{Status: "draft"}, 6000},
		"frequent status":             {store.FilterQuery{Status: "approved"}, 6000},
		"since the middle":            {store.FilterQuery{ModifiedSince: middle}, 6000},
		"since lately":                {store.FilterQuery{ModifiedSince: late}, 6000},
		"one-sided of a project":      {store.FilterQuery{References: []store.ReferenceFilter{{Field: "project_id", ID: "proj_1"}}, State: store.StateOneSided}, 6000},
		"drafts of a project, none":   {store.FilterQuery{References: []store.ReferenceFilter{{Field: "project_id", ID: "proj_7"}}, Status: "draft"}, 6000},
		"matched":                     {store.FilterQuery{State: store.StateMatched}, 6000},
		"one-sided, as far as it may": {store.FilterQuery{State: store.StateOneSided}, 40000},
	}
	for _, statistics := range []string{"before", "after"} {
		if statistics == "after" {
			storetest.SQL(t, dsn).MustExec(`ANALYZE`)
		}
		read := map[string]int64{}
		for name, test := range tests {
			test.query.CustomerID, test.query.EntityType, test.query.Limit = customerID, "invoice", 100
			n := blocks(t, s, func() {
				_, err := s.FilterObjects(t.Context(), test.query)
				require.NoError(t, err)
			})
			assert.Less(t, n, test.most, "%s: %s statistics", name, statistics)
			read[name] = n
		}
		t.Logf("blocks read %s statistics: %v", statistics, read)
	}
}

// Every object that meets the filters is listed, each once, however few of those that are looked at do.
func TestFilteredListsAreWhole(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, customerID := fillFiltered(t, dsn)
	for name, test := range map[string]struct {
		query store.FilterQuery
		want  int
	}{
		"all":                  {store.FilterQuery{}, 20000},
		"project":              {store.FilterQuery{References: []store.ReferenceFilter{{Field: "project_id", ID: "proj_7"}}}, 500},
		"one-sided":            {store.FilterQuery{State: store.StateOneSided}, 400},
		"matched drafts":       {store.FilterQuery{State: store.StateMatched, Status: "draft"}, 400},
		"one-sided drafts":     {store.FilterQuery{State: store.StateOneSided, Status: "draft"}, 0},
		"changed drafts":       {store.FilterQuery{Status: "draft", ModifiedSince: time.Date(2026, 1, 1, 0, 2, 30, 0, time.UTC)}, 398},
		"records on one":       {store.FilterQuery{Platform: "dynamics", Record: true, Status: "approved"}, 19200},
		"since, of a contract": {store.FilterQuery{References: []store.ReferenceFilter{{Field: "contract_id", ID: "cor_7"}}, ModifiedSince: time.Date(2026, 1, 1, 0, 3, 28, 0, time.UTC)}, 98},
		"since":                {store.FilterQuery{ModifiedSince: time.Date(2026, 1, 1, 0, 3, 28, 0, time.UTC)}, 19793},
	} {
		for _, limit := range []int{1000, 777} {
			seen, pages := map[string]bool{}, 0
			for query := test.query; ; pages++ {
				query.CustomerID, query.EntityType, query.Limit = customerID, "invoice", limit
				page, err := s.FilterObjects(t.Context(), query)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Objects), limit)
				for _, o := range page.Objects {
					require.False(t, seen[o.CanonicalID], "%s: %s is there twice", name, o.CanonicalID)
					seen[o.CanonicalID] = true
				}
				if page.Next == nil {
					break
				}
				query.After = *page.Next
			}
			assert.Len(t, seen, test.want, name)
			t.Logf("%s: %d pages", name, pages+1)
		}
	}
}

// The migration builds its indexes on what there is, text that PostgreSQL cannot read included, and while a replica of the previous
// version writes: that is in them, too. What an end in between left is built anew.
func TestIndexesOfListsAreBuiltWhileOthersWrite(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "", [32]byte{1})
	require.NoError(t, err)
	db.MustExec(`DROP INDEX canonical_objects_updated_at, canonical_objects_status, canonical_objects_customer_id, canonical_objects_contract_id,
		canonical_objects_project_id, canonical_objects_listed`)
	db.MustExec(`DROP FUNCTION document_text`)
	db.MustExec(`DELETE FROM goose_db_version WHERE version_id >= 7`)
	db.MustExec(`CREATE INDEX canonical_objects_status ON canonical_objects (id)`)
	const insert = `INSERT INTO canonical_objects (customer_id, id, entity_type, document) VALUES ($1, $2, 'payment', '{"notes":"a\u0000b \ud800","status":"paid"}')`
	db.MustExec(insert, customerID, "pay_1")
	tx := db.MustBegin()
	tx.MustExec(insert, customerID, "pay_2")
	go func() {
		for waits := false; !waits && t.Context().Err() == nil; time.Sleep(10 * time.Millisecond) {
			_ = db.Get(&waits, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock')`)
		}
		assert.NoError(t, tx.Commit())
	}()
	migrated := storetest.Open(t, dsn)
	page, err := migrated.FilterObjects(t.Context(), store.FilterQuery{CustomerID: customerID, EntityType: "payment", Status: "paid", Limit: 10})
	require.NoError(t, err)
	assert.Len(t, page.Objects, 2)
	var broken int
	require.NoError(t, db.Get(&broken, `SELECT count(*) FROM pg_index WHERE NOT indisvalid`))
	assert.Zero(t, broken)
}
