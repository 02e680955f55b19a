package translate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Propagation is a change of one object.
type Propagation struct {
	Platform string          // in whose words the patch is stated; empty: in canonical fields
	Patch    canonical.Value // only what it names changes; null empties a field
}

// Propagated is what a change makes of an object and its records.
type Propagated struct {
	Document      canonical.Value
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
	Payload              canonical.Value
	UpdatedFields        []string // the platform's own, in the record's order
	Changes              []canonical.Difference
	Conversions          []platform.Conversion
	Lost                 []platform.Loss
}

// Changed reports whether there is anything to write.
func (p *Propagated) Changed() bool {
	return len(p.Changes) > 0 || slices.ContainsFunc(p.Records, func(r PropagatedRecord) bool { return len(r.Changes) > 0 })
}

// propagation is a change on its way.
type propagation struct {
	*Translator
	entityType canonical.EntityType
	document   canonical.Value
	changed    canonical.Value // the document with the change
	records    []*recordChange
	referents  map[string]Referent
	edits      []edit
	lines      map[int]int // the object's line for each line that the change names; -1: there is none
	// stated is the document in whose words the change is stated: the object's, or that of one of its records.
	stated canonical.Value
	source *recordChange // nil: the change is stated in canonical fields
}

// recordChange is a record of the object on its way.
type recordChange struct {
	record   canonical.StoredRecord
	platform platform.Platform
	shape    *recordShape
	context  platform.Context
	before   canonical.Value // the record
	payload  canonical.Value // the record with the change
	document canonical.Value // what the record alone says, before the change
	after    canonical.Value // what the record alone says, with the change
	currency string          // of the record's amounts
	result   PropagatedRecord
}

// Propagate changes an object and all of its records. Nothing is stored: the result says what is to be.
//
// The error is a [*PatchError] when the patch names what it may not, and a [*canonical.TranslationError] when a value cannot be
// translated; then all of its problems point into the patch.
func (t *Translator) Propagate(ctx context.Context, object canonical.StoredObject, records []canonical.StoredRecord,
	change Propagation, find ReferentFinder,
) (Propagated, error) {
	p := &propagation{Translator: t, entityType: object.EntityType}
	if err := p.read(object, records); err != nil {
		return Propagated{}, err
	}
	if err := p.state(change); err != nil {
		return Propagated{}, err
	}
	if err := p.findReferents(ctx, find); err != nil {
		return Propagated{}, err
	}
	document, err := p.changeObject()
	if err != nil {
		return Propagated{}, err
	}
	p.changed = document
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
	for _, s := range p.records {
		if document, err = p.finish(s, document); err != nil {
			return Propagated{}, err
		}
		p.reportReferences(s, document, &result)
		result.Records = append(result.Records, s.result)
	}
	byPlatform := func(a, b string) int {
		return cmp.Compare(slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == a }),
			slices.IndexFunc(p.records, func(r *recordChange) bool { return r.record.Platform == b }))
	}
	slices.SortStableFunc(result.Resolved, func(a, b ResolvedReference) int { return byPlatform(a.Platform, b.Platform) })
	slices.SortStableFunc(result.Unresolved, func(a, b UnresolvedReference) int { return byPlatform(a.Platform, b.Platform) })
	result.Document = document
	result.Changes = fieldChanges(p.document, document)
	result.UpdatedFields = fieldsOf(result.Changes)
	result.RefersTo, result.Kept = refersTo(p.entityType, document), p.kept(document).text()
	return result, nil
}

