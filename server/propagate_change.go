package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/problems"
	"structural.app/structural/store"
)

// PropagateChange changes an object and the records of it on every platform, at once or not at all.
func (s *Server) PropagateChange(ctx context.Context, request gen.PropagateChangeRequestObject) (gen.PropagateChangeResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	change, err := s.changeRequest(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	response, err := s.change(ctx, &change)
	exchangeOf(ctx).apply(change.Patch.Handling, err)
	return response, err
}

func (s *Server) change(ctx context.Context, change *app.ChangeRequest) (gen.PropagateChangeResponseObject, error) {
	result, err := s.changer.Change(ctx, *change)
	if err != nil {
		return nil, changeError(change, err)
	}
	if result.Replay != nil {
		return s.replay(ctx, change, result.Replay)
	}
	for _, platform := range result.Written {
		s.metrics.ChangeWritten(platform)
	}
	return propagateResponse{version: result.Version, body: result.Body}, nil
}

// changeRequest is the request in the words of the use case.
func (s *Server) changeRequest(ctx context.Context, caller store.Key, request gen.PropagateChangeRequestObject) (app.ChangeRequest, error) {
	body := request.Body
	patch, err := jsontext.Parse(body.Data)
	if err != nil {
		return app.ChangeRequest{}, fmt.Errorf("parse data that the contract let pass: %w", err)
	}
	change := app.ChangeRequest{
		Actor:     actorOf(caller),
		RequestID: exchangeOf(ctx).requestID, Patch: plan.Patch{Fields: patch, Handling: handlingOf(request.Params.Prefer)}, DryRun: value(body.DryRun),
		Matches: func(version int64) bool { return matches(request.Params.IfMatch, version) },
	}
	if body.Format == gen.PropagateFormatPlatform {
		change.Patch.Platform = string(value(body.Platform))
	}
	asked := *body
	if !change.DryRun {
		asked.DryRun = nil // given with its default, it is the same request
	}
	key := ""
	if key, change.Fingerprint, err = readIdempotencyKey(request.Params.IdempotencyKey, asked, change.Patch.Handling); err != nil {
		return app.ChangeRequest{}, err
	}
	if change.DryRun {
		key = "" // there is nothing to be repeated
	}
	change.Query = app.ObjectQuery{
		CustomerID: caller.CustomerID, EntityType: string(body.EntityType), CanonicalID: value(body.CanonicalID),
		Platform: change.Patch.Platform, PlatformID: value(body.PlatformID), IdempotencyKey: key,
	}
	reservation := exchangeOf(ctx).reservation
	reserved := reservation.Held()
	change.Reserve = func(ctx context.Context, bytes int) error {
		// What is made of the object costs as much as what is made of the request.
		return reservation.GrowTo(ctx, reserved+budget.PerBodyByte*int64(bytes))
	}
	change.Answer = func(found *app.FoundObject, propagated *plan.Result) ([]byte, error) {
		// The object in it is held to its schema before it is stored, and not only before it is sent.
		body := propagateBody(found, propagated)
		return body, s.document.Operation("propagateChange").CheckBody(http.StatusOK, body)
	}
	change.Refusal = func(err error) (status int, message []byte, keep bool) {
		e := asError(changeError(&change, err))
		return kinds[e.Kind].status, []byte(e.message()), keeps(e)
	}
	return change, nil
}

// changeError is the answer to a change that was not made.
func changeError(change *app.ChangeRequest, err error) error {
	switch {
	case errors.Is(err, app.ErrNotFound):
		return &Error{Kind: KindNotFound, Message: "No " + change.Query.EntityType + " with this id"}
	case errors.Is(err, app.ErrPrecondition):
		return &Error{Kind: KindPreconditionFailed}
	case errors.Is(err, app.ErrKeyInUse):
		return &Error{Kind: KindConflict, Message: "A request with this Idempotency-Key is being worked on; try again shortly"}
	case errors.Is(err, app.ErrContended):
		return &Error{Kind: KindConflict, Message: "This object is being changed by many requests; try again shortly", Cause: err}
	case errors.Is(err, app.ErrBusy):
		return &Error{Kind: KindConflict, Message: "A platform is being connected, or records of it are applied; try again when that has finished"}
	case errors.Is(err, app.ErrRecordTooLarge):
		return &Error{Kind: KindQuotaExceeded, Message: fmt.Sprintf("A platform's record would be larger than %d MiB, which cannot be stored", app.MaxRecordBytes>>20)}
	}
	if long, ok := errors.AsType[*app.TextTooLongError](err); ok {
		return &Error{Kind: KindQuotaExceeded, Message: fmt.Sprintf("/data%s: a text of more than %d KB cannot be stored", long.Pointer, app.MaxTextBytes>>10)}
	}
	if closed, ok := errors.AsType[*plan.ClosedError](err); ok {
		return &Error{Kind: KindRecordClosed, Message: translationMessage(&closed.Refused)}
	}
	return patchError(quotaError(err))
}

// patchError is the answer to a patch that cannot be made.
func patchError(err error) error {
	patch, ok := errors.AsType[*plan.PatchError](err)
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
