package app

import (
	"context"

	"structural.app/structural/app/reconcile"
)

// Apply applies a batch of records that come, change or go, in one transaction: [reconcile.Applier] says which objects that touches. The
// records that come have been read. reserve is asked before stored records of so many bytes in all are read; nil: nobody is. The error is
// one of [ApplyStorage], that of reserve, or that a record cannot be read.
func (t *Translator) Apply(ctx context.Context, storage ApplyStorage, b Batch, changes []reconcile.Change, reserve func(bytes int) error) error {
	return storage.Apply(ctx, b, t.applying(ctx, changes, nil, reserve))
}

// Applying finds out what a change makes of what a customer has: see [reconcile.Applier].
type Applying = func(reconcile.Stored) (*reconcile.Applied, error)

func (t *Translator) applying(ctx context.Context, changes []reconcile.Change, decided []reconcile.Name, reserve func(bytes int) error) Applying {
	bytes := 0
	read := func(candidates []*reconcile.Candidate) error {
		if bytes += payloadBytes(candidates); reserve != nil {
			if err := reserve(bytes); err != nil {
				return err
			}
		}
		return t.read(ctx, candidates)
	}
	return func(stored reconcile.Stored) (*reconcile.Applied, error) {
		applier := reconcile.Applier{Read: read, Precedence: t.platforms.Names(), Comparer: t.planner.Comparer}
		return applier.Apply(stored, changes, decided)
	}
}

func payloadBytes(candidates []*reconcile.Candidate) (bytes int) {
	for _, c := range candidates {
		bytes += len(c.Record.Payload)
	}
	return bytes
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
