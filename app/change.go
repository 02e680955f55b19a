package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"structural.app/structural/app/plan"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// What [Changer.Change] refuses, besides what [plan.Planner.Draft] and the storage do.
var (
	// ErrPrecondition says that the object is not in the version that was asked for.
	ErrPrecondition = errors.New("the object has another version")
	// ErrKeyInUse says that a request with the same idempotency key is being worked on.
	ErrKeyInUse = errors.New("the idempotency key is in use")
	// ErrContended says that others changed the object each time before this change could be saved.
	ErrContended = errors.New("the object is being changed by many")
	// ErrRecordTooLarge says that a platform's record would be larger than [MaxRecordBytes].
	ErrRecordTooLarge = errors.New("the record would be too large")
)

const (
	// MaxRecordBytes is how large a platform's record may be, as JSON.
	MaxRecordBytes = 1 << 20
	// MaxTextBytes is how long a text is that a change sets.
	MaxTextBytes = 64 << 10
)

// TextTooLongError says that a change sets a text of more than [MaxTextBytes].
type TextTooLongError struct {
	Pointer string // RFC 6901, from the root of the patch
}

// Error names the field.
func (e *TextTooLongError) Error() string {
	return fmt.Sprintf("%s: a text of more than %d KB", e.Pointer, MaxTextBytes>>10)
}

// ChangeRequest asks for a change of one object and of its record on every platform.
type ChangeRequest struct {
	Actor     Actor
	RequestID string
	Query     ObjectQuery // its IdempotencyKey is kept with the answer
	Patch     plan.Patch
	Matches   func(version int64) bool // whether the object may be changed in this version; nil: in any
	DryRun    bool                     // nothing is written

	// Fingerprint is of the whole request: an idempotency key that is used again must come with the same one.
	Fingerprint [32]byte
	// Reserve is asked before an object of so many bytes is worked on. Nil: nobody is.
	Reserve func(ctx context.Context, bytes int) error
	// Answer words the result, before anything is written; its error ends the change. Nil: nobody asks for it.
	Answer func(*FoundObject, *plan.Result) ([]byte, error)
	// Refusal words an error, and says whether it is kept as the answer to the idempotency key. Nil: no error is.
	Refusal func(error) (status int, message []byte, keep bool)
}

// ChangeResult is what became of a change.
type ChangeResult struct {
	Version int64 // of the object
	Body    []byte
	Written []string // platforms whose records were changed
	Replay  *Answer  // the answer to an earlier request with the same idempotency key; nothing was done
}

// Changer changes objects. Nothing is locked while a change is computed: the one statement that writes it succeeds only if what
// it was computed from is unchanged, and otherwise all is done again. Safe for concurrent use.
type Changer struct {
	translator *Translator
	storage    ChangeStorage
	quotas     Quotas
	working    *keyedMutex
	// Retried is told of each change that is computed once more. Nil: nobody is.
	Retried func()
}

// NewChanger makes a Changer for customers that may store so much.
func NewChanger(t *Translator, storage ChangeStorage, quotas Quotas) *Changer {
	return &Changer{translator: t, storage: storage, quotas: quotas, working: newKeyedMutex()}
}

// Change changes an object and its record on every platform, at once or not at all. The error is one of the above, a
// [*TextTooLongError], a [*QuotaError], one of [ChangeStorage], one of [plan.Planner.Draft], or that of a function of the request.
func (c *Changer) Change(ctx context.Context, r ChangeRequest) (ChangeResult, error) {
	if pointer, found := jsontext.FindText(r.Patch.Fields, func(text string) bool { return len(text) > MaxTextBytes }); found {
		return ChangeResult{}, &TextTooLongError{pointer}
	}
	if !r.DryRun {
		unlock, err := c.lock(ctx, &r)
		if err != nil {
			return ChangeResult{}, err
		}
		defer unlock()
	}
	const attempts = 100
	for range attempts {
		result, err := c.attempt(ctx, &r)
		if !errors.Is(err, ErrChanged) {
			return result, err
		}
		if c.Retried != nil {
			c.Retried()
		}
		select {
		case <-ctx.Done():
			return ChangeResult{}, errors.Join(ErrContended, ctx.Err())
		case <-time.After(rand.N(10 * time.Millisecond)):
		}
	}
	return ChangeResult{}, ErrContended
}

// lock lets those who change the same object in this process do so one after the other. It saves the work that the storage
// would refuse.
func (c *Changer) lock(ctx context.Context, r *ChangeRequest) (unlock func(), err error) {
	unlockKey := func() {}
	if r.Query.IdempotencyKey != "" {
		var ok bool
		if unlockKey, ok = c.working.TryLock("key " + r.Query.CustomerID + " " + r.Query.IdempotencyKey); !ok {
			return nil, ErrKeyInUse
		}
	}
	q := &r.Query
	unlockObject, err := c.working.Lock(ctx, "object "+q.CustomerID+" "+q.EntityType+" "+q.CanonicalID+q.Platform+"/"+q.PlatformID)
	if err != nil {
		unlockKey()
		return nil, errors.Join(ErrContended, err)
	}
	return func() { unlockObject(); unlockKey() }, nil
}

