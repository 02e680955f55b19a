package canonical

import (
	"fmt"
	"strings"
)

// Part says which part of a request a problem lies in.
type Part string

// The parts: a platform's own record, the canonical document, the context of the translation.
const (
	InPayload   Part = "payload"
	InCanonical Part = "canonical"
	InContext   Part = "context"
)

// Problem is one field that cannot be translated. It never repeats the rejected value.
type Problem struct {
	In       Part
	Pointer  string // RFC 6901, from the root of its part
	Expected string // what should stand there: "a date (YYYY-MM-DD)"
}

// MaxProblems is how many problems are listed. Further ones are only counted: a caller who sends a hundred thousand wrong fields
// reads no more of them.
const MaxProblems = 50

// TranslationError lists the fields that cannot be translated.
type TranslationError struct {
	Problems []Problem // at most [MaxProblems]
	More     int       // how many there are beside them
}

// Error names the fields and what was expected of them.
func (e *TranslationError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		if p.In != InPayload {
			b.WriteString(string(p.In))
			b.WriteByte(' ')
		}
		if p.Pointer == "" {
			b.WriteString("the document")
		} else {
			b.WriteString(p.Pointer)
		}
		b.WriteString(": expected ")
		b.WriteString(p.Expected)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "; and %d more", e.More)
	}
	return b.String()
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// AppendPointer appends a reference token to a JSON pointer (RFC 6901, 3).
func AppendPointer(pointer, token string) string {
	if strings.ContainsAny(token, "~/") {
		token = pointerEscape.Replace(token)
	}
	return pointer + "/" + token
}
