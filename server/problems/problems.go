// Package problems words what is wrong with a request within bounds, whatever was sent: at most 50 problems and then how many
// more there are, a pointer of at most 200 characters, a name of at most 64. It never sees a value.
//
// A [List] of a hundred unknown members reads "/data/a: unknown field; /data/b: unknown field; …; and 50 more".
package problems

import (
	"fmt"
	"strings"
)

// The bounds. A message is at most [maxBytes] and a little more, so that its JSON, in which one byte can become six, stays
// below 128 KB.
const (
	Most       = 50  // problems that are listed
	maxPointer = 200 // characters of a JSON pointer
	maxName    = 64  // characters of a name
	maxText    = 400 // characters of what was expected
	maxBytes   = 20_000
)

// List collects problems for one answer. The zero List is empty.
type List struct {
	lines   []string
	bytes   int
	more    int
	inexact bool // more than [List.more] may be missing
}

// Add adds what is wrong at a place. pointer is a JSON pointer with what stands before it, such as "canonical /amount"; empty:
// the text says all.
func (l *List) Add(pointer, text string) {
	if l.Full() {
		l.more++
		return
	}
	line := cut(text, maxText)
	if pointer != "" {
		line = Pointer(pointer) + ": " + line
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

// Uncounted says that there may be more problems than have been counted: the list then gives no number.
func (l *List) Uncounted() { l.inexact = true }

// Lines returns the problems, a line each, and what is not among them; nil if there is none.
func (l *List) Lines() []string {
	switch {
	case l.more == 0:
		return l.lines
	case l.inexact:
		return append(l.lines, "and more")
	}
	return append(l.lines, fmt.Sprintf("and %d more", l.more))
}

// String returns the lines as one message.
func (l *List) String() string { return strings.Join(l.Lines(), "; ") }

// Pointer cuts a JSON pointer: each of its names, and all of it. What it cuts ends in "…", and never within a character or
// an escape (~0, ~1).
func Pointer(pointer string) string {
	if len(pointer) <= maxName {
		return pointer
	}
	var b strings.Builder
	for name := range strings.SplitSeq(pointer, "/") {
		if b.Len() > maxPointer*4 {
			break // the cut below is before this, whatever follows
		}
		b.WriteString(Name(name))
		b.WriteByte('/')
	}
	whole := b.String()
	return cut(whole[:len(whole)-1], maxPointer)
}

// Name cuts the name of a member or a parameter.
func Name(name string) string { return cut(name, maxName) }

// cut shortens a text to so many characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for at := range text {
		if limit == 0 {
			return strings.TrimSuffix(text[:at], "~") + "…"
		}
		limit--
	}
	return text
}
