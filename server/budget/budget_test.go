package budget

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBudgetIsNeverExceeded(t *testing.T) {
	const size = 1000
	b := New(size)
	var most atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for range 200 {
				r := b.Reservation()
				if i%2 == 0 {
					r.Of([]string{"a", "b", "c"}[i%3])
				}
				if r.Grow(t.Context(), rand.N[int64](400)) == nil {
					r.TryGrow(rand.N[int64](100))
					most.Store(max(most.Load(), b.Held()))
					assert.LessOrEqual(t, b.Held(), int64(size))
					r.Shrink(rand.N[int64](100))
				}
				r.Release()
			}
		})
	}
	wg.Wait()
	assert.Positive(t, most.Load())
	assert.Zero(t, b.Held())
	assert.Zero(t, b.Waiting())
	assert.Empty(t, b.shares)
	require.True(t, b.free.TryAcquire(size), "all of it is free again")
}

// One customer takes half; what another one needs is still there.
func TestBudgetLeavesHalfToOthers(t *testing.T) {
	b := New(1000)
	mine, more, other := b.Reservation(), b.Reservation(), b.Reservation()
	mine.Of("me")
	more.Of("me")
	other.Of("you")
	require.NoError(t, mine.Grow(t.Context(), 5000), "as large as it must be, when it is alone")
	assert.Equal(t, int64(500), b.Held())
	assert.False(t, more.TryGrow(1))
	assert.True(t, other.TryGrow(500))
	mine.Release()
	assert.True(t, more.TryGrow(500))
}

func TestBudgetRefusesWhoWouldWaitLong(t *testing.T) {
	b := New(1000)
	holder := b.Reservation()
	require.True(t, holder.TryGrow(500))
	second := b.Reservation()
	require.True(t, second.TryGrow(400))
	third := b.Reservation()
	require.True(t, third.TryGrow(100))

	assert.ErrorIs(t, b.Reservation().Grow(t.Context(), 1), ErrOverloaded, "after a second")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, b.Reservation().Grow(gone, 1), ErrOverloaded, "whoever has gone does not wait")

	b.waiting.Store(maxHolding)
	assert.ErrorIs(t, third.Grow(t.Context(), 1), ErrOverloaded, "few wait with memory in their hands")
	b.waiting.Store(maxWaiting)
	assert.ErrorIs(t, b.Reservation().Grow(t.Context(), 1), ErrOverloaded, "at once, the queue is full")
	assert.Equal(t, int64(4), b.Refused())

	b.waiting.Store(0)
	waited := make(chan error)
	r := b.Reservation()
	go func() { waited <- r.Grow(context.Background(), 100) }()
	for b.Waiting() == 0 {
	}
	holder.Release()
	assert.NoError(t, <-waited)
}

// However many heavy requests there are, half of the processors work for others.
func TestHeavyRequestsTakeTurns(t *testing.T) {
	b := New(1 << 30)
	var reservations []*Reservation
	for range lanes() {
		r := b.Reservation()
		require.NoError(t, r.Grow(t.Context(), heavy+1))
		reservations = append(reservations, r)
	}
	next := b.Reservation()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, next.Grow(ctx, heavy+1), ErrOverloaded)
	require.NoError(t, next.Grow(t.Context(), Small), "one that is not heavy")
	next.Release()

	admitted := make(chan error, 1)
	go func() {
		r := b.Reservation()
		defer r.Release()
		admitted <- r.Grow(context.Background(), heavy+1)
	}()
	reservations[0].Shrink(1) // it sends its answer
	require.NoError(t, <-admitted)
	for _, r := range reservations {
		r.Release()
	}
	assert.Zero(t, b.Held())
}
