package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Propagation is a change of one object.
type Propagation struct {
	Platform string         // in whose words the patch is stated; empty: in canonical fields
	Patch    jsontext.Value // only what it names changes; null empties a field
}

// Propagated is what a change makes of an object and its records.
type Propagated struct {
	Document      jsontext.Value
	UpdatedFields []string // canonical fields, in the document's order
	Changes       []canonical.Difference
	Records       []PropagatedRecord // in order of precedence
	Resolved      []ResolvedReference
	Unresolved    []UnresolvedReference

	RefersTo []string // ids of the objects that the document refers to
	Kept     []byte   // what the document says beyond the words of its records, as JSON; nil: nothing
}

// PropagatedRecord is a platform's record as it stands after the change.
type PropagatedRecord struct {
	Platform, PlatformID string
	Payload              jsontext.Value
	UpdatedFields        []string // the platform's own, in the record's order
	Changes              []canonical.Difference
	Conversions          []mapping.Conversion
	Lost                 []mapping.Loss
}

// Changed reports whether there is anything to write.
func (p *Propagated) Changed() bool {
	return len(p.Changes) > 0 || slices.ContainsFunc(p.Records, func(r PropagatedRecord) bool { return len(r.Changes) > 0 })
}

// propagation is a change on its way.
type propagation struct {
	*Translator
	stop       stopper
	entityType canonical.EntityType
	document   jsontext.Value
	index      *lineIndex     // of the document
	changed    jsontext.Value // the document with the change
	records    []*recordChange
	referents  map[string]Referent
	edits      edits
	lines      []int // the object's line for each line that the change names; -1: there is none
	// stated is the document in whose words the change is stated: the object's, or that of one of its records.
	stated      jsontext.Value
	statedIndex *lineIndex
	source      *recordChange // nil: the change is stated in canonical fields
}

// Propagate changes an object and all of its records. Nothing is stored: the result says what is to be.
//
// The error is a [*PatchError] when the patch names what it may not, and a [*canonical.TranslationError] when a value cannot be
// translated; then all of its problems point into the patch. It is the context's when that ends first.
func (t *Translator) Propagate(ctx context.Context, object StoredObject, records []StoredRecord,
	change Propagation, find ReferentFinder,
) (Propagated, error) {
	p := &propagation{Translator: t, stop: ctx.Err, entityType: object.EntityType}
	if err := p.read(object, records); err != nil {
		return Propagated{}, err
	}
	if err := p.state(change); err != nil {
		return Propagated{}, err
	}
	if err := p.findReferents(ctx, find); err != nil {
		return Propagated{}, err
	}
	if err := p.changeObject(); err != nil {
		return Propagated{}, err
	}
	result := Propagated{}
	var refused problems
	for _, s := range p.records {
		if err := p.changeRecord(s, &refused, &result); err != nil {
			return Propagated{}, err
		}
	}
	if err := refused.err(); err != nil {
		return Propagated{}, err
	}
	document, err := p.changed, error(nil)
	for _, s := range p.records {
		if document, err = p.finish(s, document); err != nil {
			return Propagated{}, err
		}
		p.reportReferences(s, document, &result)
		result.Records = append(result.Records, s.result)
	}
	p.sortReferences(&result)
	result.Document = document
	result.Changes = canonical.FieldDifferences(p.document, document)
	result.UpdatedFields = fieldsOf(result.Changes)
	result.RefersTo, result.Kept = refersTo(p.entityType, document), p.kept(document).text()
	return result, p.stop()
}

// sortReferences puts what is reported of references in the order of the records.
func (p *propagation) sortReferences(result *Propagated) {
	byPlatform := func(a, b string) int {
		return cmp.Compare(slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == a }),
			slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == b }))
	}
	slices.SortStableFunc(result.Resolved, func(a, b ResolvedReference) int { return byPlatform(a.Platform, b.Platform) })
	slices.SortStableFunc(result.Unresolved, func(a, b UnresolvedReference) int { return byPlatform(a.Platform, b.Platform) })
}

// kept is what the document says beyond the words of its records.
func (p *propagation) kept(document jsontext.Value) keptFields {
	objects := map[string]string{}
	for _, r := range p.referents {
		for platform, native := range r.PlatformIDs {
			objects[canonical.MintID(platform, r.EntityType, native)] = r.CanonicalID
		}
	}
	readings := make([]reading, len(p.records))
	for i, s := range p.records {
		readings[i] = reading{s.record.Platform, s.after}
	}
	return findKept(p.entityType, document, readings, objects)
}

// read reads the object and its records.
func (p *propagation) read(object StoredObject, records []StoredRecord) (err error) {
	if p.document, err = jsontext.Parse(object.Document); err != nil {
		return fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
	}
	p.index = newLineIndex(p.document)
	order := p.platforms.Names()
	for _, record := range records {
		s := &recordChange{record: record, context: mapping.Context{Variant: record.Variant, Rates: p.rates, Stop: p.stop}}
		if s.platform, err = p.platform(record.Platform); err != nil {
			return err
		}
		if s.before, err = jsontext.Parse(record.Payload); err != nil {
			return fmt.Errorf("%s %s %s: %w", record.Platform, record.EntityType, record.PlatformID, err)
		}
		var report mapping.Report
		if s.document, report, err = s.platform.ToCanonical(p.entityType, s.before, s.context); err != nil {
			return fmt.Errorf("%s %s %s: %w", record.Platform, record.EntityType, record.PlatformID, storedError(err))
		}
		s.shape, s.payload, s.currency = p.shape(s.platform, p.entityType), s.before, report.Currency
		s.result = PropagatedRecord{Platform: record.Platform, PlatformID: record.PlatformID}
		p.records = append(p.records, s)
	}
	slices.SortStableFunc(p.records, func(a, b *recordChange) int {
		return cmp.Compare(slices.Index(order, a.platform.Name()), slices.Index(order, b.platform.Name()))
	})
	return p.stop()
}

// storedError is an error of a record that is stored already: a fault of ours, and not of the caller's patch.
func storedError(err error) error {
	if _, ok := errors.AsType[*canonical.TranslationError](err); ok {
		return errors.New(err.Error())
	}
	return err
}

// state reads the patch.
func (p *propagation) state(change Propagation) (err error) {
	if change.Platform == "" {
		p.stated, p.statedIndex = p.document, p.index
		p.edits, err = canonicalEdits(p.entityType, p.document, change.Patch, p.index, p.stop)
		return err
	}
	i := slices.IndexFunc(p.records, func(s *recordChange) bool { return s.record.Platform == change.Platform })
	if i < 0 {
		return fmt.Errorf("no record on %s", change.Platform)
	}
	s := p.records[i]
	p.source, p.stated, p.statedIndex = s, s.document, newLineIndex(s.document)
	patch := patchRecord(s.shape, s.before, change.Patch, p.stop)
	if err := errors.Join(p.stop(), patch.err()); err != nil {
		return err
	}
	p.edits, err = s.statePatch(p.entityType, patch)
	return err
}

// changeObject makes the change to the object.
func (p *propagation) changeObject() error {
	p.lines = p.statedIndex.correspond(p.index, p.edits.lines)
	t := target{document: p.document, currency: currencyOf(p.document), lines: p.lines, rates: p.rates, stop: p.stop}
	err := t.apply(p.edits, currencyOf(p.stated))
	p.changed = t.document
	return err
}
