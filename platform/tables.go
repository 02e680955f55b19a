package platform

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// New makes a platform of its definition. It panics if a table contradicts the canonical fields: a mistake in the program.
func New(d Definition) Platform {
	p := &tablePlatform{definition: d, mappings: map[canonical.EntityType]*mapping.Mapping{}, others: map[canonical.EntityType]*mapping.Mapping{}}
	for t, table := range d.Tables {
		m, err := mapping.Compile(d.Name, d.Currency, t, table)
		if err != nil {
			panic(err)
		}
		p.mappings[t] = m
	}
	for t, other := range d.Others {
		m, err := mapping.Compile(d.Name, d.Currency, t, other.Table)
		if err != nil {
			panic(err)
		}
		p.others[t] = m
	}
	return p
}

type tablePlatform struct {
	definition Definition
	mappings   map[canonical.EntityType]*mapping.Mapping
	others     map[canonical.EntityType]*mapping.Mapping
}

func (p *tablePlatform) Name() Name { return p.definition.Name }

func (p *tablePlatform) Definition() Definition { return p.definition }

func (p *tablePlatform) ToCanonical(
	t canonical.EntityType, payload jsontext.Value, ctx mapping.Context,
) (jsontext.Value, mapping.Report, error) {
	m, err := p.mapping(t)
	if err != nil {
		return jsontext.Value{}, mapping.Report{}, err
	}
	if other := p.others[t]; other != nil && p.definition.Others[t].Has(payload) {
		m = other
	}
	return m.ToCanonical(payload, ctx)
}

func (p *tablePlatform) FromCanonical(
	t canonical.EntityType, document, onto jsontext.Value, ctx mapping.Context,
) (jsontext.Value, mapping.Report, error) {
	m, err := p.mapping(t)
	if err != nil {
		return jsontext.Value{}, mapping.Report{}, err
	}
	if other := p.others[t]; other != nil && p.isOther(t, document, onto) {
		m = other
	}
	return m.FromCanonical(document, onto, ctx)
}

// isOther says whether a document is written as a record that is kept apart: onto one, or anew.
func (p *tablePlatform) isOther(t canonical.EntityType, document, onto jsontext.Value) bool {
	other := p.definition.Others[t]
	if !onto.IsNone() {
		return other.Has(onto)
	}
	return other.Has(document.At("provider_metadata", string(p.definition.Name))) || other.Takes(document)
}

func (p *tablePlatform) Resource(t canonical.EntityType, variant string, record jsontext.Value) *Resource {
	if other, ok := p.definition.Others[t]; ok && other.Has(record) {
		return other.Resource
	}
	if p.definition.Resources == nil {
		return nil
	}
	return p.definition.Resources(variant)[t]
}

func (p *tablePlatform) Fields(t canonical.EntityType) []mapping.Field {
	if m := p.mappings[t]; m != nil {
		return m.Fields()
	}
	return nil
}

func (p *tablePlatform) mapping(t canonical.EntityType) (*mapping.Mapping, error) {
	if m := p.mappings[t]; m != nil {
		return m, nil
	}
	return nil, &canonical.TranslationError{Problems: []canonical.Problem{{
		In: canonical.InContext, Pointer: "/entityType", Expected: "an entity type that " + string(p.definition.Name) + " keeps",
	}}}
}
