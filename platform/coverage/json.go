package coverage

import (
	"encoding/json"
	"io"

	"structural.app/structural/canonical"
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
}

// WriteJSON writes an array of the entity types and their fields. The error is the writer's.
func (c Coverage) WriteJSON(w io.Writer) error {
	entities := []jsonEntity{}
	for _, e := range c.Entities {
		fields := []jsonField{}
		for _, f := range e.Fields {
			field := jsonField{f.Name, f.Label, f.Type, f.About, f.Words, f.Writable, map[platform.Name]jsonPlatform{}}
			for name, on := range f.On {
				field.Platforms[name] = jsonPlatform{on.Paths, on.Codec, on.Takes}
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
