package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/translate"
)

// canonicalVersion is the version of the canonical form that this server speaks.
const canonicalVersion = "1.0"

// TransformData translates a record and shows both views. It touches no data but the caller's key.
func (s *Server) TransformData(ctx context.Context, request gen.TransformDataRequestObject) (gen.TransformDataResponseObject, error) {
	body := request.Body
	data, err := canonical.Parse(body.Data)
	if err != nil {
		return nil, fmt.Errorf("parse data that the contract let pass: %w", err)
	}
	x := translate.Transformation{
		Source: string(body.Source), Target: string(body.Target), EntityType: canonical.EntityType(body.EntityType), Data: data,
	}
	if c := body.Context; c != nil {
		x.CommitmentType, x.SourceCurrency, x.TargetCurrency = value(c.CommitmentType), value(c.SourceCurrency), value(c.Currency)
		x.References = c.References
	}
	transformed, err := s.translator.Transform(x)
	if err != nil {
		return nil, transformError(err)
	}
	metadata := transformMetadata(transformed)
	metadata.Source, metadata.Target, metadata.EntityType = body.Source, body.Target, body.EntityType
	metadata.TransformedAt = s.clock().UTC().Truncate(time.Millisecond)
	metadata.RequestID = exchangeOf(ctx).requestID

	return transformResponse{transformed.Canonical, transformed.Data, metadata}, nil
}

// transformResponse writes both views as they are: they are JSON already, and encoding/json would read all of it again.
type transformResponse struct {
	canonical, data canonical.Value
	metadata        gen.TransformMetadata
}

// VisitTransformDataResponse writes the 200 response.
func (r transformResponse) VisitTransformDataResponse(w http.ResponseWriter) error {
	metadata, err := json.Marshal(r.metadata)
	if err != nil {
		return err
	}
	buffer := transformBuffers.Get().(*[]byte)
	defer transformBuffers.Put(buffer)
	body := append((*buffer)[:0], `{"canonical":`...)
	body = append(r.canonical.Append(body), `,"data":`...)
	body = append(r.data.Append(body), `,"metadata":`...)
	body = append(append(body, metadata...), "}\n"...)
	if cap(body) <= 64<<10 { // one huge record must not pin its memory
		*buffer = body
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(body)
	return err
}

var transformBuffers = sync.Pool{New: func() any { return new([]byte) }}

func transformMetadata(t translate.Transformed) gen.TransformMetadata {
	metadata := gen.TransformMetadata{
		CanonicalVersion: canonicalVersion,
		Unmapped:         append([]string{}, t.Read.Unmapped...),
		Conversions:      []gen.Conversion{},
		Lost:             []gen.LostField{},
	}
	for _, c := range t.Written.Conversions {
		metadata.Conversions = append(metadata.Conversions, gen.Conversion{From: c.From, To: c.To, Rate: c.Rate})
	}
	for _, l := range t.Written.Lost {
		metadata.Lost = append(metadata.Lost, gen.LostField{Field: l.Field, Reason: string(l.Reason)})
	}
	if len(t.Written.Resolved)+len(t.Written.Unresolved) == 0 {
		return metadata
	}
	metadata.References = &gen.References{Resolved: []gen.ResolvedReference{}, Unresolved: []gen.UnresolvedReference{}}
	for _, r := range t.Written.Resolved {
		metadata.References.Resolved = append(metadata.References.Resolved, gen.ResolvedReference{
			Field: r.Field, CanonicalID: r.CanonicalID, PlatformID: r.PlatformID, Injected: r.Injected, Reason: string(r.Reason),
		})
	}
	for _, r := range t.Written.Unresolved {
		metadata.References.Unresolved = append(metadata.References.Unresolved, gen.UnresolvedReference{
			Field: r.Field, CanonicalID: r.CanonicalID, Reason: string(r.Reason),
		})
	}
	return metadata
}

// transformError names every field that can't be translated by its JSON pointer in the request.
func transformError(err error) error {
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	if !ok {
		return err
	}
	roots := map[canonical.Part]string{canonical.InPayload: "/data", canonical.InCanonical: "canonical ", canonical.InContext: "/context"}
	lines := make([]string, len(translation.Problems))
	for i, p := range translation.Problems {
		lines[i] = roots[p.In] + p.Pointer + ": expected " + p.Expected
	}
	return &Error{Kind: KindTransform, Message: strings.Join(lines, "; ")}
}

// value is what an optional field points to, or its zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
