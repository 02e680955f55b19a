package canonical

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Part says which part of a request a problem lies in.
type Part string

// The parts: a platform's own record, the canonical document, the context of the translation.
const (
	InPayload   Part = "payload"
	InCanonical Part = "canonical"
	InContext   Part = "context"
)

// Bounds of what an error says. What a caller sends decides neither how many problems are listed nor how long their names are.
const (
	MaxProblems = 50  // listed; the others are counted
	MaxPointer  = 200 // characters of a JSON pointer
	MaxName     = 64  // characters of a member's name in it
)

// Problem is one field that cannot be translated. It never repeats the rejected value.
type Problem struct {
	In       Part
	Pointer  string // RFC 6901, from the root of its part; cut as [CutPointer] does
	Expected string // what should stand there: "a date (YYYY-MM-DD)"
}

// TranslationError lists the fields that cannot be translated: at most [MaxProblems], and how many more there are.
type TranslationError struct {
	Problems []Problem
	More     int
}

// IsFull reports whether further problems are only counted.
func (e *TranslationError) IsFull() bool { return len(e.Problems) >= MaxProblems }

// Add appends a problem, or counts it if there are enough.
func (e *TranslationError) Add(p Problem) {
	if e.IsFull() {
		e.More++
		return
	}
	p.Pointer = CutPointer(p.Pointer)
	e.Problems = append(e.Problems, p)
}

// Error names the fields and what was expected of them.
func (e *TranslationError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		where := ""
		if p.In != InPayload {
			where = string(p.In) + " "
		}
		if p.Pointer == "" {
			where += "the document"
		}
		lines[i] = where + CutPointer(p.Pointer) + ": expected " + p.Expected
	}
	return JoinProblems(lines, e.More)
}

// JoinProblems is the text of a list of problems, and of how many more there are.
func JoinProblems(lines []string, more int) string {
	text := strings.Join(lines, "; ")
	if more > 0 {
		text += "; and " + strconv.Itoa(more) + " more"
	}
	return text
}

// CutPointer makes a JSON pointer short enough for a message: its names to [MaxName] characters, the whole to [MaxPointer].
// What is cut ends with "…".
func CutPointer(pointer string) string {
	if len(pointer) <= MaxName {
		return pointer
	}
	var b strings.Builder
	for i, rest := 0, pointer; ; i++ {
		name, after, more := strings.Cut(rest, "/")
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(CutName(name))
		if !more || b.Len() > utf8.UTFMax*MaxPointer {
			break
		}
		rest = after
	}
	return cut(b.String(), MaxPointer)
}

// CutName makes a name short enough for a message.
func CutName(name string) string { return cut(name, MaxName) }

// cut shortens a text to so many characters, the "…" that says so among them.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := 0 // behind limit-1 characters
	for at, n := 0, 0; at < len(text); n++ {
		switch n {
		case limit - 1:
			end = at
		case limit:
			return text[:end] + "…"
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return text
}

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
