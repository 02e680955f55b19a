package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/store"
)

const (
	purgeInterval = 5 * time.Second // how soon the rows of a deleted customer begin to go
	healInterval  = time.Minute     // between two looks for rows that the previous version wrote
)

// A task is background work that is done again and again, whatever becomes of one run.
type task struct {
	name  string
	every time.Duration
	run   func(context.Context) error
}

// backgroundTasks are what a serving program does besides answering.
func backgroundTasks(s *store.Store, translator *app.Translator, demoTTL time.Duration, logger *slog.Logger) []task {
	return []task{
		{"delete expired demo sessions", max(time.Second, min(time.Hour, demoTTL/10)), func(ctx context.Context) error {
			deleted, err := s.DeleteExpiredDemoCustomers(ctx, demoTTL)
			if deleted > 0 {
				logger.Info("expired demo sessions deleted", "customers", deleted, "older_than", demoTTL)
			}
			return err
		}},
		{"delete the rows of deleted customers", purgeInterval, func(ctx context.Context) error {
			purged, err := s.PurgeDeleted(ctx)
			if purged > 0 {
				logger.Info("rows of deleted customers deleted", "customers", purged)
			}
			return err
		}},
		{"delete expired answers to idempotency keys", time.Hour, func(ctx context.Context) error {
			_, err := s.DeleteExpiredAnswers(ctx)
			return err
		}},
		{"bring stored rows up to date", healInterval, func(ctx context.Context) error {
			healed, _, err := s.Heal(ctx, translator.Derive)
			if healed > 0 {
				logger.Info("objects of the previous version brought up to date", "objects", healed)
			}
			return err
		}},
		{"compare stored records", healInterval, func(ctx context.Context) error {
			compared, _, err := s.CompareAll(ctx, translator.Rates(), translator.Compare)
			if compared > 0 {
				logger.Info("stored records compared at the present rates of exchange", "objects", compared)
			}
			return err
		}},
	}
}

// runTasks runs each task now and then in its interval, until ctx ends, and returns when all have ended. A failure or a panic
// of one is logged: it ends neither the task nor the program.
func runTasks(ctx context.Context, tasks []task, logger *slog.Logger) {
	var wg sync.WaitGroup
	for _, t := range tasks {
		wg.Go(func() {
			ticker := time.NewTicker(t.every)
			defer ticker.Stop()
			for {
				if err := t.try(ctx); err != nil && ctx.Err() == nil {
					logger.Warn("background task failed; it runs again later", "task", t.name, "error", err)
				}
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
			}
		})
	}
	wg.Wait()
}

// try runs the task once. A panic is an error.
func (t task) try(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return t.run(ctx)
}
