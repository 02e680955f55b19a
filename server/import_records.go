package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/openapi"
	"structural.app/structural/server/problems"
)

// ImportRecords applies a platform's records as they come.
func (s *Server) ImportRecords(ctx context.Context, request gen.ImportRecordsRequestObject) (gen.ImportRecordsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	variant := value(request.Params.CommitmentType)
	if err := s.checkVariant(request.Platform, variant); err != nil {
		return nil, err
	}
	reservation := exchangeOf(ctx).reservation
	imported, err := s.importer.Import(ctx, app.ImportRequest{
		Actor: actorOf(caller), CustomerID: caller.CustomerID, Platform: string(request.Platform), EntityType: canonical.EntityType(request.Params.EntityType),
		Variant: variant, Ledger: books.LedgerSide(value(request.Params.Ledger)), Body: request.Body,
		Reserve: func(ctx context.Context, body, stored int) error {
			if body == 0 {
				reservation.Shrink(budget.Small)
				return nil
			}
			return reservation.GrowTo(ctx, budget.Small+budget.PerBodyByte*int64(body)+budget.PerRecordByte*int64(stored))
		},
		IsOverloaded: func(err error) bool { return errors.Is(err, budget.ErrOverloaded) },
		Describe:     describeRejected,
	})
	if imported.Received > 0 {
		s.metrics.RecordsImported(imported.Platform, imported.Applied, imported.Rejected)
	}
	if err != nil {
		return nil, importError(err)
	}
	var response gen.ImportRecords202JSONResponse
	response.Body.Data = importOf(&imported)
	return response, nil
}

// checkVariant refuses a word that the platform does not have.
func (s *Server) checkVariant(name gen.Platform, variant string) error {
	p, ok := s.translator.Platforms().Get(platform.Name(name))
	if variant == "" || !ok {
		return nil
	}
	var words []string
	for _, t := range canonical.EntityTypes() {
		words = append(words, p.Definition().Variants(t)...)
	}
	switch {
	case slices.Contains(words, variant):
		return nil
	case len(words) == 0:
		return &Error{Kind: KindValidation, Message: "query.commitment_type: this platform's records need none"}
	}
	return &Error{Kind: KindValidation, Message: "query.commitment_type: must be one of '" + strings.Join(words, "', '") + "'"}
}

// describeRejected words why a record was rejected: by pointers into the record, without a value of it.
func describeRejected(err error) string {
	var found problems.List
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	switch {
	case !ok && errors.Is(err, jsontext.ErrNotJSON):
		found.Add("", err.Error())
		return found.String()
	case !ok:
		return "expected a record with an id of its own"
	}
	for _, p := range translation.Problems[:min(len(translation.Problems), maxRejectedProblems)] {
		if p.In == canonical.InContext && p.Pointer == "/variant" {
			found.Add("query.commitment_type", "expected "+p.Expected)
			continue
		}
		found.Add(p.Pointer, "expected "+p.Expected)
	}
	found.More(translation.More + max(0, len(translation.Problems)-maxRejectedProblems))
	return found.String()
}

// maxRejectedProblems is how many problems of one record are told.
const maxRejectedProblems = 5

// importError is the answer to an import that has ended before its body.
func importError(err error) error {
	if refused, ok := errors.AsType[*openapi.RequestError](err); ok {
		return &openapi.RequestError{Status: refused.Status, Problems: []string{refused.Error() + "; the records before stay imported"}}
	}
	if quota, ok := errors.AsType[*app.QuotaError](err); ok {
		message := fmt.Sprintf("This would be more than the %d MB that this customer may store; the records before stay imported", quota.Bytes>>20)
		if quota.Mode == app.ModeDemo {
			message += ". Delete the session and open another"
		}
		return &Error{Kind: KindQuotaExceeded, Message: message, Cause: err}
	}
	switch {
	case errors.Is(err, app.ErrNoRecords):
		return &Error{Kind: KindValidation, Message: "request body has no records"}
	case errors.Is(err, app.ErrBusy):
		return &Error{Kind: KindConflict, Message: "This platform is being connected, or records of it imported, by another request; try again when that has finished"}
	case errors.Is(err, app.ErrChanged):
		return &Error{Kind: KindConflict, Message: "This import was given up, since nothing came for two minutes; the records before stay imported"}
	case errors.Is(err, app.ErrLedger):
		return &Error{Kind: KindConflict, Message: "The customer's records are of another ledger; leave ledger out to use theirs"}
	case errors.Is(err, app.ErrNotFound): // deleted since the key was checked
		return &Error{Kind: KindAuthentication}
	}
	return err
}

// importOf is an import as answers have it.
func importOf(m *app.Import) gen.Import {
	errors := make([]gen.ImportError, len(m.Errors))
	for i, e := range m.Errors {
		errors[i] = gen.ImportError{Line: e.Line, Message: e.Message}
	}
	return gen.Import{
		ID: m.ID, Platform: gen.Platform(m.Platform), EntityType: gen.StoredEntityType(m.EntityType), Status: gen.ImportStatus(m.Status),
		StartedAt: m.StartedAt.UTC().Truncate(time.Millisecond), Received: m.Received, Applied: m.Applied, Rejected: m.Rejected, Errors: errors,
	}
}
