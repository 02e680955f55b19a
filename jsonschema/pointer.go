package jsonschema

import (
	"net/url"
	"strings"
)

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
