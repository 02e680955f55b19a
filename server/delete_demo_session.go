package server

import (
	"context"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// DeleteDemoSession deletes the calling demo customer: its key, and all that it owns, can no longer be reached. The rows go
// soon after.
func (s *Server) DeleteDemoSession(ctx context.Context, _ gen.DeleteDemoSessionRequestObject) (gen.DeleteDemoSessionResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if caller.Mode != store.ModeDemo {
		return nil, &Error{Kind: KindAuthorization, Message: "Only a demo session can be deleted; this is not a demo key"}
	}
	if err := s.store.DeleteCustomer(ctx, caller.CustomerID); err != nil {
		return nil, err
	}
	return gen.DeleteDemoSession204Response{}, nil
}
