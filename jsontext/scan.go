package jsontext

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// The grammar of JSON (RFC 8259). Each function reads what stands at t.pos, and reports false once there is an error.

func (t *Tape) value(depth int) bool {
	if t.pos >= len(t.src) {
		return t.unexpected("a value")
	}
	switch t.src[t.pos] {
	case '{':
		return t.object(depth + 1)
	case '[':
		return t.array(depth + 1)
	case '"':
		return t.string()
	case 't':
		return t.word("true", Bool)
	case 'f':
		return t.word("false", Bool)
	case 'n':
		return t.word("null", Null)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return t.number()
	}
	return t.unexpected("a value")
}

func (t *Tape) object(depth int) bool {
	if depth > t.maxDepth {
		return t.tooDeep()
	}
	at := t.open(Object)
	for count := uint32(0); ; count++ {
		t.space()
		if count == 0 && t.at('}') {
			break
		}
		if !t.at('"') {
			return t.unexpected("a member name")
		}
		if !t.string() {
			return false
		}
		t.space()
		if !t.at(':') {
			return t.unexpected("':'")
		}
		t.pos++
		t.space()
		if !t.value(depth) {
			return false
		}
		t.Tokens[at].Count++
		t.space()
		if t.at('}') {
			break
		}
		if !t.at(',') {
			return t.unexpected("',' or '}'")
		}
		t.pos++
	}
	t.close(at)
	return t.uniqueNames(at)
}

func (t *Tape) array(depth int) bool {
	if depth > t.maxDepth {
		return t.tooDeep()
	}
	at := t.open(Array)
	t.space()
	if t.at(']') {
		t.close(at)
		return true
	}
	for {
		t.space()
		if !t.value(depth) {
			return false
		}
		t.Tokens[at].Count++
		t.space()
		if t.at(']') {
			t.close(at)
			return true
		}
		if !t.at(',') {
			return t.unexpected("',' or ']'")
		}
		t.pos++
	}
}

func (t *Tape) string() bool {
	start := t.pos + 1
	pos, escaped := start, false
	src := t.src
	for {
		pos = skipPlain(src, pos)
		if pos >= len(src) {
			return t.fail(len(src), "unexpected end inside a string")
		}
		switch c := src[pos]; {
		case c == '"':
			t.scalar(String, start, pos, escaped)
			t.pos = pos + 1
			return true
		case c == '\\':
			escaped = true
			n, problem := Escape(src[pos:])
			switch {
			case problem != "":
				return t.unstorable(problem)
			case n == 0:
				return t.fail(pos, "invalid escape inside a string")
			}
			pos += n
		case c < ' ':
			return t.fail(pos, "control character inside a string")
		case c < utf8.RuneSelf:
			pos++
		default:
			r, n := utf8.DecodeRune(src[pos:])
			if r == utf8.RuneError && n == 1 {
				return t.fail(pos, "invalid UTF-8")
			}
			pos += n
		}
	}
}

// skipPlain passes over characters that need no thought, eight at a time: ASCII that is neither a control character nor a
// quote nor a backslash. It may stop early, never late.
func skipPlain(src []byte, pos int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for pos+8 <= len(src) {
		w := binary.LittleEndian.Uint64(src[pos:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		if (w|(w-ones*' ')|(quote-ones)|(slash-ones))&highs != 0 {
			break
		}
		pos += 8
	}
	for pos < len(src) {
		if c := src[pos]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		pos++
	}
	return pos
}

func (t *Tape) number() bool {
	text := t.text[t.pos:]
	n, exponent := numberLen(text)
	switch {
	case n == 0:
		return t.fail(t.pos, "invalid number")
	case n > maxNumber || exponent > 0 && !isSmallExponent(text[exponent:n]):
		return t.fail(t.pos, "number out of range")
	}
	t.scalar(Number, t.pos, t.pos+n, false)
	t.pos += n
	return true
}

func isSmallExponent(digits string) bool {
	exponent := 0
	for i := range len(digits) {
		if exponent = exponent*10 + int(digits[i]-'0'); exponent > maxNumberExponent {
			return false
		}
	}
	return true
}

// numberLen is the length of the number that s starts with, 0 if there is none, and where the digits of its exponent start, 0 if it
// has no exponent.
func numberLen(s string) (n, exponent int) {
	if n < len(s) && s[n] == '-' {
		n++
	}
	from := n
	if n < len(s) && s[n] == '0' {
		n++ // no digit may follow
	} else if n = skipDigits(s, n); n == from {
		return 0, 0
	}
	if n < len(s) && s[n] == '.' {
		from = n + 1
		if n = skipDigits(s, from); n == from {
			return 0, 0
		}
	}
	if n < len(s) && s[n]|0x20 == 'e' {
		if n++; n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		exponent = n
		if n = skipDigits(s, n); n == exponent {
			return 0, 0
		}
	}
	return n, exponent
}

func skipDigits(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (t *Tape) word(w string, kind Kind) bool {
	end := t.pos + len(w)
	if end > len(t.src) || t.text[t.pos:end] != w {
		return t.unexpected("a value")
	}
	t.scalar(kind, t.pos, end, false)
	t.pos = end
	return true
}

func (t *Tape) space() {
	for t.pos < len(t.src) {
		switch t.src[t.pos] {
		case ' ', '\t', '\n', '\r':
			t.pos++
		default:
			return
		}
	}
}

func (t *Tape) at(c byte) bool { return t.pos < len(t.src) && t.src[t.pos] == c }

func (t *Tape) scalar(kind Kind, start, end int, escaped bool) {
	t.Tokens = append(t.Tokens, Token{
		Start: uint32(start), End: uint32(end), Next: uint32(len(t.Tokens) + 1), Kind: kind, Escaped: escaped,
	})
}

func (t *Tape) open(kind Kind) int {
	if cap(t.Tokens)-len(t.Tokens) < fewTokens {
		t.grow()
	}
	t.Tokens = append(t.Tokens, Token{Start: uint32(t.pos), Kind: kind})
	t.pos++
	return len(t.Tokens) - 1
}

func (t *Tape) close(at int) {
	t.pos++
	token := &t.Tokens[at]
	token.End, token.Next = uint32(t.pos), uint32(len(t.Tokens))
	t.members += int(token.Count)
}

func (t *Tape) unexpected(want string) bool {
	if t.pos >= len(t.src) {
		return t.fail(t.pos, "unexpected end, want "+want)
	}
	return t.fail(t.pos, "want "+want)
}

func (t *Tape) tooDeep() bool {
	return t.fail(t.pos, "nested deeper than "+strconv.Itoa(t.maxDepth)+" levels")
}

func (t *Tape) fail(offset int, problem string) bool {
	before := t.src[:offset]
	t.err = &SyntaxError{
		Problem: problem,
		Offset:  offset,
		Line:    1 + bytes.Count(before, []byte{'\n'}),
		Column:  offset - bytes.LastIndexByte(before, '\n'),
	}
	return false
}
