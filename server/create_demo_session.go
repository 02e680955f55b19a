package server

import (
	"context"
	"errors"
	"fmt"

	"structural.app/structural/gen"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// CreateDemoSession adds an isolated demo customer and answers its key, this once.
func (s *Server) CreateDemoSession(ctx context.Context, _ gen.CreateDemoSessionRequestObject) (gen.CreateDemoSessionResponseObject, error) {
	key := apikey.New(string(store.ModeDemo))
	limits := store.DemoLimits{Sessions: s.quotas.Sessions, PerNetwork: s.quotas.PerNetwork}
	customerID, err := s.store.CreateDemoCustomer(ctx, exchangeOf(ctx).network, limits, apikey.Hash(key))
	switch {
	case errors.Is(err, store.ErrTooManySessions):
		return nil, &Error{Kind: KindOverloaded, Message: "As many demo sessions are open as may be; try again later", Cause: err}
	case errors.Is(err, store.ErrTooManyFromNetwork):
		return nil, &Error{Kind: KindRateLimit, Message: fmt.Sprintf("Your network has %d demo sessions open; delete some, or wait until they expire", s.quotas.PerNetwork), Cause: err}
	case err != nil:
		return nil, err
	}
	exchangeOf(ctx).key = store.Key{CustomerID: customerID, Mode: store.ModeDemo} // for the log
	var response gen.CreateDemoSession201JSONResponse
	response.Body.Data.APIKey = key
	response.Body.Data.CustomerID = customerID
	response.Headers.CacheControl = "no-store"
	return response, nil
}
