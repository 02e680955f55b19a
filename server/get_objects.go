package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// defaultObjects is how many records are listed when the request does not say.
const defaultObjects = 1000

// GetObjects lists the records of one type on one platform with their canonical views.
func (s *Server) GetObjects(ctx context.Context, request gen.GetObjectsRequestObject) (gen.GetObjectsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	params := request.Params
	room := newPageRoom(ctx)
	query := store.ObjectsQuery{CustomerID: caller.CustomerID, Platform: string(params.Platform), EntityType: string(params.EntityType), Limit: defaultObjects, Room: room.take}
	if params.Limit != nil {
		query.Limit = *params.Limit
	}
	if params.Cursor != nil {
		after, err := base64.RawURLEncoding.Strict().DecodeString(*params.Cursor)
		if err != nil || !utf8.Valid(after) || bytes.IndexByte(after, 0) >= 0 {
			return nil, &Error{Kind: KindValidation, Message: "query.cursor: must be one that a Link header gave"}
		}
		query.After = string(after)
	}
	objects, more, err := s.store.ListObjects(ctx, query)
	if err == nil {
		err = room.reserve(ctx)
	}
	if err != nil {
		return nil, err
	}
	response := objectsResponse{platform: string(params.Platform), entityType: string(params.EntityType), objects: objects}
	if more {
		response.next = s.nextPage(params, objects[len(objects)-1].PlatformID)
	}
	return response, nil
}

// nextPage is the Link header that leads to the page behind a record. The address is relative, and so right behind any proxy.
func (s *Server) nextPage(params gen.GetObjectsParams, after string) string {
	query := url.Values{
		"platform":    {string(params.Platform)},
		"entity_type": {string(params.EntityType)},
		"cursor":      {base64.RawURLEncoding.EncodeToString([]byte(after))},
	}
	if params.Limit != nil {
		query.Set("limit", strconv.Itoa(*params.Limit))
	}
	return "<" + s.document.BasePath() + "/objects?" + query.Encode() + `>; rel="next"`
}

// objectsResponse writes what the database gave as it is: the documents are JSON already, in the form that they had when they
// were stored.
type objectsResponse struct {
	platform, entityType string
	objects              []store.ListedObject
	next                 string // Link header; empty on the last page
}

// VisitGetObjectsResponse writes the 200 response.
func (r objectsResponse) VisitGetObjectsResponse(w http.ResponseWriter) error {
	const room = 256 // for what is around the documents
	size := room
	for i := range r.objects {
		o := &r.objects[i]
		size += room + len(o.Document) + len(o.Payload) + len(o.Mappings)
	}
	body := append(make([]byte, 0, size), `{"data":[`...)
	for i := range r.objects {
		o := &r.objects[i]
		if i > 0 {
			body = append(body, ',')
		}
		id, err := json.Marshal(o.PlatformID)
		if err != nil {
			return err
		}
		body = append(append(body, `{"id":`...), id...)
		body = append(append(append(body, `,"canonical_id":"`...), o.CanonicalID...), `","platform":"`...)
		body = append(append(append(append(body, r.platform...), `","entity_type":"`...), r.entityType...), `","data":`...)
		body = append(append(append(body, o.Document...), `,"platform_data":`...), o.Payload...)
		body = append(append(append(body, `,"mappings":`...), o.Mappings...), '}')
	}
	body = append(body, "]}\n"...)

	if r.next != "" {
		w.Header().Set("Link", r.next)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(body)
	return err
}
