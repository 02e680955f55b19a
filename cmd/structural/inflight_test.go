package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heavy are records of a MiB, each of which makes as much of itself as it can in its own way.
var heavy = map[string]func() string{
	"a long text":   func() string { return `"notes":"` + strings.Repeat("x", 1_000_000) + `"` },
	"numbers":       func() string { return `"x":[` + repeated("1", 500_000) + `]` },
	"empty objects": func() string { return `"x":[` + repeated("{}", 330_000) + `]` },
	"one in the other": func() string {
		return `"x":[` + repeated(strings.Repeat("[", 100)+strings.Repeat("]", 100), 4_900) + `]`
	},
	"lines": func() string {
		return `"line_items":[` + repeated(`{"id":1,"amount":"1.00","quantity":"1"}`, 24_000) + `]`
	},
	"lines, all wrong":  func() string { return `"line_items":[` + repeated(`{"id":1,"amount":"much"}`, 39_000) + `]` },
	"lines of one byte": func() string { return `"line_items":[` + repeated(`{}`, 330_000) + `]` },
	"unknown in lines":  func() string { return `"line_items":[` + repeated(`{"id":1,"y":1}`, 66_000) + `]` },
}

func repeated(item string, n int) string { return strings.Repeat(item+",", n-1) + item }

// peakMemory is the most that a process has had of the machine's memory, in MB.
func (p *program) peakMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if os.IsNotExist(err) {
		t.Skip("only Linux says how much memory a process has had")
	}
	require.NoError(t, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(t, found, "%s", status)
	kilobytes, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	return kilobytes >> 10
}

func TestInflight_32BodiesOfAMiBStayUnder500MB(t *testing.T) {
	dir := dataDir(t)
	for name, data := range heavy {
		t.Run(name, func(t *testing.T) {
			p := start(t, "DATA_DIR="+dir)
			body := `{"source":"procore","target":"dynamics","entity_type":"contract","context":{"commitmentType":"WorkOrderContract"},"data":{"id":1,` + data() + `}}`
			require.LessOrEqual(t, len(body), 1<<20)
			var keys []string
			for i := range 4 { // of four customers, so that no share protects the memory
				status, key := p.createSession(i)
				require.Equal(t, http.StatusCreated, status)
				keys = append(keys, key)
			}
			var mu sync.Mutex
			var wg sync.WaitGroup
			statuses := map[int]int{}
			for i := range 32 {
				wg.Go(func() {
					status, _ := p.post("/transform", keys[i%len(keys)], body)
					mu.Lock()
					defer mu.Unlock()
					statuses[status]++
				})
			}
			wg.Wait()
			t.Log(statuses, p.peakMemory(t), "MB")
			assert.Equal(t, 32, statuses[200]+statuses[422]+statuses[503], "%v", statuses)
			assert.Positive(t, statuses[200]+statuses[422], "%v", statuses)
			assert.Less(t, p.peakMemory(t), 500)
			assert.Equal(t, "0", p.metrics(t)["structural_inflight_bytes"], "all is given back")
		})
	}
}

// Of thousands that come at once some are answered, and the others told to come again, at once.
func TestInflight_ThousandsAtOnceAreAnsweredOrRefused(t *testing.T) {
	p := start(t, "DATA_DIR="+dataDir(t), "INFLIGHT_BYTES=128MB")
	status, key := p.createSession(1)
	require.Equal(t, http.StatusCreated, status)
	many := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	statuses := map[int]int{}
	for range 1000 {
		wg.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/connect", strings.NewReader(`{"platform":"procore"}`))
			assert.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+key)
			req.Header.Set("Content-Type", "application/json")
			resp, err := many.Do(req)
			if !assert.NoError(t, err) {
				return
			}
			defer resp.Body.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			if resp.StatusCode == http.StatusServiceUnavailable {
				assert.Equal(t, "1", resp.Header.Get("Retry-After"))
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[resp.StatusCode]++
		})
	}
	wg.Wait()
	t.Log(statuses, p.peakMemory(t), "MB")
	assert.Equal(t, 1000, statuses[200]+statuses[409]+statuses[503], "%v", statuses)
	assert.Positive(t, statuses[200])
	assert.Positive(t, statuses[503])
	metrics := p.metrics(t)
	assert.Equal(t, "0", metrics["structural_inflight_bytes"])
	assert.Equal(t, "0", metrics["structural_inflight_waiting"])
	assert.Equal(t, strconv.Itoa(statuses[503]), metrics["structural_inflight_refused_total"])
}
