package jsontext

import (
	"strconv"
	"strings"
)

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// AppendPointer appends a reference token to a JSON pointer (RFC 6901, 3).
func AppendPointer(pointer, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = pointerEscape.Replace(token)
	}
	return pointer + "/" + token
}

// ElementPointer writes the JSON pointer of an element of an array.
func ElementPointer(array string, index int) string { return array + "/" + strconv.Itoa(index) }

// Place is where a value stands in a document. It becomes a pointer only where there is something to say of it. Nil is the
// document itself.
type Place struct {
	up    *Place
	key   string
	index int // of an element; -1 of a member
}

// Member is the place of a member of an object that stands here.
func (p *Place) Member(key string) *Place { return &Place{p, key, -1} }

// Element is the place of an element of an array that stands here.
func (p *Place) Element(index int) *Place { return &Place{p, "", index} }

// Pointer writes the place as a JSON pointer.
func (p *Place) Pointer() string {
	switch {
	case p == nil:
		return ""
	case p.index >= 0:
		return ElementPointer(p.up.Pointer(), p.index)
	}
	return AppendPointer(p.up.Pointer(), p.key)
}
