package structural

import (
	"context"
	"iter"

	"structural.app/structural/sdk/go/internal/operations"
)

// GetMatchesParams says which objects are listed. A filter that is empty filters nothing.
type GetMatchesParams struct {
	EntityType StoredEntityType // their kind
	State      MatchState       // how they stand
	ProjectID  string           // the project with this canonical id, and what refers to it
	Limit      int              // how many a page has at the most, up to 1000; 0: 100
	Cursor     string           // where the page begins: NextCursor of the one before, with the same filters
}

// MatchPage is a page of matches.
type MatchPage struct {
	Page[Match]
	// Suggestions says how far the suggestions go.
	Suggestions Suggestions
}

// GetMatches returns a page of objects, each with its records, why these are one, and which others it could be.
func (c *Client) GetMatches(ctx context.Context, params GetMatchesParams) (*MatchPage, error) {
	body, header, err := decode[MatchesResponse](c.repeated.GetMatches(ctx, &operations.GetMatchesParams{
		EntityType: optional(string(params.EntityType)),
		State:      optional(operations.MatchState(params.State)),
		ProjectID:  optional(params.ProjectID),
		Limit:      optional(params.Limit),
		Cursor:     optional(params.Cursor),
	}))
	if err != nil {
		return nil, err
	}
	return &MatchPage{Page[Match]{Data: body.Data, NextCursor: nextCursor(header)}, body.Suggestions}, nil
}

// AllMatches goes through the matches page by page, from params.Cursor on. An error ends it.
func (c *Client) AllMatches(ctx context.Context, params GetMatchesParams) iter.Seq2[Match, error] {
	return all(params.Cursor, func(cursor string) (*Page[Match], error) {
		params.Cursor = cursor
		page, err := c.GetMatches(ctx, params)
		if err != nil {
			return nil, err
		}
		return &page.Page, nil
	})
}

// GetMatchDecisionsParams says which decisions are listed.
type GetMatchDecisionsParams struct {
	EntityType StoredEntityType // the kind of their records; empty: any
	Limit      int              // how many a page has at the most, up to 1000; 0: 100
	Cursor     string           // where the page begins: NextCursor of the one before
}

// GetMatchDecisions returns a page of what people decided of records, the latest first.
func (c *Client) GetMatchDecisions(ctx context.Context, params GetMatchDecisionsParams) (*Page[MatchDecision], error) {
	body, header, err := decode[MatchDecisionsResponse](c.repeated.GetMatchDecisions(ctx, &operations.GetMatchDecisionsParams{
		EntityType: optional(string(params.EntityType)),
		Limit:      optional(params.Limit),
		Cursor:     optional(params.Cursor),
	}))
	if err != nil {
		return nil, err
	}
	return &Page[MatchDecision]{Data: body.Data, NextCursor: nextCursor(header)}, nil
}

// AllMatchDecisions goes through the decisions page by page, from params.Cursor on. An error ends it.
func (c *Client) AllMatchDecisions(ctx context.Context, params GetMatchDecisionsParams) iter.Seq2[MatchDecision, error] {
	return all(params.Cursor, func(cursor string) (*Page[MatchDecision], error) {
		params.Cursor = cursor
		return c.GetMatchDecisions(ctx, params)
	})
}

// CreateMatchDecision says of records that they are the same thing, or that no two of them are. A decision that stands already is
// returned as it stands.
func (c *Client) CreateMatchDecision(ctx context.Context, request MatchDecisionRequest) (*MatchDecision, error) {
	body, _, err := decode[MatchDecisionResponse](c.repeated.CreateMatchDecision(ctx, request))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// DeleteMatchDecision takes a decision back.
func (c *Client) DeleteMatchDecision(ctx context.Context, id string) error {
	_, _, err := decode[struct{}](c.repeated.DeleteMatchDecision(ctx, id))
	return err
}
