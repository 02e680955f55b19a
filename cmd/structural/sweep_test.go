package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One task that fails or panics stops neither itself nor the others.
func TestRunTasks_AFailureStopsNothing(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	var failed, panicked, worked atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runTasks(ctx, []task{
			{"fails", time.Millisecond, func(context.Context) error { failed.Add(1); return errors.New("no") }},
			{"panics", time.Millisecond, func(context.Context) error { panicked.Add(1); panic("out of range") }},
			{"works", time.Millisecond, func(context.Context) error { worked.Add(1); return nil }},
		}, logger)
	}()
	require.Eventually(t, func() bool { return failed.Load() > 2 && panicked.Load() > 2 && worked.Load() > 2 }, 10*time.Second, time.Millisecond)
	cancel()
	<-ended
	assert.Contains(t, log.String(), "task=fails")
	assert.Contains(t, log.String(), "out of range")
}
