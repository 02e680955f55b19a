package server

import (
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// SetConnectionSettings replaces the settings of a connected platform.
func (s *Server) SetConnectionSettings(ctx context.Context, request gen.SetConnectionSettingsRequestObject) (gen.SetConnectionSettingsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	settings, version, err := s.settler.Set(ctx, caller.CustomerID, string(request.Platform), *request.Body, func(version int64) bool {
		return matches(request.Params.IfMatch, version)
	})
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
