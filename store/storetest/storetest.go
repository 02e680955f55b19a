// Package storetest gives tests a real PostgreSQL: one private server for each test package, on it one database for all tests
// that keep to customers of their own, and one for each of the others. They are cloned from one that is migrated already.
//
// A test package has
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
)

const (
	template = embedded.Database
	shared   = "test_shared"
)

var (
	server    *embedded.Server
	databases atomic.Int64
)

// Main starts the server, runs the package's tests, stops the server and exits.
func Main(m *testing.M) {
	code, err := run(m)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	var stop func()
	if server, stop, err = StartServer(); err != nil {
		return 1, err
	}
	defer stop()
	migrated, err := store.Open(context.Background(), server.DSN(template))
	if err != nil {
		return 1, err
	}
	if err := migrated.Close(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// StartServer starts a private server of its own, for a test that stops it or starts it again. stop removes its data.
func StartServer() (s *embedded.Server, stop func(), err error) {
	dir, err := os.MkdirTemp("", "structural-test-")
	if err != nil {
		return nil, nil, err
	}
	// The server may run as another user, who must be able to reach its data.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, nil, err
	}
	s, err = StartServerIn(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return s, func() { s.Stop(); os.RemoveAll(dir) }, nil
}

// StartServerIn starts a private server with the fast settings on the data in dir.
func StartServerIn(dir string) (*embedded.Server, error) {
	return embedded.Start(context.Background(), embedded.Config{
		DataDir: filepath.Clean(dir),
		Fast:    true,
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// NewDatabase makes a migrated, empty database for one test and returns its connection string.
func NewDatabase(t testing.TB) (dsn string) {
	return newDatabase(t, fmt.Sprintf("TEMPLATE %s STRATEGY file_copy", template))
}

// NewEmptyDatabase makes a database without any table.
func NewEmptyDatabase(t testing.TB) (dsn string) {
	return newDatabase(t, "TEMPLATE template0")
}

func newDatabase(t testing.TB, options string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	require.NoError(t, administer("CREATE DATABASE "+name+" "+options))
	t.Cleanup(func() { require.NoError(t, administer("DROP DATABASE "+name+" WITH (FORCE)")) })
	return server.DSN(name)
}

// SharedDatabase returns the connection string of a migrated database that all tests of the package share, since to make one
// takes longer than most tests. For tests that change no table, touch rows of their own customers alone, and count no others.
var SharedDatabase = sync.OnceValues(func() (dsn string, err error) {
	return server.DSN(shared), administer("CREATE DATABASE " + shared + " TEMPLATE " + template)
})

// administer runs a statement outside of the tests' databases.
func administer(statement string) error {
	admin, err := sql.Open("postgres", server.DSN("postgres"))
	if err != nil {
		return err
	}
	defer admin.Close()
	_, err = admin.Exec(statement)
	return err
}

// Open opens a store on a database; it is closed when the test ends.
func Open(t testing.TB, dsn string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// SQL opens a database for statements of the test's own.
func SQL(t testing.TB, dsn string) *sqlx.DB {
	t.Helper()
	db, err := sqlx.Open("postgres", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
