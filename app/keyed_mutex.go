package app

import (
	"context"
	"sync"
)

// keyedMutex is a mutex for each name. Other replicas are not known here.
type keyedMutex struct {
	mu     sync.Mutex
	locked map[string]chan struct{} // closed when it is unlocked
}

func newKeyedMutex() *keyedMutex { return &keyedMutex{locked: map[string]chan struct{}{}} }

// TryLock locks a name if nobody has.
func (m *keyedMutex) TryLock(name string) (unlock func(), ok bool) {
	unlock, wait := m.lock(name)
	return unlock, wait == nil
}

// Lock locks a name when it is unlocked. The error is the context's.
func (m *keyedMutex) Lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		unlock, wait := m.lock(name)
		if wait == nil {
			return unlock, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lock locks a name, or returns what is closed when whoever has it unlocks it.
func (m *keyedMutex) lock(name string) (unlock func(), wait chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if wait, ok := m.locked[name]; ok {
		return nil, wait
	}
	done := make(chan struct{})
	m.locked[name] = done
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.locked, name)
		close(done)
	}, nil
}
