package platform

import (
	"structural.app/structural/jsontext"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// Resources are where a platform takes records, by type; the variant of a record may decide.
type Resources func(variant string) map[canonical.EntityType]*Resource

// New makes a platform of its tables, and of where it takes records; nil: nowhere. It panics if a table contradicts the canonical
// fields: a mistake in the program.
func New(name Name, title, localCurrency string, tables map[canonical.EntityType]mapping.Table, resources Resources) Platform {
	p := &tablePlatform{name: name, title: title, currency: localCurrency, resources: resources, mappings: map[canonical.EntityType]*mapping.Mapping{}}
	for t, table := range tables {
		m, err := mapping.Compile(name, localCurrency, t, table)
		if err != nil {
			panic(err)
		}
		p.mappings[t] = m
	}
	return p
}

type tablePlatform struct {
	name      Name
	title     string
	currency  string
	resources Resources
	mappings  map[canonical.EntityType]*mapping.Mapping
}

func (p *tablePlatform) Name() Name { return p.name }

func (p *tablePlatform) Title() string { return p.title }

func (p *tablePlatform) Currency() string { return p.currency }

func (p *tablePlatform) ToCanonical(
	t canonical.EntityType, payload jsontext.Value, ctx mapping.Context,
) (jsontext.Value, mapping.Report, error) {
	m, err := p.mapping(t)
	if err != nil {
		return jsontext.Value{}, mapping.Report{}, err
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
	return m.FromCanonical(document, onto, ctx)
}

func (p *tablePlatform) Resource(t canonical.EntityType, variant string) *Resource {
	if p.resources == nil {
		return nil
	}
	return p.resources(variant)[t]
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
		In: canonical.InContext, Pointer: "/entityType", Expected: "an entity type that " + string(p.name) + " keeps",
	}}}
}