// kept is what the document says beyond the words of its records.
func (p *propagation) kept(document canonical.Value) keptFields {
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
func (p *propagation) read(object canonical.StoredObject, records []canonical.StoredRecord) (err error) {
	if p.document, err = canonical.Parse(object.Document); err != nil {
		return fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
	}
	order := p.platforms.Names()
	for _, record := range records {
		s := &recordChange{record: record, context: platform.Context{CommitmentType: record.CommitmentType, Rates: p.rates}}
		if s.platform, err = p.platform(record.Platform); err != nil {
			return err
		}
		if s.before, err = canonical.Parse(record.Payload); err != nil {
			return fmt.Errorf("%s %s %s: %w", record.Platform, record.EntityType, record.PlatformID, err)
		}
		var report platform.Report
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
	return nil
}

// storedError is an error of a record that is stored already: a fault of ours, and not of the caller's patch.
func storedError(err error) error { return errors.New(err.Error()) }

// state reads the patch.
func (p *propagation) state(change Propagation) (err error) {
	if change.Platform == "" {
		p.stated = p.document
		p.edits, err = canonicalEdits(p.entityType, p.document, change.Patch)
		return err
	}
	i := slices.IndexFunc(p.records, func(s *recordChange) bool { return s.record.Platform == change.Platform })
	if i < 0 {
		return fmt.Errorf("no record on %s", change.Platform)
	}
	s := p.records[i]
	p.source, p.stated = s, s.document
	patch := patchRecord(s.shape, s.before, change.Patch)
	if err := patch.err(); err != nil {
		return err
	}
	read := func(record canonical.Value) (canonical.Value, error) {
		document, _, err := s.platform.ToCanonical(p.entityType, record, s.context)
		return document, patch.placed(err)
	}
	after, err := read(patch.record)
	if err != nil {
		return err
	}
	alone, aliased := after, !patch.alone.Equal(patch.record)
	if aliased {
		if alone, err = read(patch.alone); err != nil {
			return err
		}
	}
	if err := patch.contradictions(alone, read); err != nil {
		return err
	}
	p.edits = patch.edits(p.entityType, s.document, after, alone)
	s.payload = patch.record
	if aliased {
		// The record says the same in other words, too; these follow.
		return s.writeOwn(p.entityType, p.edits)
	}
	return nil
}

// placed makes a problem of the record one of the patch.
func (p *recordPatch) placed(err error) error {
	if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
		for i := range translation.Problems {
			translation.Problems[i].Pointer = p.place(translation.Problems[i].Pointer)
		}
	}
	return err
}

// writeOwn writes edits that were stated in the platform's own words.
func (s *recordChange) writeOwn(t canonical.EntityType, edits []edit) (err error) {
	ctx := s.context
	ctx.References = map[string]string{}
	document := canonical.NewObject()
	for _, e := range edits {
		if e.line < 0 && e.pointer != "" {
			document = setOrEmpty(document, e.path(), e.value)
			ctx.References[e.value.Text()] = e.native
		}
	}
	s.payload, _, err = s.platform.FromCanonical(t, document, s.payload, ctx)
	return err
}

// changeObject makes the change to the object.
func (p *propagation) changeObject() (canonical.Value, error) {
	p.lines = correspond(p.stated, p.document, linesOf(p.edits))
	t := target{document: p.document, currency: currencyOf(p.document), lines: p.lines, rates: p.rates}
	t.apply(p.edits, currencyOf(p.stated), func(edit) bool { return true })
	return t.document, t.err()
}

// changeRecord makes the change to a record, unless it is the one that the change was stated of.
func (p *propagation) changeRecord(s *recordChange, refused *problems, result *Propagated) error {
	if s == p.source {
		p.reportGiven(s, result)
		return nil
	}
	document, ctx := canonical.NewObject(), s.context
	ctx.References = map[string]string{}
	byPointer := map[string]edit{}
	for _, e := range p.edits {
		if e.line >= 0 {
			continue
		}
		if referent, ok := p.referents[e.value.Text()]; ok && e.field.Type == canonical.ReferenceType {
			if native, ok := referent.PlatformIDs[s.record.Platform]; ok {
				// As the record itself would say it.
				e.value = canonical.NewID(s.record.Platform, e.field.Refers, native)
				ctx.References[e.value.Text()] = native
			}
		}
		byPointer[e.field.Pointer()] = e
		document = setOrEmpty(document, e.path(), e.value)
	}
	payload, report, err := s.platform.FromCanonical(p.entityType, document, s.payload, ctx)
	if err != nil {
		return p.inPatch(err, byPointer)
	}
	s.payload = payload
	s.result.Conversions = report.Conversions
	for _, l := range report.Lost {
		p.lose(s, l, byPointer[l.Field], refused)
	}
	for _, r := range report.Resolved {
		r.CanonicalID, r.Reason = p.canonicalID(r.CanonicalID, byPointer[r.Field]), platform.Unchanged
		if r.Injected {
			r.Reason = Mapped
		}
		result.Resolved = append(result.Resolved, ResolvedReference{s.record.Platform, r})
	}
	for _, r := range report.Unresolved {
		r.CanonicalID = p.canonicalID(r.CanonicalID, byPointer[r.Field])
		if r.Reason == platform.NotInContext {
			r.Reason = NotOnPlatform
		}
		result.Unresolved = append(result.Unresolved, UnresolvedReference{s.record.Platform, r})
	}
	return p.changeLines(s, refused)
}

// changeLines makes the change to the lines of a record.
func (p *propagation) changeLines(s *recordChange, refused *problems) error {
	named := linesOf(p.edits)
	if len(named) == 0 {
		return nil
	}
	own := target{document: s.document, currency: s.currency, rates: p.rates, lines: correspond(p.stated, s.document, named)}
	own.apply(p.edits, currencyOf(p.stated), func(e edit) bool { return e.line >= 0 })
	if err := own.err(); err != nil {
		return err
	}
	byPointer := map[string]edit{}
	for _, e := range p.edits {
		if e.line < 0 {
			continue
		}
		if i := own.lines[e.line]; i >= 0 {
			byPointer[linePointer(i, e.field.Path)] = e
			continue
		}
		s.result.Lost = append(s.result.Lost, platform.Loss{Field: linePointer(p.lines[e.line], e.field.Path), Reason: platform.NoCounterpart})
	}
	if len(byPointer) == 0 {
		return nil
	}
	document := canonical.NewObject(canonical.Member{Key: "lines", Value: own.document.Get("lines")})
	payload, report, err := s.platform.FromCanonical(p.entityType, document, s.payload, s.context)
	if err != nil {
		return p.inPatch(err, byPointer)
	}
	s.payload = payload
	for _, c := range own.conversions {
		if !slices.Contains(s.result.Conversions, c) {
			s.result.Conversions = append(s.result.Conversions, c)
		}
	}
	for _, l := range report.Lost {
		p.lose(s, l, byPointer[l.Field], refused)
	}
	return nil
}

// lose reports a field that a record does not have, or has no word for. A change of one that it has, and cannot hold the value
// of, is refused: a change reaches every record or none. What the object says already is only reported.
func (p *propagation) lose(s *recordChange, l platform.Loss, e edit, refused *problems) {
	if e.line >= 0 && e.field.Path != "" {
		l.Field = linePointer(p.lines[e.line], e.field.Path)
	}
	changes := e.pointer != "" && p.changes(e)
	switch {
	case !changes:
		s.result.Lost = append(s.result.Lost, l)
	case l.Reason == platform.TooLong:
		refused.expect(e.pointer, "a text that is not too long for "+s.record.Platform)
	case l.Reason == platform.NoCounterpart && e.value.IsNone():
		refused.expect(e.pointer, "a value: "+s.record.Platform+" cannot empty this field")
	case l.Reason == platform.NoCounterpart:
		refused.expect(e.pointer, "a value that "+s.record.Platform+" can express")
	default:
		s.result.Lost = append(s.result.Lost, l)
	}
}

// inPatch makes problems of a document those of the patch that it was made of.
func (p *propagation) inPatch(err error, byPointer map[string]edit) error {
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	if !ok {
		return err
	}
	for i := range translation.Problems {
		problem := &translation.Problems[i]
		e, ok := byPointer[problem.Pointer]
		if !ok {
			return storedError(err)
		}
		problem.In, problem.Pointer = canonical.InPayload, e.pointer
	}
	return translation
}

// changes reports whether an edit changes the object.
func (p *propagation) changes(e edit) bool {
	before, after := p.document, p.changed
	if e.line >= 0 {
		i := p.lines[e.line]
		if i < 0 {
			return true
		}
		before, after = before.Get("lines").Members()[i].Value, after.Get("lines").Members()[i].Value
	}
	return !canonical.SameField(before.At(e.path()...), after.At(e.path()...))
}

// finish says what changed in a record, and takes what has no canonical field along into the object.
func (p *propagation) finish(s *recordChange, document canonical.Value) (canonical.Value, error) {
	s.result.Payload, s.result.Changes = s.before, canonical.Differences(s.before, s.payload)
	after := s.document
	defer func() { s.after = after }()
	if len(s.result.Changes) > 0 {
		s.result.Payload, s.result.UpdatedFields = s.payload, fieldsOf(s.result.Changes)
		var err error
		if after, _, err = s.platform.ToCanonical(p.entityType, s.payload, s.context); err != nil {
			return document, fmt.Errorf("read %s back: %w", s.record.Platform, storedError(err))
		}
	}
	for _, e := range p.edits {
		// An amount that is emptied is zero where amounts cannot be empty; another number stands in for one that is.
		if e.line < 0 && e.value.IsNone() && !after.At(e.path()...).IsNone() {
			s.result.Lost = append(s.result.Lost, platform.Loss{Field: e.field.Pointer(), Reason: platform.Approximated})
		}
	}
	if len(s.result.Changes) == 0 {
		return document, nil
	}
	name := s.record.Platform
	document = takeMetadata(document, after, name)
	lines := document.Get("lines").Members()
	if len(lines) == 0 {
		return document, nil
	}
	lines = slices.Clone(lines)
	for i := range lines {
		id := lines[i].Value.At("external_ids", name, "id")
		for _, line := range after.Get("lines").Members() {
			if !id.IsNone() && id.Equal(line.Value.At("external_ids", name, "id")) {
				lines[i].Value = takeMetadata(lines[i].Value, line.Value, name)
			}
		}
	}
	return set(document, []string{"lines"}, canonical.ArrayOf(lines)), nil
}

// takeMetadata takes over what a platform's record has without a canonical field.
func takeMetadata(document, from canonical.Value, platform string) canonical.Value {
	if document.At("provider_metadata", platform).Equal(from.At("provider_metadata", platform)) {
		return document
	}
	return set(document, []string{"provider_metadata", platform}, from.At("provider_metadata", platform))
}

// setOrEmpty sets a field of a document that is written onto a record: there, null empties a field.
func setOrEmpty(document canonical.Value, path []string, value canonical.Value) canonical.Value {
	if len(path) == 1 {
		return document.With(path[0], value)
	}
	group := document.Get(path[0])
	if group.Kind() != canonical.Object {
		group = canonical.NewObject()
	}
	return document.With(path[0], setOrEmpty(group, path[1:], value))
}

// fieldChanges are the differences of two canonical documents in what is a field.
func fieldChanges(before, after canonical.Value) []canonical.Difference {
	return slices.DeleteFunc(canonical.Differences(before, after), func(d canonical.Difference) bool {
		pointer := d.Pointer
		if line, ok := strings.CutPrefix(pointer, "/lines/"); ok {
			_, pointer, _ = strings.Cut(line, "/")
			pointer = "/" + pointer
		}
		key, _, _ := strings.Cut(pointer[1:], "/")
		return canonical.IsEnvelope(key)
	})
}

// fieldsOf lists the members of a document that differences are in, each once.
func fieldsOf(differences []canonical.Difference) (fields []string) {
	for _, d := range differences {
		if field := d.Field(); !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	return fields
}
