package server

import (
	"encoding/json"
	"net/http"
	"slices"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/gen"
	"structural.app/structural/mapping"
	"structural.app/structural/server/answer"
)

// propagateResponse is a body that is JSON already: the documents in it are, and it is kept for repetitions.
type propagateResponse struct {
	version int64
	body    []byte
}

// VisitPropagateChangeResponse writes the 200 response.
func (r propagateResponse) VisitPropagateChangeResponse(w http.ResponseWriter) error {
	w.Header().Set(headerETag, entityTag(r.version))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(r.body)
	return err
}

func propagateBody(found *app.FoundObject, p *plan.Result) []byte {
	body := append(make([]byte, 0, 8<<10), `{"data":{"canonical":{"id":`...)
	body = appendJSON(body, found.ID)
	body = appendJSON(append(body, `,"entity_type":`...), found.EntityType)
	body = appendJSON(append(body, `,"updated_fields":`...), orEmpty(p.UpdatedFields))
	body = p.Document.Append(append(body, `,"data":`...))
	body = append(body, `},"propagated":{`...)
	for i, r := range p.Records {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendJSON(append(appendJSON(body, r.Platform), `:{"platform_id":`...), r.PlatformID)
		body = appendJSON(append(body, `,"updated_fields":`...), orEmpty(r.UpdatedFields))
		body = r.Payload.Append(append(body, `,"data":`...))
		body = appendJSON(append(body, `,"conversions":`...), conversions(r.Conversions))
		body = appendJSON(append(body, `,"lost":`...), losses(r.Lost))
		body = answer.AppendRequests(append(body, `,"requests":`...), r.Requests)
		body = append(body, '}')
	}
	skipped := []gen.SkippedPlatform{}
	for _, connected := range found.Connected {
		if !slices.ContainsFunc(p.Records, func(r plan.RecordResult) bool { return r.Platform == connected }) {
			skipped = append(skipped, gen.SkippedPlatform{Platform: gen.Platform(connected), Reason: "no_record"})
		}
	}
	body = appendJSON(append(body, `},"skipped":`...), skipped)
	body = appendJSON(append(body, `,"references":`...), propagatedReferences(p))
	return append(body, "}}\n"...)
}

func propagatedReferences(p *plan.Result) gen.PropagatedReferences {
	references := gen.PropagatedReferences{Resolved: []gen.PropagatedResolvedReference{}, Unresolved: []gen.PropagatedUnresolvedReference{}}
	for _, r := range p.Resolved {
		references.Resolved = append(references.Resolved, gen.PropagatedResolvedReference{
			Platform: gen.Platform(r.Platform), Field: r.Field, CanonicalID: r.CanonicalID, PlatformID: r.PlatformID,
			Injected: r.Injected, Reason: string(r.Reason),
		})
	}
	for _, r := range p.Unresolved {
		references.Unresolved = append(references.Unresolved, gen.PropagatedUnresolvedReference{
			Platform: gen.Platform(r.Platform), Field: r.Field, CanonicalID: r.CanonicalID, Reason: string(r.Reason),
		})
	}
	return references
}

func conversions(list []mapping.Conversion) []gen.Conversion {
	out := make([]gen.Conversion, len(list))
	for i, c := range list {
		out[i] = answer.NewConversion(c)
	}
	return out
}

func losses(list []mapping.Loss) []gen.LostField {
	out := make([]gen.LostField, len(list))
	for i, l := range list {
		out[i] = gen.LostField{Field: l.Field, Reason: string(l.Reason)}
	}
	return out
}

// appendJSON appends a value that always has a JSON form.
func appendJSON(text []byte, v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return append(text, encoded...)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
