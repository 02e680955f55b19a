//go:build deployment

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/store/embedded"
)

// buildPrevious builds the version that counts as previous: deploy/previous-version names its commit.
func buildPrevious(t *testing.T) string {
	t.Helper()
	commit, err := os.ReadFile("../../deploy/previous-version")
	require.NoError(t, err)
	dir := t.TempDir()
	script := fmt.Sprintf(`git -C ../.. archive %s | tar -x -C %s && cd %[2]s && go build -o structural ./cmd/structural`, strings.TrimSpace(string(commit)), dir)
	output, err := exec.Command("sh", "-c", script).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return filepath.Join(dir, "structural")
}

// The version before this one and this one serve the same database at the same time, while this one migrates it and under load.
// Nothing that was answered is lost, and one customer is never connected by both at once.
func TestReplicas_BesideThePreviousVersion(t *testing.T) {
	t.Parallel()
	previous := buildPrevious(t)
	db := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, db.Stop()) })
	environment := []string{"DATABASE_URL=" + db.DSN(embedded.Database), "RATE_LIMIT_PER_MINUTE=0"}
	startPrevious := func() *program {
		cmd := exec.Command(previous, "serve")
		cmd.Env = append(os.Environ(), append([]string{"ADDR=127.0.0.1:0", "LOG_FORMAT=json", "TRUSTED_PROXIES=127.0.0.1"}, environment...)...)
		return startCommand(t, cmd)
	}
	old := startPrevious()

	const customers = 6
	keys := make([]string, customers)
	for i := range keys {
		status, key := old.createSession(i)
		require.Equal(t, http.StatusCreated, status)
		for _, platform := range []string{"procore", "dynamics"} {
			status, body := old.post("/connect", key, fmt.Sprintf(`{"platform":%q}`, platform))
			require.Equal(t, http.StatusOK, status, body)
		}
		keys[i] = key
	}

	var mu sync.Mutex
	answered := make([]map[string]bool, customers) // the notes of changes that were answered with 200
	replicas := []*program{old}
	replica := func(n int) *program {
		mu.Lock()
		defer mu.Unlock()
		return replicas[n%len(replicas)]
	}
	payment := canonical.MintID("procore", canonical.Payment, "1823456")
	var stop atomic.Bool
	var changes, connects atomic.Int64
	var wg sync.WaitGroup
	for i := range customers {
		answered[i] = map[string]bool{}
		for writer := range 2 {
			wg.Go(func() {
				for n := 0; !stop.Load(); n++ {
					note := fmt.Sprintf("%d-%d", writer, n)
					status, body := replica(n).post("/propagate", keys[i], fmt.Sprintf(
						`{"format":"canonical","entity_type":"payment","canonical_id":%q,"data":{"notes":%q}}`, payment, note))
					switch status {
					case http.StatusOK:
						mu.Lock()
						answered[i][note] = true
						mu.Unlock()
						changes.Add(1)
					case http.StatusConflict, http.StatusTooManyRequests:
						time.Sleep(50 * time.Millisecond)
					default:
						assert.Fail(t, "a change failed", "%d %s", status, body)
					}
				}
			})
		}
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				status, body := replica(n).post("/connect", keys[i], `{"platform":"dynamics"}`)
				assert.Contains(t, []int{http.StatusOK, http.StatusConflict}, status, body)
				connects.Add(1)
				time.Sleep(150 * time.Millisecond)
			}
		})
	}

	fresh := start(t, environment...) // migrates
	mu.Lock()
	replicas = append(replicas, fresh)
	mu.Unlock()
	time.Sleep(3 * time.Second)
	again := startPrevious() // it starts on the new schema, too
	mu.Lock()
	replicas = []*program{again, fresh}
	mu.Unlock()
	time.Sleep(2 * time.Second) // for what is on its way to the old one
	old.stop()
	time.Sleep(3 * time.Second)
	stop.Store(true)
	wg.Wait()
	t.Logf("%d changes, %d connects", changes.Load(), connects.Load())
	require.Greater(t, changes.Load(), int64(50))

	for i, key := range keys {
		found := map[string]bool{}
		path := "/objects/" + payment + "/history?limit=1000"
		status, body := fresh.call(http.MethodGet, path, key)
		require.Equal(t, http.StatusOK, status, body)
		var history struct {
			Data []struct {
				Version int64
				Changes []struct {
					Field string
					To    any
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &history))
		for _, change := range history.Data {
			for _, c := range change.Changes {
				if c.Field == "/notes" {
					found[fmt.Sprint(c.To)] = true
				}
			}
		}
		for note := range answered[i] {
			assert.True(t, found[note], "a change that was answered is lost: %s", note)
		}
		status, body = fresh.call(http.MethodGet, "/connections", key)
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, body, `"entities_synced":38`)
		assert.Contains(t, body, `"entities_synced":36`)
		for _, p := range []*program{again, fresh} {
			status, body = p.call(http.MethodGet, "/objects/"+payment, key)
			assert.Equal(t, http.StatusOK, status, body)
		}
	}
	again.stop()
	fresh.stop()
}
