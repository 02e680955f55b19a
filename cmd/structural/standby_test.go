package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// The primary is killed, and its standby takes its place: a program that was given both goes on.
func TestServe_FailsOverToTheStandby(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	primary, err := embedded.Start(context.Background(), embedded.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { primary.Stop() })
	first, err := pq.NewConfig(primary.DSN(embedded.Database))
	require.NoError(t, err)
	migrated := start(t, "DATABASE_URL="+primary.DSN(embedded.Database))
	migrated.stop()
	standby := startStandby(t, dir, first)

	list := fmt.Sprintf("postgres://%s:%s@%s:5432,%s/%s", first.User, first.Password, url.PathEscape(standby), url.PathEscape(first.Host), first.Database)
	both := start(t, "DATABASE_URL="+list)
	alone := start(t, fmt.Sprintf("DATABASE_URL=host=%s user=%s password=%s dbname=%s", standby, first.User, first.Password, first.Database))

	assert.Equal(t, "200 ok", both.probe(t, "/readyz"), "the standby is first in the list, and is passed over")
	status, key := both.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	assert.Equal(t, "503 the database is read-only: a standby, or a primary that hands over", alone.probe(t, "/readyz"))
	status, _ = alone.call(http.MethodGet, "/health", "")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = alone.createSession(2)
	assert.Equal(t, http.StatusBadGateway, status, "not the program's fault")

	require.NoError(t, primary.Stop())
	assert.True(t, strings.HasPrefix(both.probe(t, "/readyz"), "503 "))
	status, _ = both.createSession(3)
	assert.Equal(t, http.StatusBadGateway, status, "there is a standby, and no primary: all hosts answer, or refuse")
	db, err := sql.Open("postgres", fmt.Sprintf("host=%s user=%s password=%s dbname=%s", standby, first.User, first.Password, first.Database))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(`SELECT pg_promote()`)
	require.NoError(t, err)
	for _, p := range []*program{both, alone} {
		require.Eventually(t, func() bool { return p.probe(t, "/readyz") == "200 ok" }, 20*time.Second, 10*time.Millisecond)
		status, _ = p.createSession(4)
		assert.Equal(t, http.StatusCreated, status)
	}
	status, body := both.call(http.MethodGet, "/connections", key)
	assert.Equal(t, http.StatusOK, status, body)
	assert.NotContains(t, both.log()+alone.log(), first.Password)
}

// startStandby copies the server that runs in dir, follows it, and returns the directory of the copy's socket.
func startStandby(t *testing.T, dir string, primary pq.Config) (socketDir string) {
	t.Helper()
	home, err := os.MkdirTemp("", "structural-standby-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	info, err := os.Stat(primary.Host)
	require.NoError(t, err)
	var attr syscall.SysProcAttr
	if owner := info.Sys().(*syscall.Stat_t); os.Geteuid() == 0 {
		require.NoError(t, os.Chown(home, int(owner.Uid), int(owner.Gid)))
		attr.Credential = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	binaries := postgresBinaries(t, dir)
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(binaries, name), args...)
		cmd.Dir, cmd.SysProcAttr = "/", &attr
		cmd.Env = []string{"LC_ALL=C", "PGPASSWORD=" + primary.Password}
		return cmd
	}
	data := filepath.Join(home, "data")
	output, err := command("pg_basebackup", "-h", primary.Host, "-U", primary.User, "-D", data, "-R", "--checkpoint=fast", "--no-sync").CombinedOutput()
	require.NoError(t, err, "%s", output)
	server := command("postgres", "-D", data, "-k", home, "-c", "listen_addresses=", "-c", "port=5432", "-c", "hot_standby=on", "-c", "max_connections=200")
	server.Stderr = t.Output()
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	})
	db, err := sql.Open("postgres", fmt.Sprintf("host=%s user=%s password=%s dbname=%s", home, primary.User, primary.Password, primary.Database))
	require.NoError(t, err)
	defer db.Close()
	require.Eventually(t, func() bool { return db.Ping() == nil }, 30*time.Second, 10*time.Millisecond)
	return home
}

// PostgreSQL is frozen, as a machine is that has lost its disk: connections are there, and new ones are taken, but nothing answers.
func TestServe_AFrozenDatabaseIsAnsweredFor(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	db := startDatabase(t, dir)
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	p := start(t, "DATABASE_URL="+db.DSN(embedded.Database))
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	status, body := p.post("/connect", key, `{"platform":"procore"}`)
	require.Equal(t, http.StatusOK, status, body)

	thaw := freeze(t, db.PID())
	defer thaw()
	assert.Equal(t, "503 the database does not answer", p.probe(t, "/readyz"))
	type operation func() (status int, body string)
	call := func(method, path string) operation {
		return func() (int, string) { return p.call(method, path, key) }
	}
	post := func(path, body string) operation { return func() (int, string) { return p.post(path, key, body) } }
	operations := map[string]operation{
		"getConnections":    call(http.MethodGet, "/connections"),
		"getObjects":        call(http.MethodGet, "/objects?platform=procore&entity_type=payment"),
		"getObject":         call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl"),
		"getObjectHistory":  call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl/history"),
		"propagateChange":   post("/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":{"notes":"x"}}`),
		"transformData":     post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1}}`),
		"connectPlatform":   post("/connect", `{"platform":"procore"}`),
		"deleteDemoSession": call(http.MethodDelete, "/demo/session"),
		"createDemoSession": func() (int, string) { status, _ := p.createSession(2); return status, "" },
	}
	// First on the connections that there are, then on new ones, with more requests than the pool has connections.
	for round, times := range []int{1, 4} {
		var wg sync.WaitGroup
		for name, operation := range operations {
			for range times {
				wg.Go(func() {
					began := time.Now()
					status, body := operation()
					assert.Equal(t, http.StatusBadGateway, status, "%s, round %d: %s", name, round, body)
					limit := 10 * time.Second
					if name == "connectPlatform" {
						limit = 25 * time.Second // it waits longer for its turn
					}
					assert.Less(t, time.Since(began), limit, "%s, round %d", name, round)
				})
			}
		}
		wg.Wait()
	}
	thaw()
	require.Eventually(t, func() bool { return p.probe(t, "/readyz") == "200 ok" }, 20*time.Second, 10*time.Millisecond)
	status, body = p.call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl", key)
	assert.Contains(t, []int{http.StatusOK, http.StatusUnauthorized}, status, "the deletion may have been done: %s", body)
}

// freeze stops a postmaster and all its children, until the returned function is called.
func freeze(t *testing.T, postmaster int) (thaw func()) {
	t.Helper()
	output, err := exec.Command("ps", "-o", "pid=", "--ppid", fmt.Sprint(postmaster)).Output()
	require.NoError(t, err)
	pids := []int{postmaster}
	for field := range strings.FieldsSeq(string(output)) {
		var pid int
		_, err := fmt.Sscan(field, &pid)
		require.NoError(t, err)
		pids = append(pids, pid)
	}
	for _, pid := range pids {
		require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	}
	return sync.OnceFunc(func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	})
}
