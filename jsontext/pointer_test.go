package jsontext_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

// What is written as a pointer is read as the same, and what is cut while it is written is what is cut afterwards.
func TestPointers(t *testing.T) {
	piece := rapid.SampledFrom([]string{"~", "/", "~0", "~1", "a", "é", "🏗", "", "…", strings.Repeat("n", 61), strings.Repeat("~", 33)})
	token := rapid.Map(rapid.SliceOfN(piece, 0, 5), func(pieces []string) string { return strings.Join(pieces, "") })
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.SliceOfN(token, 1, 20).Draw(t, "tokens")
		var place *jsontext.Place
		pointer := ""
		for _, token := range tokens {
			place, pointer = place.Member(token), jsontext.AppendPointer(pointer, token)
		}
		require.Equal(t, tokens, jsontext.PointerTokens(pointer))
		require.Equal(t, pointer, place.Pointer())
		require.Equal(t, pointer, jsontext.Path(tokens).Pointer())
		require.Equal(t, jsontext.CutPointer(pointer), place.CutPointer())
	})
	require.Empty(t, jsontext.PointerTokens(""))
	require.Equal(t, []string{""}, jsontext.PointerTokens("/"))
	require.Equal(t, []string{"a", "10"}, jsontext.PointerTokens((*jsontext.Place)(nil).Member("a").Element(10).Pointer()))
}
