// Package storetest gives tests a real PostgreSQL: one private server for each test package, one database for each test,
// cloned from one that is migrated already.
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
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
)

const template = embedded.Database

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
	admin, err := sql.Open("postgres", server.DSN("postgres"))
	require.NoError(t, err)
	defer admin.Close()
	_, err = admin.Exec("CREATE DATABASE " + name + " " + options)
	require.NoError(t, err)
	t.Cleanup(func() {
		admin, err := sql.Open("postgres", server.DSN("postgres"))
		require.NoError(t, err)
		defer admin.Close()
		_, err = admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		require.NoError(t, err)
	})
	return server.DSN(name)
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
