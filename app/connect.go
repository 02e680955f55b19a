package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Source gives all records of a platform, of a side of the books where it keeps more than one: a sandbox, or a connection to the real
// system.
type Source interface {
	Records(ctx context.Context, ledger books.LedgerSide) ([]platform.Record, error)
}

// What [Connecter.Connect] refuses, besides what the storage does.
var (
	// ErrNoCredentials says that there is nothing to reach the customer's platform with, and that it gets no sandbox.
	ErrNoCredentials = errors.New("no credentials for this platform")
	// ErrNoSandbox says that the platform has no sandbox.
	ErrNoSandbox = errors.New("this platform has no sandbox")
)

// ConnectRequest asks for a platform of a customer to be connected.
type ConnectRequest struct {
	Actor      Actor
	CustomerID string
	Platform   string
	Ledger     books.LedgerSide // empty: that of the customer's records, or else receivable
	// Reserve is asked before records of so many bytes are reconciled. Nil: nobody is.
	Reserve func(ctx context.Context, bytes int) error
}

// Connecter connects platforms. Safe for concurrent use.
type Connecter struct {
	translator *Translator
	storage    ConnectionStorage
	sandboxes  map[string]Source // by platform
	quotas     Quotas
}

// NewConnecter makes a Connecter: demo and test customers are connected to the sandboxes, which are by platform.
func NewConnecter(t *Translator, storage ConnectionStorage, sandboxes map[string]Source, quotas Quotas) *Connecter {
	return &Connecter{translator: t, storage: storage, sandboxes: sandboxes, quotas: quotas}
}

// Connect loads the records of a platform of a customer, reconciles them with the records of the customer's other platforms, and
// says how many of each type they are. What the platform had before is gone. The error is [ErrNoCredentials], [ErrNoSandbox], a
// [*QuotaError], [ErrLedger], [ErrBusy] if the platform is being connected already, or [ErrNotFound] if the customer is gone; then, and after
// any other, the customer has what it had before.
func (c *Connecter) Connect(ctx context.Context, r ConnectRequest) (map[canonical.EntityType]int, error) {
	if r.Actor.Mode == ModeLive {
		return nil, ErrNoCredentials
	}
	source, ok := c.sandboxes[r.Platform]
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.Platform, ErrNoSandbox)
	}
	if r.Ledger == "" {
		ledger, err := c.storage.Ledger(ctx, r.CustomerID)
		if err != nil {
			return nil, err
		}
		r.Ledger = cmp.Or(books.LedgerSide(ledger), books.Receivable)
	}
	counts, err := c.load(ctx, r, source)
	return counts, c.quotas.explain(err, r.Actor.Mode)
}

// load replaces a platform's records by those of a source.
func (c *Connecter) load(ctx context.Context, r ConnectRequest, source Source) (map[canonical.EntityType]int, error) {
	loaded, err := source.Records(ctx, r.Ledger)
	if err != nil {
		return nil, fmt.Errorf("read the records of %s: %w", r.Platform, err)
	}
	counts := map[canonical.EntityType]int{}
	own := make([]*reconcile.Candidate, len(loaded))
	var text []byte
	for i, record := range loaded {
		counts[record.EntityType]++
		text = record.Payload.Append(text[:0])
		own[i] = &reconcile.Candidate{Payload: record.Payload, Record: StoredRecord{
			Platform: r.Platform, EntityType: record.EntityType, Payload: bytes.Clone(text), Variant: record.Context.Variant,
		}}
	}
	quota := c.quotas.BytesOf(r.Actor.Mode)
	err = c.storage.Connect(ctx, r.CustomerID, r.Platform, string(r.Ledger), quota, func(others []StoredRecord, kept []StoredObject, decisions []reconcile.Decision) (records, mapped []StoredRecord, objects []StoredObject, err error) {
		candidates := own
		for _, record := range others {
			candidates = append(candidates, &reconcile.Candidate{Record: record})
		}
		if r.Reserve != nil {
			if err := r.Reserve(ctx, payloadBytes(candidates)); err != nil {
				return nil, nil, nil, err
			}
		}
		if mapped, objects, err = c.translator.reconcile(ctx, candidates, kept, decisions); err != nil {
			return nil, nil, nil, err
		}
		return mapped[:len(own)], mapped, objects, nil
	})
	return counts, err
}

// reconcile makes the canonical objects of all records of a customer, and puts back what earlier objects said beyond their
// records' words. The records come back in the order in which they were given, with their ids.
func (t *Translator) reconcile(ctx context.Context, candidates []*reconcile.Candidate, earlier []StoredObject, decisions []reconcile.Decision) (
	[]StoredRecord, []StoredObject, error,
) {
	if err := t.read(ctx, candidates); err != nil {
		return nil, nil, err
	}
	matches, err := reconcile.Match(candidates, t.platforms.Names(), earlier, decisions)
	if err != nil {
		return nil, nil, err
	}
	matches.Comparer = t.planner.Comparer
	objects := make([]StoredObject, matches.Len())
	indexes := make([]int, len(objects))
	for i := range indexes {
		indexes[i] = i
	}
	if err := each(ctx, indexes, func(i int) error {
		objects[i] = matches.Object(i)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	records := make([]StoredRecord, len(candidates))
	for i, c := range candidates {
		records[i] = c.Record
	}
	return records, objects, nil
}

// each calls do for every item, on all processors, until ctx ends, and joins the errors. A panic of do is an error: it ends
// neither the program nor anybody else's request.
func each[T any](ctx context.Context, items []T, do func(T) error) error {
	workers := min(runtime.GOMAXPROCS(0), len(items)/64+1)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[w] = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			for i := w; i < len(items); i += workers {
				if errs[w] = ctx.Err(); errs[w] == nil {
					errs[w] = do(items[i])
				}
				if errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
