package jsonschema

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

// Whatever is wrong with a value, the value is not in the message.
func TestMessagesNeverEchoTheValue(t *testing.T) {
	const text, number = "sk_live_5ecret", "8675309.125"
	for _, schema := range []string{
		`false`, `{"type":"null"}`, `{"type":"integer"}`, `{"const":"a"}`, `{"const":1}`, `{"enum":["a",2,[1]]}`,
		`{"minLength":50}`, `{"maxLength":1}`, `{"pattern":"^x$"}`, `{"minimum":1e30}`, `{"maximum":1}`, `{"exclusiveMinimum":1e30}`,
		`{"exclusiveMaximum":1}`, `{"multipleOf":7}`, `{"not":{}}`, `{"allOf":[{"const":1},{"enum":[2]}]}`, `{"anyOf":[{"const":1},{"type":"null"}]}`,
		`{"oneOf":[true,true]}`, `{"oneOf":[false,{"type":"null"}]}`, `{"items":false}`, `{"minItems":9}`, `{"maxItems":0}`,
		`{"contains":{"const":1}}`, `{"contains":true,"maxContains":0}`, `{"uniqueItems":true}`, `{"prefixItems":[false]}`,
		`{"properties":{"key":false}}`, `{"required":["zz"]}`, `{"additionalProperties":false}`, `{"propertyNames":{"maxLength":1}}`,
		`{"patternProperties":{"k":false}}`, `{"minProperties":9}`, `{"maxProperties":0}`, `{"dependentRequired":{"key":["zz"]}}`,
		`{"dependentSchemas":{"key":false}}`, `{"if":true,"then":false}`, `{"if":false,"else":{"const":1}}`,
		`{"oneOf":[{"type":"object","required":["key"],"properties":{"key":{"const":"a"}}},{"type":"object","required":["key"],"properties":{"key":{"const":"b"}}}]}`,
		`{"properties":{"key":{"format":"FORMAT"}}}`,
	} {
		all := []string{schema}
		if strings.Contains(schema, "FORMAT") {
			all = nil
			for _, f := range formats {
				all = append(all, strings.Replace(schema, "FORMAT", f.name, 1))
			}
		}
		for _, schema := range all {
			slow := `{"unevaluatedProperties":true,"allOf":[` + schema + `]}`
			for _, s := range []*Schema{compile(t, schema), compile(t, slow)} {
				refused := 0
				for _, value := range []string{
					`"` + text + `"`, number, `["` + text + `","` + text + `",` + number + `]`,
					`{"key":"` + text + `"}`, `{"key":` + number + `}`, `{"key":["` + text + `"]}`,
				} {
					if err := s.Validate([]byte(value)); err != nil {
						refused++
						assert.NotContains(t, err.Error(), text, schema)
						assert.NotContains(t, err.Error(), "8675309", schema)
					}
				}
				assert.NotZero(t, refused, "%s refuses nothing", schema)
			}
		}
	}
	for _, bad := range []string{`"` + text, text, `{"a":"` + text + `",}`, `["` + text + `" 1]`, `{"` + text + `":1,"` + text + `":2}`, "\"" + text + "\xff\"", number + "e"} {
		err := CheckSyntax([]byte(bad))
		require.Error(t, err, bad)
		assert.NotContains(t, err.Error(), text)
		assert.NotContains(t, err.Error(), "8675309")
	}
}

