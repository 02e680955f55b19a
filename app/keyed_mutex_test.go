package app

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeyedMutex_TryLock(t *testing.T) {
	m := newKeyedMutex()
	unlock, ok := m.TryLock("a")
	require.True(t, ok)
	_, ok = m.TryLock("a")
	assert.False(t, ok, "it is locked")
	_, ok = m.TryLock("b")
	assert.True(t, ok, "another name")
	unlock()
	_, ok = m.TryLock("a")
	assert.True(t, ok)
}

func TestKeyedMutex_LockLetsOneInAtATime(t *testing.T) {
	m := newKeyedMutex()
	var wg sync.WaitGroup
	inside, most, n := 0, 0, 0 // the mutex alone guards them: the race detector tells
	for range 50 {
		wg.Go(func() {
			unlock, err := m.Lock(t.Context(), "a")
			if !assert.NoError(t, err) {
				return
			}
			defer unlock()
			inside++
			most, n = max(most, inside), n+1
			inside--
		})
	}
	wg.Wait()
	assert.Equal(t, []int{1, 50}, []int{most, n})
	assert.Empty(t, m.locked, "nothing is left of names that are not locked")
}

func TestKeyedMutex_LockEndsWithItsContext(t *testing.T) {
	m := newKeyedMutex()
	_, ok := m.TryLock("a")
	require.True(t, ok)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Lock(ctx, "a")
	assert.ErrorIs(t, err, context.Canceled)
}
