package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Text reads a text; a number is read as its digits. The empty text is none.
func Text() Codec { return TextUpTo(0) }

// TextUpTo is Text for a field that holds so many characters and refuses more; 0 is any number.
func TextUpTo(characters int) Codec {
	name := "text"
	if characters > 0 {
		name = "text up to " + strconv.Itoa(characters)
	}
	return Codec{
		Name: name, Type: canonical.TextType,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			switch in.Kind() {
			case jsontext.String:
				if in.Literal() == `""` {
					return jsontext.Value{}, ""
				}
				return in, ""
			case jsontext.Number:
				return jsontext.NewString(in.Literal()), ""
			}
			return jsontext.Value{}, "a text"
		},
		Encode: func(_ *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			if characters > 0 && len(v.Literal()) > characters && utf8.RuneCountInString(v.Text()) > characters {
				return jsontext.Value{}, TooLong
			}
			return v, ""
		},
	}
}

// EncodedText is Text for the name of a member of an enumeration that the tenant may extend: In_x0020_Review is read as
// "In Review".
func EncodedText() Codec {
	c := Text()
	c.Name = "encoded text"
	decode := c.Decode
	c.Decode = func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
		v, expected := decode(s, in)
		name := v.Text()
		if decoded := DecodeName(name); decoded != name {
			v = jsontext.NewString(decoded)
		}
		if strings.TrimSpace(v.Text()) == "" {
			return jsontext.Value{}, expected
		}
		return v, expected
	}
	c.Encode = func(_ *Scope, v, _ jsontext.Value) (jsontext.Value, Reason) {
		return jsontext.NewString(EncodeName(v.Text())), ""
	}
	return c.None(jsontext.NewString(""))
}

// Boolean reads true and false, also as texts.
func Boolean() Codec {
	return Codec{
		Name: "boolean", Type: canonical.BooleanType,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			switch {
			case in.Kind() == jsontext.Bool:
				return in, ""
			case in.Literal() == `""`:
				return jsontext.Value{}, ""
			case in.Literal() == `"true"`:
				return jsontext.True, ""
			case in.Literal() == `"false"`:
				return jsontext.False, ""
			}
			return jsontext.Value{}, "true or false"
		},
		Encode: func(_ *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			if prev.Kind() == jsontext.String && prev.Literal() != `""` {
				return jsontext.NewString(v.Literal()), ""
			}
			return v, ""
		},
	}
}

// Date reads a day of the calendar; of a date-time, as some events carry in a date field, its day as written.
func Date() Codec {
	return Codec{
		Name: "date", Type: canonical.DateType,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			if in.Literal() == `""` {
				return jsontext.Value{}, ""
			}
			s := in.Text()
			if canonical.IsDate(s) {
				return in, ""
			}
			if _, ok := jsontext.NormalDateTime(s); ok && canonical.IsDate(s[:10]) {
				return jsontext.NewString(s[:10]), ""
			}
			return jsontext.Value{}, "a date (YYYY-MM-DD)"
		},
		Encode: verbatim,
	}
}

// DateTime reads a moment. Offsets and fractions of a second are brought to one form.
func DateTime() Codec {
	return normalText("date-time", canonical.DateTimeType, jsontext.NormalDateTime, "a date-time (RFC 3339)")
}

// Clock reads a moment, or a time of day.
func Clock() Codec {
	return normalText("date-time or time of day", canonical.ClockType, canonical.NormalClock,
		"a date-time (RFC 3339) or a time of day (HH:MM)")
}

func normalText(name string, t canonical.FieldType, normal func(string) (string, bool), expected string) Codec {
	return Codec{
		Name: name, Type: t,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			if in.Literal() == `""` {
				return jsontext.Value{}, ""
			}
			if in.Kind() != jsontext.String {
				return jsontext.Value{}, expected
			}
			s := in.Text()
			n, ok := normal(s)
			switch {
			case !ok:
				return jsontext.Value{}, expected
			case n == s:
				return in, ""
			}
			return jsontext.NewString(n), ""
		},
		Encode: verbatim,
	}
}

func verbatim(_ *Scope, v, _ jsontext.Value) (jsontext.Value, Reason) { return v, "" }

// Words reads the words of an enumeration. Each entry is a canonical word, a colon, and the platform's words for it, separated by
// bars. The first of these is written, all are read:
//
//	"pending: Open | Pending"
//
// An entry that begins with ~ is the closest word that the platform has: it is written and never read. Case does not count, nor what
// separates the parts of a word. A blank text is no value, unless an entry has an empty word.
func Words(entries ...string) Codec {
	return words("words", entries, func(in jsontext.Value) (string, bool) {
		return in.Text(), in.Kind() == jsontext.String
	}, func(word string) jsontext.Value { return jsontext.NewString(word) })
}

