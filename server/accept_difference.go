package server

import (
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// AcceptDifference accepts a difference of an object as it is now.
func (s *Server) AcceptDifference(ctx context.Context, request gen.AcceptDifferenceRequestObject) (gen.AcceptDifferenceResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	body := request.Body
	listed, err := s.reporter.Accept(ctx, caller.CustomerID, actorOf(caller), body.CanonicalID, body.Field, value(body.Note))
	switch {
	case errors.Is(err, app.ErrNoDifference):
		return nil, &Error{Kind: KindNotFound, Message: "The platforms say the same of this field, or only one says anything"}
	case errors.Is(err, app.ErrBusy):
		return nil, &Error{Kind: KindConflict, Message: "A platform is being connected; try again when that has finished"}
	case errors.Is(err, app.ErrChanged):
		return nil, &Error{Kind: KindOverloaded, Cause: err}
	case errors.Is(err, app.ErrTooManyAccepted):
		return nil, &Error{Kind: KindQuotaExceeded, Message: "This customer has accepted 100,000 differences; take back those that are not needed any more"}
	case err != nil:
		return nil, noSuchObject(reportError(err))
	}
	var response gen.AcceptDifference201JSONResponse
	response.Body.Data = recordDifference(&listed)
	return response, nil
}
