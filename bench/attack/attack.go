package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// kind is a kind of request that costs much.
type kind struct {
	name string
	// prepare is sent once by each client, with a session of its own; optional.
	prepare []request
	// loop are the requests that are sent in turn.
	loop []request
	// client takes the place of the loop for what is more than requests.
	client func(ctx context.Context, a *attack)
	// newKeys has a client take a new session when its own is refused (429): a key is free.
	newKeys bool
}

// request makes the n-th request of a client.
type request func(n int) (method, path, body string, header map[string]string)

// attack is a kind under way.
type attack struct {
	kind
	url string

	mu       sync.Mutex
	statuses map[string]int
}

func newAttack(url string, k kind) *attack {
	return &attack{kind: k, url: url, statuses: map[string]int{}}
}

func (a *attack) count(status int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case status > 0:
		a.statuses[fmt.Sprint(status)]++
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded): // the minute is over
		a.statuses["unanswered"]++
	default:
		a.statuses["broken"]++
	}
}

// answers says how often each status was answered.
func (a *attack) answers() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []string
	for _, status := range slices.Sorted(maps.Keys(a.statuses)) {
		list = append(list, fmt.Sprintf("%s×%d", status, a.statuses[status]))
	}
	return strings.Join(list, " ")
}

// isNothing says whether this is how the customer is left alone.
func (a *attack) isNothing() bool { return a.client == nil && len(a.loop) == 0 }

func (a *attack) run(ctx context.Context, d time.Duration) {
	if a.isNothing() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			if a.client != nil {
				a.client(ctx, a)
				return
			}
			a.attackInALoop(ctx)
		})
	}
	wg.Wait()
}

func (a *attack) attackInALoop(ctx context.Context) {
	key := a.session(ctx)
	for n := 0; ctx.Err() == nil; n++ {
		status := a.send(ctx, key, a.loop[n%len(a.loop)], n)
		switch {
		case status == http.StatusTooManyRequests && a.newKeys:
			key = a.session(ctx)
		case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status == 0:
			pause(ctx, 100*time.Millisecond) // a client that is refused at once would only measure how fast that is
		}
	}
}

// session makes a session and prepares it, for as long as it takes.
func (a *attack) session(ctx context.Context) string {
	for ctx.Err() == nil {
		key, status, err := newSession(ctx, a.url, true)
		if key == "" {
			a.count(status, err)
			pause(ctx, 200*time.Millisecond)
			continue
		}
		for i, r := range a.prepare {
			a.send(ctx, key, r, i)
		}
		return key
	}
	return ""
}

func (a *attack) send(ctx context.Context, key string, r request, n int) int {
	method, path, body, header := r(n)
	all := bearer(key)
	maps.Copy(all, header)
	status, _, err := call(ctx, method, a.url+path, body, all)
	a.count(status, err)
	return status
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// row is what one kind did.
type row struct {
	kind, answers string
	work          latencies
	memory, log   int64 // bytes
	database      int64
	ended         bool // the program
}

const heading = "attack                                 p50       p99   failed    memory      log  database  answers"

func (r row) String() string {
	milliseconds := func(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
	megabytes := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	text := fmt.Sprintf("%-33s %8s %9s %4d/%-4d %8s %8s %9s  %s", r.kind, milliseconds(r.work.p50), milliseconds(r.work.p99),
		r.work.failed, r.work.sent, megabytes(r.memory), megabytes(r.log), megabytes(r.database), r.answers)
	if r.ended {
		text += "  THE PROGRAM ENDED"
	}
	return text
}
