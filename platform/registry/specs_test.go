//go:build specs

package registry_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// readSpec reads a contract of a platform that others wrote, below the folder STRUCTURAL_SPECS.
func readSpec(t *testing.T, into any, name ...string) {
	t.Helper()
	dir := os.Getenv("STRUCTURAL_SPECS")
	require.NotEmpty(t, dir, "STRUCTURAL_SPECS is the folder of the platforms' contracts")
	text, err := os.ReadFile(filepath.Join(append([]string{dir}, name...)...))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}

// page is an entity set of Business Central's API v2.0.
type page struct {
	InsertAllowed, ModifyAllowed bool
	Fields                       []pageField
}

type pageField struct {
	Name      string
	Editable  bool
	MaxLength int
	Enum      []string
	Edm       string
}

func (p page) field(name string) (pageField, bool) {
	i := slices.IndexFunc(p.Fields, func(f pageField) bool { return f.Name == name })
	if i < 0 {
		return pageField{}, false
	}
	return p.Fields[i], true
}

func pagesOf(t *testing.T) map[string]page {
	var file struct{ Entities map[string]page }
	readSpec(t, &file, "bc", "apiv2-pages.json")
	return file.Entities
}

// keptByBusinessCentral are what a page lets a caller edit and the program keeps itself: times, what has been shipped, received and
// invoiced, a vendor's balance, and the amounts of a line of a purchase invoice, which it computes of quantity and cost.
var keptByBusinessCentral = []string{
	"lastModifiedDateTime", "lastModfiedDateTime", "fullyShipped", "shippedQuantity", "invoicedQuantity", "documentId",
	"fullyReceived", "receivedQuantity", "balance",
	"amountExcludingTax", "amountIncludingTax", "invoiceDiscountAllocation", "netAmount", "netTaxAmount", "netAmountIncludingTax",
}

// What is sent to Business Central is what its pages take: editable, as long as the table allows, of the words of the enumeration.
func TestResources_AreBusinessCentralsOwn(t *testing.T) {
	pages := pagesOf(t)
	tables := dynamics.Tables()
	resources := maps.Clone(dynamics.Resources(""))
	for entityType, other := range dynamics.Definition().Others {
		resources[entityType+" kept apart"], tables[entityType+" kept apart"] = other.Resource, other.Table
	}
	for word, side := range dynamics.Definition().Sides {
		of := canonical.EntityType(" " + word)
		for entityType, r := range side.Resources {
			resources[entityType+of], tables[entityType+of] = r, side.Tables[entityType]
		}
		for entityType, other := range side.Others {
			resources[entityType+of+" kept apart"], tables[entityType+of+" kept apart"] = other.Resource, other.Table
		}
	}
	for entityType, r := range resources {
		set := strings.TrimPrefix(r.Path, "/companies({companyId})/")
		if r.Extends != "" { // further lines of a record
			_, set, _ = strings.Cut(set, "/")
		}
		p, ok := pages[set]
		require.True(t, ok, set)
		assert.True(t, p.InsertAllowed && p.ModifyAllowed, set)
		assert.Empty(t, wrongOnPage(set, p, r.Fields, r.Computed))
		checkRows(t, set, p, tables[entityType].Rows, r.Fields, r.Computed)
		if r.Lines != nil {
			computed := r.Lines.Computed
			if r.Extends != "" { // further lines come after the last
				computed = slices.DeleteFunc(slices.Clone(computed), func(name string) bool { return name == "sequence" })
			}
			assert.Empty(t, wrongOnPage(r.Lines.Member, pages[r.Lines.Member], r.Lines.Fields, computed))
		}
	}
}

// wrongOnPage lists what a page contradicts of who computes its members.
func wrongOnPage(set string, p page, fields []platform.Taken, computed []string) (wrong []string) {
	for _, taken := range fields {
		f, ok := p.field(taken.Name)
		switch {
		case !ok || !f.Editable:
			wrong = append(wrong, set+" does not take "+taken.Name)
		case f.MaxLength != taken.MaxLength:
			wrong = append(wrong, set+" takes "+taken.Name+" of another length")
		case !slices.Equal(f.Enum, taken.Words):
			wrong = append(wrong, set+" takes other words for "+taken.Name)
		}
	}
	for _, name := range computed {
		if f, ok := p.field(name); ok && f.Editable && !slices.Contains(keptByBusinessCentral, name) {
			wrong = append(wrong, set+" takes "+name)
		}
	}
	return wrong
}

// Each member that is given to the other side of who computes is noticed.
func TestResources_AWrongWhoComputesIsNoticed(t *testing.T) {
	pages := pagesOf(t)
	noticed := 0
	check := func(set string, fields []platform.Taken, computed []string) {
		for _, name := range computed {
			if f, ok := pages[set].field(name); ok {
				mutant := append(slices.Clone(fields), platform.Taken{Name: name, MaxLength: f.MaxLength, Words: f.Enum})
				assert.True(t, slices.Contains(keptByBusinessCentral, name) || len(wrongOnPage(set, pages[set], mutant, nil)) > 0, "%s %s", set, name)
				noticed++
			}
		}
		for i, taken := range fields {
			mutant := append(slices.Clone(computed), taken.Name)
			assert.NotEmpty(t, wrongOnPage(set, pages[set], slices.Delete(slices.Clone(fields), i, i+1), mutant), "%s %s", set, taken.Name)
			noticed++
		}
	}
	for _, resources := range []map[canonical.EntityType]*platform.Resource{dynamics.Resources(""), dynamics.Definition().Sides["payable"].Resources} {
		for _, r := range resources {
			if r.Extends != "" {
				continue // its lines are those of another one
			}
			check(strings.TrimPrefix(r.Path, "/companies({companyId})/"), r.Fields, r.Computed)
			if r.Lines != nil {
				check(r.Lines.Member, r.Lines.Fields, r.Lines.Computed)
			}
		}
	}
	assert.Greater(t, noticed, 300)
}

