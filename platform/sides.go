package platform

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
)

// Side is a side of the books, of a platform that keeps two: what is owed to vendors, beside what customers owe. Records of a type that
// it has no table for are the same on both sides.
type Side struct {
	Tables    map[canonical.EntityType]mapping.Table
	Called    map[canonical.EntityType]string // see Definition.Called
	Others    map[canonical.EntityType]Other
	Closed    map[canonical.EntityType]Closed
	Resources map[canonical.EntityType]*Resource
	// Prepare makes the document that is written of one that comes from another platform, where the side keeps a type in another form.
	Prepare map[canonical.EntityType]func(document jsontext.Value) jsontext.Value
}

// VariantOf is the variant of the record that a document becomes where the platform has none yet: the side of the books that the document
// says, else the one of the platform's record that it was read from, else the given variant.
func (d Definition) VariantOf(document jsontext.Value, variant string) string {
	if len(d.Sides) == 0 {
		return variant
	}
	if direction := document.Get("direction").Text(); direction != "" {
		return direction
	}
	ids, metadata := document.At("external_ids", string(d.Name)), document.At("provider_metadata", string(d.Name))
	if ids.IsNone() && metadata.IsNone() {
		return variant
	}
	return d.shown(metadata, string(books.Receivable)) // one that says nothing is of the side that says nothing
}

// shown is the variant of a record: the side of the books that it shows, else the given one.
func (d Definition) shown(record jsontext.Value, variant string) string {
	if d.Shows == nil {
		return variant
	}
	if side, ok := d.Shows(record); ok {
		return string(side)
	}
	return variant
}

// side is a side of the books, its tables compiled.
type side struct {
	Side
	mappings, others map[canonical.EntityType]*mapping.Mapping
}

// compile makes the mappings of a side. It panics if a table contradicts the canonical fields.
func (d Definition) compile(s Side) *side {
	compiled := &side{s, map[canonical.EntityType]*mapping.Mapping{}, map[canonical.EntityType]*mapping.Mapping{}}
	add := func(to map[canonical.EntityType]*mapping.Mapping, t canonical.EntityType, table mapping.Table, resource *Resource) {
		m, err := mapping.Compile(d.Name, d.Currency, t, table)
		if err != nil {
			panic(err)
		}
		m.Computed(func(path jsontext.Path, ofLine bool) bool { return resource.Takes(path, ofLine) == TakesComputed })
		to[t] = m
	}
	for t, table := range s.Tables {
		add(compiled.mappings, t, table, s.Resources[t])
	}
	for t, other := range s.Others {
		add(compiled.others, t, other.Table, other.Resource)
	}
	return compiled
}

// reads is the mapping by which a record is read.
func (s *side) reads(t canonical.EntityType, record jsontext.Value) *mapping.Mapping {
	if other := s.others[t]; other != nil && s.Others[t].Has(record) {
		return other
	}
	return s.mappings[t]
}

// writes is the mapping by which a document is written: onto a record, or anew.
func (s *side) writes(t canonical.EntityType, name Name, document, onto jsontext.Value) *mapping.Mapping {
	other, ok := s.Others[t]
	switch {
	case !ok:
	case !onto.IsNone():
		return s.reads(t, onto)
	case other.Has(document.At("provider_metadata", string(name))) || other.Takes(document):
		return s.others[t]
	}
	return s.mappings[t]
}
