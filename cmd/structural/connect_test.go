package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A connect that died with the program leaves all of it or nothing, and can be repeated at once.
func TestConnect_KilledUnderWay(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := start(t, "DATA_DIR="+dir)
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	for round := range 3 {
		var wg sync.WaitGroup
		var connects atomic.Int64
		for range 2 {
			wg.Go(func() {
				for {
					status, body := p.post("/connect", key, `{"platform":"procore"}`)
					if status == 0 {
						return // killed
					}
					assert.Contains(t, []int{http.StatusOK, http.StatusConflict}, status, body)
					connects.Add(1)
				}
			})
		}
		require.Eventually(t, func() bool { return connects.Load() > int64(5+round) }, 30*time.Second, time.Millisecond)
		p.kill()
		wg.Wait()

		p = start(t, "DATA_DIR="+dir)
		listed := 0
		for _, entityType := range []string{"project", "customer", "contract", "invoice", "payment"} {
			status, body := p.call(http.MethodGet, "/objects?platform=procore&entity_type="+entityType, key)
			require.Equal(t, http.StatusOK, status)
			var objects struct{ Data []json.RawMessage }
			require.NoError(t, json.Unmarshal([]byte(body), &objects))
			listed += len(objects.Data)
		}
		assert.Contains(t, []int{0, 38}, listed, "all or nothing")
		status, body := p.post("/connect", key, `{"platform":"procore"}`)
		assert.Equal(t, http.StatusOK, status, body)
	}
}

// post sends a JSON body and returns the status and the answer; status 0 if there was none.
func (p *program) post(path, key, body string) (status int, answer string) {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	return send(req)
}
