package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/problems"
	"structural.app/structural/store"
	"structural.app/structural/translate"
)

// PropagateChange changes an object and the records of it on every platform, at once or not at all.
//
// Nothing is locked while the change is made: the one statement that writes it takes only what was read, and otherwise
// everything is done again.
func (s *Server) PropagateChange(ctx context.Context, request gen.PropagateChangeRequestObject) (gen.PropagateChangeResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p, err := newPropagation(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	if !p.dryRun {
		if p.key != "" {
			end, ok := s.turns.try("key " + caller.CustomerID + " " + p.key)
			if !ok {
				return nil, &Error{Kind: KindConflict, Message: "A request with this Idempotency-Key is being worked on; try again shortly"}
			}
			defer end()
		}
		end, err := s.turns.wait(ctx, "object "+caller.CustomerID+" "+p.query.EntityType+" "+p.query.CanonicalID+p.query.Platform+"/"+p.query.PlatformID)
		if err != nil {
			return nil, busyObject(err)
		}
		defer end()
	}
	const attempts = 100
	for range attempts {
		response, err := s.propagate(ctx, p)
		switch {
		case err == nil:
			return response, nil
		case !errors.Is(err, store.ErrChanged):
			return nil, err
		}
		s.metrics.ChangeRetried()
		select {
		case <-ctx.Done():
			return nil, busyObject(ctx.Err())
		case <-time.After(rand.N(10 * time.Millisecond)):
		}
	}
	return nil, busyObject(store.ErrChanged)
}

func busyObject(cause error) error {
	return &Error{Kind: KindConflict, Message: "This object is being changed by many requests; try again shortly", Cause: cause}
}

// propagation is a request to propagate a change.
type propagation struct {
	idempotency
	caller  store.Key
	query   store.ObjectQuery
	change  translate.Propagation
	ifMatch *string
	dryRun  bool

	reservation *budget.Reservation
	reserved    int64 // for the request itself
}

func newPropagation(ctx context.Context, caller store.Key, request gen.PropagateChangeRequestObject) (*propagation, error) {
	body := request.Body
	patch, err := canonical.Parse(body.Data)
	if err != nil {
		return nil, fmt.Errorf("parse data that the contract let pass: %w", err)
	}
	if err := checkTexts(patch); err != nil {
		return nil, err
	}
	p := &propagation{caller: caller, ifMatch: request.Params.IfMatch, dryRun: value(body.DryRun)}
	p.change = translate.Propagation{Patch: patch}
	p.reservation = exchangeOf(ctx).reservation
	p.reserved = p.reservation.Held()
	if body.Format == gen.PropagateFormatPlatform {
		p.change.Platform = string(value(body.Platform))
	}
	asked := *body
	if !p.dryRun {
		asked.DryRun = nil // given with its default, it is the same request
	}
	if p.idempotency, err = newIdempotency(request.Params.IdempotencyKey, asked); err != nil {
		return nil, err
	}
	if p.dryRun {
		p.key = "" // there is nothing to be repeated
	}
	p.query = store.ObjectQuery{
		CustomerID: caller.CustomerID, EntityType: string(body.EntityType), CanonicalID: value(body.CanonicalID),
		Platform: p.change.Platform, PlatformID: value(body.PlatformID), IdempotencyKey: p.key,
	}
	return p, nil
}

// propagate makes one attempt. [store.ErrChanged] asks for another.
func (s *Server) propagate(ctx context.Context, p *propagation) (propagateResponse, error) {
	found, err := s.store.FindObject(ctx, p.query)
	if found.Answer != nil {
		s.metrics.ChangeReplayed()
		return p.replay(ctx, found.Answer)
	}
	if err == nil {
		// What is made of the object costs as much as what is made of the request.
		err = p.reservation.GrowTo(ctx, p.reserved+budget.PerBodyByte*int64(found.Size()))
	}
	var propagated translate.Propagated
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = &Error{Kind: KindNotFound, Message: "No " + p.query.EntityType + " with this id"}
	case err != nil:
		return propagateResponse{}, err
	case !matches(p.ifMatch, found.Version):
		err = &Error{Kind: KindPreconditionFailed}
	default:
		propagated, err = s.translator.Propagate(ctx, found.StoredObject, found.Records, p.change, s.referents(p.caller.CustomerID, found.Referents))
		err = patchError(err)
	}
	if err != nil {
		if e := asError(err); p.key != "" && keeps(e) {
			if err := s.saveAnswer(ctx, p, p.answer(kinds[e.Kind].status, 0, []byte(e.message()))); err != nil {
				return propagateResponse{}, err
			}
		}
		return propagateResponse{}, err
	}
	response := propagateResponse{version: found.Version, body: propagateBody(&found, &propagated)}
	change := s.saved(ctx, p, &found, &propagated, response.body)
	if err := checkRecords(&change); err != nil {
		return propagateResponse{}, err
	}
	// The object in it is held to its schema before it is stored, and not only before it is sent.
	if err := s.document.Operation("propagateChange").CheckBody(http.StatusOK, response.body); err != nil {
		return propagateResponse{}, err
	}
	switch {
	case p.dryRun, p.key == "" && !propagated.Changed():
		return response, nil
	case !propagated.Changed():
		return response, s.saveAnswer(ctx, p, p.answer(http.StatusOK, found.Version, response.body))
	}
	response.version, err = s.store.SaveChange(ctx, change)
	if err == nil {
		for _, r := range propagated.Records {
			if len(r.Changes) > 0 {
				s.metrics.ChangeWritten(r.Platform)
			}
		}
	}
	if errors.Is(err, store.ErrBusy) {
		err = &Error{Kind: KindConflict, Message: "A platform is being connected; try again when that has finished"}
	}
	return response, customerGone(s.quotaError(p.caller, err))
}

