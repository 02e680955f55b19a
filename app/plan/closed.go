package plan

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// Closed is why a record does not hold a change: its platform has closed it, and takes no such change any more.
const Closed mapping.Reason = "closed"

// ClosedError lists what a patch would change of a record that its platform has closed, and whatever else it is refused for.
type ClosedError struct{ Refused canonical.TranslationError }

// Error names the fields.
func (e *ClosedError) Error() string { return e.Refused.Error() }

// changeUnlessClosed makes the change to a record, but for what its platform has closed of it. The record that the change was stated
// of has changed already: that is what happened there.
func (p *Draft) changeUnlessClosed(s *recordChange, refused *problems, result *Result) error {
	rule, ok := s.platform.Closed(p.entityType, s.record.Variant, s.before)
	if s == p.source || !ok {
		return p.changeRecord(s, refused, result)
	}
	var ignored problems
	trial := *s
	if err := p.changeRecord(&trial, &ignored, &Result{}); err != nil {
		return err
	}
	open, left := p.withoutMembers(s.shape, s.shape.refused(rule, s.before, trial.payload))
	if err := open.changeRecord(s, refused, result); err != nil {
		return err
	}
	s.payload = takeMembers(s.before, s.payload, rule.Takes)
	p.reportClosed(s, left, result)
	return nil
}

// refused are the members that a change of a closed record would change, and that it does not take.
func (s *recordShape) refused(rule platform.Closed, before, after jsontext.Value) (members []string) {
	for member := range s.record.kids {
		if slices.Contains(rule.Takes, member) || canonical.SameField(before.Get(member), after.Get(member)) {
			continue
		}
		members = append(members, member)
	}
	if s.linesKey != "" && !before.Get(s.linesKey).Equal(after.Get(s.linesKey)) {
		members = append(members, s.linesKey)
	}
	return members
}

// withoutMembers is the draft without the edits of some members of a record, and these edits.
func (p *Draft) withoutMembers(shape *recordShape, members []string) (open *Draft, left edits) {
	copied := *p
	open = &copied
	if len(members) == 0 {
		return open, left
	}
	open.edits = edits{}
	for _, e := range p.edits.fields {
		if f := shape.byPointer[e.field.pointer]; f != nil && slices.ContainsFunc(f.spellings, func(path jsontext.Path) bool {
			return slices.Contains(members, path[0])
		}) {
			left.fields = append(left.fields, e)
		} else {
			open.edits.fields = append(open.edits.fields, e)
		}
	}
	open.edits.lines = p.edits.lines
	if slices.Contains(members, shape.linesKey) {
		open.edits.lines, left.lines = shape.splitLines(p.edits.lines)
	}
	if len(left.fields)+len(left.lines) == 0 { // what changes there follows from all of it
		open.edits, left = edits{}, p.edits
	}
	return open, left
}

// splitLines parts edits of lines: those of fields that a line of the record does not have, and those of others.
func (s *recordShape) splitLines(lines []lineEdits) (without, with []lineEdits) {
	for _, of := range lines {
		lacks, has := lineEdits{line: of.line}, lineEdits{line: of.line}
		for _, e := range of.edits {
			if s.lineByPointer[e.field.pointer] == nil {
				lacks.edits = append(lacks.edits, e)
			} else {
				has.edits = append(has.edits, e)
			}
		}
		without, with = append(without, lacks), append(with, has)
	}
	return without, with
}

// takeMembers is a record with some members of a changed one.
func takeMembers(record, changed jsontext.Value, members []string) jsontext.Value {
	for _, key := range members {
		if v := changed.Get(key); !v.Equal(record.Get(key)) {
			record = record.With(key, v)
		}
	}
	return record
}

// refuseClosed refuses a change of what a platform has closed, and with it what the change is refused for besides. What the object
// says already, and a closed record does not, is only listed.
func (p *Draft) refuseClosed(besides *problems) error {
	if !p.refuses() {
		return nil
	}
	refused, named := ClosedError{besides.values}, p.editsByPointer()
	found := false
	for _, s := range p.records {
		for _, l := range s.result.Lost {
			if l.Reason == Closed && p.changes(named[l.Field]) {
				refused.Refused.Add(placedLoss(l, named, s.record.Platform))
				found = true
			}
		}
	}
	if !found {
		return nil
	}
	return &refused
}

// reportClosed lists the edits that a closed record does not take.
func (p *Draft) reportClosed(s *recordChange, left edits, result *Result) {
	for _, e := range left.fields {
		s.result.Lost = append(s.result.Lost, mapping.Loss{Field: e.field.pointer, Reason: Closed})
		if e.field.Type == canonical.ReferenceType && !e.value.IsNone() {
			result.Unresolved = append(result.Unresolved, UnresolvedReference{s.record.Platform, mapping.Unresolved{
				Field: e.field.pointer, CanonicalID: e.value.Text(), Reason: Closed,
			}})
		}
	}
	for _, of := range left.lines {
		for _, e := range of.edits {
			s.result.Lost = append(s.result.Lost, mapping.Loss{Field: linePointer(p.lines[of.line], e.field), Reason: Closed})
		}
	}
}
