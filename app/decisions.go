package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

// SavedDecision is a decision as it is stored.
type SavedDecision struct {
	reconcile.Decision
	Note      string
	DecidedBy Actor
	DecidedAt time.Time
	Version   int64 // of the customer's objects that it made; grows with every decision
}

// DecisionRequest says of records that they are the same thing, or that no two of them are.
type DecisionRequest struct {
	Actor      Actor
	CustomerID string
	RequestID  string
	Quota      int64 // bytes that the customer may store; 0: without a limit
	// Reserve is asked before stored records of so many bytes in all are read. Nil: nobody is.
	Reserve func(bytes int) error

	EntityType canonical.EntityType
	Records    []reconcile.RecordID
	Same       bool
	Note       string
}

// Withdrawal takes a decision back.
type Withdrawal struct {
	Actor      Actor
	CustomerID string
	RequestID  string
	Quota      int64
	DecisionID string
	Reserve    func(bytes int) error // as that of a DecisionRequest
}

// DecisionQuery asks for decisions, the latest first.
type DecisionQuery struct {
	CustomerID string
	EntityType canonical.EntityType // empty: any
	Before     int64                // version behind which the list begins; 0: from the latest
	Limit      int
}

// DecisionStorage is the storage that decisions need.
type DecisionStorage interface {
	// SaveDecision writes a decision and what it makes of the customer's objects, at once or not at all, and returns it with the ids of
	// the objects that its records are now. do finds out what changes. A decision that stands already is
	// returned as it stands. [ErrNotFound] if a record or the customer does not exist, [ErrQuota], or a *[reconcile.ContradictionError].
	SaveDecision(ctx context.Context, r DecisionRequest, do Applying) (saved SavedDecision, canonicalIDs []string, err error)
	// DeleteDecision takes a decision back, and undoes what it made of the customer's objects. [ErrNotFound] if there is none.
	DeleteDecision(ctx context.Context, w Withdrawal, do func(decided []reconcile.Name) Applying) error
	// ListDecisions lists decisions, and says whether older ones follow.
	ListDecisions(ctx context.Context, q DecisionQuery) (list []SavedDecision, more bool, err error)
}

// ErrSamePlatform says that two records of a decision are of one platform: an object has one at the most.
var ErrSamePlatform = errors.New("two records of one platform")

// Decider has people decide which records are one. Safe for concurrent use.
type Decider struct {
	translator *Translator
	storage    DecisionStorage
	quotas     Quotas
}

// NewDecider makes a Decider.
func NewDecider(t *Translator, storage DecisionStorage, quotas Quotas) *Decider {
	return &Decider{t, storage, quotas}
}

// Decide says of records that they are the same thing, or that no two of them are. Besides the errors of [DecisionStorage] there are
// [ErrSamePlatform], and a *[QuotaError] in place of [ErrQuota].
func (d *Decider) Decide(ctx context.Context, r DecisionRequest) (SavedDecision, []string, error) {
	platforms := map[string]bool{}
	names := make([]reconcile.Name, len(r.Records))
	for i, record := range r.Records {
		names[i] = reconcile.Name{Platform: record.Platform, EntityType: r.EntityType, PlatformID: record.PlatformID}
		if platforms[record.Platform] {
			return SavedDecision{}, nil, fmt.Errorf("%s: %w", record.Platform, ErrSamePlatform)
		}
		platforms[record.Platform] = true
	}
	r.Quota = d.quotas.BytesOf(r.Actor.Mode)
	saved, ids, err := d.storage.SaveDecision(ctx, r, d.translator.applying(ctx, nil, names, r.Reserve))
	return saved, ids, d.quotas.explain(err, r.Actor.Mode)
}

// Withdraw takes a decision back. [ErrNotFound] if there is none.
func (d *Decider) Withdraw(ctx context.Context, w Withdrawal) error {
	w.Quota = d.quotas.BytesOf(w.Actor.Mode)
	return d.quotas.explain(d.storage.DeleteDecision(ctx, w, func(decided []reconcile.Name) Applying { return d.translator.applying(ctx, nil, decided, w.Reserve) }), w.Actor.Mode)
}

// Decisions lists decisions, and says whether older ones follow.
func (d *Decider) Decisions(ctx context.Context, q DecisionQuery) ([]SavedDecision, bool, error) {
	return d.storage.ListDecisions(ctx, q)
}
