package jsonschema

import (
	"errors"
	"sync"

	"structural.app/structural/jsontext"
)

// CheckSyntax says whether a text is one well-formed JSON value that can be stored, within the limits of package jsontext. The
// error is a *[jsontext.SyntaxError]; of text that cannot be stored, Violations.
func CheckSyntax(json []byte) error {
	in := newInput()
	defer in.release()
	return in.read(json, jsontext.MaxDepth)
}

// input is one text being read and checked. Inputs are pooled, so that a check allocates nothing.
type input struct {
	jsontext.Tape
	steps int // that recursive schemas have taken
	limit int // of steps, from which on answers are kept in memo
	memo  map[visit]bool
}

var inputs = sync.Pool{New: func() any { return new(input) }}

func newInput() *input { return inputs.Get().(*input) }

func (in *input) release() {
	in.Forget()
	in.memo = nil
	inputs.Put(in)
}

func (in *input) read(json []byte, depth int) error {
	in.steps, in.memo = 0, nil
	err := in.Read(json, depth)
	if err == nil {
		in.limit = 4*len(in.Tokens) + 1024
		return nil
	}
	if text, ok := errors.AsType[*jsontext.TextError](err); ok {
		return Violations{{text.Pointer, text.Problem}}
	}
	return err
}

// number is the value of a number, valid as long as the text.
func (in *input) number(t *jsontext.Token) jsontext.Decimal {
	return jsontext.DecimalOf(in.Literal(t))
}
