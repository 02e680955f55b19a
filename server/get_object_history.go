package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// defaultChanges is how many changes are listed when the request does not say: the contract's default.
const defaultChanges = 100

// GetObjectHistory lists the changes that were propagated to an object.
func (s *Server) GetObjectHistory(ctx context.Context, request gen.GetObjectHistoryRequestObject) (gen.GetObjectHistoryResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	limit, before := defaultChanges, int64(0)
	if request.Params.Limit != nil {
		limit = *request.Params.Limit
	}
	if request.Params.Cursor != nil {
		if before, err = strconv.ParseInt(*request.Params.Cursor, 10, 64); err != nil {
			return nil, err
		}
	}
	room := newPageRoom(ctx)
	changes, more, err := s.store.ListChanges(ctx, caller.CustomerID, request.CanonicalID, before, limit, room.take)
	if err == nil {
		err = room.reserve(ctx)
	}
	if err != nil {
		return nil, noSuchObject(err)
	}
	response := historyResponse{changes: changes}
	if more {
		query := url.Values{"limit": {strconv.Itoa(limit)}, "cursor": {strconv.FormatInt(changes[len(changes)-1].Version, 10)}}
		response.next = "<" + s.document.BasePath() + "/objects/" + url.PathEscape(request.CanonicalID) + "/history?" + query.Encode() + `>; rel="next"`
	}
	return response, nil
}

// actorText is an actor as answers have it.
func actorText(a app.Actor) gen.Actor {
	return gen.Actor{Kind: string(a.Kind), KeyID: a.KeyID, Mode: string(a.Mode), Name: optional(a.Name)}
}

// historyResponse writes what the database gave as it is.
type historyResponse struct {
	changes []store.SavedChange
	next    string // Link header; empty on the last page
}

// VisitGetObjectHistoryResponse writes the 200 response.
func (r historyResponse) VisitGetObjectHistoryResponse(w http.ResponseWriter) error {
	type change struct {
		Version   int64               `json:"version"`
		ChangedAt time.Time           `json:"changed_at"`
		RequestID string              `json:"request_id"`
		ChangedBy gen.Actor           `json:"changed_by"`
		Format    gen.PropagateFormat `json:"format"`
		Platform  string              `json:"platform,omitempty"`
		Changes   json.RawMessage     `json:"changes"`
		Platforms json.RawMessage     `json:"platforms"`
		Decision  json.RawMessage     `json:"decision,omitempty"`
	}
	list := make([]change, len(r.changes))
	for i, c := range r.changes {
		list[i] = change{
			Version: c.Version, ChangedAt: c.ChangedAt.UTC().Truncate(time.Millisecond), RequestID: c.RequestID,
			ChangedBy: actorText(c.Actor), Format: gen.PropagateFormatCanonical,
			Platform: c.Platform, Changes: c.Changes, Platforms: c.Platforms, Decision: c.Decision,
		}
		if c.Platform != "" {
			list[i].Format = gen.PropagateFormatPlatform
		}
	}
	if r.next != "" {
		w.Header().Set("Link", r.next)
	}
	return writeJSON(w, map[string]any{"data": list})
}
