package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"structural.app/structural/jsonschema"
	"structural.app/structural/jsontext"
)

func TestEscape(t *testing.T) {
	for _, test := range []struct {
		text    string
		length  int
		problem string
	}{
		{`\n`, 2, ""}, {`\"`, 2, ""}, {`\\u0000`, 2, ""}, {`\u0041`, 6, ""}, {`\uFFFD`, 6, ""}, {`\ud83d\ude00`, 12, ""}, {`\uD83D\uDE00x`, 12, ""},
		{``, 0, ""}, {`\`, 0, ""}, {`\x`, 0, ""}, {`\u00`, 0, ""}, {`\u00g0`, 0, ""}, {`\U0041`, 0, ""},
		{`\u0000`, 0, jsontext.HoldsNUL},
		{`\ud83d`, 0, jsontext.HoldsHalfSurrogate}, {`\ude00`, 0, jsontext.HoldsHalfSurrogate}, {`\ud83d\u0041`, 0, jsontext.HoldsHalfSurrogate},
		{`\ude00\ud83d`, 0, jsontext.HoldsHalfSurrogate}, {`\ud83d\\de00`, 0, jsontext.HoldsHalfSurrogate}, {`\ud83d ude00`, 0, jsontext.HoldsHalfSurrogate},
	} {
		length, problem := jsontext.Escape(test.text)
		assert.Equal(t, test.length, length, test.text)
		assert.Equal(t, test.problem, problem, test.text)
		length, problem = jsontext.Escape([]byte(test.text))
		assert.Equal(t, test.length, length, test.text)
		assert.Equal(t, test.problem, problem, test.text)
	}
}

// The program's readers let the same texts in: at the border of depth, and whatever a string holds.
func TestAllReadersAgree(t *testing.T) {
	anything, err := schemaOfAnything()
	assert.NoError(t, err)
	for _, reader := range []struct {
		limit              int
		canonical, checked func([]byte) error
	}{
		{jsontext.MaxDepth, func(b []byte) error { _, err := jsontext.Parse(b); return err }, anything.Validate},
		{jsontext.MaxDepth, func(b []byte) error { _, err := jsontext.Parse(b); return err }, jsonschema.CheckSyntax},
		{jsontext.MaxInputDepth, func(b []byte) error { _, err := jsontext.ParseInput(b); return err }, anything.ValidateInput},
	} {
		for _, form := range [][3]string{{`[`, ``, `]`}, {`[`, `1`, `]`}, {`{"a":`, `""`, `}`}, {`{"a":`, `{}`, `}`}, {`[1,{"a":`, `[]`, `}]`}} {
			for n := range reader.limit + 3 {
				text := strings.Repeat(form[0], n) + form[1] + strings.Repeat(form[2], n)
				a, b := reader.canonical([]byte(text)), reader.checked([]byte(text))
				assert.Equal(t, a == nil, b == nil, "%s %d: %v, %v", form[0], n, a, b)
				assert.Equal(t, depth(text) > reader.limit, strings.Contains(message(a), "nested deeper than"), "%s %d: %v", form[0], n, a)
			}
		}
		for number, read := range numbersAtTheLimits {
			a, b := reader.canonical([]byte(number)), reader.checked([]byte(number))
			assert.Equal(t, read, a == nil, number)
			assert.Equal(t, a, b, number)
		}
	}
	piece := rapid.SampledFrom([]string{
		`\u0000`, `\ud800`, `\udc00`, `\uD83D`, `\uDE00`, `\ud83d\ude00`, `\\`, `\"`, `\u`, `\u00`, `u0000`, `\u0041`, `x`, `é`, "\x00", "\xff", `"`, `\`, `,`, `:`, `[`, `]`, `{"`, `}`,
	})
	rapid.Check(t, func(t *rapid.T) {
		text := `["` + strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "") + `"]`
		_, a := jsontext.Parse([]byte(text))
		b := anything.Validate([]byte(text))
		if (a == nil) != (b == nil) {
			t.Fatalf("%q: %v, %v", text, a, b)
		}
	})
}

// numbersAtTheLimits says of numbers whether they are read.
var numbersAtTheLimits = map[string]bool{
	"1e400": true, "-1E-400": true, "1e401": false, "1e-401": false, "0e401": false, "1e0000000400": true, "1e99999999999999999999": false,
	strings.Repeat("9", 1000): true, strings.Repeat("9", 1001): false, "0." + strings.Repeat("1", 998): true, "0." + strings.Repeat("1", 999): false,
}

func depth(text string) (deepest int) {
	now := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			now++
		case ']', '}':
			now--
		}
		deepest = max(deepest, now)
	}
	return deepest
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func schemaOfAnything() (*jsonschema.Schema, error) {
	document, err := json.Marshal(map[string]any{"openapi": "3.1.0", "it": true})
	if err != nil {
		return nil, err
	}
	compiler, err := jsonschema.NewCompiler(document)
	if err != nil {
		return nil, err
	}
	return compiler.Compile("/it")
}
