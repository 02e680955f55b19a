package plan

import (
	"maps"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Referent is an object that others refer to.
type Referent struct {
	CanonicalID string
	EntityType  canonical.EntityType
	PlatformIDs map[string]string // its records' own ids, by platform
}

// ResolvedReference is a reference that a platform's record holds.
type ResolvedReference struct {
	Platform string
	mapping.Resolved
}

// UnresolvedReference is a reference of the object that a platform's record does not hold.
type UnresolvedReference struct {
	Platform string
	mapping.Unresolved
}

// Reasons of references in a propagated change, beside those of package platform.
const (
	Mapped        mapping.Reason = "mapped"          // the object's id on the platform was written
	Given         mapping.Reason = "given"           // the request has the platform's own id
	NotOnPlatform mapping.Reason = "not_on_platform" // the object was not found on the platform
	NotHeld       mapping.Reason = "not_held"        // the record points elsewhere or nowhere, and the change does not name the field
)

// MissingIDs are the ids of the objects that the change, the object and its records refer to, any of an object's ids, and that are not among
// referents. An id may be in it twice.
func (p *Draft) MissingIDs(referents map[string]Referent) []string {
	known := p.objects(referents)
	return slices.DeleteFunc(append(p.ReferredIDs(), p.recordReferences(known)...), func(id string) bool {
		_, ok := referents[id]
		return ok
	})
}

// recordReferences are what the records refer to, but for what is known.
func (p *Draft) recordReferences(known map[string]string) (ids []string) {
	if len(p.records) < 2 {
		return nil
	}
	for _, s := range p.records {
		for _, r := range canonical.References(p.entityType, s.document) {
			if known[r.ID] == "" {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids
}

// ReferredIDs are the ids of the objects that the change and the object refer to, any of an object's ids. An id may be in it
// twice.
func (p *Draft) ReferredIDs() []string {
	var ids []string
	for _, e := range p.edits.fields {
		if e.field.Type == canonical.ReferenceType && !e.value.IsNone() {
			ids = append(ids, e.value.Text())
		}
	}
	for _, r := range canonical.References(p.entityType, p.document) {
		ids = append(ids, r.ID)
	}
	return ids
}

// resolveReferents makes the edits name objects by their present ids. An edit that names none is refused.
func (p *Draft) resolveReferents(referents map[string]Referent) error {
	if p.referents = maps.Clone(referents); p.referents == nil {
		p.referents = map[string]Referent{}
	}
	var refused problems
	for i := range p.edits.fields {
		e := &p.edits.fields[i]
		if e.field.Type != canonical.ReferenceType || e.value.IsNone() {
			continue
		}
		referent, ok := p.referents[e.value.Text()]
		switch {
		case ok && referent.EntityType == e.field.Refers:
			e.value = jsontext.NewString(referent.CanonicalID)
			p.referents[referent.CanonicalID] = referent
		case p.source == nil && !e.value.Equal(p.document.At(e.field.path...)): // that of a record that was never loaded may be repeated
			refused.expect(e.at, "the id of a "+string(e.field.Refers))
		}
	}
	return refused.err()
}

// canonicalID is the object that an edit refers to. A report on a record has it as the id that the record alone would give.
func (p *Draft) canonicalID(id string, e edit) string {
	for _, edited := range p.edits.fields {
		if edited.field == e.field {
			return edited.value.Text()
		}
	}
	return id
}

// reportGiven reports the references that were stated in the record's own words.
func (p *Draft) reportGiven(s *recordChange, result *Result) {
	for _, e := range p.edits.fields {
		if e.native != "" && !e.value.IsNone() {
			result.Resolved = append(result.Resolved, ResolvedReference{s.record.Platform, mapping.Resolved{
				Field: e.field.pointer, CanonicalID: e.value.Text(), PlatformID: e.native, Injected: true, Reason: Given,
			}})
		}
	}
}

// reportReferences reports what a record makes of the references that the change does not name.
func (p *Draft) reportReferences(s *recordChange, document jsontext.Value, result *Result) {
	for _, r := range canonical.References(p.entityType, document) {
		if slices.ContainsFunc(p.edits.fields, func(e edit) bool { return e.field.pointer == r.Field && (s != p.source || e.native != "") }) {
			continue
		}
		native, found := p.referents[r.ID].PlatformIDs[s.record.Platform]
		held := s.document.At(r.Path...)
		isHeld := found && held.Text() == canonical.MintID(s.record.Platform, r.Refers, native)
		if held.Text() != "" && held.Text() == r.ID { // of a record that was never loaded
			native, isHeld = s.shape.native(r.Field, s.payload), true
		}
		unresolved := func(why mapping.Reason) {
			result.Unresolved = append(result.Unresolved, UnresolvedReference{s.record.Platform,
				mapping.Unresolved{Field: r.Field, CanonicalID: r.ID, Reason: why}})
		}
		switch {
		case s.shape.byPointer[r.Field] == nil:
			unresolved(mapping.NoTargetField)
		case isHeld:
			result.Resolved = append(result.Resolved, ResolvedReference{s.record.Platform, mapping.Resolved{
				Field: r.Field, CanonicalID: r.ID, PlatformID: native, Reason: mapping.Unchanged,
			}})
		case !found:
			unresolved(NotOnPlatform)
		default:
			unresolved(NotHeld)
		}
	}
}
