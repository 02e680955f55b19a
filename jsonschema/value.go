package jsonschema

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"structural.app/structural/jsontext"
)

// ValidateValue checks a value that is already decoded, such as a parameter: string, bool, nil, json.Number, []any or
// map[string]any. The errors are those of [Schema.Validate].
func (s *Schema) ValidateValue(v any) error {
	text, err := appendValue(make([]byte, 0, 128), v, 0)
	if err != nil {
		return err
	}
	return s.Validate(text)
}

func appendValue(text []byte, v any, depth int) (_ []byte, err error) {
	if depth > jsontext.MaxDepth {
		return nil, unusable(fmt.Sprintf("nested deeper than %d levels", jsontext.MaxDepth))
	}
	switch v := v.(type) {
	case nil:
		return append(text, "null"...), nil
	case bool:
		return fmt.Append(text, v), nil
	case json.Number: // any text at all: it must not bring more than a number into the JSON
		if !jsontext.IsDecimal(string(v)) {
			return nil, unusable("invalid number")
		}
		return append(text, v...), nil
	case string:
		return appendString(text, v)
	case []any:
		text = append(text, '[')
		for i, item := range v {
			if i > 0 {
				text = append(text, ',')
			}
			if text, err = appendValue(text, item, depth+1); err != nil {
				return nil, err
			}
		}
		return append(text, ']'), nil
	case map[string]any:
		text = append(text, '{')
		for i, name := range sorted(v) {
			if i > 0 {
				text = append(text, ',')
			}
			if text, err = appendString(text, name); err != nil {
				return nil, err
			}
			text = append(text, ':')
			if text, err = appendValue(text, v[name], depth+1); err != nil {
				return nil, err
			}
		}
		return append(text, '}'), nil
	}
	return nil, unusable(fmt.Sprintf("a Go value of type %T is not a JSON value", v))
}

func appendString(text []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, unusable("invalid UTF-8")
	}
	text = append(text, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			text = append(text, '\\', c)
		case c < ' ':
			text = fmt.Appendf(text, `\u%04x`, c)
		default:
			text = append(text, c)
		}
	}
	return append(text, '"'), nil
}

func unusable(problem string) error {
	return &jsontext.SyntaxError{Problem: problem, Line: 1, Column: 1}
}
