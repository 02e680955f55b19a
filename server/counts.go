package server

import (
	"sync"
	"time"
)

// maxCounts is how many keys are counted at a time by one process: some 15 MB. Beyond it the counts of others are forgotten, any
// of them: whoever has a hundred thousand addresses has as many limits anyway, and nobody is refused who did nothing.
const maxCounts = 100_000

// counts counts by key in fixed windows, each of which starts with its first count. Safe for concurrent use.
type counts struct {
	mu      sync.Mutex
	windows map[string]window
	most    int       // keys
	swept   time.Time // when windows that had ended were dropped
}

type window struct {
	count int64
	ends  time.Time
}

func newCounts(most int) *counts { return &counts{windows: map[string]window{}, most: most} }

// add counts one, and returns the window with it.
func (c *counts) add(key string, length time.Duration, now time.Time) window {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, known := c.windows[key]
	if !w.ends.After(now) {
		w = window{ends: now.Add(length)}
	}
	w.count++
	if !known {
		c.makeRoom(now, length)
	}
	c.windows[key] = w
	return w
}

// get returns a key's window without counting.
func (c *counts) get(key string, now time.Time) window {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.windows[key]; w.ends.After(now) {
		return w
	}
	return window{}
}

// makeRoom drops what has ended, once in a window, and otherwise any key if there are too many.
func (c *counts) makeRoom(now time.Time, length time.Duration) {
	if now.Sub(c.swept) >= length {
		c.swept = now
		for key, w := range c.windows {
			if !w.ends.After(now) {
				delete(c.windows, key)
			}
		}
	}
	for key := range c.windows { // in no order
		if len(c.windows) < c.most {
			break
		}
		delete(c.windows, key)
	}
}
