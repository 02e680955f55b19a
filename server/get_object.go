package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/gen"
	"structural.app/structural/server/budget"
)

// GetObject returns an object with its record on every platform, unless the client has this version of it already.
func (s *Server) GetObject(ctx context.Context, request gen.GetObjectRequestObject) (gen.GetObjectResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.store.FindObject(ctx, app.ObjectQuery{CustomerID: caller.CustomerID, CanonicalID: request.CanonicalID})
	if err != nil {
		return nil, noSuchObject(err)
	}
	if isKnown(request.Params.IfNoneMatch, entityTag(found.Version)) {
		var response gen.GetObject304Response
		response.Headers.ETag = entityTag(found.Version)
		return response, nil
	}
	if err := exchangeOf(ctx).reservation.GrowTo(ctx, budget.PerAnswerByte*int64(found.Size())); err != nil {
		return nil, err
	}
	return objectResponse{found}, nil
}

func noSuchObject(err error) error {
	if errors.Is(err, app.ErrNotFound) {
		return &Error{Kind: KindNotFound, Message: "No such object"}
	}
	return err
}

// objectResponse writes what the database gave as it is.
type objectResponse struct{ found app.FoundObject }

// VisitGetObjectResponse writes the 200 response.
func (r objectResponse) VisitGetObjectResponse(w http.ResponseWriter) error {
	var body gen.GetObject200JSONResponse
	data := &body.Body.Data
	data.CanonicalID, data.EntityType, data.Version = r.found.ID, gen.StoredEntityType(r.found.EntityType), r.found.Version
	data.UpdatedAt = r.found.UpdatedAt.UTC().Truncate(time.Millisecond)
	data.Data = r.found.Document
	data.PlatformData = map[string]gen.PlatformRecord{}
	for _, record := range r.found.Records {
		data.PlatformData[record.Platform] = record.Payload
		data.Mappings = append(data.Mappings, gen.Mapping{Platform: gen.Platform(record.Platform), PlatformID: record.PlatformID})
	}
	w.Header().Set(headerETag, entityTag(r.found.Version))
	return writeJSON(w, body.Body)
}

// writeJSON writes a 200 response, the documents in it as they were stored.
func writeJSON(w http.ResponseWriter, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(body)
}
