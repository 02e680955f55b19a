package jsonschema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

const fuzzComponents = `{
	"Order":{"type":"object","required":["id","lines"],"additionalProperties":false,"properties":{
		"id":{"type":"string","format":"uuid"},"at":{"type":"string","format":"date-time"},"day":{"type":["string","null"],"format":"date"},
		"amount":{"$ref":"#/components/schemas/Money"},"lines":{"type":"array","minItems":1,"maxItems":4,"items":{"$ref":"#/components/schemas/Line"}}}},
	"Line":{"type":"object","required":["sku"],"properties":{"sku":{"type":"string","pattern":"^[A-Z]{2}[0-9]+$"},"n":{"type":"integer","minimum":1,"maximum":1e3}}},
	"Money":{"type":"object","required":["amount","currency"],"properties":{"amount":{"type":"integer","format":"int64"},"currency":{"enum":["QAR","USD"]}}},
	"Tree":{"type":"object","properties":{"v":{"type":"number","multipleOf":0.25},"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"},"uniqueItems":true}}},
	"Shape":{"oneOf":[
		{"type":"object","required":["kind"],"properties":{"kind":{"const":"a"},"next":{"$ref":"#/components/schemas/Shape"}}},
		{"type":"object","required":["kind","n"],"properties":{"kind":{"enum":["b","c"]},"n":{"type":"integer"}},"additionalProperties":false},
		{"type":"null"}]},
	"Loose":{"anyOf":[{"required":["a"]},{"type":"string","maxLength":3},{"type":"number","exclusiveMinimum":1.5,"exclusiveMaximum":10}],"not":{"const":"no"}}
}`

var fuzzSchemas = []string{
	`true`, `false`,
	`{"$ref":"#/components/schemas/Order"}`,
	`{"$ref":"#/components/schemas/Tree"}`,
	`{"$ref":"#/components/schemas/Shape"}`,
	`{"$ref":"#/components/schemas/Loose"}`,
	`{"type":["integer","null","array"],"multipleOf":3,"minimum":-9007199254740993,"enum":[3,6,null,[1,{"a":2}],-9007199254740993]}`,
	`{"propertyNames":{"maxLength":3,"pattern":"^[a-z]"},"patternProperties":{"^x":{"type":"string","minLength":2}},"dependentRequired":{"a":["b"]},"minProperties":1,"maxProperties":5}`,
	`{"if":{"required":["a"]},"then":{"properties":{"a":{"const":"é\u0001"}}},"else":{"minProperties":2},"dependentSchemas":{"z":false}}`,
	`{"items":{"contains":{"type":"integer"},"minContains":1,"maxContains":2},"prefixItems":[{"type":"string","format":"email"},{"format":"uri"},{"format":"ipv4"},{"format":"ipv6"},{"format":"byte"},{"format":"time"},{"format":"int32"}]}`,
}

// FuzzValidate holds the checker against the reference, and the scanner against encoding/json.
func FuzzValidate(f *testing.F) {
	schemas := make([]*Schema, len(fuzzSchemas))
	for i, s := range fuzzSchemas {
		schemas[i] = compileIn(f, s, fuzzComponents)
		require.True(f, schemas[i].Fast())
	}
	for i, text := range []string{
		`null`, `-0`, `1e400`, `1.50E+2`, `"\ud83d\ude00\ud800\u0000"`, `[]`, `{}`, `{"a":1,"\u0061":2}`, "\"\xff\"", `[1,2`, `{"a":}`, `01`, `"a" 1`,
		`{"id":"123e4567-e89b-12d3-a456-426614174000","at":"2026-04-11T12:00:00.000Z","day":null,"amount":{"amount":100,"currency":"QAR"},"lines":[{"sku":"AB1","n":2}]}`,
		`{"v":0.75,"kids":[{"v":1e0},{"kids":[]}]}`, `{"kind":"a","next":{"kind":"b","n":1.0}}`, `{"kind":"c","n":1,"z":2}`, `9.99`, `"no"`,
		`-9007199254740993.0`, `[1,{"a":2.0}]`, `{"xa":"ab","b":1,"a":2}`, `{"a":"é\u0001","z":1}`, `[{"a":["\ud83d"]}]`, `{"\u0000":0}`, `"\\u0000"`,
		`["a@b.c","https://a/b","10.0.0.1","::1","YQ==","12:00:00Z",2147483647]`, `[["a",1],[2]]`,
	} {
		f.Add(byte(i), []byte(text))
	}
	f.Fuzz(func(t *testing.T, which byte, text []byte) {
		s := schemas[int(which)%len(schemas)]
		err := CheckSyntax(text)
		if err != nil {
			require.Equal(t, err, s.Validate(text))
			if json.Valid(text) {
				problem := err.Error()
				stricter := false
				for _, allowed := range []string{"invalid UTF-8", "appears twice", "nested deeper than", "out of range", "cannot be stored"} {
					stricter = stricter || strings.Contains(problem, allowed)
				}
				require.True(t, stricter, "%q: %s", text, problem)
			}
			return
		}
		require.True(t, json.Valid(text), "%q", text)
		agree(t, s, text)
		if v, err := decode(text); err == nil {
			require.True(t, equalTokens(v, text))
		}
	})
}

// equalTokens: the tokens read as a value must be what encoding/json reads.
func equalTokens(v any, text []byte) bool {
	in := newInput()
	defer in.release()
	return in.read(text, jsontext.MaxDepth) == nil && newLiterals([]any{v}).has(in, &in.Tokens[0])
}
