package store_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

// failOn makes inserts into a table fail so many times, as the body of a trigger says. The returned function says how often
// one was tried.
func failOn(t *testing.T, db *sqlx.DB, table string, times int, body string) (tried func() int) {
	t.Helper()
	db.MustExec(`CREATE SEQUENCE tries START 1`) // a sequence is not rolled back
	db.MustExec(fmt.Sprintf(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF nextval('tries') <= %d THEN %s END IF; RETURN NEW; END $$`, times, body))
	db.MustExec(`CREATE TRIGGER fail BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION fail()`)
	return func() (n int) {
		require.NoError(t, db.Get(&n, `SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries`))
		return n
	}
}

func raise(sqlstate string) string {
	return fmt.Sprintf(`RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '%s';`, sqlstate)
}

const terminate = `PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);`

// What PostgreSQL answers is told from what is wrong with this program, and done again where that is safe: a change must not be
// written twice, a customer may.
func TestSQLSTATEs(t *testing.T) {
	const well, unavailable = true, false
	for _, c := range []struct {
		name, body string
		times      int  // that it fails
		change     bool // how a change ends
		changes    int  // how often it is tried
		customer   bool // how the creation of a customer ends
		customers  int
	}{
		{"40001 serialization failure", raise("40001"), 2, well, 3, well, 3},
		{"40P01 deadlock", raise("40P01"), 1, well, 2, well, 2},
		{"40P01 deadlock, again and again", raise("40P01"), 1000, unavailable, 5, unavailable, 5},
		{"40003 completion unknown", raise("40003"), 1, unavailable, 1, well, 2},
		{"25006 read-only", raise("25006"), 1, well, 2, well, 2},
		{"25006 read-only, again and again", raise("25006"), 1000, unavailable, 2, unavailable, 2},
		{"26000 no such prepared statement", raise("26000"), 1, well, 2, well, 2},
		{"42P05 prepared already", raise("42P05"), 1, well, 2, well, 2},
		{"57P03 starting up", raise("57P03"), 1, unavailable, 1, well, 2},
		{"57P05 idle for too long", raise("57P05"), 1, unavailable, 1, well, 2},
		{"58030 a file cannot be read", raise("58030"), 1, unavailable, 1, unavailable, 1},
		{"XX000 internal error", raise("XX000"), 1, unavailable, 1, unavailable, 1},
		{"the backend is terminated", terminate, 1, unavailable, 1, well, 2},
	} {
		check := func(t *testing.T, err error, ends bool) {
			t.Helper()
			if ends == well {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, store.ErrUnavailable)
			}
		}
		t.Run(c.name, func(t *testing.T) {
			t.Run("a change", func(t *testing.T) {
				dsn := storetest.NewDatabase(t)
				s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
				customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", [32]byte{1})
				require.NoError(t, err)
				storetest.FillCustomerTables(t, db, customerID)
				found, err := s.FindObject(t.Context(), app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
				require.NoError(t, err)
				tried := failOn(t, db, "changes", c.times, c.body)
				_, err = s.SaveChange(t.Context(), changeOf(customerID, found, "new"))
				check(t, err, c.change)
				assert.Equal(t, c.changes, tried())
			})
			t.Run("a customer", func(t *testing.T) {
				dsn := storetest.NewDatabase(t)
				s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
				tried := failOn(t, db, "customers", c.times, c.body)
				_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
				check(t, err, c.customer)
				assert.Equal(t, c.customers, tried())
			})
		})
	}
}

// Statements that someone else has dropped are prepared again.
func TestPreparedStatementsThatAreGone(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s := storetest.Open(t, dsn)
	pool := s.Pools()["requests"]
	_, err := pool.Exec(`DEALLOCATE ALL`)
	require.NoError(t, err)
	_, err = s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	assert.NoError(t, err)
}

func TestAReadOnlyDatabaseIsNotReady(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	s, db := storetest.Open(t, dsn), storetest.SQL(t, dsn)
	require.NoError(t, s.Ping(t.Context()))
	var name string
	require.NoError(t, db.Get(&name, `SELECT current_database()`))
	db.MustExec(`ALTER DATABASE ` + name + ` SET default_transaction_read_only = on`)
	db.MustExec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'structural' AND datname = current_database()`)
	assert.ErrorIs(t, s.Ping(t.Context()), store.ErrReadOnly)
	assert.ErrorIs(t, s.Ping(t.Context()), store.ErrUnavailable)
	_, err := s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{1})
	assert.ErrorIs(t, err, store.ErrUnavailable)
	// The connections are read-only for good: it takes new ones to find out that the database is not.
	_, err = db.Exec(`SET default_transaction_read_only = off`)
	require.NoError(t, err)
	storetest.SQL(t, dsn+" default_transaction_read_only=off").MustExec(`ALTER DATABASE ` + name + ` RESET default_transaction_read_only`)
	assert.NoError(t, s.Ping(t.Context()))
	_, err = s.CreateCustomer(t.Context(), store.ModeDemo, "", [32]byte{2})
	assert.NoError(t, err)
}

