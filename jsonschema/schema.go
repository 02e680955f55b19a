// Package jsonschema decides whether JSON texts satisfy the schemas of an OpenAPI 3.1 document (JSON Schema 2020-12), fast
// enough to be asked about every request and every response.
//
// Each schema is compiled once, at start, in two ways: by a complete implementation, the reference, and into rules that are
// checked on the text itself, without decoding it and without allocation. The law of the package is that both give the same
// verdict on every text; its tests hunt for a text on which they do not. A schema with a keyword that the checker does not
// know is left to the reference as a whole, see [Schema.Fast].
package jsonschema

import (
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"structural.app/structural/jsontext"
)

// Schema is one compiled schema. It may be used from many goroutines at once.
type Schema struct {
	root      *node
	reference *jsonschema.Schema
	fast      bool
}

// Fast says whether texts are checked without the reference. A schema that is not fast is decided just as exactly, but at
// the cost of decoding every text, and without the bounds on time and memory that hold for the others.
func (s *Schema) Fast() bool { return s.fast }

// Validate checks one JSON text. It returns nil if the text satisfies the schema, a *[jsontext.SyntaxError] if it is not one well-formed
// JSON value (see [CheckSyntax]), Violations if it breaks the schema or cannot be stored.
func (s *Schema) Validate(json []byte) error { return s.validate(json, jsontext.MaxDepth) }

// ValidateInput is Validate for what comes from outside: nested at most [jsontext.MaxInputDepth] deep.
func (s *Schema) ValidateInput(json []byte) error { return s.validate(json, jsontext.MaxInputDepth) }

func (s *Schema) validate(json []byte, depth int) error {
	in := newInput()
	defer in.release()
	if err := in.read(json, depth); err != nil {
		return err
	}
	if !s.fast {
		return s.ask(json)
	}
	if in.check(s.root, 0) || s.overruled(in, json) {
		return nil
	}
	return in.explain(s.root)
}

func (s *Schema) ask(json []byte) error {
	v, err := decode(json)
	if err != nil {
		return Violations{{Message: "cannot be decoded"}} // unreachable: the text has been scanned
	}
	if err := s.reference.Validate(v); err != nil {
		return fromReference(err)
	}
	return nil
}

// disagreements counts the texts that the checker refused and the reference accepted. Each is a bug of the checker.
var disagreements atomic.Int64

// Disagreements is how often the reference had to overrule the checker since the start. Anything but 0 is a bug.
func Disagreements() int64 { return disagreements.Load() }

// overruled asks the reference about a refusal, so that a bug of the checker cannot turn a caller away. Only where that is
// cheap: the reference has no bounds, and a refused text may have been made to cost as much as it can.
func (s *Schema) overruled(in *input, json []byte) bool {
	const small = 4096
	if len(json) > small || in.steps > in.limit {
		return false
	}
	v, err := decode(json)
	if err != nil || s.reference.Validate(v) != nil {
		return false
	}
	disagreements.Add(1)
	return true
}
