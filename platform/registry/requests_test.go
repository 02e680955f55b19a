//go:build specs && payloads

package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/platform/registry"
)

// Every request for every published payload, to either platform, made or changed, is one that the platform's own contract takes:
// nothing unknown, read-only or too long, no word that is not one of an enumeration, nothing required that is not noted as missing;
// and nothing of the record is dropped without a word.
func TestRequests_ForPublishedPayloads(t *testing.T) {
	judge := judge{pages: pagesOf(t), operations: procoreOperations(t)}
	platforms := registry.New()
	translator := app.New(platforms, canonical.Rates{})
	records, requests := 0, 0
	for _, source := range platforms.Names() {
		files, err := filepath.Glob(filepath.Join(os.Getenv("STRUCTURAL_PAYLOADS"), string(source), "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			entity, ok := canonical.ParseEntityType(strings.TrimSuffix(filepath.Base(file), ".json"))
			if !ok {
				continue
			}
			for id, record := range samplesOf(t, file, source, entity) {
				for _, target := range platforms.Names() {
					for _, how := range []struct {
						targetID string
						ledger   books.LedgerSide
					}{{"", ""}, {"4711", ""}, {"", books.Payable}, {"4711", books.Payable}} {
						targetID := how.targetID
						result, err := translator.Transform(t.Context(), app.Transformation{
							Source: string(source), Target: string(target), EntityType: entity, Data: record, TargetID: targetID,
							Variant: commitmentOf(entity, "procore", id), Ledger: how.ledger,
						})
						if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
							t.Logf("%s to %s: %s", id, target, translation)
							continue
						}
						require.NoError(t, err)
						records++
						if len(result.Requests) == 0 && len(result.Problems) == 0 && targetID == "" {
							t.Errorf("%s to %s: no request, and no word about it", id, target)
						}
						for i, request := range result.Requests {
							requests++
							for _, problem := range judge.refuses(target, request, i) {
								t.Errorf("%s to %s: %s %s: %s\n%s", id, target, request.Method, request.Path, problem, request.Body)
							}
						}
						if len(result.Requests) > 0 {
							for _, member := range dropped(result.Data, result.Requests) {
								t.Errorf("%s to %s: %s is dropped without a word", id, target, member)
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d translations, %d requests", records, requests)
	require.Greater(t, requests, 300)
}

// samplesOf are the records of a file of samples, by their names, with the fixture and the sandbox's records of the type.
func samplesOf(t *testing.T, file string, name platform.Name, entity canonical.EntityType) map[string]jsontext.Value {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var content struct {
		Samples []struct {
			ID   string
			Body json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(data, &content))
	all := map[string]jsontext.Value{}
	for _, sample := range content.Samples {
		id := string(name) + "/" + string(entity) + "/" + sample.ID
		how := samplesApart[id]
		if how.leftOut != "" {
			continue
		}
		body, err := jsontext.Parse(sample.Body)
		require.NoError(t, err)
		for i, record := range how.records(body) {
			if how.refusedAt != "" {
				record = record.Without(strings.TrimPrefix(how.refusedAt, "/"))
			}
			all[fmt.Sprintf("%s#%d", id, i)] = record
		}
	}
	all["fixture of "+string(name)+" "+string(entity)] = fixture(t, name, entity)
	p, _ := registry.New().Get(name)
	for _, ledger := range []books.LedgerSide{books.Receivable, books.Payable} {
		sandbox, err := p.Definition().Sandbox.Records(t.Context(), ledger)
		require.NoError(t, err)
		for i, record := range sandbox {
			if record.EntityType == entity {
				all[fmt.Sprintf("%s/%s/%s sandbox#%d", name, entity, ledger, i)] = record.Payload
			}
		}
	}
	return all
}

// judge holds requests to the platforms' contracts.
type judge struct {
	pages      map[string]page
	operations map[string]map[string]operation
}

func (j judge) refuses(target platform.Name, r platform.Request, index int) (problems []string) {
	if r.DependsOn >= index {
		problems = append(problems, "depends on one that is not sent before")
	}
	if strings.Contains(r.Path, "{id of ") != (r.DependsOn >= 0) {
		problems = append(problems, "the path and depends_on say different things")
	}
	missing := map[string]bool{}
	for _, note := range r.Missing {
		missing[note.Field] = true
	}
	if target == "dynamics" {
		return append(problems, j.pageRefuses(r, missing)...)
	}
	s := operationAt(j.operations, filledPath(r.Path), strings.ToLower(r.Method))
	if len(s.Properties) == 0 {
		return append(problems, "no such operation")
	}
	return append(problems, schemaRefuses(s, r.Body, "", missing)...)
}

// filledPath is a path with the names of parameters in place of what they are filled with.
func filledPath(path string) string {
	return regexp.MustCompile(`/(4711|\d+|\{id of \d+\})(/|$)`).ReplaceAllString(path, "/{}$2")
}

var navigation = regexp.MustCompile(`^/companies\(\{companyId\}\)/(\w+)(?:\(([^)]*)\)(?:/(\w+))?)?$`)

func (j judge) pageRefuses(r platform.Request, missing map[string]bool) []string {
	path := navigation.FindStringSubmatch(r.Path)
	if path == nil {
		return []string{"no such path"}
	}
	set := path[1]
	if path[3] != "" {
		set = path[3]
	}
	if (r.Method == "PATCH") != (path[2] != "" && path[3] == "") {
		return []string{"the method does not go with the path"}
	}
	problems := j.entityRefuses(set, r.Body, "")
	has := func(name string) bool { return !r.Body.Get(name).IsNone() || missing["/"+name] }
	if r.Method == "POST" && strings.HasPrefix(set, "sales") && !strings.HasSuffix(set, "Lines") || set == "customerPayments" && r.Method == "POST" {
		if !has("customerId") && !has("customerNumber") {
			problems = append(problems, `A "customerNumber" or a "customerId" must be provided.`)
		}
	}
	if r.Method == "POST" && strings.HasPrefix(set, "purchase") && !strings.HasSuffix(set, "Lines") && path[2] == "" || set == "vendorPayments" && r.Method == "POST" {
		if !has("vendorId") && !has("vendorNumber") {
			problems = append(problems, `A "vendorNumber" or a "vendorId" must be provided.`)
		}
	}
	if strings.HasSuffix(set, "Payments") && r.Method == "POST" && !has("journalId") {
		problems = append(problems, "journalId is required")
	}
	return problems
}

func (j judge) entityRefuses(set string, body jsontext.Value, at string) (problems []string) {
	p, ok := j.pages[set]
	if !ok {
		return []string{"no entity set " + set}
	}
	for _, m := range body.Members() {
		if lines, ok := j.pages[m.Key]; ok && strings.HasSuffix(m.Key, "Lines") && len(lines.Fields) > 0 {
			for i, line := range m.Value.Members() {
				problems = append(problems, j.entityRefuses(m.Key, line.Value, at+"/"+m.Key+"/"+strconv.Itoa(i))...)
			}
			continue
		}
		f, ok := p.field(m.Key)
		switch {
		case !ok:
			problems = append(problems, at+"/"+m.Key+" is unknown")
		case !f.Editable:
			problems = append(problems, at+"/"+m.Key+" is read-only")
		case f.MaxLength > 0 && utf8.RuneCountInString(m.Value.Text()) > f.MaxLength:
			problems = append(problems, at+"/"+m.Key+" is too long")
		case len(f.Enum) > 0 && !slices.Contains(f.Enum, m.Value.Text()):
			problems = append(problems, at+"/"+m.Key+" is none of the enumeration")
		case !f.holds(m.Value):
			problems = append(problems, at+"/"+m.Key+" is no "+f.Edm)
		}
	}
	return problems
}

func (f pageField) holds(v jsontext.Value) bool {
	switch f.Edm {
	case "Edm.String", "enum", "Edm.Guid", "Edm.Date", "Edm.DateTimeOffset":
		return v.Kind() == jsontext.String
	case "Edm.Decimal", "Edm.Int32", "Edm.Int64", "Edm.Double":
		return v.Kind() == jsontext.Number
	case "Edm.Boolean":
		return v.Kind() == jsontext.Bool
	}
	return true
}

func schemaRefuses(s schema, v jsontext.Value, at string, missing map[string]bool) (problems []string) {
	switch {
	case s.Type == "object" && v.Kind() != jsontext.Object, s.Type == "array" && v.Kind() != jsontext.Array,
		s.Type == "string" && v.Kind() != jsontext.String, s.Type == "boolean" && v.Kind() != jsontext.Bool,
		s.Type == "number" && v.Kind() != jsontext.Number:
		return []string{at + " is no " + s.Type}
	case s.Type == "integer":
		if _, ok := v.Int(); !ok {
			return []string{at + " is no integer"}
		}
	}
	if words := s.words(); len(words) > 0 && !strings.HasPrefix(words[0], "Any value") && !slices.Contains(words, v.Text()) {
		problems = append(problems, at+" is none of the enumeration")
	}
	if v.Kind() == jsontext.Array && s.Items != nil {
		for i, m := range v.Members() {
			problems = append(problems, schemaRefuses(*s.Items, m.Value, at+"/"+strconv.Itoa(i), missing)...)
		}
	}
	if v.Kind() != jsontext.Object || len(s.Properties) == 0 {
		return problems
	}
	for _, m := range v.Members() {
		property, ok := s.Properties[m.Key]
		if !ok {
			problems = append(problems, at+"/"+m.Key+" is unknown")
			continue
		}
		problems = append(problems, schemaRefuses(property, m.Value, at+"/"+m.Key, missing)...)
	}
	for _, name := range s.Required {
		if v.Get(name).IsNone() && !missing[at+"/"+name] {
			problems = append(problems, at+"/"+name+" is required")
		}
	}
	return problems
}

// dropped are the filled members of a record that no request says, nor any note.
func dropped(record jsontext.Value, requests []platform.Request) (members []string) {
	said := map[string]bool{}
	for _, r := range requests {
		say(r.Body, said)
		for segment := range strings.SplitSeq(r.Path, "/") {
			name, _, _ := strings.Cut(segment, "(")
			said[name] = true
		}
		for _, note := range r.Omitted {
			name, _, _ := strings.Cut(note.Field[1:], "/")
			said[name] = true
		}
	}
	for _, m := range record.Members() {
		if !empty(m.Value) && !said[m.Key] && !said[m.Key+"_id"] {
			members = append(members, m.Key)
		}
	}
	return members
}

func say(body jsontext.Value, said map[string]bool) {
	if body.Kind() != jsontext.Object {
		return
	}
	for _, m := range body.Members() {
		said[m.Key] = true
		say(m.Value, said)
	}
}

func empty(v jsontext.Value) bool {
	switch v.Kind() {
	case jsontext.Array, jsontext.Object:
		return v.Len() == 0
	case jsontext.String:
		return slices.Contains([]string{"", " ", "_x0020_", "0001-01-01", "0001-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000"}, v.Text())
	}
	return v.IsNone()
}