// checkRows wants it known of every mapped member that a page has whether the page takes it.
func checkRows(t *testing.T, set string, p page, rows []mapping.Row, fields []platform.Taken, computed []string) {
	for _, row := range rows {
		for _, path := range row.Platform {
			if _, ok := p.field(path); ok {
				known := path == "id" || slices.Contains(computed, path) ||
					slices.ContainsFunc(fields, func(f platform.Taken) bool { return f.Name == path })
				assert.True(t, known, "%s: nothing says who writes %s", set, path)
			}
		}
	}
}

// schema is a schema of an OpenAPI document, as far as these tests read it.
type schema struct {
	Type       string
	Required   []string
	Properties map[string]schema
	Items      *schema
	Enum       []any
}

func (s schema) words() []string {
	var words []string
	for _, v := range s.Enum {
		if text, ok := v.(string); ok {
			words = append(words, text)
		}
	}
	return words
}

type operation struct {
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

func (o operation) body() schema {
	for _, content := range o.RequestBody.Content {
		return content.Schema
	}
	return schema{}
}

func procoreOperations(t *testing.T) map[string]map[string]operation {
	var file struct {
		Paths map[string]map[string]json.RawMessage
	}
	readSpec(t, &file, "procore", "procore-subset.openapi.json")
	all := map[string]map[string]operation{}
	for path, methods := range file.Paths {
		all[path] = map[string]operation{}
		for method, text := range methods {
			var o operation
			if json.Unmarshal(text, &o) == nil {
				all[path][method] = o
			}
		}
	}
	return all
}

// What is sent to Procore is what its request bodies have.
func TestResources_AreProcoresOwn(t *testing.T) {
	operations := procoreOperations(t)
	tables := procore.Tables()
	for _, variant := range []string{procore.WorkOrder, procore.PurchaseOrder} {
		for entityType, r := range procore.Resources(variant) {
			create, update := operationAt(operations, r.Path, "post"), operationAt(operations, r.UpdatePath, "patch")
			require.NotEmpty(t, create.Properties, r.Path)
			require.NotEmpty(t, update.Properties, r.UpdatePath)
			checkRoot(t, r.Path, create, r.Root, r.Wrapper)
			checkRoot(t, r.UpdatePath, update, r.Root, r.Wrapper)
			checkBody(t, r.Path, create.Properties[r.Wrapper], update.Properties[r.Wrapper], r.Fields)
			if r.Lines != nil && r.Lines.InBody {
				items := r.Lines.Member
				checkBody(t, r.Path+" "+items, *create.Properties[r.Wrapper].Properties[items].Items, *update.Properties[r.Wrapper].Properties[items].Items, r.Lines.Fields)
			} else if r.Lines != nil {
				create, update := operationAt(operations, r.Lines.Path, "post"), operationAt(operations, r.Lines.UpdatePath, "patch")
				checkRoot(t, r.Lines.Path, create, r.Lines.Root, r.Lines.Wrapper)
				checkBody(t, r.Lines.Path, create.Properties[r.Lines.Wrapper], update.Properties[r.Lines.Wrapper], r.Lines.Fields)
			}
			for _, row := range tables[entityType].Rows {
				for _, path := range row.Platform {
					if _, ok := create.Properties[r.Wrapper].Properties[path]; ok {
						known := r.Lines != nil && r.Lines.Member == path || slices.ContainsFunc(r.Fields, func(f platform.Taken) bool { return f.Name == path })
						assert.True(t, known, "%s takes %s", r.Path, path)
					}
				}
			}
		}
	}
}

// operationAt finds the body of an operation, whatever the parameters of its path are called.
func operationAt(operations map[string]map[string]operation, path, method string) schema {
	for candidate, methods := range operations {
		if bare(candidate) == bare(path) {
			if o, ok := methods[method]; ok {
				return o.body()
			}
		}
	}
	return schema{}
}

// bare is a path without the names of its parameters.
func bare(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

func checkRoot(t *testing.T, path string, body schema, root []platform.Taken, wrapper string) {
	names := []string{wrapper}
	for _, field := range root {
		names = append(names, field.Name)
		assert.Contains(t, body.Properties, field.Name, path)
	}
	assert.Contains(t, body.Properties, wrapper, path)
	for _, required := range body.Required {
		assert.Contains(t, names, required, "%s requires it", path)
	}
}

func checkBody(t *testing.T, path string, create, update schema, fields []platform.Taken) {
	var names, required []string
	for _, field := range fields {
		property, creates := create.Properties[field.Name]
		other, updates := update.Properties[field.Name]
		names = append(names, field.Name)
		if field.Required {
			required = append(required, field.Name)
		}
		assert.Equal(t, creates, !field.UpdateOnly, "%s takes %s of a new record", path, field.Name)
		assert.Equal(t, updates, !field.CreateOnly, "%s takes %s of a record that there is", path, field.Name)
		if !creates {
			property = other
		}
		if words := property.words(); len(words) > 0 && !strings.HasPrefix(words[0], "Any value") {
			assert.ElementsMatch(t, words, field.Words, "%s %s", path, field.Name)
		}
	}
	for _, name := range slices.Concat(create.Required, update.Required) {
		assert.Contains(t, required, name, "%s requires it", path)
	}
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(names))), len(names), path)
}
