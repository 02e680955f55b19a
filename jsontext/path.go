package jsontext

import "strings"

// Path is where a field stands: the keys from the document, or the line, inwards. A key may hold any character, so that a path is
// joined for people to read, and never taken apart again.
type Path []string

// ParsePath reads a path as the tables of this program write it: keys joined by dots.
func ParsePath(dotted string) Path { return strings.Split(dotted, ".") }

// Pointer writes the path as a JSON pointer.
func (p Path) Pointer() string {
	pointer := ""
	for _, key := range p {
		pointer = AppendPointer(pointer, key)
	}
	return pointer
}
