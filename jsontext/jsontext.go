// Package jsontext reads and writes JSON to the digit: a [Value] keeps every number and string in the token in which it was
// written, and the members of an object in their order, so that what is parsed and appended again is the same but for white space.
//
//	Parse(`{"amount": 10.50}`)    {"amount":10.50}, and not 10.5
//
// It says which JSON texts this program reads at all: how deep they may nest, and what text they may hold. Every reader of the
// program keeps to it, so that what one has let in no other refuses. Refused is U+0000 and half of a surrogate pair, in strings and
// in members' names: both are JSON, and PostgreSQL reads neither.
//
//	Escape(`\u0041…`)       6, ""
//	Escape(`\ud83d\ude00…`) 12, ""
//	Escape(`\u0000…`)       0, "holds U+0000, which cannot be stored"
package jsontext

import "unicode/utf16"

const (
	// MaxDepth is how deep arrays and objects nest at the most, in any text that is read.
	MaxDepth = 512
	// MaxInputDepth is how deep they nest at the most in what comes from outside: the body of a request, a platform's record.
	// What is made of it nests deeper: a document keeps a record's fields below provider_metadata, an answer has the document
	// in it, a history the fields of both. A handful of levels would do; there are as many again.
	MaxInputDepth = MaxDepth / 2
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
	unit, ok := CodeUnit(s)
	switch {
	case !ok:
		return 0, ""
	case unit == 0:
		return 0, HoldsNUL
	case !utf16.IsSurrogate(unit):
		return 6, ""
	}
	if low, ok := CodeUnit(s[6:]); ok && utf16.DecodeRune(unit, low) != '\uFFFD' {
		return 12, ""
	}
	return 0, HoldsHalfSurrogate
}

// CodeUnit reads the \uXXXX that s starts with, the unit of UTF-16 that it stands for.
func CodeUnit[T ~string | ~[]byte](s T) (unit rune, ok bool) {
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
