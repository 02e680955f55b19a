package jsontext

import (
	"strconv"
	"strings"
)

var (
	tokenEscape   = strings.NewReplacer("~", "~0", "/", "~1")
	tokenUnescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// AppendPointer appends a reference token to a JSON pointer (RFC 6901, 3).
func AppendPointer(pointer, token string) string { return pointer + "/" + escapeToken(token) }

// ElementPointer writes the JSON pointer of an element of an array.
func ElementPointer(array string, index int) string { return array + "/" + strconv.Itoa(index) }

// PointerTokens takes a JSON pointer apart: names of members, and indices of elements as they are written. That of a whole
// document has none.
//
//	"/a~1b/0"    "a/b", "0"
func PointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if strings.IndexByte(pointer, '~') >= 0 {
		for i := range tokens {
			tokens[i] = tokenUnescape.Replace(tokens[i])
		}
	}
	return tokens
}

func escapeToken(token string) string {
	if !strings.ContainsAny(token, "~/") {
		return token
	}
	return tokenEscape.Replace(token)
}

// appendCut is AppendPointer for a pointer that [CutPointer] would cut in the end: what is cut then is not written.
func appendCut(pointer, token string) string {
	if len(pointer) > 4*MaxPointer { // bytes of as many characters
		return pointer
	}
	return pointer + "/" + CutName(escapeToken(Cut(token, MaxName+1)))
}

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
	if p == nil {
		return ""
	}
	return AppendPointer(p.up.Pointer(), p.token())
}

// CutPointer writes the place as a JSON pointer for a message: as the function [CutPointer] cuts it, at no more cost than that.
func (p *Place) CutPointer() string { return Cut(p.cut(), MaxPointer) }

func (p *Place) cut() string {
	if p == nil {
		return ""
	}
	return appendCut(p.up.cut(), p.token())
}

func (p *Place) token() string {
	if p.index >= 0 {
		return strconv.Itoa(p.index)
	}
	return p.key
}
