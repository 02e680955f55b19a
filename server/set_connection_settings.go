package server

import (
	"context"
	"errors"
	"io"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// SetConnectionSettings replaces the settings of a connected platform; of a table, its posting rules alone.
func (s *Server) SetConnectionSettings(ctx context.Context, request gen.SetConnectionSettingsRequestObject) (gen.SetConnectionSettingsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	isWanted := func(version int64) bool { return matches(request.Params.IfMatch, version) }
	var settings []byte
	var version int64
	if request.JSONBody != nil {
		settings, version, err = s.settler.Set(ctx, caller.CustomerID, string(request.Platform), *request.JSONBody, isWanted)
	} else {
		table, readError := io.ReadAll(request.Body)
		if readError != nil {
			return nil, readError
		}
		settings, version, err = s.settler.SetPosting(ctx, caller.CustomerID, string(request.Platform), table, isWanted)
	}
	switch {
	case errors.Is(err, app.ErrPrecondition):
		return nil, &Error{Kind: KindPreconditionFailed, Message: "The settings have changed since; read them again and send their ETag as If-Match"}
	case errors.Is(err, app.ErrContended):
		return nil, &Error{Kind: KindOverloaded, Cause: err}
	case err != nil:
		return nil, notConnected(settingsError(KindSettings, "", err))
	}
	var response gen.SetConnectionSettings200JSONResponse
	response.Body.Data, response.Headers.ETag = settings, entityTag(version)
	return response, nil
}
