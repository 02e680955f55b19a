package jsontext_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

func TestHealText(t *testing.T) {
	for text, want := range map[string]string{
		`{"notes":"a\u0000b"}`:              `{"notes":"a\ufffdb"}`,
		`{"a\u0000":1, "b" : [ "\ud800" ]}`: `{"a\ufffd":1, "b" : [ "\ufffd" ]}`,
		`["\uD83D","\uDE00","\ud83dx"]`:     `["\ufffd","\ufffd","\ufffdx"]`,
		`"\ud83d\ud83d\ude00\ude00"`:        `"\ufffd\ud83d\ude00\ufffd"`,
		`"\ud83d\u0000"`:                    `"\ufffd\ufffd"`,
		`"\\\u0000"`:                        `"\\\ufffd"`,
	} {
		before := []byte(text)
		assert.Equal(t, want, string(jsontext.HealText(before)))
		assert.Equal(t, text, string(before), "what is given stays")
	}
	for _, text := range []string{``, `1`, `{"a":"\\u0000\\ud800"}`, `"\ud83d\ude00\n\u0001"`, `"\\\\ud800"`} {
		before := []byte(text)
		after := jsontext.HealText(before)
		assert.Equal(t, text, string(after))
		if len(before) > 0 {
			assert.Same(t, &before[0], &after[0], "there is nothing to heal")
		}
	}
}

// What is healed is read, and differs from what it was in those escapes alone.
func TestHealText_AllElseStaysAsItWas(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		`\u0000`, `\ud800`, `\uDBFF`, `\udc00`, `\uDFFF`, `\ud83d\ude00`, `\\`, `\"`, `\n`, `\u0041`, `u0000`, `ud800`, `x`, `é`, "\U0001f600", ` `,
	})
	inside := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 10).Draw(t, "pieces"), "") })
	broken := regexp.MustCompile(`(?i)^\\u(0000|d[89a-f][0-9a-f]{2})$`)
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(`{"` + inside.Draw(t, "name") + `" : ["` + inside.Draw(t, "value") + `", 1.50, {"b":"` + inside.Draw(t, "value") + `"}]}`)
		require.True(t, json.Valid(text), "%s", text)
		healed := jsontext.HealText(text)
		_, err := jsontext.Parse(healed)
		require.NoError(t, err, "%s", healed)
		require.Equal(t, string(healed), string(jsontext.HealText(healed)))
		require.Len(t, healed, len(text))
		if _, err := jsontext.Parse(text); err == nil {
			require.Equal(t, string(text), string(healed))
		}
		for i := 0; i < len(text); i++ {
			if text[i] == healed[i] && !(text[i] == '\\' && bytes.HasPrefix(healed[i:], []byte(`\ufffd`))) {
				continue
			}
			require.Equal(t, `\ufffd`, string(healed[i:i+6]), "%s", text)
			require.Regexp(t, broken, string(text[i:i+6]), "%s", text)
			i += 5
		}
	})
}

// Twice the text takes twice the time, and not four times: as much as a body may hold is nothing.
func TestHealText_ManyEscapes(t *testing.T) {
	text := []byte(`"` + strings.Repeat(`\ud800\\`, 1<<20) + `"`)
	healed := jsontext.HealText(text)
	assert.Equal(t, 1<<20, bytes.Count(healed, []byte(`\ufffd`)))
}
