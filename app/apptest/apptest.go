// Package apptest has what the tests of app and of its pure packages share: the largest requests, and what work on them costs.
package apptest

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// MaxBody is the size of the largest request, in bytes.
const MaxBody = 1 << 20

// List repeats an element, by its number, n times, or until a body is full. open and shut are the text before and after.
func List(open string, n int, element func(i int) string, shut string) string {
	var b strings.Builder
	b.WriteString(open)
	for i := 0; i < n; i++ {
		next := element(i)
		if b.Len()+len(next)+len(shut)+1 > MaxBody {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(next)
	}
	b.WriteString(shut)
	return b.String()
}

// CostIsLinear fails the test if four times the work of a size costs much more than four times as much. What copies grows with its
// square would show in the bytes; what compares would not end while these tests may run.
func CostIsLinear(t *testing.T, size int, work func(n int) func()) {
	t.Helper()
	objects, bytes := cost(work(size))
	moreObjects, moreBytes := cost(work(4 * size))
	t.Logf("objects %.0f to %.0f, bytes %.0f to %.0f", objects, moreObjects, bytes, moreBytes)
	assert.Less(t, moreObjects, 5*objects+1000)
	assert.Less(t, moreBytes, 12*bytes+1<<20) // slices that grow, and pools that are empty, are not exact; a square is 16 times
}

// cost is what a function allocates, in objects and in bytes.
func cost(do func()) (objects, bytes float64) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties pools
	var before, after runtime.MemStats
	do() // what is made once is made
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// Ending is asked whether work is to go on. It has an error from the nth time on that it is asked, and counts how often it is.
type Ending struct {
	At    int // n
	Asked int
	Err   error // what it answers then
}

// Stop answers.
func (e *Ending) Stop() error {
	if e.Asked++; e.Asked < e.At {
		return nil
	}
	return e.Err
}
