package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

func TestFields_Table(t *testing.T) {
	t.Parallel()
	platforms := registry.New()
	names := platformNames(platforms)
	all := run(t, "", "fields")
	assert.Equal(t, 0, all.code)
	for _, entityType := range entityTypeNames() {
		var fields int
		_, summary, _ := strings.Cut(all.output, "\n"+entityType+": ")
		if entityType == "project" { // the first
			summary = strings.TrimPrefix(all.output, "project: ")
		}
		_, err := fmt.Sscanf(summary, "%d fields, ", &fields)
		require.NoError(t, err, entityType)
		c := coverage.Of(platforms, platforms.Names(), []canonical.EntityType{canonical.EntityType(entityType)}).Entities[0]
		counts, on, onAll := fmt.Sprintf("%d fields", len(c.Fields)), map[platform.Name]int{}, 0
		for _, f := range c.Fields {
			for name := range f.On {
				on[name]++
			}
			if len(f.On) == len(names) {
				onAll++
			}
		}
		for _, name := range platforms.Names() {
			counts += fmt.Sprintf(", %d on %s", on[name], name)
		}
		assert.True(t, strings.HasPrefix(summary, counts+fmt.Sprintf(", %d on all\n", onAll)), "%s: %s", entityType, summary[:60])
	}
	assert.Regexp(t, `(?m)^FIELD +TYPE +`+strings.ToUpper(strings.Join(names, " +"))+`$`, all.output)

	payment := run(t, "", "fields", "--entity", "payment").output
	further := strings.Repeat(` +\S+(?: \(\+\d+\))?`, len(names)-2) + "$" // columns of platforms after the first two
	assert.Regexp(t, `(?m)^amount +money +amount +amount`+further, payment)
	assert.Regexp(t, `(?m)^contract_id +reference +contract_id \(\+2\) +orderId`+further, payment)
	assert.Regexp(t, `(?m)^payment_number +integer +payment_number +-`+further, payment)
	assert.NotContains(t, payment, "contract: ")

	booked := run(t, "", "fields", "--entity", "payment", "--platform", "dynamics").output
	assert.Regexp(t, `(?m)^FIELD +TYPE +DYNAMICS +CODEC$`, booked)
	assert.Regexp(t, `(?m)^amount +money +amount +money, booked as a credit \(negative\)$`, booked)
	assert.Regexp(t, `(?m)^project_id +reference +jobId, projectId +reference by GUID$`, booked)
	assert.NotContains(t, booked, "payment_number", "Business Central has none")
}

// The other forms say the same as docs/fields.md.
// fieldsOnPlatform is a canonical field on a platform, as JSON has it.
type fieldsOnPlatform struct {
	Fields []string
	Codec  string
	Takes  string
}

// cells are those of a row of the documentation.
func (f fieldsOnPlatform) cells() string {
	if f.Codec == "" {
		return " – | – | – |"
	}
	names := "–"
	if len(f.Fields) > 0 {
		names = "`" + strings.Join(f.Fields, "`, `") + "`"
	}
	return " " + names + " | " + f.Codec + " | " + strings.ReplaceAll(f.Takes, "_", " ") + " |"
}

func definitionOf(t *testing.T, name string) platform.Definition {
	p, ok := registry.New().Get(platform.Name(name))
	require.True(t, ok)
	return p.Definition()
}

func TestFields_MarkdownAndJSON(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../../docs/fields.md")
	require.NoError(t, err)
	assert.Equal(t, string(documentation), run(t, "", "fields", "--output", "markdown").output)

	var entities []struct {
		EntityType string `json:"entity_type"`
		Fields     []struct {
			Field, Type, Meaning string
			Words                []string
			Platforms            map[string]struct {
				fieldsOnPlatform
				Sides map[books.LedgerSide]fieldsOnPlatform
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run(t, "", "fields", "--output", "json").output), &entities))
	var rows []string
	for _, e := range entities {
		rows = append(rows, "## "+e.EntityType)
		for _, f := range e.Fields {
			meaning := f.Meaning
			if f.Words != nil {
				meaning += " One of `" + strings.Join(f.Words, "`, `") + "`."
			}
			row := "| `" + f.Field + "` | " + f.Type + " | " + meaning + " |"
			for _, name := range platformNames(registry.New()) {
				p := f.Platforms[name]
				row += p.cells()
				for word, side := range definitionOf(t, name).Sides {
					if _, ok := side.Tables[canonical.EntityType(e.EntityType)]; ok {
						row += p.Sides[word].cells()
					}
				}
			}
			rows = append(rows, row)
		}
	}
	var want []string
	for line := range strings.Lines(string(documentation)) {
		if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "| `") {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
	}
	assert.Equal(t, want, rows)
}
