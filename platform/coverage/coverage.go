// Package coverage writes down which field of each platform is which canonical field.
package coverage

import (
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Coverage is what the mapping tables of some entity types and platforms say.
type Coverage struct {
	Entities  []Entity
	platforms []platform.Definition
}

// Entity is an entity type, with the canonical fields that at least one platform has, and those that are made of them.
type Entity struct {
	Type   canonical.EntityType
	Fields []Field
}

// Has reports whether a platform has records of the type.
func (e Entity) Has(name platform.Name) bool {
	return slices.ContainsFunc(e.Fields, func(f Field) bool { _, ok := f.On[name]; return ok })
}

// Field is a canonical field, and what it is on each platform that has it.
type Field struct {
	canonical.Field
	Name     string // as people read it: "address.city", "lines[].quantity"
	Pointer  string // JSON pointer in the document; * is any line
	Label    string // what people call it
	Writable bool   // a change may name it
	On       map[platform.Name]Counterpart
}

// Counterpart is a canonical field on a platform: the first place is the one that is written, the others are read as well.
type Counterpart struct {
	Paths    []string // as people read them
	Pointers []string // JSON pointers in the platform's record; * is any line
	Codec    string   // how the values are translated
	Takes    string   // how the platform takes it: "settable", "create_only", "computed", "identity", "no_field"
	// Variants has the platform's word for each of the field's, where records do not say it of themselves: see mapping.Variants.
	Variants map[string]string
	// Sides has what the field is in records of the other sides of the books, by their words.
	Sides map[books.LedgerSide]Counterpart
}

// Of reads the mapping tables. It lists the fields that at least one of the platforms has, and those that are made of them.
func Of(platforms *platform.Registry, names []platform.Name, entityTypes []canonical.EntityType) Coverage {
	var c Coverage
	for _, name := range names {
		p, _ := platforms.Get(name)
		c.platforms = append(c.platforms, p.Definition())
	}
	for _, entityType := range entityTypes {
		e := Entity{Type: entityType}
		for _, name := range names {
			p, _ := platforms.Get(name)
			e.add(p)
		}
		e.Fields = slices.DeleteFunc(e.Fields, func(f Field) bool { return len(f.On) == 0 && !f.Derived })
		c.Entities = append(c.Entities, e)
	}
	return c
}

// All reads every mapping table.
func All(platforms *platform.Registry) Coverage {
	return Of(platforms, platforms.Names(), canonical.EntityTypes())
}

// add reads the table of a platform.
func (e *Entity) add(p platform.Platform) {
	var lines mapping.NamedField // the list that the fields of a line after it belong to
	for _, field := range mapping.Named(p.Fields(e.Type, "")) {
		if field.Type == canonical.LinesType {
			lines = field
		}
		of := mapping.NamedField{}
		if strings.HasPrefix(field.Name, lines.Name+"[].") {
			of = lines
		}
		i := slices.IndexFunc(e.Fields, func(f Field) bool { return f.Name == field.Name })
		if i < 0 {
			i = len(e.Fields)
			e.Fields = append(e.Fields, newField(p, field, of))
		}
		if len(field.Record) > 0 {
			on := counterpart(field, of)
			if variants := p.Definition().Tables[e.Type].Variants; variants.Field == field.Name {
				on.Variants = variants.ByCanonical()
			}
			on.Takes = p.Resource(e.Type, "", jsontext.Value{}).Takes(field.Record[0], of.Name != "")
			e.Fields[i].On[p.Name()] = on
		}
		if word := p.Definition().Others[e.Type].Table.Says[field.Name]; word != "" {
			e.Fields[i].On[p.Name()] = Counterpart{
				Paths: []string{}, Pointers: []string{}, Codec: word + ": of records that are kept apart", Takes: platform.TakesIdentity,
			}
		}
		for _, side := range p.Definition().Sides {
			if word := side.Tables[e.Type].Says[field.Name]; word != "" {
				e.Fields[i].On[p.Name()] = Counterpart{
					Paths: []string{}, Pointers: []string{}, Codec: word + ": of records of that side of the ledger", Takes: platform.TakesIdentity,
				}
			}
		}
	}
	for word, side := range p.Definition().Sides {
		if _, ok := side.Tables[e.Type]; ok {
			e.addSide(p, word)
		}
	}
}

// addSide reads the table of another side of a platform's books. Its fields are some of those that the platform has anyway.
func (e *Entity) addSide(p platform.Platform, word books.LedgerSide) {
	var lines mapping.NamedField
	for _, field := range mapping.Named(p.Fields(e.Type, string(word))) {
		if field.Type == canonical.LinesType {
			lines = field
		}
		of := mapping.NamedField{}
		if strings.HasPrefix(field.Name, lines.Name+"[].") {
			of = lines
		}
		i := slices.IndexFunc(e.Fields, func(f Field) bool { return f.Name == field.Name })
		if len(field.Record) == 0 || i < 0 {
			continue
		}
		side := counterpart(field, of)
		side.Takes = p.Resource(e.Type, string(word), jsontext.Value{}).Takes(field.Record[0], of.Name != "")
		on := e.Fields[i].On[p.Name()]
		if on.Sides == nil {
			on.Sides = map[books.LedgerSide]Counterpart{}
		}
		on.Sides[word] = side
		e.Fields[i].On[p.Name()] = on
	}
}

func newField(p platform.Platform, field, lines mapping.NamedField) Field {
	f := Field{
		Field:    field.Field.Field,
		Name:     field.Name,
		Pointer:  field.Document.Pointer(),
		Label:    canonical.FieldLabel(field.Document),
		Writable: !field.Identity && !field.IsReadOnly(),
		On:       map[platform.Name]Counterpart{},
	}
	if lines.Name != "" {
		f.Pointer = lines.Document.Pointer() + "/*" + f.Pointer
	}
	if field.Identity {
		f.Label = p.Definition().Title + " " + canonical.FieldLabel(field.Document[len(field.Document)-1:])
	}
	return f
}

func counterpart(field, lines mapping.NamedField) Counterpart {
	c := Counterpart{Paths: field.Records, Codec: field.Codec}
	for _, path := range field.Record {
		pointer := path.Pointer()
		if lines.Name != "" && len(lines.Record) > 0 {
			pointer = lines.Record[0].Pointer() + "/*" + pointer
		}
		c.Pointers = append(c.Pointers, pointer)
	}
	return c
}
