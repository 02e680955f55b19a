package canonical

import (
	"strconv"
	"strings"

	"structural.app/structural/jsontext"
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
	MaxProblems = 50 // listed; the others are counted
)

// Problem is one field that cannot be translated. It never repeats the rejected value.
type Problem struct {
	In       Part
	Pointer  string // RFC 6901, from the root of its part; cut as [jsontext.CutPointer] does
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
	p.Pointer = jsontext.CutPointer(p.Pointer)
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
		lines[i] = where + jsontext.CutPointer(p.Pointer) + ": expected " + p.Expected
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
