package server

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"structural.app/structural/app"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// authenticateBearer enforces the document's bearerAuth. Every refusal of a key is the same to the caller.
func (s *Server) authenticateBearer(c echo.Context) error {
	ctx := c.Request().Context()
	token, ok := bearerToken(c.Request().Header)
	if !ok || !apikey.WellFormed(token) {
		return &Error{Kind: KindAuthentication}
	}
	hash := apikey.Hash(token)
	if err := s.mayTryKey(c, hash); err != nil {
		return err
	}
	key, err := s.store.FindKey(ctx, hash)
	switch {
	case errors.Is(err, app.ErrNotFound):
		s.keyFailed(c)
		return &Error{Kind: KindAuthentication}
	case err != nil:
		return err
	case subtle.ConstantTimeCompare(key.Hash, hash[:]) != 1:
		return &Error{Kind: KindAuthentication}
	}
	s.keySucceeded(hash)
	exchangeOf(ctx).key = key
	return nil
}

// bearerToken reads the credentials of RFC 6750, section 2.1. The scheme's case does not matter (RFC 9110, section 11.1).
func bearerToken(h http.Header) (token string, ok bool) {
	values := h.Values(echo.HeaderAuthorization)
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	return strings.TrimLeft(token, " "), ok && strings.EqualFold(scheme, "Bearer")
}

// challenge is the WWW-Authenticate of a refusal: it tells a key that is not good from none at all (RFC 6750, section 3.1).
func challenge(h http.Header) string {
	if token, ok := bearerToken(h); ok && token != "" {
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}

// callerOf returns the key that the request came with. The error is a fault of the wiring: the operation was reached without
// authentication.
func callerOf(ctx context.Context) (store.Key, error) {
	key := exchangeOf(ctx).key
	if key.CustomerID == "" {
		return store.Key{}, errors.New("operation reached without authentication")
	}
	return key, nil
}

// actorOf is the caller, as the use cases know it.
func actorOf(caller store.Key) app.Actor {
	return app.Actor{Kind: app.ActorKey, KeyID: caller.ID, Name: caller.Name, Mode: caller.Mode}
}
