package jsontext

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what a message says of a JSON text: whoever sends it does not decide how long the message is.
const (
	MaxPointer = 200 // characters of a JSON pointer
	MaxName    = 64  // characters of a member's name
)

// CutPointer makes a JSON pointer short enough for a message: its names to [MaxName] characters, the whole to [MaxPointer]. What
// is cut ends in "…", which is one of the characters, and never within a character or an escape (~0, ~1).
//
//	"/data/" + 70 × "n" + "/below"    "/data/" + 63 × "n" + "…/below"
func CutPointer(pointer string) string {
	if len(pointer) <= MaxName {
		return pointer
	}
	var b strings.Builder
	for name := range strings.SplitSeq(pointer, "/") {
		if b.Len() > utf8.UTFMax*MaxPointer {
			break // the cut below is before this, whatever follows
		}
		b.WriteString(CutName(name))
		b.WriteByte('/')
	}
	whole := b.String()
	return Cut(whole[:len(whole)-1], MaxPointer)
}

// CutName makes the name of a member or a parameter short enough for a message.
func CutName(name string) string { return Cut(name, MaxName) }

// Cut shortens a text to so many characters, the "…" that says so among them.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := 0 // behind limit-1 characters
	for at, n := 0, 0; at < len(text); n++ {
		switch n {
		case limit - 1:
			end = at
		case limit:
			return strings.TrimSuffix(text[:end], "~") + "…"
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return text
}
