package jsonschema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

// The law: on every schema of the keywords that the checker knows, and on every value, checker and reference give the same
// verdict. And where no alternatives are involved they name the same violations.
func TestCheckerAgreesWithReference(t *testing.T) {
	drawn := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, alternatives: rapid.Bool().Draw(t, "alternatives")}
		components := map[string]any{}
		for _, name := range componentNames {
			components[name] = g.schema(2)
		}
		root := g.schema(3)
		document := map[string]any{"components": map[string]any{"schemas": components}, "it": root}
		text, err := json.Marshal(document)
		require.NoError(t, err)
		c, err := NewCompiler(text)
		require.NoError(t, err)
		s, err := c.Compile("/it")
		if err != nil && strings.Contains(err.Error(), "without end") {
			t.Skip("endless schema")
		}
		require.NoError(t, err, "%s", text)
		require.True(t, s.Fast(), "%s", text)
		for range 8 {
			g.fitting = rapid.IntRange(0, 9).Draw(t, "fitting") > 0
			value := g.render(g.value(document, root, 6))
			in := newInput()
			require.NoError(t, in.read([]byte(value), jsontext.MaxDepth), value)
			decoded, err := decode([]byte(value))
			require.NoError(t, err)
			refError := s.reference.Validate(decoded)
			drawn[refError == nil]++
			require.Equal(t, refError == nil, checkTwice(t, in, s, []byte(value)), "schema %s\nvalue %s\n%v", text, value, refError)
			err = s.Validate([]byte(value))
			require.Equal(t, refError == nil, err == nil, "Validate: schema %s\nvalue %s", text, value)
			if list, _ := err.(Violations); refError != nil && !g.alternatives && len(list) <= maxViolations {
				require.Equal(t, violationSet(fromReference(refError)), violationSet(err), "schema %s\nvalue %s", text, value)
			}
			in.release()
		}
	})
	require.Zero(t, Disagreements())
	t.Logf("%d values satisfied their schema, %d did not", drawn[true], drawn[false])
}

func violationSet(err error) []string {
	var set []string
	for _, v := range err.(Violations) {
		if strings.HasPrefix(v.Message, textNamePrefix) {
			continue // v6.0.3 keeps the place in a slice that it goes on writing to: it may name another object
		}
		set = append(set, v.Pointer+": "+v.Message)
	}
	slices.Sort(set)
	return slices.Compact(set)
}

var (
	componentNames = []string{"A", "B"}
	memberNames    = []string{"a", "b", "kind", "x-é", "~/"}
	texts          = []string{"", "a", "b", "ab", "abc", "é", "😀b", "2026-04-11", "2026-04-11T12:00:00Z", "10.0.0.1", "\x01\"\\/"}
	numbers        = []string{"0", "-0", "1", "1.0", "2", "3", "-1", "1.5", "0.1", "0.30", "1e2", "100", "1E-2", "2147483648",
		"9007199254740993", "9007199254740992.5", "123456789012345678901234567890", "-1e30", "0.000", "5e0"}
	patterns = []string{"^a", "b$", "^[a-z]*$", ".", "^x-"}
)

// generator draws schemas and values. A number is a json.Number, as the package itself has it.
type generator struct {
	t            *rapid.T
	alternatives bool // anyOf, oneOf, not, if, contains: with them the two may tell the same refusal in different ways
	fitting      bool // values mostly follow the schema
}

func (g *generator) n(max int) int             { return rapid.IntRange(0, max).Draw(g.t, "n") }
func (g *generator) chance(percent int) bool   { return g.n(99) < percent }
func pick[T any](g *generator, from []T) T     { return from[g.n(len(from)-1)] }
func (g *generator) number() any               { return json.Number(pick(g, numbers)) }
func (g *generator) count(max int) json.Number { return json.Number(fmt.Sprint(g.n(max))) }

func (g *generator) schema(depth int) any {
	switch g.n(19) {
	case 0:
		return true
	case 1:
		return g.chance(30)
	case 2:
		return map[string]any{}
	}
	s := map[string]any{}
	kinds := []string{"object", "array", "string", "number", "integer", "null", "boolean"}
	k := pick(g, kinds)
	if depth == 0 && g.chance(80) {
		k = pick(g, kinds[2:])
	}
	if g.chance(80) {
		s["type"] = k
		if g.chance(25) {
			list := []any{k}
			if other := pick(g, kinds); other != k {
				list = append(list, other)
			}
			s["type"] = list
		}
	}
	for range 1 + g.n(3) {
		g.keyword(s, k, depth)
	}
	for g.chance(20) {
		g.keyword(s, pick(g, kinds), depth)
	}
	if depth > 0 && g.chance(30) {
		g.combine(s, depth-1)
	}
	if g.chance(8) {
		s["const"] = g.any(1)
	}
	if g.chance(8) {
		s["enum"] = []any{g.any(1), g.any(1), g.any(0)}
	}
	return s
}

