package jsonschema

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeywords(t *testing.T) {
	const pet = `{"oneOf":[
		{"type":"object","required":["kind","legs"],"properties":{"kind":{"type":"string","const":"dog"},"legs":{"type":"integer"}}},
		{"type":"object","required":["kind"],"properties":{"kind":{"enum":["fish","eel"]}},"additionalProperties":false},
		{"type":"null"}]}`
	for _, tt := range []struct {
		name, schema, text string
		want               string // "" for valid
	}{
		{"true", `true`, `1`, ""},
		{"false", `false`, `1`, "is not allowed"},
		{"empty", `{}`, `[1,{"a":null}]`, ""},

		{"type", `{"type":"string"}`, `"a"`, ""},
		{"type wrong", `{"type":"string"}`, `7`, "got number, want string"},
		{"type null", `{"type":["string","null"]}`, `null`, ""},
		{"type list wrong", `{"type":["string","null"]}`, `true`, "got boolean, want null or string"},
		{"integer", `{"type":"integer"}`, `12`, ""},
		{"integer 1.0", `{"type":"integer"}`, `1.0`, ""},
		{"integer 1e2", `{"type":"integer"}`, `1e2`, ""},
		{"integer 1.5e1", `{"type":"integer"}`, `1.5e1`, ""},
		{"integer -0", `{"type":"integer"}`, `-0`, ""},
		{"integer -0.0e-5", `{"type":"integer"}`, `-0.0e-5`, ""},
		{"integer large", `{"type":"integer"}`, `123456789012345678901234567890.000`, ""},
		{"integer 1.5", `{"type":"integer"}`, `1.5`, "got number, want integer"},
		{"integer 1e-1", `{"type":"integer"}`, `1e-1`, "got number, want integer"},

		{"const", `{"const":"a"}`, `"\u0061"`, ""},
		{"const wrong", `{"const":"a"}`, `"b"`, "must be 'a'"},
		{"const number", `{"const":100}`, `1.0e2`, ""},
		{"const null", `{"const":null}`, `null`, ""},
		{"const null wrong", `{"const":null}`, `false`, "must be null"},
		{"const tree", `{"const":{"a":[1,{"b":null}],"c":true}}`, `{"c":true,"a":[1.0,{"b":null}]}`, ""},
		{"const tree wrong", `{"const":{"a":[1]}}`, `{"a":[2]}`, `must be {"a":[1]}`},
		{"enum", `{"enum":["procore","dynamics",1,true,null,[2]]}`, `[2]`, ""},
		{"enum false", `{"enum":[true]}`, `false`, "must be true"},
		{"enum wrong", `{"enum":["procore","dynamics"]}`, `"x"`, "must be one of 'procore', 'dynamics'"},
		{"enum wrong type", `{"enum":["procore",3]}`, `4`, "must be one of 'procore', 3"},

		{"properties", `{"properties":{"a":{"type":"string"}}}`, `{"a":"x","b":1}`, ""},
		{"properties other type", `{"properties":{"a":{"type":"string"}}}`, `[1]`, ""},
		{"properties wrong", `{"properties":{"a~/b":{"type":"string"}}}`, `{"a~/b":1}`, "/a~0~1b: got number, want string"},
		{"properties escaped name", `{"properties":{"ab":{"type":"string"}}}`, `{"\u0061b":1}`, "/ab: got number, want string"},
		{"properties all wrong", `{"properties":{"a":{"type":"string"},"b":{"type":"null"}}}`, `{"b":1,"a":1}`,
			"/b: got number, want null; /a: got number, want string"},
		{"required", `{"required":["id"]}`, `{"id":null}`, ""},
		{"required missing", `{"required":["id","name","x"]}`, `{"name":1}`, "/id: is required; /x: is required"},
		{"additionalProperties", `{"properties":{"a":true},"additionalProperties":false}`, `{"a":1}`, ""},
		{"additionalProperties false", `{"properties":{"amount":true},"additionalProperties":false}`, `{"amuont":1,"b":2}`,
			"/amuont: unknown property; /b: unknown property"},
		{"additionalProperties schema", `{"additionalProperties":{"type":"integer"}}`, `{"a":1,"b":"x"}`, "/b: got string, want integer"},
		{"patternProperties", `{"patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}`, `{"x-a":1}`, ""},
		{"patternProperties wrong", `{"patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}`, `{"x-a":"1","y":1}`,
			"/x-a: got string, want integer; /y: unknown property"},
		{"propertyNames", `{"propertyNames":{"pattern":"^[a-z]+$"}}`, `{"abc":1}`, ""},
		{"propertyNames wrong", `{"propertyNames":{"pattern":"^[a-z]+$"}}`, `{"a":1,"B":1}`, "/B: property name must match the pattern ^[a-z]+$"},
		{"minProperties", `{"minProperties":2}`, `{"a":1}`, "must have at least 2 properties"},
		{"maxProperties", `{"maxProperties":1}`, `{"a":1,"b":1}`, "must have at most 1 property"},
		{"dependentRequired", `{"dependentRequired":{"a":["b"]}}`, `{"b":1}`, ""},
		{"dependentRequired wrong", `{"dependentRequired":{"a":["b","c"]}}`, `{"a":1,"c":1}`, "/b: is required when 'a' is present"},
		{"dependentSchemas", `{"dependentSchemas":{"a":{"required":["b"]}}}`, `{"a":1,"b":1}`, ""},
		{"dependentSchemas wrong", `{"dependentSchemas":{"a":{"required":["b"]}}}`, `{"a":1}`, "/b: is required"},

		{"items", `{"items":{"type":"integer"}}`, `[1,2]`, ""},
		{"items wrong", `{"items":{"type":"integer"}}`, `[1,"2",true]`, "/1: got string, want integer; /2: got boolean, want integer"},
		{"prefixItems", `{"prefixItems":[{"type":"string"},true],"items":false}`, `["a",1]`, ""},
		{"prefixItems wrong", `{"prefixItems":[{"type":"string"}],"items":false}`, `[1,1]`, "/0: got number, want string; /1: is not allowed"},
		{"minItems", `{"minItems":1}`, `[]`, "must have at least 1 item"},
		{"maxItems", `{"maxItems":1}`, `[1,2]`, "must have at most 1 item"},
		{"uniqueItems", `{"uniqueItems":true}`, `[1,"1",[1],{"a":1},{"a":2},true,null]`, ""},
		{"uniqueItems wrong", `{"uniqueItems":true}`, `[0,{"a":1,"b":[2]},{"b":[2.0],"a":10e-1}]`, "items must be unique: 1 and 2 are equal"},
		{"contains", `{"contains":{"const":1}}`, `[0,1]`, ""},
		{"contains wrong", `{"contains":{"const":1}}`, `[0]`, "must have at least 1 matching item"},
		{"minContains 0", `{"contains":{"const":1},"minContains":0}`, `[0]`, ""},
		{"minContains", `{"contains":{"const":1},"minContains":2}`, `[1]`, "must have at least 2 matching items"},
		{"maxContains reached", `{"contains":{"const":1},"maxContains":1}`, `[1,0]`, ""},
		{"maxContains", `{"contains":{"const":1},"maxContains":1}`, `[1,1]`, "must have at most 1 matching item"},

		{"minLength", `{"minLength":2}`, `"é"`, "must have at least 2 characters"},
		{"maxLength", `{"maxLength":2}`, `"\ud83d\ude00é"`, ""},
		{"maxLength wrong", `{"maxLength":1}`, `"\ud83d\ude00é"`, "must have at most 1 character"},
		{"pattern", `{"pattern":"^[a-z]{3}$"}`, `"abc"`, ""},
		{"pattern wrong", `{"pattern":"^[a-z]{3}$"}`, `"abcd"`, "must match the pattern ^[a-z]{3}$"},

		{"minimum", `{"minimum":0.1}`, `0.10`, ""},
		{"minimum wrong", `{"minimum":0.1}`, `0.0999`, "must be at least 0.1"},
		{"minimum negative", `{"minimum":-10}`, `-9`, ""},
		{"minimum negative wrong", `{"minimum":-10}`, `-10.5`, "must be at least -10"},
		{"maximum", `{"maximum":9007199254740993}`, `9007199254740993`, ""},
		{"maximum wrong", `{"maximum":9007199254740993}`, `9007199254740993.0000000001`, "must be at most 9007199254740993"},
		{"exclusiveMinimum", `{"exclusiveMinimum":0}`, `-0.0`, "must be greater than 0"},
		{"exclusiveMaximum", `{"exclusiveMaximum":1e2}`, `100`, "must be less than 100"},
		{"multipleOf", `{"multipleOf":0.01}`, `12.34`, ""},
		{"multipleOf zero", `{"multipleOf":7}`, `0`, ""},
		{"multipleOf large", `{"multipleOf":3}`, `300000000000000000000000000000003`, ""},
		{"multipleOf wrong", `{"multipleOf":0.01}`, `12.345`, "must be a multiple of 0.01"},
		{"multipleOf negative", `{"multipleOf":5}`, `-10`, ""},

		{"allOf", `{"allOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, "/a: is required; /b: is required"},
		{"anyOf", `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `1`, ""},
		{"anyOf wrong type", `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `true`, "got boolean, want integer or string"},
		{"anyOf by type", `{"anyOf":[{"type":"string","minLength":3},{"type":"null"}]}`, `"a"`, "must have at least 3 characters"},
		{"anyOf none", `{"anyOf":[{"type":"string","minLength":3},{"const":"a"}]}`, `"b"`, "matches none of the allowed alternatives"},
		{"oneOf", `{"oneOf":[{"minimum":5},{"maximum":3}]}`, `6`, ""},
		{"oneOf two", `{"oneOf":[{"minimum":1},{"maximum":3}]}`, `2`, "matches more than one alternative, exactly one is allowed"},
		{"oneOf discriminated", pet, `{"kind":"dog","legs":4}`, ""},
		{"oneOf discriminated enum", pet, `{"kind":"eel"}`, ""},
		{"oneOf null", pet, `null`, ""},
		{"oneOf branch", pet, `{"kind":"dog","legs":"4"}`, "/legs: got string, want integer"},
		{"oneOf other branch", pet, `{"kind":"eel","legs":"4"}`, "/legs: unknown property"},
		{"oneOf unknown value", pet, `{"kind":"cat"}`, "/kind: must be one of 'dog', 'eel', 'fish'"},
		{"oneOf value of another type", pet, `{"kind":3}`, "/kind: must be one of 'dog', 'eel', 'fish'"},
		{"oneOf missing", pet, `{"legs":4}`, "/kind: is required"},
		{"oneOf wrong type", pet, `"dog"`, "got string, want null or object"},
		{"oneOf with a value twice", `{"oneOf":[
			{"type":"object","required":["k"],"properties":{"k":{"const":"a"},"n":{"type":"integer"}}},
			{"type":"object","required":["k","n"],"properties":{"k":{"const":"a"},"n":{"type":"string"}}}]}`, `{"k":"a","n":1}`, ""},
		{"anyOf with a value twice", `{"anyOf":[
			{"type":"object","required":["k"],"properties":{"k":{"const":"a"},"n":{"type":"integer"}}},
			{"type":"object","required":["k"],"properties":{"k":{"enum":["b","a"]},"n":{"type":"string"}}}]}`, `{"k":"a","n":true}`, "matches none of the allowed alternatives"},
		{"not", `{"not":{"required":["a"]}}`, `{}`, ""},
		{"not wrong", `{"not":{"required":["a"]}}`, `{"a":1}`, "matches what the schema excludes"},
		{"if then", `{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, `{"a":1}`, "/b: is required"},
		{"if else", `{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, `{"a":2}`, "/c: is required"},
		{"if alone", `{"if":{"const":1}}`, `2`, ""},
		{"$ref", `{"$ref":"#/components/schemas/Tree"}`, `{"v":1,"kids":[{"v":2,"kids":[]}]}`, ""},
		{"$ref recursion", `{"$ref":"#/components/schemas/Tree"}`, `{"v":1,"kids":[{"v":2,"kids":[{"v":"3"}]}]}`, "/kids/0/kids/0/v: got string, want integer"},
		{"$ref siblings", `{"$ref":"#/components/schemas/Tree","required":["kids"]}`, `{"v":1}`, "/kids: is required"},
		{"annotations", `{"title":"a","description":"b","default":1,"example":1,"examples":[1],"deprecated":true,"readOnly":true,"writeOnly":true,
			"discriminator":{"propertyName":"x"},"xml":{},"externalDocs":{"url":"u"},"x-go-type":"y","$comment":"z","type":"integer"}`, `"a"`, "got string, want integer"},

		{"date-time", `{"format":"date-time"}`, `"2026-04-11T12:00:00.000Z"`, ""},
		{"date-time wrong", `{"format":"date-time"}`, `"2026-04-11 12:00:00Z"`, "must be a date-time (RFC 3339), such as 2026-04-11T12:00:00Z"},
		{"date-time number", `{"format":"date-time"}`, `5`, ""},
		{"date wrong", `{"format":"date"}`, `"2026-02-30"`, "must be a date, such as 2026-04-11"},
		{"time wrong", `{"format":"time"}`, `"12:00:00"`, "must be a time with offset (RFC 3339), such as 12:00:00Z"},
		{"uuid wrong", `{"format":"uuid"}`, `"x"`, "must be a UUID"},
		{"email wrong", `{"format":"email"}`, `"a@"`, "must be an email address"},
		{"uri wrong", `{"format":"uri"}`, `"/a"`, "must be an absolute URI"},
		{"ipv4 wrong", `{"format":"ipv4"}`, `"1.2.3.04"`, "must be an IPv4 address"},
		{"ipv6 wrong", `{"format":"ipv6"}`, `"1.2.3.4"`, "must be an IPv6 address"},
		{"byte wrong", `{"format":"byte"}`, `"a"`, "must be base64"},
		{"int32", `{"format":"int32"}`, `-2147483648`, ""},
		{"int32 wrong", `{"format":"int32"}`, `2147483648`, "must be a 32-bit integer"},
		{"int64 wrong", `{"format":"int64"}`, `9223372036854775807.5`, "must be a 64-bit integer"},
		{"unknown format", `{"format":"decimal"}`, `"x"`, ""},
		{"format of the reference alone", `{"format":"hostname"}`, `"-"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const tree = `{"Tree":{"type":"object","required":["v"],"properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}}`
			s := compileIn(t, tt.schema, tree)
			require.True(t, s.Fast())
			agree(t, s, []byte(tt.text))
			err := s.Validate([]byte(tt.text))
			if tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.want)
			}
		})
	}
}

