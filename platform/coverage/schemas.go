package coverage

import (
	"bytes"
	"fmt"
	"strings"

	"structural.app/structural/canonical"
)

// The lines of openapi.yaml between which the schemas of canonical objects stand, and the lists of platforms.
const (
	beginSchemas   = "    # Made from the mapping tables by `make generate`, from here on.\n"
	endSchemas     = "    # Made from the mapping tables by `make generate`, up to here.\n"
	beginPlatforms = "      # Made from the registry of platforms by `make generate`, from here on.\n"
	endPlatforms   = "      # Made from the registry of platforms by `make generate`, up to here.\n"
)

// abouts says what a record of each type is.
var abouts = map[canonical.EntityType]string{
	canonical.Project:        "A construction project.",
	canonical.Customer:       "A business partner.",
	canonical.Contract:       "A contract.",
	canonical.Invoice:        "An invoice under a contract.",
	canonical.Payment:        "A payment of an invoice.",
	canonical.Employee:       "A person who works for the company.",
	canonical.TimeEntry:      "Hours of work on a day.",
	canonical.ChangeOrder:    "A change to a contract.",
	canonical.BudgetLineItem: "A line of a project's budget.",
}

// WriteSchemas replaces the schemas of canonical objects and the lists of platforms in an OpenAPI document, openapi.yaml, and
// nothing else of it. The error is that the document lacks the comments between which they stand.
func (c Coverage) WriteSchemas(document []byte) ([]byte, error) {
	document, err := replace(document, beginSchemas, endSchemas, c.schemas())
	if err != nil {
		return nil, err
	}
	names := ""
	for _, p := range c.platforms {
		names += "      - " + string(p.Name) + "\n"
	}
	return replace(document, beginPlatforms, endPlatforms, names)
}

// replace puts a text between two lines, wherever they stand.
func replace(document []byte, begin, end, text string) ([]byte, error) {
	parts := bytes.Split(document, []byte(begin))
	for i, part := range parts[1:] {
		_, after, ok := bytes.Cut(part, []byte(end))
		if !ok {
			return nil, lacksLines(begin, end)
		}
		parts[i+1] = append([]byte(text+end), after...)
	}
	if len(parts) == 1 {
		return nil, lacksLines(begin, end)
	}
	return bytes.Join(parts, []byte(begin)), nil
}

