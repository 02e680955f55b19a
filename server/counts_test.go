package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestCountsKeepABoundedNumberOfKeys(t *testing.T) {
	c, now := newCounts(100), time.Now()
	for i := range 10_000 {
		assert.Equal(t, int64(1), c.add(fmt.Sprint(i), time.Minute, now).count)
		assert.LessOrEqual(t, len(c.windows), 100)
	}
	assert.Equal(t, int64(2), c.add("9999", time.Minute, now).count, "the latest is not forgotten")
	later := now.Add(time.Minute)
	assert.Zero(t, c.get("9999", later).count)
	assert.Equal(t, int64(1), c.add("9999", time.Minute, later).count, "a window of its own")
	c.add("new", time.Minute, later)
	assert.Len(t, c.windows, 2, "what has ended is dropped")
}
