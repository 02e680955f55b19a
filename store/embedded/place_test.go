package embedded

import (
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLongPathGetsASocketElsewhere(t *testing.T) {
	dir := newDataDir(t, strings.Repeat("long/", 20)+"data")
	c := runProgram(t, dir, fast).awaitUp(t)
	record, err := os.ReadFile(filepath.Join(dir, tempSocketRecord))
	require.NoError(t, err)
	require.DirExists(t, string(record))
	c.kill()

	s := start(t, Config{DataDir: dir, Fast: true})
	require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"))
	require.NotContains(t, s.DSN(Database), dir)
	require.NoDirExists(t, string(record), "what the killed program left is removed")
	info, err := os.Stat(s.socket.path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	require.NoError(t, s.Stop())
	require.NoDirExists(t, s.socket.path)
	require.NoFileExists(t, filepath.Join(dir, tempSocketRecord))
}

func TestSocketFits(t *testing.T) {
	longest := 107 // bytes, of the socket's whole path
	if runtime.GOOS != "linux" {
		longest = 103
	}
	dir := "/" + strings.Repeat("d", longest-len("/"+"/"+socketFile))
	require.True(t, socketFits(dir))
	require.False(t, socketFits(dir+"d"))
	require.False(t, socketFits("/a,b"), "a comma separates hosts in a connection string")
}

func fast(cmd *exec.Cmd) {
	cmd.Env = append(cmd.Env, programDir+"_FAST=1")
}

func TestRootKeepsDataWhereItsServerCanReachIt(t *testing.T) {
	if !asRoot() {
		t.Skip("for root only: an ordinary user's server has that user's rights")
	}
	dir := newDataDir(t, "closed/data")
	closed := filepath.Dir(dir)
	require.NoError(t, os.Mkdir(closed, 0o700))
	requireData(t, dir, false)
	home := fallbackHome(dir)
	t.Cleanup(func() {
		requireGone(t, home)
		require.NoError(t, os.RemoveAll(home))
		_ = os.Remove(stateRoot) // if this test made it
	})
	var log logBuffer
	s := start(t, Config{DataDir: dir, Fast: true, Logger: log.logger(slog.LevelInfo)})
	require.Contains(t, log.String(), home)
	owner, err := ownerAccount(s.place.cluster())
	require.NoError(t, err)
	require.NotZero(t, owner.uid)
	execute(t, s.DSN(Database), "CREATE TABLE kept AS SELECT 'x' AS value")
	require.NoError(t, s.Stop())
	requireData(t, dir, true)

	require.NoError(t, os.Chmod(closed, 0o755))
	s = start(t, Config{DataDir: dir, Fast: true})
	require.Equal(t, "x", query(t, s.DSN(Database), "SELECT value FROM kept"), "data that exists is used, wherever it is")
	require.NoError(t, s.Stop())

	require.NoError(t, os.Rename(filepath.Join(home, "postgres"), filepath.Join(dir, "postgres")))
	require.NoError(t, os.Chmod(closed, 0o700))
	_, err = Start(t.Context(), Config{DataDir: dir})
	require.ErrorContains(t, err, "cannot reach "+dir)
}

func requireData(t *testing.T, dir string, want bool) {
	t.Helper()
	found, err := HasData(dir)
	require.NoError(t, err)
	require.Equal(t, want, found)
}

func TestHasDataChangesNothing(t *testing.T) {
	dir := newDataDir(t, "data")
	requireData(t, dir, false)
	require.NoDirExists(t, dir)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "postgres"), 0o755))
	requireData(t, dir, false) // an empty directory is no cluster
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("17\n"), 0o600))
	requireData(t, dir, true)
	link := filepath.Join(filepath.Dir(dir), "link")
	require.NoError(t, os.Symlink(dir, link))
	requireData(t, link, true)
}

func TestRootUsesTheClustersOwner(t *testing.T) {
	if !asRoot() {
		t.Skip("for root only: it takes two users")
	}
	dir := newDataDir(t, "data")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.Chown(dir, 65534, 65534))
	c := runProgram(t, dir, fast, asNobody(t)).awaitUp(t)
	c.kill()
	requireGroupGone(t, c.guard)

	s := start(t, Config{DataDir: dir, Fast: true})
	require.Equal(t, uint32(65534), s.place.account.uid)
	require.NoError(t, s.Stop())
	c = runProgram(t, dir, fast, asNobody(t)).awaitUp(t) // and back
	c.kill()
	requireGroupGone(t, c.guard)

	cluster := filepath.Join(dir, "postgres")
	require.NoError(t, os.Chown(cluster, 0, 0))
	_, err := Start(t.Context(), Config{DataDir: dir})
	require.ErrorContains(t, err, "belongs to root, and PostgreSQL refuses to run as root")
	require.Equal(t, []string{"error", cluster + " belongs to root and this program runs as nobody: run it as root, " +
		"give the directory away (chown -R nobody " + cluster + "), or set DATA_DIR"}, runProgram(t, dir, asNobody(t)).line(t))
}

func TestDirectoriesOfOthersAreRefused(t *testing.T) {
	refused := func(t *testing.T, dir string) string {
		t.Helper()
		if !asRoot() {
			_, err := Start(t.Context(), Config{DataDir: dir})
			require.Error(t, err)
			return err.Error()
		}
		said := runProgram(t, dir, asNobody(t)).line(t)
		require.Equal(t, "error", said[0], said)
		return said[1]
	}
	t.Run("a parent", func(t *testing.T) {
		require.Contains(t, refused(t, "/etc/structural-test/data"), "/etc/structural-test/data cannot be used: /etc belongs to root and this program runs as ")
	})
	t.Run("the data directory", func(t *testing.T) {
		require.Contains(t, refused(t, "/etc"), "/etc belongs to root and this program runs as ")
	})
}

// asNobody makes a program run as nobody, from a copy of the test binary: the original's directory is closed to others.
func asNobody(t *testing.T) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) {
		t.Helper()
		root, err := os.MkdirTemp("", "embedded-")
		require.NoError(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(root) })
		require.NoError(t, os.Chmod(root, 0o755))
		copied := filepath.Join(root, "program")
		from, err := os.Open(cmd.Path)
		require.NoError(t, err)
		defer from.Close()
		to, err := os.OpenFile(copied, os.O_CREATE|os.O_WRONLY, 0o755)
		require.NoError(t, err)
		_, err = io.Copy(to, from)
		require.NoError(t, err)
		require.NoError(t, to.Close())
		cmd.Path, cmd.Dir = copied, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
