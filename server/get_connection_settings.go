package server

import (
	"bytes"
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// GetConnectionSettings returns the settings of a connected platform, with all that they leave to the default; its posting rules as a
// table to whom prefers that.
func (s *Server) GetConnectionSettings(ctx context.Context, request gen.GetConnectionSettingsRequestObject) (gen.GetConnectionSettingsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if prefersCSV(exchangeOf(ctx).accept) {
		return s.postingTable(ctx, caller.CustomerID, string(request.Platform))
	}
	settings, version, err := s.settler.Settings(ctx, caller.CustomerID, string(request.Platform))
	if err != nil {
		return nil, notConnected(err)
	}
	var response gen.GetConnectionSettings200JSONResponse
	response.Body.Data, response.Headers.ETag = settings, entityTag(version)
	return response, nil
}

func (s *Server) postingTable(ctx context.Context, customerID, platform string) (gen.GetConnectionSettingsResponseObject, error) {
	table, version, err := s.settler.PostingTable(ctx, customerID, platform)
	if err != nil {
		return nil, notConnected(err)
	}
	var response gen.GetConnectionSettings200TextCsvResponse
	response.Body, response.Headers.ETag = bytes.NewReader(table), entityTag(version)
	return response, nil
}

func notConnected(err error) error {
	if errors.Is(err, app.ErrNotFound) {
		return &Error{Kind: KindNotFound, Message: "This platform is not connected; connect it first"}
	}
	return err
}
