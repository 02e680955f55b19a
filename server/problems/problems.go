// Package problems words what is wrong with a request within bounds, whatever was sent: at most 50 problems and then how many
// more there are, a pointer of at most 200 characters, a name of at most 64. It never sees a value.
//
// A [List] of a hundred unknown members reads "/data/a: unknown field; /data/b: unknown field; …; and 50 more".
package problems

import (
	"fmt"
	"strings"

	"structural.app/structural/jsontext"
)

// The bounds. A message is at most [maxBytes] and a little more, so that its JSON, in which one byte can become six, stays
// below 128 KB.
const (
	Most     = 50  // problems that are listed
	maxText  = 400 // characters of what was expected
	maxBytes = 20_000
)

// List collects problems for one answer. The zero List is empty.
type List struct {
	lines []string
	bytes int
	more  int
}

// Add adds what is wrong at a place. pointer is a JSON pointer with what stands before it, such as "canonical /amount"; empty:
// the text says all.
func (l *List) Add(pointer, text string) {
	if l.Full() {
		l.more++
		return
	}
	line := jsontext.Cut(text, maxText)
	if pointer != "" {
		line = jsontext.CutPointer(pointer) + ": " + line
	}
	if l.bytes += len(line) + len("; "); l.bytes > maxBytes {
		l.more++
		return
	}
	l.lines = append(l.lines, line)
}

// Full says whether further problems are only counted.
func (l *List) Full() bool { return len(l.lines) >= Most || l.bytes > maxBytes }

// More counts problems that nobody has put into words.
func (l *List) More(n int) { l.more += n }

// Lines returns the problems, a line each, and what is not among them; nil if there is none.
func (l *List) Lines() []string {
	if l.more == 0 {
		return l.lines
	}
	return append(l.lines, fmt.Sprintf("and %d more", l.more))
}

// String returns the lines as one message.
func (l *List) String() string { return strings.Join(l.Lines(), "; ") }
