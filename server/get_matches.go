package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
)

// defaultMatches is how many matches are listed when the request does not say: the contract's default.
const defaultMatches = 100

// GetMatches lists which records are one, and which could be.
func (s *Server) GetMatches(ctx context.Context, request gen.GetMatchesRequestObject) (gen.GetMatchesResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p := request.Params
	q := app.MatchQuery{
		CustomerID: caller.CustomerID, EntityType: canonical.EntityType(value(p.EntityType)), State: app.MatchState(value(p.State)),
		ProjectID: value(p.ProjectID), After: value(p.Cursor), Limit: defaultMatches,
	}
	if p.Limit != nil {
		q.Limit = *p.Limit
	}
	room := newPageRoom(ctx)
	list, more, state, err := s.matcher.Matches(ctx, q, room.take)
	if err == nil {
		err = room.reserve(ctx)
	}
	switch {
	case errors.Is(err, app.ErrNotFound): // deleted since the key was checked
		return nil, &Error{Kind: KindAuthentication}
	case err != nil:
		return nil, err
	}
	response := matchesResponse{Data: matchTexts(list)}
	response.Suggestions = suggestionsText(state)
	if more {
		query := url.Values{"limit": {strconv.Itoa(q.Limit)}, "cursor": {list[len(list)-1].ID}}
		for name, text := range map[string]string{"entity_type": string(q.EntityType), "state": string(q.State), "project_id": q.ProjectID} {
			if text != "" {
				query.Set(name, text)
			}
		}
		response.next = "<" + s.document.BasePath() + "/matches?" + query.Encode() + `>; rel="next"`
	}
	return response, nil
}

// matchesResponse writes the candidates as the database gave them.
type matchesResponse struct {
	Data        []matchText     `json:"data"`
	Suggestions gen.Suggestions `json:"suggestions"`
	next        string          // Link header; empty on the last page
}

func suggestionsText(state app.SuggestionState) gen.Suggestions {
	text := gen.Suggestions{Current: state.Suggested == state.Version}
	if !state.At.IsZero() {
		at := milliseconds(state.At)
		text.ComputedAt = &at
	}
	return text
}

type matchText struct {
	ID         string              `json:"id"`
	EntityType string              `json:"entity_type"`
	State      app.MatchState      `json:"state"`
	Label      string              `json:"label"`
	Records    []gen.MatchedRecord `json:"records"`
	Reason     gen.MatchReason     `json:"reason"`
	Candidates json.RawMessage     `json:"candidates"`
}

// VisitGetMatchesResponse writes the 200 response.
func (r matchesResponse) VisitGetMatchesResponse(w http.ResponseWriter) error {
	if r.next != "" {
		w.Header().Set("Link", r.next)
	}
	return writeJSON(w, r)
}

func matchTexts(list []app.MatchedObject) []matchText {
	texts := make([]matchText, len(list))
	for i := range list {
		o := &list[i]
		texts[i] = matchText{
			ID: o.ID, EntityType: string(o.EntityType), State: o.State, Label: cmp.Or(o.Label, o.ID),
			Records: recordNames(o.Records), Reason: matchReason(o), Candidates: o.Candidates,
		}
		if o.Candidates == nil {
			texts[i].Candidates = json.RawMessage("[]")
		}
	}
	return texts
}

// matchReason says why the records of an object are one. A reason may be a decision that was taken back in the same moment.
func matchReason(o *app.MatchedObject) gen.MatchReason {
	reason := gen.MatchReason{Kind: string(reconcile.ByNothing)}
	if o.State != app.StateMatched || o.Reason.Kind == "" {
		return reason
	}
	reason.Kind = string(o.Reason.Kind)
	reason.Field, reason.Value, reason.DecisionID = optional(o.Reason.Field), optional(o.Reason.Value), optional(o.Reason.DecisionID)
	if d := o.Decision; d != nil {
		actor, at := actorText(d.DecidedBy), milliseconds(d.DecidedAt)
		reason.DecidedBy, reason.DecidedAt, reason.Note = &actor, &at, optional(d.Note)
	}
	return reason
}

func recordNames(records []reconcile.RecordID) []gen.MatchedRecord {
	names := make([]gen.MatchedRecord, len(records))
	for i, r := range records {
		names[i] = gen.MatchedRecord{Platform: gen.PlatformName(r.Platform), PlatformID: r.PlatformID}
	}
	return names
}

// milliseconds is a time as answers have it.
func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// optional is a text that an answer leaves out if it is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
