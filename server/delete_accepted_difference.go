package server

import (
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// DeleteAcceptedDifference takes the acceptance of a difference back.
func (s *Server) DeleteAcceptedDifference(ctx context.Context, request gen.DeleteAcceptedDifferenceRequestObject) (gen.DeleteAcceptedDifferenceResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	err = s.reporter.TakeBack(ctx, caller.CustomerID, request.AcceptedID)
	if errors.Is(err, app.ErrNotFound) {
		return nil, &Error{Kind: KindNotFound, Message: "No such accepted difference"}
	}
	return gen.DeleteAcceptedDifference204Response{}, err
}
