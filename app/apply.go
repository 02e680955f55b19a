package app

import (
	"context"

	"structural.app/structural/app/reconcile"
)

// Apply applies a batch of records that come, change or go, in one transaction: [reconcile.Applier] says which objects that touches. The
// records that come have been read. The error is one of [ApplyStorage], or that a record cannot be read.
func (t *Translator) Apply(ctx context.Context, storage ApplyStorage, b Batch, changes []reconcile.Change) error {
	return storage.Apply(ctx, b, t.applying(ctx, changes, nil))
}

// Applying finds out what a change makes of what a customer has: see [reconcile.Applier].
type Applying = func(reconcile.Stored) (*reconcile.Applied, error)

func (t *Translator) applying(ctx context.Context, changes []reconcile.Change, decided []reconcile.Name) Applying {
	applier := reconcile.Applier{
		Read:       func(candidates []*reconcile.Candidate) error { return t.read(ctx, candidates) },
		Precedence: t.platforms.Names(), Comparer: t.planner.Comparer,
	}
	return func(stored reconcile.Stored) (*reconcile.Applied, error) {
		return applier.Apply(stored, changes, decided)
	}
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