// EncodedWords are Words whose characters outside identifiers are written as _xHHHH_, as OData wants them
// (In_x0020_Review); both forms are read.
func EncodedWords(entries ...string) Codec {
	c := words("encoded words", entries, func(in jsontext.Value) (string, bool) {
		return DecodeName(in.Text()), in.Kind() == jsontext.String
	}, func(word string) jsontext.Value { return jsontext.NewString(EncodeName(word)) })
	return c
}

// Flag reads true and false as two words, as EncodedWords does for text. Further entries are the closest for other words.
func Flag(entries ...string) Codec {
	return words("words for true and false", entries, func(in jsontext.Value) (string, bool) {
		if in.Kind() == jsontext.String {
			t := in.Text()
			return t, t == "true" || t == "false" || t == ""
		}
		return in.Literal(), in.Kind() == jsontext.Bool
	}, func(word string) jsontext.Value { return jsontext.NewBool(word == "true") })
}

func words(name string, entries []string, read func(jsontext.Value) (string, bool), write func(string) jsontext.Value) Codec {
	v := vocabulary{to: map[string]jsontext.Value{}, from: map[string]written{}}
	for _, entry := range entries {
		v.add(entry, write)
	}
	expected := "one of " + strings.Join(v.known, ", ")
	return Codec{
		Name: name, Type: canonical.WordType, words: v.list, Spoken: v.spoken, Exact: v.exact,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			text, ok := read(in)
			if !ok {
				return jsontext.Value{}, expected
			}
			if v, ok := v.to[text]; ok {
				return v, ""
			}
			folded := fold(text)
			if v, ok := v.to[folded]; ok || folded == "" {
				return v, ""
			}
			return jsontext.Value{}, expected
		},
		Encode: func(_ *Scope, value, prev jsontext.Value) (jsontext.Value, Reason) {
			w, ok := v.from[value.Text()]
			switch {
			case !ok:
				return jsontext.Value{}, NoCounterpart
			case w.closest:
				return w.value, Approximated
			}
			return w.value, ""
		},
	}
}

// vocabulary is what the entries of Words say.
type vocabulary struct {
	to     map[string]jsontext.Value // platform's word, as it is and folded → canonical
	from   map[string]written        // canonical → platform's word
	list   []string                  // canonical words
	exact  []string                  // those of them that are not only the closest
	known  []string                  // platform's words, for people
	spoken []jsontext.Value          // and as the platform writes them
}

type written struct {
	value   jsontext.Value
	closest bool
}

func (v *vocabulary) add(entry string, write func(string) jsontext.Value) {
	word, platformWords, ok := strings.Cut(entry, ":")
	if !ok {
		panic(fmt.Sprintf("words: no colon in %q", entry))
	}
	word, closest := strings.CutPrefix(word, "~")
	v.list = append(v.list, word)
	if !closest {
		v.exact = append(v.exact, word)
	}
	for i, w := range strings.Split(platformWords, "|") {
		w = strings.TrimSpace(w)
		shown := w
		if w == "" {
			shown = " "
		}
		if i == 0 {
			v.from[word] = written{write(shown), closest}
		}
		if closest {
			continue
		}
		if other, ok := v.to[fold(w)]; ok {
			panic(fmt.Sprintf("words: %q is %s and %s", w, other.Text(), word))
		}
		v.to[w], v.to[fold(w)] = jsontext.NewString(word), jsontext.NewString(word)
		v.known = append(v.known, shown)
		v.spoken = append(v.spoken, write(shown))
	}
}

// fold brings a word to the form in which words are compared.
func fold(word string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '/':
			return '_'
		}
		return r
	}, word)
}

// EncodeName writes a name as OData does: a character that an identifier cannot have becomes _xHHHH_.
func EncodeName(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '_' && !looksEncoded(name[i:]):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// looksEncoded says whether a name begins like an encoded character, once what follows is written: "_x0000 " would be _x0000_x0020_.
func looksEncoded(name string) bool {
	if len(name) < 7 || !isEncoded(name[:6]+"_") {
		return false
	}
	next := name[6]
	return !(next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z' || next >= '0' && next <= '9')
}

// DecodeName reads a name in which characters are written as _xHHHH_.
func DecodeName(name string) string {
	if !strings.Contains(name, "_x") {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		if isEncoded(name[i:]) {
			code, _ := strconv.ParseUint(name[i+2:i+6], 16, 32)
			b.WriteRune(rune(code))
			i += 7
			continue
		}
		b.WriteByte(name[i])
		i++
	}
	return b.String()
}

func isEncoded(s string) bool {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 32)
	return err == nil
}
