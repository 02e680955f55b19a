package server

import (
	"context"
	"net/url"
	"strconv"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
)

// GetMatchDecisions lists what people decided of records, the latest first.
func (s *Server) GetMatchDecisions(ctx context.Context, request gen.GetMatchDecisionsRequestObject) (gen.GetMatchDecisionsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p := request.Params
	q := app.DecisionQuery{CustomerID: caller.CustomerID, EntityType: canonical.EntityType(value(p.EntityType)), Limit: defaultMatches}
	if p.Limit != nil {
		q.Limit = *p.Limit
	}
	if p.Cursor != nil {
		if q.Before, err = strconv.ParseInt(*p.Cursor, 10, 64); err != nil {
			return nil, err
		}
	}
	list, more, err := s.decider.Decisions(ctx, q)
	if err != nil {
		return nil, err
	}
	var response gen.GetMatchDecisions200JSONResponse
	response.Body.Data = make([]gen.MatchDecision, len(list))
	for i := range list {
		response.Body.Data[i] = matchDecision(&list[i])
	}
	if more {
		query := url.Values{"limit": {strconv.Itoa(q.Limit)}, "cursor": {strconv.FormatInt(list[len(list)-1].Version, 10)}}
		if q.EntityType != "" {
			query.Set("entity_type", string(q.EntityType))
		}
		link := "<" + s.document.BasePath() + "/matches/decisions?" + query.Encode() + `>; rel="next"`
		response.Headers.Link = &link
	}
	return response, nil
}

func matchDecision(d *app.SavedDecision) gen.MatchDecision {
	text := gen.MatchDecision{
		ID: d.ID, EntityType: gen.StoredEntityType(d.EntityType), Decision: gen.DecisionWordDifferent, Records: recordNames(d.Records),
		Note: optional(d.Note), DecidedAt: milliseconds(d.DecidedAt), DecidedBy: actorText(d.DecidedBy),
	}
	if d.Same {
		text.Decision = gen.DecisionWordSame
	}
	return text
}
