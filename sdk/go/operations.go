package structural

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// CreateDemoSession creates an isolated customer with an API key of its own, which goes into WithAPIKey of another client. At most
// 5 a minute for each client address.
func (c *Client) CreateDemoSession(ctx context.Context) (*DemoSession, error) {
	body, _, err := decode[DemoSessionResponse](c.once.CreateDemoSession(ctx))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// DeleteDemoSession deletes the demo customer whose key this is, with all that it owns, the key included.
func (c *Client) DeleteDemoSession(ctx context.Context) error {
	_, _, err := decode[struct{}](c.repeated.DeleteDemoSession(ctx))
	return err
}

// GetHealth tells how the server is. That it is not well is no error: Status is then "degraded", not "ok".
func (c *Client) GetHealth(ctx context.Context) (*Health, error) {
	body, _, err := decode[HealthResponse](c.once.GetHealth(ctx))
	var failure *Error
	if errors.As(err, &failure) && failure.StatusCode == http.StatusServiceUnavailable &&
		json.Unmarshal(failure.Body, &body) == nil && body.Data.Status != "" {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// GetPlatforms lists the platforms, the kinds of records with their fields, and the currencies. It needs no key.
func (c *Client) GetPlatforms(ctx context.Context) (*Platforms, error) {
	body, _, err := decode[PlatformsResponse](c.repeated.GetPlatforms(ctx, nil))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// ConnectPlatform connects a platform and loads its records; connecting it again is a reset.
func (c *Client) ConnectPlatform(ctx context.Context, request ConnectRequest) (*ConnectedPlatform, error) {
	body, _, err := decode[ConnectResponse](c.repeated.ConnectPlatform(ctx, request))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// GetConnections lists the connected platforms.
func (c *Client) GetConnections(ctx context.Context) (*Connections, error) {
	body, _, err := decode[ConnectionsResponse](c.repeated.GetConnections(ctx))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// GetObject returns a canonical object with its record on each platform. Any id that was ever minted for one of these leads to it.
func (c *Client) GetObject(ctx context.Context, canonicalID string) (*ObjectDetails, error) {
	body, _, err := decode[ObjectResponse](c.repeated.GetObject(ctx, canonicalID, nil))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// TransformData translates a record of one platform into the canonical form and into that of another platform. Nothing is stored.
func (c *Client) TransformData(ctx context.Context, request TransformRequest) (*TransformResponse, error) {
	body, _, err := decode[TransformResponse](c.repeated.TransformData(ctx, nil, request))
	if err != nil {
		return nil, err
	}
	return &body, nil
}
