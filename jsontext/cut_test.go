package jsontext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"structural.app/structural/jsontext"
)

func TestCutPointer_BetweenCharactersAndEscapes(t *testing.T) {
	for _, c := range []string{"a", "~0", "~1", "ä", "€", "🏗", "a~0"} {
		for shift := range 4 {
			name := strings.Repeat("b", shift) + strings.Repeat(c, 300)
			for _, cut := range []string{jsontext.CutPointer("/data/" + name), jsontext.CutPointer(strings.Repeat("/"+name, 100)), jsontext.CutPointer(strings.Repeat("/b"+c, 400))} {
				assert.True(t, utf8.ValidString(cut), cut)
				assert.LessOrEqual(t, utf8.RuneCountInString(cut), jsontext.MaxPointer)
				assert.True(t, strings.HasSuffix(cut, "…"), cut)
				escapes := strings.Count(cut, "~0") + strings.Count(cut, "~1")
				assert.Equal(t, escapes, strings.Count(cut, "~"), "half an escape: %s", cut)
			}
		}
	}
	assert.Equal(t, "/data/"+strings.Repeat("n", 63)+"…/below", jsontext.CutPointer("/data/"+strings.Repeat("n", 65)+"/below"))
	assert.Equal(t, "/data/"+strings.Repeat("n", 64), jsontext.CutPointer("/data/"+strings.Repeat("n", 64)))
}
