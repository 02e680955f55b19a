package jsonschema

import (
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

// compile compiles one schema, given as JSON; in it, "#/it" is the schema itself.
func compile(t testing.TB, schema string) *Schema {
	t.Helper()
	return compileIn(t, schema, `{}`)
}

func compileIn(t testing.TB, schema, components string) *Schema {
	t.Helper()
	c, err := NewCompiler([]byte(`{"openapi":"3.1.0","components":{"schemas":` + components + `},"it":` + schema + `}`))
	require.NoError(t, err)
	s, err := c.Compile("/it")
	require.NoError(t, err, schema)
	return s
}

// verdicts gives both answers about a well-formed text.
func verdicts(t testing.TB, s *Schema, text []byte) (checker, reference bool) {
	t.Helper()
	in := newInput()
	defer in.release()
	require.NoError(t, in.read(text, jsontext.MaxDepth), "%s", text)
	v, err := decode(text)
	require.NoError(t, err)
	return checkTwice(t, in, s, text), s.reference.Validate(v) == nil
}

// checkTwice checks with and without keeping answers, which only a hostile text calls for.
func checkTwice(t require.TestingT, in *input, s *Schema, text []byte) bool {
	limit := in.limit
	in.limit = -1
	kept := in.check(s.root, 0)
	in.limit, in.steps, in.memo = limit, 0, nil
	plain := in.check(s.root, 0)
	require.Equal(t, plain, kept, "with answers kept, on %s", text)
	return plain
}

// agree demands the law of the package about a well-formed text.
func agree(t testing.TB, s *Schema, text []byte) {
	t.Helper()
	checker, reference := verdicts(t, s, text)
	require.Equal(t, reference, checker, "checker (actual) and reference (expected) on %s", text)
	err := s.Validate(text)
	require.Equal(t, reference, err == nil, "Validate on %s: %v", text, err)
	if err != nil {
		require.NotEmpty(t, err.(Violations))
	}
}