func TestSyntaxErrors(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	many := func(last string) string {
		var b strings.Builder
		for i := range 500 {
			fmt.Fprintf(&b, `"n%d":%d,`, i, i)
		}
		return "{" + b.String() + `"` + last + `":0}`
	}
	for _, tt := range []struct{ text, want string }{
		{``, "line 1, column 1: unexpected end, want a value"},
		{` `, "line 1, column 2: unexpected end, want a value"},
		{`nul`, "want a value"},
		{`truE`, "want a value"},
		{`01`, "unexpected data behind the value"},
		{`-`, "invalid number"}, {`1.`, "invalid number"}, {`1e`, "invalid number"}, {`.5`, "want a value"}, {`+1`, "want a value"},
		{`1e401`, "number out of range"}, {`1e-99999999999999999999`, "number out of range"}, {strings.Repeat("9", 1001), "number out of range"},
		{`[1,]`, "line 1, column 4: want a value"}, {`[1 2]`, "want ',' or ']'"}, {`{"a" 1}`, "want ':'"}, {`{"a":1 "b"}`, "want ',' or '}'"},
		{`{a:1}`, "want a member name"}, {`{"a":1,}`, "want a member name"},
		{"{\n  \"a\": x\n}", "line 2, column 8: want a value"},
		{`"a`, "unexpected end inside a string"}, {`"\x"`, "invalid escape"}, {`"\u12g4"`, "invalid escape"}, {`"\`, "invalid escape"},
		{"\"a\nb\"", "control character"}, {"\"\xc3(\"", "invalid UTF-8"}, {"\"\xed\xa0\x80\"", "invalid UTF-8"}, {"\ufeff1", "want a value"},
		{`1 2`, "unexpected data behind the value"},
		{`{"a":1,"b":{"a":1,"a":2}}`, "line 1, column 19: member name appears twice in one object"},
		{`{"a":1,"\u0061":2}`, "appears twice"}, {many("n77"), "appears twice"}, {many(`\u006e77`), "appears twice"},
		{deep(513), "nested deeper than 512 levels"}, {strings.Repeat("[", 1<<20), "nested deeper than 512 levels"},
		{`[1,2]`, ""}, {deep(512), ""}, {`1e400`, ""}, {`{"":1,"a":{"a":1}}`, ""}, {many("m"), ""}, {" \t\r\n1\n", ""},
		{`{"aXb":1,"aYb":2,"abX":3,"baX":3}`, ""},
	} {
		err := CheckSyntax([]byte(tt.text))
		name := tt.text[:min(len(tt.text), 40)]
		if tt.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorContains(t, err, tt.want, name)
		}
	}
}

// The scanner reads strings eight bytes at a time: every byte at every place must still be seen.
func TestEveryByteOfAString(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := []byte(`"` + strings.Repeat("x", 20) + `"`)
			text[1+at] = byte(c)
			want := json.Valid(text) && utf8.Valid(text)
			require.Equal(t, want, CheckSyntax(text) == nil, "%q", text)
		}
	}
}

// What is well-formed and cannot be stored is refused where it stands.
func TestTextThatCannotBeStored(t *testing.T) {
	const nul, half = "holds U+0000, which cannot be stored", "holds half of a surrogate pair, which cannot be stored"
	s := compile(t, `true`)
	for text, want := range map[string]string{
		`"\u0000"`: nul, `"x\u0000y"`: nul, `"\ud800"`: half, `"\uDC00\uD800"`: half, `"\ud800\ud800\udc00"`: half, `"\ud83dx"`: half, `"\ud83d\n"`: half,
		`{"data":{"a":[1,{"b":2}],"notes":"\u0000"}}`:  "/data/notes: " + nul,
		`{"data":[{"a":1},[],["x",{"b~/":"\udfff"}]]}`: "/data/2/1/b~0~1: " + half,
		`{"data":{"a":{},"\u0000":1}}`:                 "/data: property name " + nul,
		`{"\ud83d":1}`:                                 "property name " + half,
		`[[],"\ud83d"]`:                                "/1: " + half,
		`{"\u0061":{"b":["\u0000"]}}`:                  "/a/b/0: " + nul,
	} {
		assert.EqualError(t, CheckSyntax([]byte(text)), want, text)
		assert.IsType(t, Violations{}, s.Validate([]byte(text)), text)
	}
	for _, text := range []string{`"\\u0000"`, `"\\\\ud800"`, `"\ud83d\ude00"`, `"\uD83D\uDE00"`, `"\u0001\ufffd\ue000\ud7ff"`, `{"\\u0000":"\"\\ud800"}`} {
		assert.NoError(t, CheckSyntax([]byte(text)), text)
	}
}

func TestViolationsAreCapped(t *testing.T) {
	text := []byte("[" + strings.Repeat("0,", 99) + "0]")
	for _, schema := range []string{`{"items":{"type":"string"}}`, `{"items":{"type":"string"},"unevaluatedItems":true}`} {
		err := compile(t, schema).Validate(text).(Violations)
		require.Len(t, err, maxViolations+1)
		assert.Equal(t, Violation{Message: "and 50 more"}, err[maxViolations])
	}
}

// Neither the work nor the list grows with the text, and no number is given that was not counted.
func TestViolationsOfAHundredThousandMembers(t *testing.T) {
	s := compile(t, `{"type":"object","additionalProperties":false}`)
	object := func(members int, name string) []byte {
		text := []byte("{")
		for i := range members {
			text = fmt.Appendf(text, `"%s%d":0,`, name, i)
		}
		return append(text[:len(text)-1], '}')
	}
	for last, text := range map[string][]byte{
		"and 950 more": object(1000, "m"), "and 999 more": object(1049, "m"), "and more": object(100_000, "m"),
	} {
		err := s.Validate(text).(Violations)
		require.Len(t, err, maxViolations+1)
		assert.Equal(t, Violation{Message: last}, err[maxViolations])
		var most int64
		for range 3 { // the pools are warm then
			most = int64(testing.AllocsPerRun(1, func() { _ = s.Validate(text) }))
		}
		assert.Less(t, most, int64(8*(maxViolations+maxCounted)), "allocations")
	}
	long := s.Validate(object(100, strings.Repeat("n", 100))).(Violations)
	assert.Equal(t, Violations{{"/" + strings.Repeat("n", jsontext.MaxName-1) + "…", textUnknown}}, long, "they look the same, and are said once")
}

// A megabyte made to cost as much as it can must cost little: every way to build one that came to mind.
func TestHostileTextsStayCheap(t *testing.T) {
	const size = 1 << 20
	fill := func(before, item, after string) []byte {
		return []byte(before + strings.TrimSuffix(strings.Repeat(item+",", size/(len(item)+1)), ",") + after)
	}
	var names strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, `"%s%d":0,`, strings.Repeat(`\u0061`, 3), i)
	}
	nested := func(n int, open, inner, end string) []byte {
		return []byte(strings.Repeat(open, n) + inner + strings.Repeat(end, n))
	}
	const double = `{"anyOf":[{"properties":{"a":{"$ref":"#/it"}},"required":["a","b"]},{"properties":{"a":{"$ref":"#/it"}},"required":["a"]},{"const":0}]}`
	const exactlyOne = `{"oneOf":[{"type":"array","items":{"$ref":"#/it"}},{"type":"array","prefixItems":[{"$ref":"#/it"}]},{"const":0}]}`
	nine := `{"items":{"anyOf":[` + strings.TrimSuffix(strings.Repeat(`{"required":["a","b","c","d"],"properties":{"e":{"type":"string"}}},`, 9), ",") + `]}}`
	for _, inner := range []string{"0", "1"} { // as deep as the reference can follow
		agree(t, compile(t, double), nested(6, `{"a":`, inner, `}`))
		agree(t, compile(t, exactlyOne), nested(6, `[`, inner, `]`))
	}
	for _, tt := range []struct {
		name, schema string
		text         []byte
	}{
		{"wrong items", `{"items":{"type":"string"}}`, fill("[", "0", "]")},
		{"wrong items of nine kinds", nine, fill("[", "{}", "]")},
		{"unknown members", `{"additionalProperties":false}`, []byte("{" + strings.TrimSuffix(names.String(), ",") + "}")},
		{"names", `{"propertyNames":{"pattern":"^(b+)*$"}}`, []byte("{" + strings.TrimSuffix(names.String(), ",") + "}")},
		{"exponents", `{"items":{"multipleOf":0.7,"minimum":1e300}}`, fill("[", "1e400", "]")},
		{"long numbers", `{"items":{"multipleOf":7,"format":"int64","enum":[1,2]}}`, fill("[", strings.Repeat("7", 1000), "]")},
		{"unique", `{"uniqueItems":true}`, fill("[", `{"a":[1]}`, "]")},
		{"alternatives double", double, nested(500, `{"a":`, `1`, `}`)},
		{"alternatives double, valid", double, nested(500, `{"a":`, `0`, `}`)},
		{"exactly one", exactlyOne, nested(500, `[`, `1`, `]`)},
		{"long pointer", `{"type":["object","null"],"additionalProperties":{"$ref":"#/it"}}`,
			nested(500, `{"`+strings.Repeat("n", 2000)+`":`, `1`, `}`)},
		{"escapes", `{"pattern":"^(a|aa)+$","maxLength":5,"format":"uri"}`, []byte(`"` + strings.Repeat(`\u0061`, size/6) + `"`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := compile(t, tt.schema)
			require.True(t, s.Fast())
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			err := s.Validate(tt.text)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MiB", took.Round(time.Millisecond), allocated)
			assert.Less(t, took, 5*time.Second)
			assert.Less(t, allocated, uint64(300))
			if err != nil {
				assert.Less(t, len(err.Error()), 100_000)
			}
		})
	}
	require.Zero(t, Disagreements())
}

func TestConcurrentUse(t *testing.T) {
	s := compileIn(t, `{"$ref":"#/components/schemas/Order"}`, fuzzComponents)
	good := []byte(`{"id":"123e4567-e89b-12d3-a456-426614174000","lines":[{"sku":"\u0041B1","n":2}]}`)
	bad := []byte(`{"id":"123e4567","lines":[{"sku":"AB1","n":2000}]}`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				assert.NoError(t, s.Validate(good))
				assert.EqualError(t, s.Validate(bad), "/id: must be a UUID; /lines/0/n: must be at most 1000")
				assert.Error(t, s.Validate(bad[:20]))
			}
		})
	}
	wg.Wait()
}