func lacksLines(begin, end string) error {
	return fmt.Errorf("the document lacks the lines %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
}

// about says what a record of a type is, and what the platforms call it.
func (c Coverage) about(t canonical.EntityType) string {
	var called []string
	for _, d := range c.platforms {
		if word := d.Called[t]; word != "" {
			for _, side := range sidesOf(d, t) {
				word += " (" + string(side) + ": " + d.Sides[side].Called[t] + ")"
			}
			called = append(called, "in "+d.Title+" "+word)
		}
	}
	if len(called) == 0 {
		return abouts[t]
	}
	return strings.TrimSuffix(abouts[t], ".") + ": " + strings.Join(called, ", ") + "."
}

func (c Coverage) schemas() string {
	var w schemaWriter
	w.union(c.Entities)
	for _, e := range c.Entities {
		w.line(2, schemaName(e.Type)+":")
		w.line(3, "type: object")
		w.line(3, "description: "+quote(c.about(e.Type)))
		w.line(3, "required:")
		w.line(3, "- object")
		w.line(3, "properties:")
		w.line(4, "id:")
		w.id(5, e.Type)
		w.line(5, "description: Canonical id, the same for the same record every time; a record without an id of its own has none.")
		w.line(4, "object:")
		w.line(5, "type: string")
		w.line(5, "const: "+string(e.Type))
		w.line(5, "description: Tells the kinds of canonical objects apart.")
		w.fields(c, e, "")
	}
	for _, e := range c.Entities {
		for _, r := range e.Fields {
			if r.Type == canonical.LinesType {
				w.line(2, schemaName(e.Type)+"Line:")
				w.line(3, "type: object")
				w.line(3, "description: "+quote("A line of a "+strings.ReplaceAll(string(e.Type), "_", " ")+"."))
				w.line(3, "properties:")
				w.fields(c, e, r.Name+"[].")
			}
		}
	}
	return w.String()
}

// schemaWriter writes YAML.
type schemaWriter struct{ strings.Builder }

// line writes a line, so many levels deep.
func (w *schemaWriter) line(depth int, text string) {
	w.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// union writes the schema of an object of any type.
func (w *schemaWriter) union(entities []Entity) {
	w.line(2, "CanonicalObject:")
	w.line(3, "description: A record in the one form that no platform owns; `object` tells which of the Entity types it is.")
	w.line(3, "oneOf:")
	for _, e := range entities {
		w.line(3, "- $ref: "+reference(schemaName(e.Type)))
	}
	w.line(3, "discriminator:")
	w.line(4, "propertyName: object")
	w.line(4, "mapping:")
	for _, e := range entities {
		w.line(5, string(e.Type)+": "+reference(schemaName(e.Type)))
	}
}

// fields writes the properties of a record, or of its lines; those of one group, such as an address, stand in an object.
func (w *schemaWriter) fields(c Coverage, e Entity, of string) {
	w.line(4, "external_ids:")
	w.line(5, "$ref: "+reference("ExternalIDs"))
	group := ""
	for _, r := range e.Fields {
		path, ok := strings.CutPrefix(r.Name, of)
		if !ok || strings.Contains(path, "[]") || strings.HasPrefix(path, "external_ids.") {
			continue
		}
		depth, in, name := 4, "", path
		if before, after, nested := strings.Cut(path, "."); nested {
			depth, in, name = 6, before, after
		}
		if in != group && in != "" {
			w.line(4, in+":")
			w.line(5, "type: object")
			w.line(5, "properties:")
		}
		group = in
		w.line(depth, name+":")
		w.field(depth+1, c, e, r)
	}
	w.line(4, "provider_metadata:")
	w.line(5, "$ref: "+reference("ProviderMetadata"))
}

// field writes the schema of a field: its type, what it means, and what it is on each platform.
func (w *schemaWriter) field(depth int, c Coverage, e Entity, r Field) {
	switch r.Type {
	case canonical.DecimalType, canonical.PriceType:
		w.line(depth, "$ref: "+reference("Decimal"))
	case canonical.MoneyType:
		w.line(depth, "$ref: "+reference("Money"))
	case canonical.CurrencyType:
		w.line(depth, "$ref: "+reference("Currency"))
	case canonical.IntegerType:
		w.line(depth, "type: integer")
		w.line(depth, "format: int64")
	case canonical.BooleanType:
		w.line(depth, "type: boolean")
	case canonical.DateType, canonical.DateTimeType:
		w.line(depth, "type: string")
		w.line(depth, "format: "+string(r.Type))
	case canonical.WordType:
		w.line(depth, "type: string")
		w.line(depth, "enum:")
		for _, word := range r.Words {
			w.line(depth, "- "+word)
		}
	case canonical.ReferenceType:
		w.id(depth, r.Refers)
	case canonical.LinesType:
		w.line(depth, "type: array")
		w.line(depth, "items:")
		w.line(depth+1, "$ref: "+reference(schemaName(e.Type)+"Line"))
	default:
		w.line(depth, "type: string")
	}
	about := r.About
	for i, p := range c.platforms {
		separator, fields := " ", "–"
		if i > 0 {
			separator = "; "
		}
		if on := r.On[p.Name].Paths; len(on) > 0 {
			fields = "`" + strings.Join(on, "`, `") + "`"
		}
		about += separator + titleOf(string(p.Name)) + ": " + fields
	}
	w.line(depth, "description: "+quote(about+"."))
}

// id writes the schema of a canonical id.
func (w *schemaWriter) id(depth int, of canonical.EntityType) {
	w.line(depth, "type: string")
	w.line(depth, "pattern: ^"+of.Prefix()+"[0-9A-Za-z]{15}$")
}

// schemaName is what the schema of a type is called: CanonicalTimeEntry.
func schemaName(t canonical.EntityType) string {
	name := "Canonical"
	for word := range strings.SplitSeq(string(t), "_") {
		name += titleOf(word)
	}
	return name
}

func titleOf(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func reference(schema string) string { return quote("#/components/schemas/" + schema) }

// quote writes a text as YAML in single quotes.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
