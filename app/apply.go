package app

import (
	"context"

	"structural.app/structural/app/reconcile"
)

// Apply applies a batch of records that come, change or go, in one transaction: [reconcile.Apply] says which objects that touches. The
// records that come have been read. The error is one of [ApplyStorage], or that a record cannot be read.
func (t *Translator) Apply(ctx context.Context, storage ApplyStorage, b Batch, changes []reconcile.Change) error {
	return storage.Apply(ctx, b, func(stored reconcile.Stored) (*reconcile.Applied, error) {
		read := func(candidates []*reconcile.Candidate) error { return t.read(ctx, candidates) }
		return reconcile.Apply(stored, changes, read, t.platforms.Names())
	})
}

// read reads each candidate as its platform's record.
func (t *Translator) read(ctx context.Context, candidates []*reconcile.Candidate) error {
	return each(ctx, candidates, func(c *reconcile.Candidate) error {
		p, err := t.platform(c.Record.Platform)
		if err != nil {
			return err
		}
		return c.Read(p, t.rates)
	})
}
