package structural

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"structural.app/structural/sdk/go/internal/operations"
)

// Page is a part of a list.
type Page[T any] struct {
	Data []T
	// NextCursor is the Cursor of the page after this one; empty on the last one.
	NextCursor string
}

// GetObjectsParams says which objects are listed. A filter that is empty filters nothing.
type GetObjectsParams struct {
	Platform   Platform         // whose records are listed; of GetCanonicalObjects, only objects with a record there, or empty
	EntityType StoredEntityType // their kind
	Limit      int              // how many a page has at the most, up to 1000; 0: 1000
	Cursor     string           // where the page begins: NextCursor of the one before, with the same filters

	ProjectID, ContractID, CustomerID string    // only what refers to this project, contract, business partner
	Status                            string    // only what has this status, a canonical word
	State                             State     // only what has records of more than one platform, or of one
	ModifiedSince                     time.Time // only what was loaded or changed at this moment or later
}

// State is how an object stands.
type State string

// The states.
const (
	StateMatched  State = "matched"   // it has records of more than one platform
	StateOneSided State = "one_sided" // it has records of one
)

func (p GetObjectsParams) query(view string) *operations.GetObjectsParams {
	query := operations.GetObjectsParams{
		EntityType: string(p.EntityType),
		Platform:   optional(string(p.Platform)),
		View:       optional(operations.GetObjectsParamsView(view)),
		ProjectID:  optional(p.ProjectID),
		ContractID: optional(p.ContractID),
		CustomerID: optional(p.CustomerID),
		Status:     optional(p.Status),
		State:      optional(operations.GetObjectsParamsState(p.State)),
		Limit:      optional(p.Limit),
		Cursor:     optional(p.Cursor),
	}
	if !p.ModifiedSince.IsZero() {
		query.ModifiedSince = optional(p.ModifiedSince.UTC())
	}
	return &query
}

// GetObjects returns a page of a platform's records.
func (c *Client) GetObjects(ctx context.Context, params GetObjectsParams) (*Page[Object], error) {
	body, header, err := decode[ObjectsResponse](c.repeated.GetObjects(ctx, params.query("")))
	if err != nil {
		return nil, err
	}
	return &Page[Object]{Data: body.Data, NextCursor: nextCursor(header)}, nil
}

// AllObjects goes through a platform's records page by page, from params.Cursor on. An error ends it.
func (c *Client) AllObjects(ctx context.Context, params GetObjectsParams) iter.Seq2[Object, error] {
	return all(params.Cursor, func(cursor string) (*Page[Object], error) {
		params.Cursor = cursor
		return c.GetObjects(ctx, params)
	})
}

// GetCanonicalObjects returns a page of objects, each once, with its record on every platform.
func (c *Client) GetCanonicalObjects(ctx context.Context, params GetObjectsParams) (*Page[ObjectDetails], error) {
	body, header, err := decode[CanonicalObjectsResponse](c.repeated.GetObjects(ctx, params.query("canonical")))
	if err != nil {
		return nil, err
	}
	return &Page[ObjectDetails]{Data: body.Data, NextCursor: nextCursor(header)}, nil
}

// AllCanonicalObjects goes through the objects page by page, from params.Cursor on. An error ends it.
func (c *Client) AllCanonicalObjects(ctx context.Context, params GetObjectsParams) iter.Seq2[ObjectDetails, error] {
	return all(params.Cursor, func(cursor string) (*Page[ObjectDetails], error) {
		params.Cursor = cursor
		return c.GetCanonicalObjects(ctx, params)
	})
}

// GetObjectHistoryParams says which changes are listed.
type GetObjectHistoryParams struct {
	Limit  int    // how many a page has at the most, up to 1000; 0: 100
	Cursor string // where the page begins: NextCursor of the one before
}

// GetObjectHistory returns a page of the changes that were propagated to an object, the latest first.
func (c *Client) GetObjectHistory(ctx context.Context, canonicalID string, params GetObjectHistoryParams) (*Page[Change], error) {
	body, header, err := decode[HistoryResponse](c.repeated.GetObjectHistory(ctx, canonicalID, &operations.GetObjectHistoryParams{
		Limit:  optional(params.Limit),
		Cursor: optional(params.Cursor),
	}))
	if err != nil {
		return nil, err
	}
	return &Page[Change]{Data: body.Data, NextCursor: nextCursor(header)}, nil
}

// AllChanges goes through an object's history page by page, from params.Cursor on. An error ends it.
func (c *Client) AllChanges(ctx context.Context, canonicalID string, params GetObjectHistoryParams) iter.Seq2[Change, error] {
	return all(params.Cursor, func(cursor string) (*Page[Change], error) {
		params.Cursor = cursor
		return c.GetObjectHistory(ctx, canonicalID, params)
	})
}

func all[T any](start string, get func(cursor string) (*Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := start; ; {
			page, err := get(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Data {
				if !yield(item, nil) {
					return
				}
			}
			if cursor = page.NextCursor; cursor == "" {
				return
			}
		}
	}
}

// nextCursor finds the cursor in a Link header: <https://…?cursor=…>; rel="next".
func nextCursor(header http.Header) string {
	target, _, _ := strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
	next, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return next.Query().Get("cursor")
}

// optional returns nil for the zero value, which is not sent.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
