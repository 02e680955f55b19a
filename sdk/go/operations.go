package structural

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"structural.app/structural/sdk/go/internal/operations"
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

// ImportOptions is what an import may say of its records.
type ImportOptions struct {
	CommitmentType string // which kind of commitment contracts are, where they do not say it themselves
	Ledger         Ledger // the side of the books; empty: that of the customer's other records
}

// ImportRecords imports records of a platform: NDJSON, one JSON object a line. They are sent as they are read. Lines that were not taken
// are counted in the answer, and are no error.
func (c *Client) ImportRecords(ctx context.Context, platform Platform, entityType StoredEntityType, records io.Reader, options ImportOptions) (*Import, error) {
	params := operations.ImportRecordsParams{EntityType: string(entityType)}
	if options.CommitmentType != "" {
		params.CommitmentType = &options.CommitmentType
	}
	if options.Ledger != "" {
		ledger := operations.Ledger(options.Ledger)
		params.Ledger = &ledger
	}
	body, _, err := decode[ImportResponse](c.streamed.ImportRecordsWithBody(ctx, string(platform), &params, "application/x-ndjson", records))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// StoredSettings are the settings of a connection.
type StoredSettings struct {
	PostingSettings
	// Version counts how often they were set; 0: never.
	Version Version
}

// GetConnectionSettings returns how documents are posted on a connected platform.
func (c *Client) GetConnectionSettings(ctx context.Context, platform Platform) (*StoredSettings, error) {
	return storedSettings(c.repeated.GetConnectionSettings(ctx, string(platform)))
}

// SetConnectionSettings replaces the settings of a connected platform. What they leave out goes back to its default.
func (c *Client) SetConnectionSettings(ctx context.Context, platform Platform, settings PostingSettings) (*StoredSettings, error) {
	return storedSettings(c.repeated.SetConnectionSettings(ctx, string(platform), nil, settings))
}

// ReplaceConnectionSettings is SetConnectionSettings, refused with 412 if the settings have another version by now. It is not repeated:
// once it was done, it would be refused.
func (c *Client) ReplaceConnectionSettings(ctx context.Context, platform Platform, settings PostingSettings, version Version) (*StoredSettings, error) {
	tag := entityTag(version)
	return storedSettings(c.once.SetConnectionSettings(ctx, string(platform), &operations.SetConnectionSettingsParams{IfMatch: &tag}, settings))
}

func storedSettings(response *http.Response, err error) (*StoredSettings, error) {
	body, header, err := decode[PostingSettingsResponse](response, err)
	if err != nil {
		return nil, err
	}
	return &StoredSettings{PostingSettings: body.Data, Version: versionOf(header)}, nil
}

// GetConnectionSettingsCoverage says which cost codes of the customer's records no posting rule of a connection covers.
func (c *Client) GetConnectionSettingsCoverage(ctx context.Context, platform Platform) (*SettingsCoverage, error) {
	body, _, err := decode[SettingsCoverageResponse](c.repeated.GetConnectionSettingsCoverage(ctx, string(platform)))
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