// attempt tries once. [ErrChanged] asks for another attempt.
func (c *Changer) attempt(ctx context.Context, r *ChangeRequest) (ChangeResult, error) {
	query := r.Query
	query.Settings = true
	found, err := c.storage.FindObject(ctx, query)
	if found.Answer != nil {
		return ChangeResult{Replay: found.Answer}, nil
	}
	if err == nil && r.Reserve != nil {
		err = r.Reserve(ctx, found.Size())
	}
	if err == nil && r.Matches != nil && !r.Matches(found.Version) {
		err = ErrPrecondition
	}
	var planned plan.Result
	if err == nil {
		planned, err = c.plan(ctx, r, &found)
	}
	if err != nil {
		return ChangeResult{}, c.refuse(ctx, r, err)
	}
	change := r.change(&found, &planned)
	change.Quota = c.quotas.BytesOf(r.Actor.Mode)
	if slices.ContainsFunc(change.Records, func(record StoredRecord) bool { return len(record.Payload) > MaxRecordBytes }) {
		return ChangeResult{}, ErrRecordTooLarge
	}
	result := ChangeResult{Version: found.Version}
	if r.Answer != nil {
		if result.Body, err = r.Answer(&found, &planned); err != nil {
			return ChangeResult{}, err
		}
	}
	change.Answer = r.answer(200, 0, result.Body)
	switch {
	case r.DryRun:
		return result, nil
	case !planned.Changed():
		return result, c.saveAnswer(ctx, r, r.answer(200, found.Version, result.Body))
	}
	if result.Version, err = c.storage.SaveChange(ctx, change); err != nil {
		return ChangeResult{}, c.quotas.explain(err, r.Actor.Mode)
	}
	for _, record := range change.Records {
		result.Written = append(result.Written, record.Platform)
	}
	return result, nil
}

// refuse keeps a refusal as the answer to the idempotency key, where it is one that stays.
func (c *Changer) refuse(ctx context.Context, r *ChangeRequest, err error) error {
	if r.Refusal == nil || r.Query.IdempotencyKey == "" {
		return err
	}
	if status, message, keep := r.Refusal(err); keep {
		if saved := c.saveAnswer(ctx, r, r.answer(status, 0, message)); saved != nil {
			return saved
		}
	}
	return err
}

// answer is what is kept of an answer.
func (r *ChangeRequest) answer(status int, version int64, body []byte) Answer {
	return Answer{Key: r.Query.IdempotencyKey, Fingerprint: r.Fingerprint, Status: status, Version: version, Body: body}
}

// saveAnswer keeps the answer to a request that changed nothing. One that there is no room for is not kept: the same request
// gets the same answer again.
func (c *Changer) saveAnswer(ctx context.Context, r *ChangeRequest, answer Answer) error {
	if answer.Key == "" {
		return nil
	}
	err := c.storage.SaveAnswer(ctx, r.Query.CustomerID, c.quotas.BytesOf(r.Actor.Mode), answer)
	if errors.Is(err, ErrQuota) {
		return nil
	}
	return err
}

// change is the change as it is stored.
func (r *ChangeRequest) change(found *FoundObject, p *plan.Result) Change {
	change := Change{
		CustomerID: r.Query.CustomerID, Object: found.StoredObject, Actor: r.Actor, RequestID: r.RequestID, Platform: r.Patch.Platform,
		Changes: p.ChangesJSON(), Platforms: p.RecordChangesJSON(),
	}
	change.Object.Document = p.Document.Append(nil)
	change.Object.RefersTo, change.Object.Kept = p.RefersTo, p.Kept
	change.Object.SetCompared(&p.Compared)
	change.RecordBytes = int64(len(change.Object.Document) + len(change.Object.Kept) - len(found.Document) - len(found.Kept))
	for _, record := range p.Records {
		if len(record.Changes) == 0 {
			continue
		}
		stored := StoredRecord{Platform: record.Platform, PlatformID: record.PlatformID, Payload: record.Payload.Append(nil)}
		change.Records = append(change.Records, stored)
		change.RecordBytes += int64(len(stored.Payload))
		for _, had := range found.Records {
			if had.Platform == record.Platform {
				change.RecordBytes -= int64(len(had.Payload))
			}
		}
	}
	return change
}

// plan plans the change. In between, it finds what the object refers to: most often that is known already.
func (c *Changer) plan(ctx context.Context, r *ChangeRequest, found *FoundObject) (plan.Result, error) {
	patch := r.Patch
	patch.Settings = make(map[string]*books.Settings, len(found.Settings))
	for platform, text := range found.Settings {
		settings, err := (&StoredSettings{Settings: text}).read()
		if err != nil {
			return plan.Result{}, err
		}
		patch.Settings[platform] = settings
	}
	draft, err := c.translator.planner.Draft(found.StoredObject, found.Records, patch, ctx.Err)
	if err != nil {
		return plan.Result{}, err
	}
	referents := collectReferents(found.Referents)
	if missing := draft.MissingIDs(referents); len(missing) > 0 {
		more, err := c.storage.FindReferents(ctx, r.Query.CustomerID, missing)
		if err != nil {
			return plan.Result{}, err
		}
		referents = collectReferents(slices.Concat(found.Referents, more))
	}
	return draft.Finish(referents)
}

func collectReferents(records []ReferentRecord) map[string]plan.Referent {
	found := map[string]plan.Referent{}
	for _, record := range records {
		r, ok := found[record.ID]
		if !ok {
			r = plan.Referent{CanonicalID: record.CanonicalID, EntityType: record.EntityType, PlatformIDs: map[string]string{}}
			found[record.ID] = r
		}
		r.PlatformIDs[record.Platform] = record.PlatformID
	}
	return found
}
