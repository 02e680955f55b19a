package server

import (
	"context"
	"errors"
	"fmt"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/server/budget"
)

// CreateMatchDecision has a person say of records that they are the same thing, or that no two of them are.
func (s *Server) CreateMatchDecision(ctx context.Context, request gen.CreateMatchDecisionRequestObject) (gen.CreateMatchDecisionResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	r := app.DecisionRequest{
		Actor: actorOf(caller), CustomerID: caller.CustomerID, RequestID: exchangeOf(ctx).requestID,
		EntityType: canonical.EntityType(request.Body.EntityType), Same: request.Body.Decision == gen.DecisionWordSame, Note: value(request.Body.Note),
		Reserve: reserveRecords(ctx),
	}
	for _, record := range request.Body.Records {
		r.Records = append(r.Records, reconcile.RecordID{Platform: string(record.Platform), PlatformID: record.PlatformID})
	}
	saved, ids, err := s.decider.Decide(ctx, r)
	if err != nil {
		return nil, decisionError(err)
	}
	var response gen.CreateMatchDecision201JSONResponse
	response.Body.Data = matchDecision(&saved)
	response.Body.Data.CanonicalIds = ids
	return response, nil
}

// reserveRecords reserves the memory that a number of bytes of stored records take while they are matched.
func reserveRecords(ctx context.Context) func(bytes int) error {
	reservation := exchangeOf(ctx).reservation
	return func(bytes int) error { return reservation.GrowTo(ctx, budget.PerRecordByte*int64(bytes)) }
}

// decisionError answers what a decision was refused for.
func decisionError(err error) error {
	if contradiction, ok := errors.AsType[*reconcile.ContradictionError](err); ok {
		return &Error{Kind: KindConflict, Message: fmt.Sprintf("An earlier decision says otherwise: %s. Take that one back first", contradiction.DecisionID)}
	}
	switch {
	case errors.Is(err, app.ErrSamePlatform):
		return &Error{Kind: KindValidation, Message: "records: two of them are of one platform, and an object has one record of each platform at the most"}
	case errors.Is(err, app.ErrNotFound):
		return &Error{Kind: KindNotFound, Message: "records: one of them does not exist among this customer's records of this type"}
	}
	return quotaError(err)
}
