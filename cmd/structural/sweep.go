package main

import (
	"context"
	"log/slog"
	"time"

	"structural.app/structural/store"
)

// sweep deletes abandoned demo customers and expired answers to idempotency keys, now and then again and again, until ctx ends.
func sweep(ctx context.Context, s *store.Store, ttl time.Duration, logger *slog.Logger) {
	ticker := time.NewTicker(max(time.Second, min(time.Hour, ttl/10)))
	defer ticker.Stop()
	for {
		deleted, err := s.DeleteExpiredDemoCustomers(ctx, ttl)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			logger.Warn("demo customers could not be swept; trying again later", "error", err)
		case deleted > 0:
			logger.Info("abandoned demo customers deleted", "customers", deleted, "older_than", ttl)
		}
		if _, err := s.DeleteExpiredAnswers(ctx); err != nil && ctx.Err() == nil {
			logger.Warn("expired answers to idempotency keys could not be swept; trying again later", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
