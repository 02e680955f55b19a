package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgramIsKilled(t *testing.T) {
	dir := newDataDir(t, "data")
	first := runProgram(t, dir).awaitUp(t)
	execute(t, first.dsn, "CREATE TABLE kept (value text)")
	execute(t, first.dsn, "INSERT INTO kept VALUES ('first')")
	first.kill()

	// At once again, and killed as soon as it is up.
	second := runProgram(t, dir).awaitUp(t)
	execute(t, second.dsn, "INSERT INTO kept VALUES ('second')")
	second.kill()

	// Killed at some point of its start, before it says anything.
	third := runProgram(t, dir)
	eventually(t, "the third program has the lock", func() bool { return lockHeld(t, dir) })
	third.kill()

	s := start(t, Config{DataDir: dir})
	require.Equal(t, "first second", query(t, s.DSN(Database), "SELECT string_agg(value, ' ' ORDER BY value) FROM kept"))
	requireGroupGone(t, first.guard)
	requireGroupGone(t, second.guard)
	requireOnePostmaster(t, s)
	require.NoError(t, s.Stop())

	// Nobody starts again: the server goes all the same.
	last := runProgram(t, dir).awaitUp(t)
	last.kill()
	requireGroupGone(t, last.guard)
	requireGone(t, dir)
	require.NoFileExists(t, pidFile(s.place.cluster()), "it was a clean shutdown")

	// Guards and program are killed together, so that nothing stops the server but the next start.
	stray := runProgram(t, dir).awaitUp(t)
	require.NoError(t, stray.cmd.Process.Signal(syscall.SIGSTOP)) // or it would mend things
	for pid, command := range processesOf(t, s.place.cluster()) {
		if strings.Contains(command, "structural-guard") {
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	stray.kill()
	require.True(t, isPostmaster(stray.pid, s.place.cluster()), "it is alive")
	s = start(t, Config{DataDir: dir})
	require.NotEqual(t, stray.pid, s.PID())
	requireGroupGone(t, stray.guard)
	requireOnePostmaster(t, s)
	require.NoError(t, s.Stop())
}

func lockHeld(t *testing.T, dir string) bool {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "lock"))
	require.NoError(t, err)
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

func TestInterruptedInitdb(t *testing.T) {
	dir := newDataDir(t, "data")
	cluster := filepath.Join(dir, "postgres")
	noAttempts := func() bool {
		left, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*"))
		return len(left) == 0
	}

	killed := runProgram(t, dir)
	eventually(t, "initdb is at work", func() bool { return initdbAtWork(dir) })
	killed.kill()
	require.NoDirExists(t, cluster)
	requireGone(t, dir)

	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := Start(ctx, Config{DataDir: dir, Fast: true, Logger: testLogger(t)})
		result <- err
	}()
	eventually(t, "initdb is at work again", func() bool { return initdbAtWork(dir) })
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	require.NoDirExists(t, cluster)
	require.True(t, noAttempts())

	// And killed with an immediate start.
	killed = runProgram(t, dir)
	eventually(t, "initdb is at work once more", func() bool { return initdbAtWork(dir) })
	killed.kill()
	s := start(t, Config{DataDir: dir, Fast: true})
	require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"))
	require.NoError(t, s.Stop())

	// What that attempt may have written while it went away is removed by a later start.
	requireGone(t, dir)
	s = start(t, Config{DataDir: dir, Fast: true})
	require.True(t, noAttempts())
	require.NoError(t, s.Stop())
}

func initdbAtWork(dir string) bool {
	written, _ := filepath.Glob(filepath.Join(dir, initPrefix+"*", "PG_VERSION"))
	return len(written) > 0
}

func TestGuardGivesTheExitCode(t *testing.T) {
	output := &tailWriter{}
	p, err := startGuarded(ownAccount(), output, "/bin/sh", "-c", `echo "$1"; exit 7`, "sh", "a b  'c'")
	require.NoError(t, err)
	<-p.exited
	require.Equal(t, "exit status 7", p.reason())
	require.Equal(t, "a b  'c'", output.String())
	requireGroupGone(t, p.guard.Process.Pid)
}
