package server

import (
	"context"
	"sync"
)

// turns lets those who work on the same thing do so one after the other. Other replicas are not known here: it only saves the
// work that the database would refuse.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends
}

func newTurns() *turns { return &turns{taken: map[string]chan struct{}{}} }

// try takes a turn if nobody has it.
func (t *turns) try(name string) (end func(), ok bool) {
	end, wait := t.take(name)
	return end, wait == nil
}

// wait takes a turn when it is free. The error is the context's.
func (t *turns) wait(ctx context.Context, name string) (end func(), err error) {
	for {
		end, wait := t.take(name)
		if wait == nil {
			return end, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take takes a turn, or returns what is closed when whoever has it ends.
func (t *turns) take(name string) (end func(), wait chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait, ok := t.taken[name]; ok {
		return nil, wait
	}
	done := make(chan struct{})
	t.taken[name] = done
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, name)
		close(done)
	}, nil
}
