package server

import (
	"context"

	"structural.app/structural/gen"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// CreateDemoSession adds an isolated demo customer and answers its key, this once.
func (s *Server) CreateDemoSession(ctx context.Context, _ gen.CreateDemoSessionRequestObject) (gen.CreateDemoSessionResponseObject, error) {
	key := apikey.New(string(store.ModeDemo))
	customerID, err := s.store.CreateCustomer(ctx, store.ModeDemo, "", apikey.Hash(key))
	if err != nil {
		return nil, err
	}
	exchangeOf(ctx).key = store.Key{CustomerID: customerID, Mode: store.ModeDemo} // for the log
	var response gen.CreateDemoSession201JSONResponse
	response.Body.Data.APIKey = key
	response.Body.Data.CustomerID = customerID
	response.Headers.CacheControl = "no-store"
	return response, nil
}