// saveAnswer keeps the answer to a request that changed nothing. One that there is no room for is not kept: the same request
// gets the same answer again.
func (s *Server) saveAnswer(ctx context.Context, p *propagation, answer store.Answer) error {
	err := s.store.SaveAnswer(ctx, p.caller.CustomerID, s.quotaOf(p.caller), answer)
	if errors.Is(err, store.ErrQuota) {
		return nil
	}
	return customerGone(err)
}

// customerGone is the answer to a customer that was deleted since the key was checked.
func customerGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return &Error{Kind: KindAuthentication}
	}
	return err
}

// saved is the change as it is written.
func (s *Server) saved(ctx context.Context, p *propagation, found *store.FoundObject, propagated *translate.Propagated, body []byte) store.Change {
	change := store.Change{
		CustomerID: p.caller.CustomerID, Object: found.StoredObject, Answer: p.answer(http.StatusOK, 0, body),
		RequestID: exchangeOf(ctx).requestID, KeyID: p.caller.ID, Mode: p.caller.Mode,
		ActorKind: store.ActorKey, ActorName: p.caller.Name, Platform: p.change.Platform,
		Changes: appendDifferences(nil, propagated.Changes), Platforms: appendPlatformChanges(nil, propagated.Records),
		Quota: s.quotaOf(p.caller),
	}
	change.Object.Document = propagated.Document.Append(nil)
	change.Object.RefersTo, change.Object.Kept = propagated.RefersTo, propagated.Kept
	change.RecordBytes = int64(len(change.Object.Document) + len(change.Object.Kept) - len(found.Document) - len(found.Kept))
	for _, r := range propagated.Records {
		if len(r.Changes) == 0 {
			continue
		}
		record := canonical.StoredRecord{Platform: r.Platform, PlatformID: r.PlatformID, Payload: r.Payload.Append(nil)}
		change.Records = append(change.Records, record)
		change.RecordBytes += int64(len(record.Payload))
		for _, had := range found.Records {
			if had.Platform == r.Platform {
				change.RecordBytes -= int64(len(had.Payload))
			}
		}
	}
	return change
}

// referents finds what objects refer to: most often that is known already.
func (s *Server) referents(customerID string, known []store.Referent) translate.ReferentFinder {
	return func(ctx context.Context, ids []string) (map[string]translate.Referent, error) {
		found := collectReferents(known)
		var missing []string
		for _, id := range ids {
			if _, ok := found[id]; !ok {
				missing = append(missing, id)
			}
		}
		if len(missing) == 0 {
			return found, nil
		}
		more, err := s.store.FindReferents(ctx, customerID, missing)
		return collectReferents(slices.Concat(known, more)), err
	}
}

func collectReferents(rows []store.Referent) map[string]translate.Referent {
	found := map[string]translate.Referent{}
	for _, row := range rows {
		r, ok := found[row.ID]
		if !ok {
			r = translate.Referent{CanonicalID: row.CanonicalID, EntityType: row.EntityType, PlatformIDs: map[string]string{}}
			found[row.ID] = r
		}
		r.PlatformIDs[row.Platform] = row.PlatformID
	}
	return found
}

// patchError is the answer to a patch that cannot be made.
func patchError(err error) error {
	patch, ok := errors.AsType[*translate.PatchError](err)
	if !ok {
		return transformError(err)
	}
	var found problems.List
	for _, p := range patch.Problems {
		found.Add("/data"+p.Pointer, p.Why)
	}
	found.More(patch.More)
	return &Error{Kind: KindValidation, Message: found.String()}
}
