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
	Type      canonical.FieldType            `json:"type"`
	Meaning   string                         `json:"meaning"`
	Words     []string                       `json:"words,omitempty"`
	Platforms map[platform.Name]jsonPlatform `json:"platforms"`
}

// jsonPlatform is a field of a platform: the first name is the one that is written, the others are read as well.
type jsonPlatform struct {
	Fields []string `json:"fields"`
	Codec  string   `json:"codec"`
}

// WriteJSON writes an array of the entity types and their fields. The error is the writer's.
func (c Coverage) WriteJSON(w io.Writer) error {
	entities := []jsonEntity{}
	for _, e := range c.entities {
		fields := []jsonField{}
		for _, r := range e.rows {
			field := jsonField{r.name, r.Type, r.About, r.Words, map[platform.Name]jsonPlatform{}}
			for name, on := range r.on {
				field.Platforms[name] = jsonPlatform{on.Records, on.Codec}
			}
			fields = append(fields, field)
		}
		entities = append(entities, jsonEntity{e.entityType, fields})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(entities)
}
