package platform

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// New makes a platform of its definition. It panics if a table contradicts the canonical fields: a mistake in the program.
func New(d Definition) Platform {
	own := Side{Tables: d.Tables, Called: d.Called, Others: d.Others, Closed: d.Closed}
	if d.Resources != nil {
		own.Resources = d.Resources("")
	}
	p := &tablePlatform{definition: d, own: d.compile(own), sides: map[string]*side{}}
	for word, s := range d.Sides {
		p.sides[string(word)] = d.compile(s)
	}
	return p
}

type tablePlatform struct {
	definition Definition
	own        *side
	sides      map[string]*side // the others, by variant
}

func (p *tablePlatform) Name() Name { return p.definition.Name }

func (p *tablePlatform) Definition() Definition { return p.definition }

func (p *tablePlatform) ToCanonical(
	t canonical.EntityType, payload jsontext.Value, ctx mapping.Context,
) (jsontext.Value, mapping.Report, error) {
	m := p.side(t, p.definition.shown(payload, ctx.Variant)).reads(t, payload)
	if m == nil {
		return jsontext.Value{}, mapping.Report{}, p.keepsNone()
	}
	return m.ToCanonical(payload, ctx)
}

func (p *tablePlatform) FromCanonical(
	t canonical.EntityType, document, onto jsontext.Value, ctx mapping.Context,
) (jsontext.Value, mapping.Report, error) {
	variant := p.definition.VariantOf(document, ctx.Variant)
	if !onto.IsNone() {
		variant = p.definition.shown(onto, ctx.Variant)
	}
	s := p.side(t, variant)
	m := s.writes(t, p.definition.Name, document, onto)
	if m == nil {
		return jsontext.Value{}, mapping.Report{}, p.keepsNone()
	}
	ids := document.Get("external_ids")
	if prepare := s.Prepare[t]; prepare != nil && onto.IsNone() && ids.Len() > 0 && ids.Get(string(p.definition.Name)).IsNone() {
		document = prepare(document)
	}
	return m.FromCanonical(document, onto, ctx)
}

// side is the side of the books for records of a type and variant.
func (p *tablePlatform) side(t canonical.EntityType, variant string) *side {
	if s := p.sides[variant]; s != nil && s.mappings[t] != nil {
		return s
	}
	return p.own
}

func (p *tablePlatform) Resource(t canonical.EntityType, variant string, record jsontext.Value) *Resource {
	s := p.side(t, p.definition.shown(record, variant))
	if other, ok := s.Others[t]; ok && other.Has(record) {
		return other.Resource
	}
	switch {
	case s != p.own:
		return s.Resources[t]
	case p.definition.Resources == nil:
		return nil
	}
	return p.definition.Resources(variant)[t]
}

func (p *tablePlatform) Closed(t canonical.EntityType, variant string, record jsontext.Value) (rule Closed, ok bool) {
	rule, ok = p.side(t, p.definition.shown(record, variant)).Closed[t]
	return rule, ok && rule.Has(record)
}

func (p *tablePlatform) Fields(t canonical.EntityType, variant string) []mapping.Field {
	if m := p.side(t, variant).mappings[t]; m != nil {
		return m.Fields()
	}
	return nil
}

func (p *tablePlatform) keepsNone() error {
	return &canonical.TranslationError{Problems: []canonical.Problem{{
		In: canonical.InContext, Pointer: "/entityType", Expected: "an entity type that " + string(p.definition.Name) + " keeps",
	}}}
}
