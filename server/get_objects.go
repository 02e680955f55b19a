package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

// GetObjects lists the records of one type on one platform with their canonical views, or the objects themselves.
func (s *Server) GetObjects(ctx context.Context, request gen.GetObjectsRequestObject) (gen.GetObjectsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	list := objectList{request.Params}
	if list.isFiltered() {
		return s.filterObjects(ctx, caller.CustomerID, list)
	}
	room := newPageRoom(ctx)
	query := store.ObjectsQuery{CustomerID: caller.CustomerID, Platform: list.platform(), EntityType: string(list.EntityType), Limit: list.limit(), Room: room.take}
	if list.Cursor != nil {
		after, err := base64.RawURLEncoding.Strict().DecodeString(*list.Cursor)
		if err != nil || !utf8.Valid(after) || bytes.IndexByte(after, 0) >= 0 {
			return nil, errForeignCursor
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
	response := objectsResponse{platform: list.platform(), entityType: string(list.EntityType), objects: objects}
	if more {
		response.next = s.nextPage(list, []byte(objects[len(objects)-1].PlatformID))
	}
	return response, nil
}

var errForeignCursor = &Error{Kind: KindValidation, Message: "query.cursor: must be one that a Link header gave"}

// nextPage is the Link header that leads to the page behind a cursor. The address is relative, and so right behind any proxy.
func (s *Server) nextPage(list objectList, cursor []byte) string {
	query := list.filters()
	query.Set("cursor", base64.RawURLEncoding.EncodeToString(cursor))
	if list.Limit != nil {
		query.Set("limit", strconv.Itoa(*list.Limit))
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
	size := roomAround
	for i := range r.objects {
		o := &r.objects[i]
		size += roomAround + len(o.Document) + len(o.Payload) + len(o.Mappings)
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
	return writeList(w, append(body, "]}\n"...), r.next)
}