// Every wait ends before the request does: for an answer, for a connection, for one of the pool.
func TestASilentDatabaseIsGivenUpBeforeTheRequestEnds(t *testing.T) {
	for name, prepare := range map[string]func(s *store.Store, link *storetest.Link){
		"on its connections": func(*store.Store, *storetest.Link) {},
		"when connecting":    func(_ *store.Store, link *storetest.Link) { link.Cut(); link.Restore() },
		"when all connections are taken": func(s *store.Store, _ *storetest.Link) {
			for i := range 20 {
				go func() { _, _ = s.CreateCustomer(context.Background(), store.ModeDemo, "", [32]byte{9, byte(i)}) }()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link, dsn := storetest.NewLink(t, storetest.NewDatabase(t))
			s := storetest.Open(t, dsn)
			customerID, err := s.CreateCustomer(t.Context(), store.ModeTest, "Doha Builders", [32]byte{1})
			require.NoError(t, err)
			prepare(s, link)
			restore := link.Silence()
			defer restore()
			var wg sync.WaitGroup
			for name, operation := range map[string]func(ctx context.Context) error{
				"Ping":    s.Ping,
				"FindKey": func(ctx context.Context) error { _, err := s.FindKey(ctx, [32]byte{1}); return err },
				"CreateCustomer": func(ctx context.Context) error {
					_, err := s.CreateCustomer(ctx, store.ModeDemo, "", [32]byte{2})
					return err
				},
				"DeleteCustomer": func(ctx context.Context) error { return s.DeleteCustomer(ctx, customerID) },
				"ListObjects": func(ctx context.Context) error {
					_, _, err := s.ListObjects(ctx, store.ObjectsQuery{CustomerID: customerID})
					return err
				},
				"FilterObjects": func(ctx context.Context) error {
					_, err := s.FilterObjects(ctx, store.FilterQuery{CustomerID: customerID})
					return err
				},
				"FindObject": func(ctx context.Context) error {
					_, err := s.FindObject(ctx, app.ObjectQuery{CustomerID: customerID, CanonicalID: someID})
					return err
				},
				"ListChanges": func(ctx context.Context) error {
					_, _, err := s.ListChanges(ctx, customerID, someID, 0, 10, nil)
					return err
				},
				"SaveChange": func(ctx context.Context) error {
					_, err := s.SaveChange(ctx, changeOf(customerID, app.FoundObject{}, "new"))
					return err
				},
				"SaveAnswer":          func(ctx context.Context) error { return s.SaveAnswer(ctx, customerID, 0, app.Answer{Key: "k"}) },
				"ListKeys":            func(ctx context.Context) error { _, err := s.ListKeys(ctx); return err },
				"DeleteExpiredAnswer": func(ctx context.Context) error { _, err := s.DeleteExpiredAnswers(ctx); return err },
			} {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					defer cancel()
					assert.ErrorIs(t, operation(ctx), store.ErrUnavailable, name)
					assert.NoError(t, ctx.Err(), "%s: there is time left to answer", name)
				})
			}
			wg.Wait()
		})
	}
}

// An Open that fails leaves no pool behind, and no connection.
func TestOpenThatFailsLeavesNothing(t *testing.T) {
	dsn := storetest.NewDatabase(t)
	db := storetest.SQL(t, dsn)
	db.MustExec(`ALTER TABLE idempotency_keys RENAME TO elsewhere`) // so that not every statement can be prepared
	before := poolsOpen()
	for range 5 {
		_, err := store.Open(t.Context(), dsn)
		require.ErrorContains(t, err, "prepare statements")
	}
	require.Eventually(t, func() bool {
		var connections int
		require.NoError(t, db.Get(&connections, `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'structural' AND datname = current_database()`))
		return connections == 0 && poolsOpen() == before
	}, 10*time.Second, 10*time.Millisecond)
}

// poolsOpen counts the pools of database/sql by the goroutine that each has.
func poolsOpen() int {
	stacks := make([]byte, 4<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "database/sql.(*DB).connectionOpener(")
}