func (g *generator) sub(depth int) any {
	if depth <= 0 || g.chance(15) {
		return map[string]any{"$ref": "#/components/schemas/" + pick(g, componentNames)}
	}
	return g.schema(depth - 1)
}

func (g *generator) subs(depth int) []any {
	list := []any{g.sub(depth)}
	for len(list) < 3 && g.chance(50) {
		list = append(list, g.sub(depth))
	}
	return list
}

func (g *generator) subMap(names []string, depth int) map[string]any {
	m := map[string]any{}
	for range 1 + g.n(2) {
		m[pick(g, names)] = g.sub(depth)
	}
	return m
}

func (g *generator) someNames() []any {
	var list []any
	for _, name := range memberNames {
		if g.chance(25) {
			list = append(list, name)
		}
	}
	if list == nil {
		return []any{}
	}
	return list
}

func (g *generator) keyword(s map[string]any, k string, depth int) {
	switch k {
	case "object":
		switch g.n(10) {
		case 0, 1, 2, 3:
			s["properties"] = g.subMap(memberNames, depth)
		case 4:
			s["required"] = g.someNames()
		case 5:
			s["additionalProperties"] = g.sub(depth)
			if g.chance(50) {
				s["additionalProperties"] = g.chance(20)
			}
		case 6:
			s["patternProperties"] = g.subMap(patterns, depth)
		case 7:
			s["propertyNames"] = g.sub(0)
			if g.chance(80) {
				s["propertyNames"] = map[string]any{"pattern": pick(g, patterns)}
			}
		case 8:
			s["minProperties"] = g.count(2)
		case 9:
			s["maxProperties"] = g.count(4)
		case 10:
			s["dependentRequired"] = map[string]any{pick(g, memberNames): g.someNames()}
			if g.chance(30) {
				s["dependentSchemas"] = map[string]any{pick(g, memberNames): g.sub(depth)}
			}
		}
	case "array":
		switch g.n(6) {
		case 0, 1:
			s["items"] = g.sub(depth)
		case 2:
			s["prefixItems"] = g.subs(depth)
		case 3:
			s["minItems"] = g.count(2)
		case 4:
			s["maxItems"] = g.count(4)
		case 5:
			s["uniqueItems"] = g.chance(80)
		case 6:
			if g.alternatives {
				s["contains"] = g.sub(depth)
				if g.chance(40) {
					s["minContains"] = g.count(2)
				}
				if g.chance(40) {
					s["maxContains"] = g.count(2)
				}
			}
		}
	case "string":
		switch g.n(3) {
		case 0:
			s["minLength"] = g.count(2)
		case 1:
			s["maxLength"] = g.count(4)
		case 2:
			s["pattern"] = pick(g, patterns)
		case 3:
			s["format"] = pick(g, append([]format{{name: "hostname"}, {name: "money"}}, formats...)).name
		}
	case "number", "integer":
		switch g.n(5) {
		case 0:
			s["minimum"] = g.number()
		case 1:
			s["maximum"] = g.number()
		case 2:
			s["exclusiveMinimum"] = g.number()
		case 3:
			s["exclusiveMaximum"] = g.number()
		case 4:
			s["multipleOf"] = json.Number(pick(g, []string{"1", "0.1", "3", "0.05", "1e2", "1e-20", "12345678901234567890"}))
		case 5:
			s["format"] = pick(g, []string{"int32", "int64", "float"})
		}
	}
}

func (g *generator) combine(s map[string]any, depth int) {
	if !g.alternatives {
		if g.chance(50) {
			s["allOf"] = g.subs(depth)
		} else {
			s["$ref"] = "#/components/schemas/" + pick(g, componentNames)
		}
		return
	}
	switch g.n(6) {
	case 0:
		s["allOf"] = g.subs(depth)
	case 1:
		s["anyOf"] = g.subs(depth)
	case 2:
		s["oneOf"] = g.subs(depth)
	case 3:
		s["not"] = g.sub(depth)
	case 4:
		s["if"] = g.sub(depth)
		if g.chance(70) {
			s["then"] = g.sub(depth)
		}
		if g.chance(70) {
			s["else"] = g.sub(depth)
		}
	case 5:
		s["$ref"] = "#/components/schemas/" + pick(g, componentNames)
	case 6: // branches told apart by a member, or nearly so
		var branches []any
		for _, value := range []string{"a", "b", pick(g, texts)} {
			branch := map[string]any{"type": "object", "required": []any{"kind"}, "properties": map[string]any{
				"kind": map[string]any{"const": value}, "b": g.sub(depth)}}
			switch g.n(9) {
			case 0:
				delete(branch, "type")
			case 1:
				delete(branch, "required")
			case 2:
				branch["properties"].(map[string]any)["kind"] = map[string]any{"enum": []any{value, "z"}}
			case 3:
				branch = map[string]any{"type": "null"}
			case 4:
				branch = map[string]any{"allOf": []any{branch, g.sub(depth)}}
			}
			branches = append(branches, branch)
		}
		s[pick(g, []string{"oneOf", "oneOf", "anyOf"})] = branches
	}
}

