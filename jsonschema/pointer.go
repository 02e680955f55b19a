package jsonschema

import (
	"net/url"
	"strings"
)

var (
	tokenEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	tokenUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func escapeToken(s string) string   { return tokenEscaper.Replace(s) }
func unescapeToken(s string) string { return tokenUnescaper.Replace(s) }

// localPointer gives the JSON pointer of a reference such as "#/components/schemas/Money".
func localPointer(ref string) (pointer string, ok bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", false
	}
	pointer, err := url.PathUnescape(fragment)
	return pointer, err == nil && (pointer == "" || pointer[0] == '/')
}

// fragment is a JSON pointer in the form that a URL takes.
func fragment(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, t := range tokens {
		tokens[i] = url.PathEscape(t)
	}
	return "#" + strings.Join(tokens, "/")
}

// A pointer goes into a message, so a caller cannot be let to make it as long as he likes.
const (
	maxToken   = 64  // characters of a member's name
	maxPointer = 200 // characters in all
)

// appendToken appends one member name or index to a pointer. What is behind the longest pointer is left out.
func appendToken(pointer, token string) string {
	if len(pointer) > 4*maxPointer {
		return pointer
	}
	return pointer + "/" + escapeToken(cut(token, maxToken))
}

// cut shortens a text to so many characters. It does not cut an escape in two.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for at := range s {
		if limit == 0 {
			return strings.TrimSuffix(s[:at], "~") + "…"
		}
		limit--
	}
	return s
}
