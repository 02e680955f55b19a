package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// work is what the other customer does: list, get, propagate and transform, in turn. It is an open loop: a request is sent when its
// time has come, whatever became of those before, and its time counts from then.
type work struct {
	url, key string
	sent     int
}

const (
	workInterval = time.Second / 16 // 240 changes a minute: the documented limit is 300
	workTimeout  = 20 * time.Second
)

// addresses gives each session one of its own: none is refused for the others.
var addresses atomic.Int64

// newSession makes a demo customer, with both platforms connected if wanted.
func newSession(ctx context.Context, url string, connected bool) (key string, status int, err error) {
	n := addresses.Add(1)
	header := map[string]string{"X-Forwarded-For": fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)}
	status, body, err := call(ctx, http.MethodPost, url+"/demo/session", "", header)
	if err != nil || status != http.StatusCreated {
		return "", status, err
	}
	var created struct {
		Data struct {
			Key string `json:"api_key"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &created); err != nil {
		return "", status, err
	}
	key = created.Data.Key
	for _, platform := range []string{"procore", "dynamics"} {
		if !connected {
			break
		}
		status, body, err := call(ctx, http.MethodPost, url+"/connect", `{"platform":"`+platform+`"}`, bearer(key))
		if err != nil || status != http.StatusOK {
			return "", status, errors.Join(err, fmt.Errorf("connect: %d %.200s", status, body))
		}
	}
	return key, http.StatusCreated, nil
}

func bearer(key string) map[string]string { return map[string]string{"Authorization": "Bearer " + key} }

// call sends one request, and reads the answer to its end.
func call(ctx context.Context, method, url, body string, header map[string]string) (status int, answer []byte, err error) {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	// An answer may be hundreds of megabytes long: what an attacker does not keep, neither do we.
	answer, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	return response.StatusCode, answer, err
}

func newWork(ctx context.Context, url string) (*work, error) {
	key, status, err := newSession(ctx, url, true)
	if err != nil || key == "" {
		return nil, fmt.Errorf("session of the ordinary customer: %d %w", status, err)
	}
	return &work{url: url, key: key}, nil
}

// latencies are those of ordinary requests.
type latencies struct {
	p50, p99 time.Duration
	sent     int
	failed   int // not 2xx
}

// during works for a while.
func (w *work) during(ctx context.Context, d time.Duration) latencies {
	ctx, cancel := context.WithTimeout(ctx, d+workTimeout)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var took []time.Duration
	failed := 0
	begin := time.Now()
	for due := begin; due.Sub(begin) < d && ctx.Err() == nil; due = due.Add(workInterval) {
		pause(ctx, time.Until(due))
		w.sent++
		n := w.sent
		wg.Go(func() {
			ok := w.request(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, time.Since(due)); !ok {
				failed++
			}
		})
	}
	wg.Wait()
	if len(took) == 0 {
		return latencies{}
	}
	slices.Sort(took)
	return latencies{p50: took[len(took)/2], p99: took[len(took)*99/100], sent: len(took), failed: failed}
}

// request sends one of the four. It fails unless that is done.
func (w *work) request(ctx context.Context, n int) (ok bool) {
	ctx, cancel := context.WithTimeout(ctx, workTimeout)
	defer cancel()
	method, path, body := http.MethodGet, "", ""
	switch n % 4 {
	case 0:
		path = "/objects?platform=procore&entity_type=payment"
	case 1:
		path = "/objects/pay_NvmMc888X6CLDxl"
	case 2:
		method, path = http.MethodPost, "/propagate"
		body = fmt.Sprintf(`{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":{"notes":"change %d"}}`, n)
	case 3:
		method, path = http.MethodPost, "/transform"
		body = `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1823456,"amount":"1700000.00","status":"pending","date":"2026-02-01"},"context":{"currency":"QAR"}}`
	}
	header := bearer(w.key)
	header["X-Forwarded-For"] = "192.0.2.1" // not the attackers': wrong keys are counted for each address
	status, _, err := call(ctx, method, w.url+path, body, header)
	return err == nil && status < 300
}
