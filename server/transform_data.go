package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/server/answer"
	"structural.app/structural/server/problems"
)

// TransformData translates a record and shows both views. It touches no data but the caller's key.
func (s *Server) TransformData(ctx context.Context, request gen.TransformDataRequestObject) (gen.TransformDataResponseObject, error) {
	body := request.Body
	data, err := jsontext.Parse(body.Data)
	if err != nil {
		return nil, fmt.Errorf("parse data that the contract let pass: %w", err)
	}
	x := app.Transformation{
		Source: string(body.Source), Target: string(body.Target), EntityType: canonical.EntityType(body.EntityType), Data: data,
	}
	if c := body.Context; c != nil {
		x.Variant, x.SourceCurrency, x.TargetCurrency = value(c.CommitmentType), value(c.SourceCurrency), value(c.Currency)
		x.Ledger = books.LedgerSide(value(c.Ledger))
		x.References, x.Rates, x.TargetID = c.References, c.Rates, value(c.TargetID)
		if err := checkOperation(c); err != nil {
			return nil, err
		}
		if c.Settings != nil {
			if x.Settings, err = app.ParseSettings(*c.Settings); err != nil {
				return nil, settingsError(KindTransform, "/context/settings", err)
			}
		}
	}
	x.Handling = handlingOf(request.Params.Prefer)
	transformed, err := s.translator.Transform(ctx, x)
	if err != nil {
		err = transformError(err)
		exchangeOf(ctx).apply(x.Handling, err)
		return nil, err
	}
	exchangeOf(ctx).apply(x.Handling, nil)
	return transformResponse{answer.NewTransform(x, transformed, s.clock(), exchangeOf(ctx).requestID)}, nil
}

// checkOperation wants the record named that is to be changed, and none that is to be made.
func checkOperation(c *gen.TransformContext) error {
	updates := value(c.Operation) == gen.TransformContextOperationUpdate
	switch {
	case updates && c.TargetID == nil:
		return &Error{Kind: KindValidation, Message: "/context/target_id: an update needs the target's own id of the record"}
	case !updates && c.TargetID != nil:
		return &Error{Kind: KindValidation, Message: `/context/operation: target_id names a record to change; say "update"`}
	}
	return nil
}

// settingsError names what is wrong with settings that stand at a pointer in the request.
func settingsError(kind Kind, at string, err error) error {
	if wrong, ok := errors.AsType[*books.SettingsError](err); ok {
		return &Error{Kind: kind, Message: at + wrong.Error()}
	}
	return err
}

// transformResponse is the answer, and how it is sent.
type transformResponse struct{ answer.Transform }

// VisitTransformDataResponse writes the 200 response.
func (r transformResponse) VisitTransformDataResponse(w http.ResponseWriter) error {
	buffer := transformBuffers.Get().(*[]byte)
	defer transformBuffers.Put(buffer)
	body, err := r.AppendJSON((*buffer)[:0])
	if err != nil {
		return err
	}
	body = append(body, '\n')
	if cap(body) <= 64<<10 { // one huge record must not pin its memory
		*buffer = body
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(body)
	return err
}

var transformBuffers = sync.Pool{New: func() any { return new([]byte) }}

// transformError names every field that can't be translated by its JSON pointer in the request.
func transformError(err error) error {
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	if !ok {
		return err
	}
	return &Error{Kind: KindTransform, Message: translationMessage(translation)}
}

func translationMessage(translation *canonical.TranslationError) string {
	roots := map[canonical.Part]string{canonical.InPayload: "/data", canonical.InCanonical: "canonical ", canonical.InContext: "/context"}
	var found problems.List
	for _, p := range translation.Problems {
		if p.In == canonical.InContext && p.Pointer == "/variant" {
			p.Pointer = "/commitmentType" // as the contract calls it
		}
		found.Add(roots[p.In]+p.Pointer, "expected "+p.Expected)
	}
	found.More(translation.More)
	return found.String()
}

// value is what an optional field points to, or its zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
