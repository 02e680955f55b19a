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
	p, err := newPropagation(caller, request)
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
}

func newPropagation(caller store.Key, request gen.PropagateChangeRequestObject) (*propagation, error) {
	body := request.Body
	patch, err := canonical.Parse(body.Data)
	if err != nil {
		return nil, fmt.Errorf("parse data that the contract let pass: %w", err)
	}
	p := &propagation{caller: caller, ifMatch: request.Params.IfMatch, dryRun: value(body.DryRun)}
	p.change = translate.Propagation{Patch: patch}
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
			if err := s.store.SaveAnswer(ctx, p.caller.CustomerID, p.answer(kinds[e.Kind].status, 0, []byte(e.message()))); err != nil {
				return propagateResponse{}, customerGone(err)
			}
		}
		return propagateResponse{}, err
	}
	response := propagateResponse{version: found.Version, body: propagateBody(&found, &propagated)}
	// The object in it is held to its schema before it is stored, and not only before it is sent.
	if err := s.document.Operation("propagateChange").CheckBody(http.StatusOK, response.body); err != nil {
		return propagateResponse{}, err
	}
	switch {
	case p.dryRun, p.key == "" && !propagated.Changed():
		return response, nil
	case !propagated.Changed():
		return response, customerGone(s.store.SaveAnswer(ctx, p.caller.CustomerID, p.answer(http.StatusOK, found.Version, response.body)))
	}
	response.version, err = s.store.SaveChange(ctx, p.saved(ctx, &found, &propagated, response.body))
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
	return response, customerGone(err)
}

// customerGone is the answer to a customer that was deleted since the key was checked.
func customerGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return &Error{Kind: KindAuthentication}
	}
	return err
}

// saved is the change as it is written.
func (p *propagation) saved(ctx context.Context, found *store.FoundObject, propagated *translate.Propagated, body []byte) store.Change {
	change := store.Change{
		CustomerID: p.caller.CustomerID, Object: found.StoredObject, Answer: p.answer(http.StatusOK, 0, body),
		RequestID: exchangeOf(ctx).requestID, KeyID: p.caller.ID, Mode: p.caller.Mode, Platform: p.change.Platform,
		Changes: appendDifferences(nil, propagated.Changes), Platforms: appendPlatformChanges(nil, propagated.Records),
	}
	change.Object.Document = propagated.Document.Append(nil)
	for _, r := range propagated.Records {
		if len(r.Changes) > 0 {
			change.Records = append(change.Records, canonical.StoredRecord{
				Platform: r.Platform, PlatformID: r.PlatformID, Payload: r.Payload.Append(nil),
			})
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
	if patch, ok := errors.AsType[*translate.PatchError](err); ok {
		for i := range patch.Problems {
			patch.Problems[i].Pointer = "/data" + patch.Problems[i].Pointer
		}
		return &Error{Kind: KindValidation, Message: patch.Error()}
	}
	return transformError(err)
}
