package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"structural.app/structural/app/plan"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Transformation says what is to be translated.
type Transformation struct {
	Source, Target string // platforms; may be the same
	EntityType     canonical.EntityType
	Data           jsontext.Value // the record, in the source's own shape

	Variant        string            // what a record does not say of itself, in a platform's own word: see mapping.Context
	Ledger         books.LedgerSide  // of records that do not show theirs; empty: the platforms' usual one
	SourceCurrency string            // ISO 4217, of a record that names none; empty: the platform's usual one
	TargetCurrency string            // ISO 4217, of the record to write; empty: the currency that the data is in
	References     map[string]string // the target's own id, by canonical id
	Handling       plan.Handling     // of what the target cannot hold; without one it is lenient
	Settings       *books.Settings   // of the target's connection, ready; nil: nobody said
	Rates          map[string]string // the price of a US dollar, by currency, where it is not the server's
	TargetID       string            // of the target's record that is to be changed; empty: one is to be made
}

// Transformed is a record in both views.
type Transformed struct {
	Canonical jsontext.Value
	Data      jsontext.Value // the record, in the target's own shape
	Read      mapping.Report // of the source's record
	Written   mapping.Report // of the target's

	Checks     []canonical.Check // amounts that are not what they are made of, as the record came
	MoreChecks int               // than are listed

	Requests []platform.Request // what to send to the target
	Problems []RecordProblem    // what stands in the way of that
}

// RecordProblem is what stands in the way of sending a record.
type RecordProblem struct {
	Field  string // JSON pointer in the source's record; empty: the whole record
	Reason string
}

// Why a record is not sent.
const (
	NoOperation = "no_operation" // the target's API takes no such records
	IsDeleted   = "deleted"      // it is not written as a live one
	NotInForce  = "not_in_force" // a change order that changes nothing adds no lines to an order
)

// Transform translates one record. It reads and writes nothing else, and so asks for no [Actor]. The error is a
// *[canonical.TranslationError] that lists the fields that cannot be translated, or the context's when that ends first. Each problem
// says whose it is: of the record ([canonical.InPayload], a pointer into Data), of the canonical view, for which the target has no
// words ([canonical.InCanonical]), or of what was said beside the record ([canonical.InContext]: /sourceCurrency, /currency,
// /entityType, /references/… and so on).
func (t *Translator) Transform(ctx context.Context, x Transformation) (Transformed, error) {
	source, err := t.platform(x.Source)
	if err != nil {
		return Transformed{}, err
	}
	target, err := t.platform(x.Target)
	if err != nil {
		return Transformed{}, err
	}
	if words := t.platforms.Variants(); x.Variant != "" && !slices.Contains(words, x.Variant) {
		return Transformed{}, &canonical.TranslationError{Problems: []canonical.Problem{{
			In: canonical.InContext, Pointer: "/variant", Expected: "one of " + strings.Join(words, ", "),
		}}}
	}
	rates, err := t.ratesOf(x)
	if err != nil {
		return Transformed{}, err
	}
	result, err := t.readSource(ctx, source, x)
	if err != nil {
		return Transformed{}, ofSource(err)
	}
	result.Checks, result.MoreChecks = canonical.Checks(x.EntityType, result.Canonical)
	variant := target.Definition().VariantOf(result.Canonical, variantOf(target, x))
	result.Data, result.Written, err = target.FromCanonical(x.EntityType, result.Canonical, jsontext.Value{}, mapping.Context{
		Variant: variant, Currency: x.TargetCurrency, References: x.References, Rates: rates, Settings: x.Settings, Stop: ctx.Err,
	})
	if err != nil {
		return Transformed{}, err
	}
	resource := target.Resource(x.EntityType, cmp.Or(variant, x.Variant), result.Data)
	switch {
	case !result.Canonical.Get("deleted_at").IsNone():
		result.Problems = append(result.Problems, RecordProblem{Reason: IsDeleted})
	case resource == nil:
		result.Problems = append(result.Problems, RecordProblem{Reason: NoOperation})
	case resource.Extends != "" && slices.Contains([]string{"rejected", "void", "not_proceeding"}, result.Canonical.Get("status").Text()):
		result.Problems = append(result.Problems, RecordProblem{Reason: NotInForce})
	case resource.Refuses(result.Data) != "":
		result.Problems = append(result.Problems, RecordProblem{Reason: resource.Refuses(result.Data)})
	default:
		result.Requests = resource.Requests(result.Data, platform.Intent{Update: x.TargetID, Currency: target.Definition().Currency, Settings: x.Settings})
	}
	if x.Handling == plan.Strict {
		if err := x.refuseLosses(&result, target.Fields(x.EntityType, variant)); err != nil {
			return Transformed{}, err
		}
	}
	return result, nil
}

