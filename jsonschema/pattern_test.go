package jsonschema

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuickPatterns(t *testing.T) {
	for expression, quick := range map[string]bool{
		`^req_[a-z0-9]{12}$`:            true,
		`^-?[0-9]+\.[0-9]{2}$`:          true,
		`^"[a-z-]+";r=[0-9]+;t=[0-9]+$`: true,
		`^[A-Z]{3}$`:                    true,
		`^a?b*c$`:                       true,
		`^a*a$`:                         false, // a* would take the last one
		`^a?b?a$`:                       false,
		`^(ab)+$`:                       false,
		`^a|b$`:                         false,
		`^[^a]$`:                        false, // more than ASCII
		`^é$`:                           false,
		`(?i)^abc$`:                     false,
		`abc$`:                          false,
		`(?m)^abc$`:                     false,
	} {
		p, err := compilePattern(expression)
		require.NoError(t, err)
		require.Equal(t, quick, p.runs != nil, expression)
	}
}

// The quick way and the regexp package always agree.
func TestQuickPatternsMatchTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`(a|b|\.|\[ab\]|\[b-d\]|\[\^a\]|\\d|é)(\*|\+|\?|\{2\}|\{1,2\}|\{0,3\}|\{2,\})?`).Filter(func(s string) bool { return s != "" })
		expression := "^"
		for _, s := range rapid.SliceOfN(part, 1, 4).Draw(t, "parts") {
			expression += s
		}
		expression += "$"
		p, err := compilePattern(expression)
		if err != nil {
			t.Skip(err)
		}
		for _, s := range rapid.SliceOfN(rapid.OneOf(rapid.StringMatching(`[abcd.1é\n]{0,8}`), rapid.StringMatching(p.String())), 1, 10).Draw(t, "texts") {
			require.Equal(t, p.Regexp.MatchString(s), p.Match(s), "%s on %q", expression, s)
		}
	})
}
