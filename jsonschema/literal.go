package jsonschema

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// literals are the values of an enum, or the one of a const, sorted by type so that most are found in one step.
type literals struct {
	kinds   kind // of null and of the others that there are
	yes, no bool
	texts   map[string]struct{}
	few     []string // the texts again, if they are so few that looking at each is quicker
	numbers []decimal
	trees   []any
	values  []any // as the document has them, for messages
}

func newLiterals(values []any) *literals {
	l := &literals{values: values}
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			l.kinds |= kindNull
		case bool:
			l.yes, l.no = l.yes || v, l.no || !v
		case json.Number:
			l.numbers = append(l.numbers, newDecimal(string(v)))
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

func (l *literals) has(in *input, t *token) bool {
	switch t.kind {
	case kindNull:
		return l.kinds&kindNull != 0
	case kindBoolean:
		if in.src[t.start] == 't' {
			return l.yes
		}
		return l.no
	case kindString:
		text := in.text(t)
		if l.few != nil {
			return slices.ContainsFunc(l.few, func(s string) bool { return s == string(text) })
		}
		_, ok := l.texts[string(text)]
		return ok
	case kindNumber:
		for _, n := range l.numbers {
			if in.decimal(t).compare(n) == 0 {
				return true
			}
		}
	default:
		if len(l.trees) == 0 {
			return false
		}
		v, err := decode(in.src[t.start:t.end])
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
		return ok && newDecimal(string(a)).compare(newDecimal(string(b))) == 0
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
