// Package budget bounds the memory of all requests and answers that are in flight. A request reserves the bytes that it is going
// to take before it takes them; while there are none it waits, shortly and with few others, and is refused then. Heavy requests, of
// bodies of some 60 KB and more, work on half of the processors only: the others are for everybody else.
package budget

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrOverloaded says that there is no memory for a request. The same request may succeed a moment later.
var ErrOverloaded = errors.New("no memory left for this request")

// What requests cost, in bytes. The factors are those of the worst texts of a MiB that came to mind, measured with next to no garbage: a
// body that is one long text takes 4 bytes for each of its own, thousands of lines 45, thousands of lines of one unknown field 67.
const (
	// Small is what a request costs that has no body to speak of. It is more than such a request takes: it is also what keeps so
	// few of them in flight that each is answered soon.
	Small = 512 << 10
	// PerBodyByte is what a byte of a request's body makes of itself: its text, the tokens and values of it, what they are
	// translated to, the answer.
	PerBodyByte = 64
	// PerAnswerByte is what a byte makes of itself that is read from the database and answered as it is: its text three times, and
	// the tokens that the answer is checked by.
	PerAnswerByte = 16
	// PerRecordByte is what a byte of a record makes of itself while it is matched: its values, the document, and what is written. It was
	// measured as 6 on the sandboxes.
	PerRecordByte = 8
)

const (
	maxWaiting = 256         // requests that wait at a time
	maxHolding = 16          // requests that wait while they hold memory already
	maxWait    = time.Second // how long one waits
	heavy      = 4 << 20     // bytes beyond which a request is heavy: it works for a tenth of a second and more
)

// Budget is what there is for all requests. Safe for concurrent use.
type Budget struct {
	size, share int64
	free        *semaphore.Weighted
	// lane has room for half as many heavy requests as there are processors: the other half is for everybody else.
	lane *semaphore.Weighted

	mu     sync.Mutex
	shares map[string]*share // of the customers with requests in flight

	held, waiting, refused atomic.Int64
}

// share is what one customer may take: half of all, so that nobody takes the memory of everybody.
type share struct {
	free  *semaphore.Weighted
	users int
}

// New makes a budget of so many bytes.
func New(size int64) *Budget {
	return &Budget{size: size, share: size / 2, free: semaphore.NewWeighted(size), lane: semaphore.NewWeighted(lanes()), shares: map[string]*share{}}
}

func lanes() int64 { return max(1, int64(runtime.GOMAXPROCS(0)/2)) }

// Held is how many bytes are reserved.
func (b *Budget) Held() int64 { return b.held.Load() }

// Waiting is how many requests wait for bytes.
func (b *Budget) Waiting() int64 { return b.waiting.Load() }

// Refused is how many requests have been refused.
func (b *Budget) Refused() int64 { return b.refused.Load() }

// Reservation is what one request has reserved. It belongs to one goroutine. A nil Reservation has no bounds.
type Reservation struct {
	budget   *Budget
	customer string
	share    *share // nil: the request is nobody's yet
	held     int64
	inLane   bool
}

// Reservation returns one that holds nothing yet.
func (b *Budget) Reservation() *Reservation { return &Reservation{budget: b} }

// Of says whose request it is: what it reserves from now on is of that customer's share. What it held is given back.
func (r *Reservation) Of(customer string) {
	if r == nil {
		return
	}
	r.Release()
	b := r.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	r.customer, r.share = customer, b.shares[customer]
	if r.share == nil {
		r.share = &share{free: semaphore.NewWeighted(b.share)}
		b.shares[customer] = r.share
	}
	r.share.users++
}

// Grow reserves further bytes, and waits for them if need be. The error is [ErrOverloaded]; what was held stays held. More than
// a customer's whole share is reserved as that: a request that is alone can be as large as it must.
func (r *Reservation) Grow(ctx context.Context, bytes int64) error {
	if r == nil {
		return nil
	}
	b := r.budget
	bytes = min(bytes, b.share-r.held)
	if r.held+bytes > heavy && !r.inLane {
		r.inLane = b.lane.TryAcquire(1)
	}
	needsLane := r.held+bytes > heavy && !r.inLane
	if !needsLane && r.try(bytes) {
		return nil
	}
	most := int64(maxWaiting)
	if r.held > 0 {
		most = maxHolding
	}
	defer b.waiting.Add(-1)
	if b.waiting.Add(1) > most || r.wait(ctx, needsLane, bytes) != nil {
		b.refused.Add(1)
		return ErrOverloaded
	}
	r.took(bytes)
	return nil
}

// GrowTo reserves what is wanting to so many bytes, as Grow does.
func (r *Reservation) GrowTo(ctx context.Context, bytes int64) error {
	if r == nil || r.held >= bytes {
		return nil
	}
	return r.Grow(ctx, bytes-r.held)
}

// TryGrow reserves further bytes if they are free.
func (r *Reservation) TryGrow(bytes int64) bool {
	return r == nil || r.try(min(bytes, r.budget.share-r.held))
}

// TryGrowTo reserves what is wanting to so many bytes if that is free.
func (r *Reservation) TryGrowTo(bytes int64) bool {
	return r == nil || r.held >= bytes || r.TryGrow(bytes-r.held)
}

// Held is how many bytes are reserved.
func (r *Reservation) Held() int64 {
	if r == nil {
		return 0
	}
	return r.held
}

func (r *Reservation) try(bytes int64) bool {
	if r.share != nil && !r.share.free.TryAcquire(bytes) {
		return false
	}
	if !r.budget.free.TryAcquire(bytes) {
		if r.share != nil {
			r.share.free.Release(bytes)
		}
		return false
	}
	r.took(bytes)
	return true
}

func (r *Reservation) wait(ctx context.Context, needsLane bool, bytes int64) error {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if needsLane {
		if err := r.budget.lane.Acquire(ctx, 1); err != nil {
			return err
		}
		r.inLane = true
	}
	if r.share != nil {
		if err := r.share.free.Acquire(ctx, bytes); err != nil {
			return err
		}
	}
	err := r.budget.free.Acquire(ctx, bytes)
	if err != nil && r.share != nil {
		r.share.free.Release(bytes)
	}
	return err
}

func (r *Reservation) took(bytes int64) {
	r.held += bytes
	r.budget.held.Add(bytes)
}

// Shrink gives back what is held beyond so many bytes: the work is done, a heavy one makes room for the next.
func (r *Reservation) Shrink(to int64) {
	if r == nil {
		return
	}
	if r.inLane {
		r.budget.lane.Release(1)
		r.inLane = false
	}
	if r.held <= to {
		return
	}
	bytes := r.held - to
	r.held = to
	r.budget.held.Add(-bytes)
	r.budget.free.Release(bytes)
	if r.share != nil {
		r.share.free.Release(bytes)
	}
}

// Release gives everything back.
func (r *Reservation) Release() {
	if r == nil {
		return
	}
	r.Shrink(0)
	if r.share == nil {
		return
	}
	b := r.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.share.users--; r.share.users == 0 {
		delete(b.shares, r.customer)
	}
	r.share = nil
}
