package jsontext_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/jsontext"
)

func parse(t testing.TB, s string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(s))
	require.NoError(t, err)
	return v
}

func TestParseKeepsEveryToken(t *testing.T) {
	for _, s := range []string{
		`{"b":1.50,"a":[],"c":{},"d":[1,-0,1e3,12345678901234567890,1.0E-2],"e":"\u00e9\/\"é😀","f":null,"g":true,"h":false,"":""}`,
		`"x"`, `0`, `-1.5`, `[[[[]]]]`, `{"a\nb":1}`,
	} {
		require.Equal(t, s, parse(t, " \t\r\n"+s+" ").String())
	}
	require.Equal(t, `{"a":[1,{"b":2}]}`, parse(t, "{ \"a\" : [ 1 , { \"b\" : 2 } ] }").String())
	require.Equal(t, "é/\"é", parse(t, `"\u00e9\/\"é"`).Text())
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		``, ` `, `{`, `[`, `[1,]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `01`, `1.`, `.5`, `+1`, `1e`, `nul`, `truee`, `"`, `"\x"`, `"\u12"`,
		"\"\x01\"", `{} {}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\"\xff\"", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), `NaN`,
	} {
		_, err := jsontext.Parse([]byte(s))
		require.ErrorIs(t, err, jsontext.ErrNotJSON, "%q", s)
	}
}

func TestParseRefuses_TextThatCannotBeStored(t *testing.T) {
	for s, want := range map[string]string{
		`{"a":"x\u0000"}`:        "/a: holds U+0000, which cannot be stored",
		`{"\u0000":1}`:           "property name holds U+0000, which cannot be stored",
		`["\ud800"]`:             "/0: holds half of a surrogate pair, which cannot be stored",
		`[1,"\uDE00\ud83d"]`:     "/1: holds half of a surrogate pair, which cannot be stored",
		`["\ud83d\ude00\udc00"]`: "/0: holds half of a surrogate pair, which cannot be stored",
	} {
		_, err := jsontext.Parse([]byte(s))
		require.ErrorIs(t, err, jsontext.ErrNotJSON)
		require.EqualError(t, err, want, s)
	}
	for _, s := range []string{`"\\u0000"`, `"\\\\ud800"`, `"\ud83d\ude00"`, `{"\\u0000":"\u0001"}`} {
		require.Equal(t, s, parse(t, s).String())
	}
}

func TestNewString(t *testing.T) {
	for s, want := range map[string]string{
		"a": `"a"`, "a\x00b": "\"a\ufffdb\"", "\xff": "\"\ufffd\"", "\x01\"\n": `"\u0001\"\n"`, "é\x00": "\"é\ufffd\"",
	} {
		v := jsontext.NewString(s)
		require.Equal(t, want, v.String())
		object := jsontext.NewObject(jsontext.Member{Key: s, Value: v}).String()
		require.Equal(t, object, parse(t, object).String())
	}
}

func TestParseAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`[\[\]{}:,"\\0-9a-fu.eE+\- tn]{0,24}`), rapid.StringMatching(`\{("[ab]":([0-9]{1,3}|"[ab]"|\[\]),?){0,4}\}`)).Draw(t, "json")
		v, err := jsontext.Parse([]byte(s))
		if !json.Valid([]byte(s)) {
			require.Error(t, err, "%q", s)
			return
		}
		if err != nil {
			require.Regexp(t, "appears twice|cannot be stored|out of range", err.Error(), "%q", s)
			return
		}
		require.JSONEq(t, s, v.String())
	})
}

func TestManyMembers(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"k0":0`)
	for i := 1; i < 5000; i++ {
		b.WriteString(`,"k` + big.NewInt(int64(i)).String() + `":[{"x":1}]`)
	}
	require.Equal(t, 5000, parse(t, b.String()+`}`).Len())
	_, err := jsontext.Parse([]byte(b.String() + `,"k4711":1}`))
	require.ErrorContains(t, err, "appears twice")
}

func TestNormalDecimal(t *testing.T) {
	for s, want := range map[string]string{
		"10.0": "10", "134.56789": "134.56789", "0.00": "0", "-0": "0", "-0.50": "-0.5", "1e2": "100", "1.25E-3": "0.00125", "6.00002": "6.00002",
		"100": "100", "0.10": "0.1", "12345678901234567890.10": "12345678901234567890.1",
	} {
		got, ok := jsontext.NormalDecimal(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "-", "1.", ".5", "01", "1e", "1e41", "x", "1 ", "0x1", "1_0", "１"} {
		_, ok := jsontext.NormalDecimal(s)
		require.False(t, ok, s)
	}
	require.Equal(t, "10.0", jsontext.PadDecimal("10", 1))
	require.Equal(t, "10.25", jsontext.PadDecimal("10.25", 1))
}
