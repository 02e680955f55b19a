package embedded

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// requirePassword checks that a running server asks for the password, and that the password is kept from others.
func requirePassword(t *testing.T, s *Server) {
	t.Helper()
	require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"))
	for name, password := range map[string]string{"none": "", "a wrong one": "wrong"} {
		err := open(t, dsnOf(s.socket.path, password, Database)).PingContext(t.Context())
		require.ErrorContains(t, err, "password authentication failed", name)
	}
	require.Contains(t, query(t, s.DSN(Database), "SELECT rolpassword FROM pg_authid WHERE rolname = current_user"), "SCRAM-SHA-256$")
	rules := query(t, s.DSN(Database), "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules")
	require.Equal(t, "scram-sha-256", rules)
	for _, file := range []string{passwordPath(s.place.cluster()), rulesPath(s.place.cluster())} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode(), file)
		require.Equal(t, s.place.account.uid, info.Sys().(*syscall.Stat_t).Uid, file)
	}
	require.NoFileExists(t, passwordPath(s.place.cluster())+".new")
}

func TestServerAsksForAPassword(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	requirePassword(t, s)
	info, err := os.Stat(filepath.Join(dir, "lock"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	require.NoError(t, s.Stop())
}

// trusting turns a cluster into what an earlier version made.
func trusting(t *testing.T, s *Server) {
	t.Helper()
	execute(t, s.DSN(Database), "ALTER ROLE "+superuser+" PASSWORD NULL")
	require.NoError(t, s.Stop())
	require.NoError(t, os.Remove(passwordPath(s.place.cluster())))
	rewrite(t, rulesPath(s.place.cluster()), "# an old one\nlocal all all trust\nhost all all 127.0.0.1/32 trust\nlocal replication all trust\n")
}

// rewrite changes a file, but not whose it is.
func rewrite(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// The states are those in which the program may be killed while it gives an old cluster its password.
func TestClusterOfAnEarlierVersionGetsAPassword(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	execute(t, s.DSN(Database), "CREATE TABLE kept AS SELECT 'x' AS value")
	startAgain := func() *Server { return start(t, Config{DataDir: dir, Fast: true}) }
	for name, change := range map[string]func(cluster string){
		"as it was": func(string) {},
		"killed while the password was written": func(cluster string) {
			rewrite(t, passwordPath(cluster)+".new", "HALF")
		},
		"killed before the password was set": func(cluster string) {
			rewrite(t, passwordPath(cluster), "NOTTHEONE")
			require.NoError(t, os.Chown(passwordPath(cluster), int(s.place.account.uid), int(s.place.account.gid)))
		},
		"killed while the rules were written": func(cluster string) {
			rewrite(t, rulesPath(cluster)+".new", "local all")
		},
		"the password is lost, the rules are new": func(cluster string) {
			rewrite(t, rulesPath(cluster), passwordRules)
		},
	} {
		t.Run(name, func(t *testing.T) {
			trusting(t, s)
			change(s.place.cluster())
			s = startAgain() // ends with the whole test
			requirePassword(t, s)
			require.Equal(t, "x", query(t, s.DSN(Database), "SELECT value FROM kept"))
		})
	}
	require.NoError(t, s.Stop())
}

// The program is killed at many moments of the start that gives an old cluster its password.
func TestConversionIsKilled(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	trusting(t, s)
	for i := range 12 {
		c := runProgram(t, dir, fast)
		time.Sleep(time.Duration(i) * 25 * time.Millisecond)
		c.kill()
	}
	s = start(t, Config{DataDir: dir, Fast: true})
	requirePassword(t, s)
	requireOnePostmaster(t, s)
	require.NoError(t, s.Stop())
}

func TestPasswordThatIsNotTheServers(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	require.NoError(t, s.Stop())
	rewrite(t, passwordPath(s.place.cluster()), "NOTTHEONE")
	_, err := Start(t.Context(), Config{DataDir: dir, Fast: true, Logger: testLogger(t)})
	require.ErrorContains(t, err, "is not the server's: remove that file")
	require.NotContains(t, err.Error(), "NOTTHEONE")
	require.NoError(t, os.Remove(passwordPath(s.place.cluster())))
	s = start(t, Config{DataDir: dir, Fast: true})
	requirePassword(t, s)
	require.NoError(t, s.Stop())
}

// A single-user server has its process id with a minus sign in the pid file: it is ended as any other.
func TestSingleUserServerThatIsLeft(t *testing.T) {
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	require.NoError(t, s.Stop())
	single := exec.Command(s.binaries.path("postgres"), "--single", "-D", s.place.cluster(), "postgres")
	single.SysProcAttr = &syscall.SysProcAttr{Credential: s.place.account.credential()}
	single.Dir, single.Env = "/", environment()
	stdin, err := single.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, single.Start())
	t.Cleanup(func() { _ = single.Process.Kill(); _ = single.Wait() })
	eventually(t, "it runs", func() bool { pid, _ := readPIDFile(s.place.cluster()); return pid == single.Process.Pid })
	time.AfterFunc(500*time.Millisecond, func() { _ = stdin.Close() }) // as that of a program that is killed
	go func() { _ = single.Wait() }()
	s = start(t, Config{DataDir: dir, Fast: true})
	require.Equal(t, "1", query(t, s.DSN(Database), "SELECT 1"))
	require.NoError(t, s.Stop())
}

// Who may not read the password of a running server is told whose it is.
func TestRunningServerOfAnother(t *testing.T) {
	if !asRoot() {
		t.Skip("for root only: it takes two users")
	}
	dir := newDataDir(t, "data")
	s := start(t, Config{DataDir: dir, Fast: true})
	t.Setenv(programDir+"_JOIN", "1")
	require.Equal(t, []string{"error", dir + " belongs to root and this program runs as nobody: run it as root, give the directory away (chown -R nobody " + dir + "), or set DATA_DIR"},
		runProgram(t, dir, asNobody(t)).line(t))
	require.NoError(t, os.Chmod(filepath.Join(dir, "lock"), 0o644))
	said := runProgram(t, dir, asNobody(t)).line(t)
	require.Equal(t, "error", said[0])
	require.Contains(t, said[1], "the password of the running server: "+s.place.cluster()+" belongs to "+s.place.account.name)
	require.NoError(t, s.Stop())
}

// join is what another program does while a server runs.
func join(dir string) {
	dsn, ok, err := RunningDSN(dir, Database)
	if err != nil {
		fmt.Printf("error\t%s\n", err)
		os.Exit(1)
	}
	fmt.Printf("joined\t%v\t%s\n", ok, dsn)
	os.Exit(0)
}

func TestLockIsNotFollowed(t *testing.T) {
	for name, plant := range map[string]func(victim, lock string) error{
		"a symbolic link": os.Symlink,
		"a second name":   os.Link,
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDataDir(t, "data")
			require.NoError(t, os.Mkdir(dir, 0o755))
			victim := filepath.Join(filepath.Dir(dir), "victim")
			require.NoError(t, os.WriteFile(victim, []byte("mine"), 0o644))
			require.NoError(t, plant(victim, filepath.Join(dir, "lock")))
			_, err := Start(context.Background(), Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
			require.ErrorContains(t, err, "remove it")
			text, err := os.ReadFile(victim)
			require.NoError(t, err)
			require.Equal(t, "mine", strings.TrimSpace(string(text)))
		})
	}
}
