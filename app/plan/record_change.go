package plan

import (
	"errors"
	"fmt"
	"slices"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// recordChange is a record of the object on its way.
type recordChange struct {
	record   reconcile.Record
	platform platform.Platform
	shape    *recordShape
	context  mapping.Context
	before   jsontext.Value // the record
	payload  jsontext.Value // the record with the change
	document jsontext.Value // what the record alone says, before the change
	after    jsontext.Value // and with it; absent until it is read
	currency string         // of the record's amounts
	computes bool           // the platform computes the amount of a line
	result   RecordResult
}

// statePatch reads what a patch in the record's own words says. The record is translated once; where the patch says a field
// in other words than the record does, only what the table knows of it is, once for each of the words.
func (s *recordChange) statePatch(t canonical.EntityType, patch *recordPatch) (edits, error) {
	read := func(record jsontext.Value) (jsontext.Value, error) {
		document, _, err := s.platform.ToCanonical(t, record, s.context)
		return document, patch.placed(err)
	}
	var err error
	if s.payload = patch.record; patch.alone.Equal(patch.core) {
		if s.after, err = read(s.payload); err != nil {
			return edits{}, err
		}
		if err := patch.contradictions(s.after, read); err != nil {
			return edits{}, err
		}
		return patch.edits(t, s.document, s.after, s.after, s.after)
	}
	changed, err := read(patch.core)
	if err != nil {
		return edits{}, err
	}
	alone, err := read(patch.alone)
	if err != nil {
		return edits{}, err
	}
	if err := patch.contradictions(alone, read); err != nil {
		return edits{}, err
	}
	// The record says the same in other words, too; these follow.
	fields, err := patch.edits(t, s.document, changed, alone, jsontext.Value{})
	if err != nil {
		return edits{}, err
	}
	if err := s.writeOwn(t, fields.fields); err != nil {
		return edits{}, err
	}
	if s.after, err = read(s.payload); err != nil {
		return edits{}, err
	}
	return patch.edits(t, s.document, changed, alone, s.after)
}

// writeOwn writes edits that were stated in the platform's own words.
func (s *recordChange) writeOwn(t canonical.EntityType, fields []edit) (err error) {
	ctx := s.context
	ctx.References = map[string]string{}
	document := jsontext.NewObject()
	for _, e := range fields {
		if e.at != nil {
			document = setOrEmpty(document, e.field.path, e.value)
			ctx.References[e.value.Text()] = e.native
		}
	}
	s.payload, _, err = s.platform.FromCanonical(t, document, s.payload, ctx)
	return err
}

// changeRecord makes the change to a record, unless it is the one that the change was stated of.
func (p *Draft) changeRecord(s *recordChange, refused *problems, result *Result) error {
	if s == p.source {
		p.reportGiven(s, result)
		return p.carrySource(s)
	}
	document, ctx := jsontext.NewObject(), s.context
	ctx.References = map[string]string{}
	byPointer := map[string]edit{}
	fields := p.edits.fields
	if len(s.document.Get("lines").Members()) == 0 {
		fields = slices.Concat(fields, carried(p.entityType, p.document, p.changed))
	}
	for _, e := range fields {
		if referent, ok := p.referents[e.value.Text()]; ok && e.field.Type == canonical.ReferenceType {
			if native, ok := referent.PlatformIDs[s.record.Platform]; ok {
				// As the record itself would say it.
				e.value = canonical.NewID(s.record.Platform, e.field.Refers, native)
				ctx.References[e.value.Text()] = native
			}
		}
		byPointer[e.field.pointer] = e
		document = setOrEmpty(document, e.field.path, e.value)
	}
	payload, report, err := s.platform.FromCanonical(p.entityType, document, s.payload, ctx)
	if err != nil {
		return inPatch(err, byPointer)
	}
	s.payload = payload
	s.result.Conversions = report.Conversions
	for _, l := range report.Lost {
		p.reportLoss(s, l, byPointer[l.Field], refused)
	}
	for _, r := range report.Resolved {
		r.CanonicalID, r.Reason = p.canonicalID(r.CanonicalID, byPointer[r.Field]), mapping.Unchanged
		if r.Injected {
			r.Reason = Mapped
		}
		result.Resolved = append(result.Resolved, ResolvedReference{s.record.Platform, r})
	}
	for _, r := range report.Unresolved {
		r.CanonicalID = p.canonicalID(r.CanonicalID, byPointer[r.Field])
		if r.Reason == mapping.NotInContext {
			r.Reason = NotOnPlatform
		}
		result.Unresolved = append(result.Unresolved, UnresolvedReference{s.record.Platform, r})
	}
	return p.changeLines(s, refused)
}

// changeLines makes the change to the lines of a record.
func (p *Draft) changeLines(s *recordChange, refused *problems) error {
	change := edits{lines: p.edits.lines}
	if len(change.lines) == 0 {
		return nil
	}
	own := target{
		document: s.document, currency: s.currency, rates: p.planner.rates, stop: p.stop, isRecord: true,
		noDiscount: s.shape.lineByPointer["/discount_amount"] == nil,
		lines:      p.statedIndex.correspond(newLineIndex(s.document), change.lines),
	}
	if err := own.apply(change, currencyOf(p.stated)); err != nil {
		return err
	}
	named := 0
	for _, c := range change.lines {
		if own.lines[c.line] >= 0 {
			named++
			continue
		}
		for _, e := range c.edits {
			s.result.Lost = append(s.result.Lost, mapping.Loss{Field: linePointer(p.lines[c.line], e.field), Reason: mapping.NoCounterpart})
		}
	}
	if named == 0 {
		return nil
	}
	if err := own.carry(p.entityType, s.document, &change, s.computes); err != nil {
		return err
	}
	p.reportFitted(s, own.fitted)
	payload, report, err := s.platform.FromCanonical(p.entityType, linesAndSums(p.entityType, s.document, own.document), s.payload, s.context)
	var byPointer map[string]edit
	if err != nil || len(report.Lost) > 0 {
		byPointer = map[string]edit{}
		for _, c := range change.lines {
			for _, e := range c.edits {
				byPointer[linePointer(own.lines[c.line], e.field)] = e
			}
		}
	}
	if err != nil {
		own.placeCarried(p, byPointer)
		return inPatch(err, byPointer)
	}
	s.payload = payload
	for _, c := range own.conversions {
		if !slices.Contains(s.result.Conversions, c) {
			s.result.Conversions = append(s.result.Conversions, c)
		}
	}
	for _, l := range report.Lost {
		p.reportLoss(s, l, byPointer[l.Field], refused)
	}
	return nil
}

// reportLoss reports a field that a record does not have, or has no word for. A change of one that it has, and cannot hold the value
// of, is refused in canonical words: a change reaches every record or none. What the object says already, and what a platform says in
// its own words, is only reported.
func (p *Draft) reportLoss(s *recordChange, l mapping.Loss, e edit, refused *problems) {
	if e.ofLine {
		l.Field = linePointer(p.lines[e.line], e.field)
	}
	changes := e.at != nil && p.changes(e)
	switch {
	case !changes || !p.refuses():
		s.result.Lost = append(s.result.Lost, l)
	case l.Reason == mapping.TooLong:
		refused.expect(e.at, "a text that is not too long for "+s.record.Platform)
	case l.Reason == mapping.NoCounterpart && e.value.IsNone():
		refused.expect(e.at, "a value: "+s.record.Platform+" cannot empty this field")
	case l.Reason == mapping.NoCounterpart:
		refused.expect(e.at, "a value that "+s.record.Platform+" can express")
	default:
		s.result.Lost = append(s.result.Lost, l)
	}
}

// inPatch makes problems of a document those of the patch that it was made of.
func inPatch(err error, byPointer map[string]edit) error {
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	if !ok {
		return err
	}
	placed := canonical.TranslationError{More: translation.More}
	for _, problem := range translation.Problems {
		e, ok := byPointer[problem.Pointer]
		if !ok {
			return storedError(err)
		}
		problem.In, problem.Pointer = canonical.InPayload, e.at.Pointer()
		placed.Add(problem)
	}
	return &placed
}

// changes reports whether an edit changes the object.
func (p *Draft) changes(e edit) bool {
	before, after := p.document, p.changed
	if e.ofLine {
		i := p.lines[e.line]
		if i < 0 {
			return true
		}
		before, after = p.index.lines[i].Value, after.Get("lines").Members()[i].Value
	}
	return !canonical.SameField(before.At(e.field.path...), after.At(e.field.path...))
}

// finishRecord says what changed in a record, and takes what has no canonical field along into the object.
func (p *Draft) finishRecord(s *recordChange, document jsontext.Value) (jsontext.Value, error) {
	s.result.Payload, s.result.Changes = s.before, canonical.Differences(s.before, s.payload)
	if len(s.result.Changes) == 0 {
		s.after = s.document
	} else {
		s.result.Payload, s.result.UpdatedFields = s.payload, fieldsOf(s.result.Changes)
		if resource := s.platform.Resource(p.entityType, s.record.Variant, s.payload); resource != nil {
			s.result.Requests = resource.Requests(s.payload, platform.Intent{
				Update: s.record.PlatformID, Currency: s.platform.Definition().Currency, Before: s.before, Settings: p.settings[s.record.Platform],
			})
		}
	}
	if s.after.IsAbsent() {
		var err error
		if s.after, _, err = s.platform.ToCanonical(p.entityType, s.payload, s.context); err != nil {
			return document, fmt.Errorf("read %s back: %w", s.record.Platform, storedError(err))
		}
	}
	for _, e := range p.edits.fields {
		// An amount that is emptied is zero where amounts cannot be empty; another number stands in for one that is.
		isClosed := slices.Contains(s.result.Lost, mapping.Loss{Field: e.field.pointer, Reason: Closed})
		if !isClosed && e.value.IsNone() && !s.after.At(e.field.path...).IsNone() {
			s.result.Lost = append(s.result.Lost, mapping.Loss{Field: e.field.pointer, Reason: mapping.Approximated})
		}
	}
	if len(s.result.Changes) == 0 {
		return document, nil
	}
	return takeAllMetadata(document, s.after, s.record.Platform, p.stop)
}

// takeAllMetadata takes over what a platform's record, and its lines, have without a canonical field.
func takeAllMetadata(document, from jsontext.Value, platform string, stop stopper) (jsontext.Value, error) {
	document = takeMetadata(document, from, platform)
	lines, others := document.Get("lines").Members(), from.Get("lines").Members()
	if len(lines) == 0 || len(others) == 0 {
		return document, nil
	}
	byID := make(map[string]int, len(others))
	for i := range others {
		byID[others[i].Value.At("external_ids", platform, "id").Text()] = i
	}
	lines = slices.Clone(lines)
	for i := range lines {
		if err := stop.every(i); err != nil {
			return document, err
		}
		id := lines[i].Value.At("external_ids", platform, "id").Text()
		if j, ok := byID[id]; ok && id != "" {
			lines[i].Value = takeMetadata(lines[i].Value, others[j].Value, platform)
		}
	}
	return reconcile.SetField(document, jsontext.Path{"lines"}, jsontext.ArrayOf(lines)), nil
}

// takeMetadata takes over what a platform's record has without a canonical field.
func takeMetadata(document, from jsontext.Value, platform string) jsontext.Value {
	path := jsontext.Path{"provider_metadata", platform}
	if document.At(path...).Equal(from.At(path...)) {
		return document
	}
	return reconcile.SetField(document, path, from.At(path...))
}

// setOrEmpty sets a field of a document that is written onto a record: there, null empties a field.
func setOrEmpty(document jsontext.Value, path jsontext.Path, value jsontext.Value) jsontext.Value {
	if len(path) == 1 {
		return document.With(path[0], value)
	}
	group := document.Get(path[0])
	if group.Kind() != jsontext.Object {
		group = jsontext.NewObject()
	}
	return document.With(path[0], setOrEmpty(group, path[1:], value))
}

// fieldsOf lists the members of a document that differences are in, each once.
func fieldsOf(differences []canonical.Difference) (fields []string) {
	known := map[string]bool{}
	for _, d := range differences {
		if field := d.Field(); !known[field] {
			known[field] = true
			fields = append(fields, field)
		}
	}
	return fields
}
