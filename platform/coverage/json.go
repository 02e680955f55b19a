package coverage

import (
	"encoding/json"
	"io"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

type jsonEntity struct {
	EntityType canonical.EntityType `json:"entity_type"`
	Fields     []jsonField          `json:"fields"`
}

type jsonField struct {
	Field     string                         `json:"field"`
	Label     string                         `json:"label"`
	Type      canonical.FieldType            `json:"type"`
	Meaning   string                         `json:"meaning"`
	Words     []string                       `json:"words,omitempty"`
	Writable  bool                           `json:"writable"`
	Platforms map[platform.Name]jsonPlatform `json:"platforms"`
}

// jsonPlatform is a field of a platform: the first name is the one that is written, the others are read as well.
type jsonPlatform struct {
	Fields []string `json:"fields"`
	Codec  string   `json:"codec"`
	Takes  string   `json:"takes"`

	Sides map[books.LedgerSide]jsonPlatform `json:"sides,omitempty"` // of the books: the same, in records of another one
}

func newJSONPlatform(on Counterpart) jsonPlatform {
	platform := jsonPlatform{Fields: on.Paths, Codec: on.Codec, Takes: on.Takes}
	for word, side := range on.Sides {
		if platform.Sides == nil {
			platform.Sides = map[books.LedgerSide]jsonPlatform{}
		}
		platform.Sides[word] = newJSONPlatform(side)
	}
	return platform
}

// WriteJSON writes an array of the entity types and their fields. The error is the writer's.
func (c Coverage) WriteJSON(w io.Writer) error {
	entities := []jsonEntity{}
	for _, e := range c.Entities {
		fields := []jsonField{}
		for _, f := range e.Fields {
			field := jsonField{f.Name, f.Label, f.Type, f.About, f.Words, f.Writable, map[platform.Name]jsonPlatform{}}
			for name, on := range f.On {
				field.Platforms[name] = newJSONPlatform(on)
			}
			fields = append(fields, field)
		}
		entities = append(entities, jsonEntity{e.Type, fields})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(entities)
}
