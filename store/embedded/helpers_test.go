package embedded

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long something that must happen may take. Nothing is asserted about how fast it is.
const patience = 30 * time.Second

// The test binary runs itself as a program that uses the package when this names a data directory.
const programDir = "EMBEDDED_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(programDir); dir != "" {
		if os.Getenv(programDir+"_JOIN") != "" {
			join(dir)
		}
		program(dir)
	}
	os.Exit(m.Run())
}

// program starts a server, says so on one line, and stays until it is killed.
func program(dir string) {
	server, err := Start(context.Background(), Config{
		DataDir: dir,
		Fast:    os.Getenv(programDir+"_FAST") != "",
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		fmt.Printf("error\t%s\n", err)
		os.Exit(1)
	}
	fmt.Printf("up\t%d\t%s\n", server.PID(), server.DSN(Database))
	select {}
}

// child is a running program.
type child struct {
	cmd    *exec.Cmd
	output *bufio.Reader
	pid    int // the postmaster's
	guard  int
	dsn    string
}

// runProgram starts a program without waiting for its server.
func runProgram(t *testing.T, dir string, configure ...func(*exec.Cmd)) *child {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(executable)
	cmd.Env = append(os.Environ(), programDir+"="+dir)
	cmd.Stderr = os.Stderr
	for _, c := range configure {
		c(cmd)
	}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &child{cmd: cmd, output: bufio.NewReader(stdout)}
	t.Cleanup(c.kill)
	return c
}

// line reads what the program says of its server.
func (c *child) line(t *testing.T) []string {
	t.Helper()
	line, err := c.output.ReadString('\n')
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(line, "\n"), "\t")
}

func (c *child) awaitUp(t *testing.T) *child {
	t.Helper()
	said := c.line(t)
	require.Equal(t, "up", said[0], said)
	c.pid, _ = strconv.Atoi(said[1])
	c.dsn = said[2]
	var err error
	c.guard, err = syscall.Getpgid(c.pid)
	require.NoError(t, err)
	return c
}

// kill gives the program no chance to do anything.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// newDataDir gives a data directory that the server's user can reach, and checks at the end that nothing runs there.
func newDataDir(t *testing.T, name string) string {
	t.Helper()
	root, err := os.MkdirTemp("", "embedded-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(root, 0o755))
	dir := filepath.Join(root, name)
	t.Cleanup(func() {
		requireGone(t, dir)
		require.NoError(t, os.RemoveAll(root))
	})
	return dir
}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if cfg.Logger == nil {
		cfg.Logger = testLogger(t)
	}
	s, err := Start(ctx, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	db := open(t, dsn)
	_, err := db.Exec(statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func query(t *testing.T, dsn, statement string) (value string) {
	t.Helper()
	db := open(t, dsn)
	require.NoError(t, db.QueryRow(statement).Scan(&value))
	require.NoError(t, db.Close())
	return value
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		require.True(t, time.Now().Before(deadline), "waited in vain: %s", what)
		time.Sleep(10 * time.Millisecond)
	}
}

// requireGroupGone waits until a guard and all that it started in its process group is gone: postmaster, reader, nap.
// A zombie is gone: it is up to the system's first process when it collects the orphans that a killed program leaves.
func requireGroupGone(t *testing.T, guard int) {
	t.Helper()
	eventually(t, fmt.Sprintf("process group %d is gone", guard), func() bool {
		if syscall.Kill(-guard, 0) == syscall.ESRCH {
			return true
		}
		for _, pid := range pidsInProc() {
			if group, err := syscall.Getpgid(pid); err == nil && group == guard && len(commandLine(pid)) > 0 {
				return false
			}
		}
		return runtime.GOOS == "linux"
	})
}

// pidsInProc lists all processes where there is a /proc.
func pidsInProc() (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// requireGone waits until no process works in a directory.
func requireGone(t *testing.T, dir string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for len(processesOf(t, dir)) > 0 {
		require.True(t, time.Now().Before(deadline), "still running: %q", processesOf(t, dir))
		time.Sleep(20 * time.Millisecond)
	}
}

// processesOf lists the processes that name a directory on their command line (guards, postmasters, initdb) and, where
// that can be seen, those that work in it (backends), by pid.
func processesOf(t *testing.T, dir string) map[int]string {
	t.Helper()
	found := map[int]string{}
	if runtime.GOOS == "linux" {
		for _, pid := range pidsInProc() {
			// A backend has its own title, but works in the cluster too.
			cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
			command := strings.Join(commandLine(pid), " ")
			if strings.Contains(command, dir) || strings.HasPrefix(cwd, dir) {
				found[pid] = command
			}
		}
		return found
	}
	output, err := exec.Command("ps", "-A", "-ww", "-o", "pid=,command=").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(output)) {
		number, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(number); err == nil && strings.Contains(command, dir) {
			found[pid] = command
		}
	}
	return found
}

func testLogger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// logBuffer collects log lines written by several goroutines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Writer(b), &slog.HandlerOptions{Level: level}))
}

func asRoot() bool {
	return os.Geteuid() == 0
}
