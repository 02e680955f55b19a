//go:build deployment

// These tests need pgbouncer, and so are not part of `make test`: `make pgbouncer` runs them.

package main

import (
	"cmp"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// Two replicas on one database, each behind a PgBouncer of its own: one pools transactions, with all of its defaults, the other
// sessions. STRUCTURAL_CHANGES says how many changes 16 writers make.
func TestPgBouncer_ChangesThroughTwo(t *testing.T) {
	changes, err := strconv.Atoi(cmp.Or(os.Getenv("STRUCTURAL_CHANGES"), "10000"))
	require.NoError(t, err)
	// A writer goes on as another customer before the rate limit stops it.
	const writers, sessionChanges = 16, 250
	db := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	dsn := db.DSN(embedded.Database)
	replicas := []*program{
		start(t, "DATABASE_URL="+startPgBouncer(t, dsn, "pool_mode = transaction")),
		start(t, "DATABASE_URL="+startPgBouncer(t, dsn, "pool_mode = session\ndefault_pool_size = 40")),
	}
	began := time.Now()
	var made, failed atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		p, other := replicas[w%2], replicas[(w+1)%2]
		wg.Go(func() {
			var key string
			for i := range changes / writers {
				if i%sessionChanges == 0 {
					key = connectedSession(t, p, w*changes+i)
				}
				status, body := p.post("/propagate", key, fmt.Sprintf(`{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl",
					"entity_type":"payment","data":{"notes":"change %d"}}`, i))
				if status == http.StatusOK {
					made.Add(1)
				} else if failed.Add(1) < 10 {
					assert.Equal(t, http.StatusOK, status, body)
				}
				if i%50 == 0 {
					status, body := other.call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl/history?limit=5", key)
					assert.Equal(t, http.StatusOK, status, body)
					assert.True(t, strings.Contains(body, fmt.Sprintf("change %d", i)), "what one has answered, the other reads")
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d changes, %d failed, %v", made.Load(), failed.Load(), time.Since(began).Round(time.Millisecond))
	assert.Zero(t, failed.Load())
	own, err := sql.Open("postgres", dsn)
	require.NoError(t, err)
	defer own.Close()
	var kept int64
	require.NoError(t, own.QueryRow(`SELECT count(*) FROM changes`).Scan(&kept))
	assert.Equal(t, made.Load(), kept)
	assert.EqualValues(t, changes/writers*writers, kept)
}

// connectedSession is the key of a new customer who has connected both platforms.
func connectedSession(t *testing.T, p *program, i int) (key string) {
	status, key := p.createSession(i)
	assert.Equal(t, http.StatusCreated, status)
	for _, platform := range []string{"procore", "dynamics"} {
		status, body := p.post("/connect", key, `{"platform":"`+platform+`"}`)
		assert.Equal(t, http.StatusOK, status, body)
	}
	return key
}

// PostgreSQL is not told the limit on statements; they end all the same, on the server too.
func TestPgBouncer_LimitsStatements(t *testing.T) {
	for _, settings := range []string{
		"pool_mode = transaction",
		"pool_mode = session\ndefault_pool_size = 40",
		"pool_mode = transaction\nignore_startup_parameters = statement_timeout",
	} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			db := startDatabase(t, dataDir(t))
			t.Cleanup(func() { assert.NoError(t, db.Stop()) })
			p := start(t, "DATABASE_URL="+startPgBouncer(t, db.DSN(embedded.Database), settings))
			status, key := p.createSession(1)
			require.Equal(t, http.StatusCreated, status)
			status, body := p.post("/connect", key, `{"platform":"procore"}`)
			require.Equal(t, http.StatusOK, status, body)

			own, err := sql.Open("postgres", db.DSN(embedded.Database))
			require.NoError(t, err)
			defer own.Close()
			tx, err := own.Begin()
			require.NoError(t, err)
			_, err = tx.Exec(`LOCK TABLE canonical_objects`)
			require.NoError(t, err)
			began := time.Now()
			status, body = p.call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl", key)
			assert.Equal(t, http.StatusBadGateway, status, body)
			assert.Less(t, time.Since(began), 10*time.Second)
			require.Eventually(t, func() bool {
				var waiting int
				require.NoError(t, own.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`).Scan(&waiting))
				return waiting == 0
			}, 10*time.Second, 10*time.Millisecond, "nobody waits in the server any more")
			require.NoError(t, tx.Rollback())
			status, body = p.call(http.MethodGet, "/objects/pay_NvmMc888X6CLDxl", key)
			assert.Equal(t, http.StatusOK, status, body)
		})
	}
}

// startPgBouncer starts one before the server of dsn, and returns the URL that leads through it.
func startPgBouncer(t *testing.T, dsn, settings string) string {
	t.Helper()
	cfg, err := pq.NewConfig(dsn)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	dir, err := os.MkdirTemp("", "structural-pgbouncer-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "pgbouncer.ini")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `[databases]
%s = host=%s port=%d user=%s password=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
%s
`, cfg.Database, cfg.Host, cfg.Port, cfg.User, cfg.Password, port, settings), 0o600))

	path := "/usr/sbin/pgbouncer"
	if found, err := exec.LookPath("pgbouncer"); err == nil {
		path = found
	}
	command := exec.Command(path, file)
	command.Dir = "/"
	command.Stdout, command.Stderr = t.Output(), t.Output()
	// It does not run as root, and the server's socket is open to the server's user alone.
	socket, err := os.Stat(cfg.Host)
	require.NoError(t, err)
	if owner := socket.Sys().(*syscall.Stat_t); os.Geteuid() == 0 {
		require.NoError(t, os.Chown(file, int(owner.Uid), int(owner.Gid)))
		require.NoError(t, os.Chown(dir, int(owner.Uid), int(owner.Gid)))
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "pgbouncer does not listen")
	return "postgres://" + cfg.User + "@" + address + "/" + cfg.Database + "?sslmode=disable"
}