// ratesOf are the rates by which a record is converted. The record's own comes before them.
func (t *Translator) ratesOf(x Transformation) (canonical.Rates, error) {
	if len(x.Rates) == 0 {
		return t.rates, nil
	}
	var refused canonical.TranslationError
	for _, code := range slices.Sorted(maps.Keys(x.Rates)) {
		at := jsontext.AppendPointer("/rates", code)
		_, ok := canonical.ParseRate(x.Rates[code])
		switch _, known := canonical.Exponent(code); {
		case !known:
			refused.Add(canonical.Problem{In: canonical.InContext, Pointer: at, Expected: "an ISO 4217 currency"})
		case !ok:
			refused.Add(canonical.Problem{In: canonical.InContext, Pointer: at, Expected: "a positive decimal number"})
		case code == "USD":
			refused.Add(canonical.Problem{In: canonical.InContext, Pointer: at, Expected: "no rate: rates are prices of a US dollar"})
		}
	}
	if len(refused.Problems) > 0 {
		return canonical.Rates{}, &refused
	}
	return t.rates.With(x.Rates)
}

// readSource reads the record in its source's shape.
func (t *Translator) readSource(ctx context.Context, source platform.Platform, x Transformation) (result Transformed, err error) {
	record, at, err := unwrap(source, x.EntityType, variantOf(source, x), x.Data)
	if err != nil {
		return result, err
	}
	read := mapping.Context{
		Variant: variantOf(source, x), Currency: x.SourceCurrency, Rates: t.rates, Stop: ctx.Err, Lenient: x.Handling != plan.Strict,
	}
	if x.Settings != nil { // they are the target's. The account is that of the one of the two that is the books.
		read.Settings = &books.Settings{RetentionAccount: x.Settings.RetentionAccount}
	}
	result.Canonical, result.Read, err = source.ToCanonical(x.EntityType, record, read)
	result.at(at)
	if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
		for i := range translation.Problems {
			if p := &translation.Problems[i]; p.In == canonical.InPayload {
				p.Pointer = at + p.Pointer
			}
		}
	}
	if err == nil && !isUnderstood(result.Canonical) && !isKnown(source.Resource(x.EntityType, cmp.Or(variantOf(source, x), x.Variant), record), record) {
		err = refusePayload(at, lookedFor(source, x.EntityType, variantOf(source, x)))
	}
	return result, err
}

// at has what was noted of a record point to where it stands in the request.
func (t *Transformed) at(pointer string) {
	if pointer == "" {
		return
	}
	for i := range t.Read.Unmapped {
		t.Read.Unmapped[i] = pointer + t.Read.Unmapped[i]
	}
	for i := range t.Read.Problems {
		t.Read.Problems[i].Field = pointer + t.Read.Problems[i].Field
	}
}

// refuseLosses refuses what the target's record would not hold, or not exactly, and what its API would not take of the record. The fields
// are the target's.
func (x *Transformation) refuseLosses(result *Transformed, fields []mapping.Field) error {
	var refused canonical.TranslationError
	for _, l := range result.Written.Lost {
		refused.Add(plan.LossProblem(l, x.Target))
	}
	for _, u := range result.Written.Unresolved {
		refused.Add(plan.LossProblem(mapping.Loss{Field: u.Field, Reason: u.Reason}, x.Target))
	}
	if x.Source != x.Target { // at home it goes back to where it was
		for _, pointer := range result.Read.Unmapped {
			refused.Add(canonical.Problem{In: canonical.InPayload, Pointer: pointer, Expected: "no value: " + x.Target + " has no such field"})
		}
	}
	for _, request := range result.Requests {
		for _, note := range request.Omitted {
			if l, ok := lossOf(note, fields); ok {
				refused.Add(plan.LossProblem(l, x.Target))
			}
		}
	}
	if len(refused.Problems) == 0 {
		return nil
	}
	return &refused
}

// lossOf is what a platform's API does not take of a record, as a loss of the document. What it computes, gives, or takes under another
// name is none.
func lossOf(note platform.Note, fields []mapping.Field) (mapping.Loss, bool) {
	reasons := map[string]mapping.Reason{platform.HasNoField: mapping.NoField, platform.NoCounterpart: mapping.NoCounterpart, platform.IsTooLong: mapping.TooLong}
	reason, ok := reasons[note.Reason]
	for _, field := range fields {
		for _, path := range field.Record {
			at := path.Pointer()
			if at == note.Field {
				return mapping.Loss{Field: field.Document.Pointer(), Reason: reason}, ok
			}
			for _, of := range field.Lines {
				if slices.ContainsFunc(of.Record, func(path jsontext.Path) bool { return at+"/*"+path.Pointer() == note.Field }) {
					return mapping.Loss{Field: field.Document.Pointer() + "/*" + of.Document.Pointer(), Reason: reason}, ok
				}
			}
		}
	}
	return mapping.Loss{Field: note.Field, Reason: reason}, ok
}

// variantOf is the variant, if it is a word of the platform, or the ledger, if the platform has that side apart. Else it is the other
// platform's.
func variantOf(p platform.Platform, x Transformation) string {
	if _, ok := p.Definition().Sides[x.Ledger]; ok {
		return string(x.Ledger)
	}
	if slices.Contains(p.Definition().Variants(x.EntityType), x.Variant) {
		return x.Variant
	}
	return ""
}

// ofSource makes problems of the source's context those of the transformation: there the source's currency has another name.
func ofSource(err error) error {
	if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
		for i := range translation.Problems {
			if p := &translation.Problems[i]; p.In == canonical.InContext && p.Pointer == "/currency" {
				p.Pointer = "/sourceCurrency"
			}
		}
	}
	return err
}
