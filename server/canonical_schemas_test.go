package server_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
	"structural.app/structural/platform/registry"
)

// schemaNode is as much of a JSON Schema as the canonical ones use.
type schemaNode struct {
	Ref         string `json:"$ref"`
	Type        string
	Format      string
	Pattern     string
	Const       string
	Enum        []string
	Description string
	Properties  map[string]schemaNode
	Items       *schemaNode
}

// The contract's canonical schemas have each field of the mapping tables, of the right type, described with both platforms'
// counterparts, and no other.
func TestCanonicalSchemasAreTheMappingTables(t *testing.T) {
	var document struct {
		Components struct{ Schemas map[string]schemaNode }
	}
	require.NoError(t, json.Unmarshal(loadDocument().JSON(), &document))
	schemas := document.Components.Schemas
	resolve := func(ref string) schemaNode { return schemas[strings.TrimPrefix(ref, "#/components/schemas/")] }

	for _, entityType := range canonical.EntityTypes() {
		name := "Canonical" + camelCase(string(entityType))
		root, ok := schemas[name]
		require.True(t, ok, name)
		assert.Equal(t, string(entityType), root.Properties["object"].Const)
		assert.Equal(t, "^"+entityType.Prefix()+"[0-9A-Za-z]{15}$", root.Properties["id"].Pattern)

		known := map[string]bool{"id": true, "object": true}
		platforms := registry.New("")
		for _, platformName := range platforms.Names() {
			p, _ := platforms.Get(platformName)
			for _, field := range p.Fields(entityType) {
				if strings.Contains(field.Path, "external_ids.") {
					continue
				}
				known[field.Path] = true
				node := root
				for key := range strings.SplitSeq(field.Path, ".") {
					list, isLines := strings.CutSuffix(key, "[]")
					node = node.Properties[list]
					if isLines {
						node = resolve(node.Items.Ref)
					}
				}
				assertDescribes(t, name, node, field, platformName)
			}
		}
		for _, path := range leaves(root, resolve, "") {
			assert.True(t, known[path], "%s: %s is in the document and in no table", name, path)
		}
	}
}

func assertDescribes(t *testing.T, schema string, node schemaNode, field platform.Field, platformName platform.Name) {
	t.Helper()
	place := schema + ": " + field.Path
	assert.True(t, strings.HasPrefix(node.Description, field.About), "%s: description %q, want %q", place, node.Description, field.About)
	title := map[platform.Name]string{"procore": "Procore", "dynamics": "Dynamics"}[platformName]
	counterpart := title + ": –"
	if len(field.Platform) > 0 {
		counterpart = title + ": `" + strings.Join(field.Platform, "`, `") + "`"
	}
	assert.Contains(t, node.Description, counterpart, place)

	want := map[canonical.FieldType]schemaNode{
		canonical.TextType:      {Type: "string"},
		canonical.ClockType:     {Type: "string"},
		canonical.DecimalType:   {Ref: "#/components/schemas/Decimal"},
		canonical.PriceType:     {Ref: "#/components/schemas/Decimal"},
		canonical.IntegerType:   {Type: "integer", Format: "int64"},
		canonical.BooleanType:   {Type: "boolean"},
		canonical.DateType:      {Type: "string", Format: "date"},
		canonical.DateTimeType:  {Type: "string", Format: "date-time"},
		canonical.MoneyType:     {Ref: "#/components/schemas/Money"},
		canonical.CurrencyType:  {Ref: "#/components/schemas/Currency"},
		canonical.WordType:      {Type: "string", Enum: field.Words},
		canonical.ReferenceType: {Type: "string", Pattern: "^" + field.Refers.Prefix() + "[0-9A-Za-z]{15}$"},
		canonical.LinesType:     {Type: "array", Items: node.Items},
	}[field.Type]
	node.Description = ""
	assert.Equal(t, want, node, place)
}

// leaves lists the dotted paths of a schema's fields, the envelope of ids and metadata aside.
func leaves(node schemaNode, resolve func(string) schemaNode, prefix string) []string {
	var paths []string
	for key, child := range node.Properties {
		path := prefix + key
		switch {
		case slices.Contains([]string{"external_ids", "provider_metadata"}, key):
		case child.Type == "object":
			paths = append(paths, leaves(child, resolve, path+".")...)
		case child.Items != nil:
			paths = append(append(paths, path), leaves(resolve(child.Items.Ref), resolve, path+"[].")...)
		default:
			paths = append(paths, path)
		}
	}
	return paths
}

// camelCase turns time_entry into TimeEntry.
func camelCase(snake string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(snake, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
