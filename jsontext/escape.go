package jsontext

import (
	"strings"
	"unicode/utf16"
)

// What is wrong with an escape that is well-formed, in words that follow a place.
const (
	HoldsNUL           = "holds U+0000, which cannot be stored"
	HoldsHalfSurrogate = "holds half of a surrogate pair, which cannot be stored"
)

// Escape returns the length in bytes of the escape that s, the inside of a string, starts with; that of a surrogate pair is 12.
// It is 0 if there is none to be read: then problem says what the string holds, or is empty if this is no escape of JSON.
func Escape[T ~string | ~[]byte](s T) (length int, problem string) {
	if len(s) < 2 {
		return 0, ""
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, ""
	}
	unit, ok := codeUnit(s)
	switch {
	case !ok:
		return 0, ""
	case unit == 0:
		return 0, HoldsNUL
	case !utf16.IsSurrogate(unit):
		return 6, ""
	}
	if low, ok := codeUnit(s[6:]); ok && utf16.DecodeRune(unit, low) != '\uFFFD' {
		return 12, ""
	}
	return 0, HoldsHalfSurrogate
}

// unescape decodes the escapes of the inside of a string that has been read.
func unescape(raw string) string {
	var b strings.Builder
	b.Grow(len(raw))
	for {
		at := strings.IndexByte(raw, '\\')
		if at < 0 {
			b.WriteString(raw)
			return b.String()
		}
		b.WriteString(raw[:at])
		raw = raw[at:]
		length := 2
		switch raw[1] {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			var r rune
			r, length = unescapeRune(raw)
			b.WriteRune(r)
		default:
			b.WriteByte(raw[1])
		}
		raw = raw[length:]
	}
}

func unescapeRune(raw string) (r rune, length int) {
	r, _ = codeUnit(raw)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, _ := codeUnit(raw[6:])
	return utf16.DecodeRune(r, low), 12
}

// codeUnit reads the \uXXXX that s starts with, the unit of UTF-16 that it stands for.
func codeUnit[T ~string | ~[]byte](s T) (unit rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for i := 2; i < 6; i++ {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}
