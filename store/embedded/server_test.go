package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDataIsKeptBetweenRuns(t *testing.T) {
	dir := newDataDir(t, `it's a "data" dir\`)
	first := start(t, Config{DataDir: dir})
	guard, err := syscall.Getpgid(first.PID())
	require.NoError(t, err)
	execute(t, first.DSN(Database), "CREATE TABLE kept AS SELECT 'x' AS value")

	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C", "port": port,
	} {
		require.Equal(t, want, query(t, first.DSN(Database), "SELECT current_setting('"+setting+"')"), setting)
	}
	for path, want := range map[string]fs.FileMode{first.socket.path: 0o700 | fs.ModeDir, filepath.Join(first.socket.path, socketFile): 0o700 | fs.ModeSocket} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode(), path)
	}

	require.NoError(t, first.Stop())
	require.NoError(t, first.Stop(), "a second Stop does nothing")
	require.Zero(t, first.PID())
	requireGroupGone(t, guard)

	second := start(t, Config{DataDir: dir})
	require.Equal(t, first.DSN(Database), second.DSN(Database))
	require.Equal(t, "x", query(t, second.DSN(Database), "SELECT value FROM kept"))
	require.NoError(t, second.Stop())
}

func TestRunningServer(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	guard, err := syscall.Getpgid(s.PID())
	require.NoError(t, err)

	t.Run("a second program is refused", func(t *testing.T) {
		_, err := Start(t.Context(), Config{DataDir: dir})
		require.EqualError(t, err, fmt.Sprintf("another structural is already using %s (pid %d); stop it or set DATA_DIR", dir, os.Getpid()))
		require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"), "the first one goes on")
	})
	t.Run("names of databases are quoted", func(t *testing.T) {
		err := open(t, s.DSN(`o'dd \name`)).PingContext(t.Context())
		require.ErrorContains(t, err, `database "o'dd \name" does not exist`)
	})
	// A service manager may send SIGTERM to all processes of a service: the program decides when its server goes.
	t.Run("the guard ignores signals meant for the program", func(t *testing.T) {
		for pid, command := range processesOf(t, s.place.cluster()) {
			if strings.Contains(command, "structural-guard") {
				for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
					require.NoError(t, syscall.Kill(pid, signal))
				}
			}
		}
		require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"))
		require.NoError(t, s.Stop(), "and still does its work")
		requireGroupGone(t, guard)
	})
}

func TestServerThatIsKilledComesBack(t *testing.T) {
	dir := newDataDir(t, "data")
	var log logBuffer
	s := start(t, Config{DataDir: dir, Logger: log.logger(slog.LevelInfo)})
	execute(t, s.DSN(Database), "CREATE TABLE kept AS SELECT 'x' AS value")

	victims := map[string]func(postmaster, guard int){
		"postmaster":        func(postmaster, _ int) { _ = syscall.Kill(postmaster, syscall.SIGKILL) },
		"guard":             func(_, guard int) { _ = syscall.Kill(guard, syscall.SIGKILL) },
		"guard and the lot": func(_, guard int) { _ = syscall.Kill(-guard, syscall.SIGKILL) },
	}
	for name, kill := range victims {
		t.Run(name, func(t *testing.T) {
			postmaster := s.PID()
			guard, err := syscall.Getpgid(postmaster)
			require.NoError(t, err)
			// A backend at work, which outlives its postmaster for a moment.
			busy := open(t, s.DSN(Database))
			go func() { _, _ = busy.Exec("SELECT pg_sleep(60)") }()

			kill(postmaster, guard)

			eventually(t, "another postmaster is up", func() bool { return s.PID() != 0 && s.PID() != postmaster })
			require.Equal(t, "x", query(t, s.DSN(Database), "SELECT value FROM kept"))
			requireGroupGone(t, guard)
			require.Contains(t, log.String(), "ended unexpectedly")
			requireOnePostmaster(t, s)
		})
	}
	require.NoError(t, s.Stop())
}

// requireOnePostmaster also passes over the moment in which a new backend still looks like its postmaster.
func requireOnePostmaster(t *testing.T, s *Server) {
	t.Helper()
	eventually(t, "there is one postmaster", func() bool {
		var postmasters []int
		for pid := range processesOf(t, s.place.cluster()) {
			if isPostmaster(pid, s.place.cluster()) {
				postmasters = append(postmasters, pid)
			}
		}
		return slices.Equal(postmasters, []int{s.PID()})
	})
}

func TestServerThatCannotStart(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	require.NoError(t, s.Stop())

	t.Run("an unrelated process has the number of the last postmaster", func(t *testing.T) {
		require.NoError(t, os.WriteFile(pidFile(s.place.cluster()), fmt.Appendf(nil, "%d\n", os.Getppid()), 0o600))
		s := start(t, Config{DataDir: dir, Fast: true})
		require.NoError(t, s.Stop())
	})
	t.Run("the pid file was never written", func(t *testing.T) {
		require.NoError(t, os.WriteFile(pidFile(s.place.cluster()), nil, 0o600))
		s := start(t, Config{DataDir: dir, Fast: true})
		require.NoError(t, s.Stop())
	})
	t.Run("the start is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := Start(ctx, Config{DataDir: dir, Fast: true})
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("the error quotes PostgreSQL", func(t *testing.T) {
		config := filepath.Join(s.place.cluster(), "postgresql.conf")
		require.NoError(t, os.WriteFile(config, []byte("no_such_setting = 1\n"), 0o600))
		_, err := Start(t.Context(), Config{DataDir: dir, Fast: true, Logger: testLogger(t)})
		require.ErrorContains(t, err, "PostgreSQL does not start (exit status 1)")
		require.ErrorContains(t, err, "no_such_setting")
		require.NotContains(t, err.Error(), "\n")
		require.False(t, errors.Is(err, errStillInUse))
	})
}

// Another program finds the server through the data directory, while it runs and no longer.
func TestRunningDSN(t *testing.T) {
	dir := newDataDir(t, "data")
	running := func() (string, bool) {
		dsn, ok, err := RunningDSN(dir, Database)
		require.NoError(t, err)
		return dsn, ok
	}
	_, ok := running()
	require.False(t, ok)
	s := start(t, Config{DataDir: dir})
	dsn, ok := running()
	require.True(t, ok)
	require.Equal(t, s.DSN(Database), dsn)
	require.Equal(t, "1", query(t, dsn, "SELECT 1"))
	require.NoError(t, s.Stop())
	_, ok = running()
	require.False(t, ok)
}