// Keywords that only the reference knows: the same interface, the same style of messages.
func TestKeywordsOfTheReference(t *testing.T) {
	for _, tt := range []struct{ name, schema, text, want string }{
		{"unevaluatedProperties", `{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}`, `{"a":1}`, ""},
		{"unevaluatedProperties wrong", `{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}`, `{"a":1,"b":2}`, "/b: unknown property"},
		{"unevaluatedItems", `{"prefixItems":[true],"unevaluatedItems":false}`, `[1,2]`, "/1: is not allowed"},
		{"with others", `{"type":"object","required":["a","b"],"additionalProperties":{"type":"string","maxLength":1},"unevaluatedItems":true}`,
			`{"c":"xx","d":1}`, "/a: is required; /b: is required; /c: must have at most 1 character; /d: got number, want string"},
		{"union", `{"unevaluatedItems":true,"oneOf":[{"properties":{"k":{"const":"a"},"n":{"type":"integer"}}},{"properties":{"k":{"const":"b"}}}]}`,
			`{"k":"a","n":"x"}`, "/n: got string, want integer"},
		{"format regex", `{"format":"regex"}`, `"("`, "must be a regex"},
		{"dependencies", `{"dependencies":{"a":["b"]}}`, `{"a":1}`, "/b: is required when 'a' is present"},
		{"anchor", `{"$ref":"#money","$defs":{"m":{"$anchor":"money","type":"integer"}}}`, `"1"`, "got string, want integer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := compile(t, tt.schema)
			assert.False(t, s.Fast())
			err := s.Validate([]byte(tt.text))
			if tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.want)
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"unknown type", `{"type":"text"}`, "/it"},
		{"bad pattern", `{"pattern":"(?=a)"}`, "/it"},
		{"dangling $ref", `{"properties":{"a":{"$ref":"#/nowhere"}}}`, "nowhere"},
		{"foreign $ref", `{"$ref":"other.json#/x"}`, "other.json"},
		{"file $ref", `{"$ref":"file:///etc/hostname"}`, "outside the document"},
		{"endless", `{"allOf":[{"$ref":"#/it"}]}`, "without end"},
		{"endless in two steps", `{"$ref":"#/components/schemas/A"}`, "without end"},
		{"not a schema", `{"properties":{"a":3}}`, "/it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewCompiler([]byte(`{"components":{"schemas":{"A":{"anyOf":[{"$ref":"#/it"}]}}},"it":` + tt.schema + `}`))
			require.NoError(t, err)
			_, err = c.Compile("/it")
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "/it")
		})
	}
	c, err := NewCompiler([]byte(`{"paths":{"/a/{id}":{"x y":{"type":"null"}}}}`))
	require.NoError(t, err)
	_, err = c.Compile("/paths/~1nowhere")
	require.ErrorContains(t, err, "/paths/~1nowhere")
	s, err := c.Compile("/paths/~1a~1{id}/x y")
	require.NoError(t, err)
	require.Error(t, s.Validate([]byte(`1`)))
	_, err = NewCompiler([]byte(`{`))
	require.Error(t, err)
}
