package jsontext

import (
	"errors"
	"fmt"
)

// ErrNotJSON is wrapped by every error about a text that is not read.
var ErrNotJSON = errors.New("not JSON")

// SyntaxError says that a text is not exactly one well-formed JSON value, or is one out of all proportion. It never quotes the text.
type SyntaxError struct {
	Problem string
	Offset  int // in bytes, from 0
	Line    int // from 1
	Column  int // in bytes, from 1
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed JSON at line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

func (e *SyntaxError) Unwrap() error { return ErrNotJSON }

// TextError says that a text is well-formed as far as it has been read, and holds a string that cannot be stored.
type TextError struct {
	Pointer string // of the string, or of the object whose member has such a name; cut as [CutPointer] does
	Problem string
}

func (e *TextError) Error() string {
	if e.Pointer == "" {
		return e.Problem
	}
	return e.Pointer + ": " + e.Problem
}

func (e *TextError) Unwrap() error { return ErrNotJSON }
