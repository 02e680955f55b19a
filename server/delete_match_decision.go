package server

import (
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// DeleteMatchDecision takes a decision back.
func (s *Server) DeleteMatchDecision(ctx context.Context, request gen.DeleteMatchDecisionRequestObject) (gen.DeleteMatchDecisionResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	err = s.decider.Withdraw(ctx, app.Withdrawal{
		Actor: actorOf(caller), CustomerID: caller.CustomerID, RequestID: exchangeOf(ctx).requestID, DecisionID: request.DecisionID,
		Reserve: reserveRecords(ctx),
	})
	switch {
	case errors.Is(err, app.ErrNotFound):
		return nil, &Error{Kind: KindNotFound, Message: "No such decision"}
	case err != nil:
		return nil, quotaError(err)
	}
	return gen.DeleteMatchDecision204Response{}, nil
}
