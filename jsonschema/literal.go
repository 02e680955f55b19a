package jsonschema

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"structural.app/structural/jsontext"
)

// literals are the values of an enum, or the one of a const, sorted by type so that most are found in one step.
type literals struct {
	null    bool
	yes, no bool
	texts   map[string]struct{}
	few     []string // the texts again, if they are so few that looking at each is quicker
	numbers []jsontext.Decimal
	trees   []any
	values  []any // as the document has them, for messages
}

func newLiterals(values []any) *literals {
	l := &literals{values: values}
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			l.null = true
		case bool:
			l.yes, l.no = l.yes || v, l.no || !v
		case json.Number:
			l.numbers = append(l.numbers, jsontext.DecimalOf(string(v)))
		case string:
			if l.texts == nil {
				l.texts = map[string]struct{}{}
			}
			l.texts[v] = struct{}{}
		default:
			l.trees = append(l.trees, v)
		}
	}
	if len(l.texts) <= 8 {
		l.few = slices.Sorted(maps.Keys(l.texts))
	}
	return l
}

func (l *literals) has(in *input, t *jsontext.Token) bool {
	switch t.Kind {
	case jsontext.Null:
		return l.null
	case jsontext.Bool:
		if in.Literal(t) == "true" {
			return l.yes
		}
		return l.no
	case jsontext.String:
		text := in.Text(t)
		if l.few != nil {
			return slices.Contains(l.few, text)
		}
		_, ok := l.texts[text]
		return ok
	case jsontext.Number:
		for _, n := range l.numbers {
			if in.number(t).Compare(n) == 0 {
				return true
			}
		}
	default:
		if len(l.trees) == 0 {
			return false
		}
		v, err := decode([]byte(in.Literal(t)))
		for _, tree := range l.trees {
			if err == nil && equal(v, tree) {
				return true
			}
		}
	}
	return false
}

// decode reads a well-formed text, keeping every digit of its numbers.
func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// equal is equality as JSON Schema has it: numbers by value, objects without order.
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && jsontext.DecimalOf(string(a)).Compare(jsontext.DecimalOf(string(b))) == 0
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name := range a {
			if other, ok := b[name]; !ok || !equal(a[name], other) {
				return false
			}
		}
		return true
	}
	return a == b
}