func (g *generator) any(depth int) any {
	switch k := g.n(6); {
	case k == 0:
		return nil
	case k == 1:
		return g.chance(50)
	case k == 2:
		return g.number()
	case k == 3 || depth <= 0:
		return pick(g, texts)
	case k < 5:
		var list = []any{}
		for g.chance(60) {
			list = append(list, g.any(depth-1))
		}
		return list
	}
	m := map[string]any{}
	for g.chance(70) {
		m[pick(g, memberNames)] = g.any(depth - 1)
	}
	return m
}

// clone keeps a value that is drawn from a schema apart from the schema.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = clone(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for name := range v {
			m[name] = clone(v[name])
		}
		return m
	}
	return v
}

// value draws a value that the schema is likely to take, or nearly.
func (g *generator) value(document, schema any, depth int) any {
	s, ok := schema.(map[string]any)
	if !ok || depth <= 0 || !g.fitting || g.chance(4) {
		return g.any(min(depth, 2))
	}
	if c, ok := s["const"]; ok && g.chance(80) {
		return clone(c)
	}
	if e, ok := s["enum"].([]any); ok && g.chance(80) {
		return clone(pick(g, e))
	}
	var parts []any
	if ref, ok := s["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		parts = append(parts, document.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any)[name])
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		if list, ok := s[keyword].([]any); ok {
			parts = append(parts, pick(g, list))
		}
	}
	for _, keyword := range []string{"then", "else", "if"} {
		if part, ok := s[keyword]; ok {
			parts = append(parts, part)
		}
	}
	var v any
	if len(parts) > 0 && (s["type"] == nil || g.chance(60)) {
		v = g.value(document, pick(g, parts), depth-1)
	} else {
		v = g.ofType(s["type"], depth)
	}
	switch v := v.(type) {
	case map[string]any:
		if properties, ok := s["properties"].(map[string]any); ok {
			for name, sub := range properties {
				if g.chance(80) {
					v[name] = g.value(document, sub, depth-1)
				}
			}
		}
		if required, ok := s["required"].([]any); ok {
			for _, name := range required {
				if _, ok := v[name.(string)]; !ok && g.chance(90) {
					v[name.(string)] = g.any(1)
				}
			}
		}
		if s["additionalProperties"] == false && g.chance(80) {
			properties, _ := s["properties"].(map[string]any)
			for name := range v {
				if _, ok := properties[name]; !ok {
					delete(v, name)
				}
			}
		}
	case []any:
		prefix, _ := s["prefixItems"].([]any)
		for i := range v {
			if i < len(prefix) {
				v[i] = g.value(document, prefix[i], depth-1)
			} else if items, ok := s["items"]; ok {
				v[i] = g.value(document, items, depth-1)
			}
		}
	}
	return v
}

func (g *generator) ofType(t any, depth int) any {
	if list, ok := t.([]any); ok {
		t = pick(g, list)
	}
	switch t {
	case "object":
		m := map[string]any{}
		for g.chance(40) {
			m[pick(g, memberNames)] = g.any(1)
		}
		return m
	case "array":
		list := []any{}
		for g.chance(60) {
			list = append(list, g.any(1))
		}
		return list
	case "string":
		return pick(g, texts)
	case "number", "integer":
		return g.number()
	case "null":
		return nil
	case "boolean":
		return g.chance(50)
	}
	return g.any(min(depth, 2))
}

// render writes a value with space, order and escapes of its own.
func (g *generator) render(v any) string {
	space := pick(g, []string{"", "", " ", "\n\t"})
	switch v := v.(type) {
	case string:
		if g.chance(15) {
			var b strings.Builder
			for _, r := range v {
				if r >= 0x10000 {
					fmt.Fprintf(&b, `\u%04X\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
				} else {
					fmt.Fprintf(&b, `\u%04x`, r)
				}
			}
			return `"` + b.String() + `"`
		}
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = g.render(v[i])
		}
		return "[" + space + strings.Join(parts, ","+space) + space + "]"
	case map[string]any:
		var parts []string
		for _, name := range rapid.Permutation(sorted(v)).Draw(g.t, "order") {
			parts = append(parts, space+g.render(name)+space+":"+g.render(v[name]))
		}
		return "{" + strings.Join(parts, ",") + space + "}"
	}
	text, err := json.Marshal(v)
	if err != nil {
		g.t.Fatal(err)
	}
	return space + string(text)
}
