// Package answer makes bodies of answers out of what the use cases return, in the contract's terms and without HTTP, so that
// the command line prints what the API answers.
package answer

import (
	"encoding/json"
	"time"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"

	"structural.app/structural/app"
	"structural.app/structural/gen"
)

// canonicalVersion is the version of the canonical form that is spoken here.
const canonicalVersion = "1.0"

// Transform is the contract's TransformResponse.
type Transform struct {
	Canonical, Data jsontext.Value
	Metadata        gen.TransformMetadata
	Requests        []platform.Request // of the metadata
}

// NewConversion is the contract's Conversion.
func NewConversion(c mapping.Conversion) gen.Conversion {
	conversion := gen.Conversion{From: c.From, To: c.To, Rate: c.Rate, Source: string(c.Source)}
	if c.Date != "" {
		conversion.Date = &c.Date
	}
	return conversion
}

// NewTransform makes the answer to a transformation out of its result, the time it was made at, and the id of the request.
func NewTransform(x app.Transformation, result app.Transformed, at time.Time, requestID string) Transform {
	metadata := gen.TransformMetadata{
		Source: gen.Platform(x.Source), Target: gen.Platform(x.Target), EntityType: gen.EntityType(x.EntityType),
		CanonicalVersion: canonicalVersion,
		TransformedAt:    at.UTC().Truncate(time.Millisecond),
		RequestID:        requestID,
		Unmapped:         append([]string{}, result.Read.Unmapped...),
		Conversions:      []gen.Conversion{},
		Lost:             []gen.LostField{},
	}
	for _, c := range result.Written.Conversions {
		metadata.Conversions = append(metadata.Conversions, NewConversion(c))
	}
	for _, l := range result.Written.Lost {
		metadata.Lost = append(metadata.Lost, gen.LostField{Field: l.Field, Reason: string(l.Reason)})
	}
	if len(result.Written.Resolved)+len(result.Written.Unresolved) > 0 {
		metadata.References = references(result)
	}
	for _, p := range result.Read.Problems {
		metadata.Problems = append(metadata.Problems, gen.RecordProblem{Field: p.Field, Reason: string(p.Reason)})
	}
	for _, p := range result.Problems {
		metadata.Problems = append(metadata.Problems, gen.RecordProblem{Field: p.Field, Reason: p.Reason})
	}
	for _, c := range result.Checks {
		metadata.Checks = append(metadata.Checks, gen.Check{Field: c.Field, Expected: money(c.Expected), Found: money(c.Found)})
	}
	if result.MoreChecks > 0 {
		metadata.MoreChecks = &result.MoreChecks
	}
	return Transform{result.Canonical, result.Data, metadata, result.Requests}
}

func money(m canonical.Money) gen.Money {
	return gen.Money{Amount: m.AmountMinor, Currency: m.Currency}
}

func references(result app.Transformed) *gen.References {
	list := &gen.References{Resolved: []gen.ResolvedReference{}, Unresolved: []gen.UnresolvedReference{}}
	for _, r := range result.Written.Resolved {
		list.Resolved = append(list.Resolved, gen.ResolvedReference{
			Field: r.Field, CanonicalID: r.CanonicalID, PlatformID: r.PlatformID, Injected: r.Injected, Reason: string(r.Reason),
		})
	}
	for _, r := range result.Written.Unresolved {
		list.Unresolved = append(list.Unresolved, gen.UnresolvedReference{
			Field: r.Field, CanonicalID: r.CanonicalID, Reason: string(r.Reason),
		})
	}
	return list
}

// AppendJSON appends the answer as JSON. Both views are appended as they are: they are JSON already, and encoding/json would
// read all of it again. The error is encoding/json's, of the metadata.
func (t Transform) AppendJSON(b []byte) ([]byte, error) {
	metadata, err := json.Marshal(t.Metadata)
	if err != nil {
		return b, err
	}
	b = append(b, `{"canonical":`...)
	b = append(t.Canonical.Append(b), `,"data":`...)
	b = append(t.Data.Append(b), `,"metadata":`...)
	b = append(append(b, metadata[:len(metadata)-1]...), `,"requests":`...)
	return append(AppendRequests(b, t.Requests), "}}"...), nil
}
