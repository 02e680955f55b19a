package openapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"structural.app/structural/jsonschema"
)

// parameter is a parameter of a request or a header of a response: text that stands for a JSON value.
type parameter struct {
	name     string // of a header: in canonical form
	in       string // "query", "path" or "header"
	required bool
	without  string // the parameter in whose presence this one is not required; empty: none
	array    bool   // the schema takes an array, and each value is an element
	explode  bool   // each element is a value of its own, not one part of a list with commas
	text     bool   // the value, or each element, is a string; else it is written as in JSON
	integer  bool   // the value, or each element, is an integer
	schema   *jsonschema.Schema
	accepted []string // texts of an enum that are known to satisfy the schema
}

func (c compiler) parameter(ref *openapi3.ParameterRef, place string) (parameter, error) {
	p := ref.Value
	compiled, err := c.header(p.Name, &openapi3.HeaderRef{Value: &openapi3.Header{Parameter: *p}}, place)
	if err != nil {
		return parameter{}, err
	}
	if compiled.in = p.In; p.In != openapi3.ParameterInHeader {
		compiled.name = p.Name
	}
	serialization, err := p.SerializationMethod()
	if err != nil {
		return parameter{}, fmt.Errorf("%s: %w", place, err)
	}
	plain := serialization.Style == openapi3.SerializationSimple || serialization.Style == openapi3.SerializationForm
	if p.In == openapi3.ParameterInCookie || !plain || (compiled.array && p.In != openapi3.ParameterInQuery) {
		return parameter{}, fmt.Errorf("%s: this kind of parameter is not supported", place)
	}
	compiled.explode = serialization.Explode
	return compiled, compiled.readRequiredWithout(p, place)
}

// readRequiredWithout reads the extension x-required-without: the name of a query parameter, without which this one is required.
func (p *parameter) readRequiredWithout(declared *openapi3.Parameter, place string) error {
	const extension = "x-required-without"
	value, ok := declared.Extensions[extension]
	if !ok {
		return nil
	}
	if p.without, _ = value.(string); p.without == "" || p.in != openapi3.ParameterInQuery || p.required {
		return fmt.Errorf("%s: %s names another query parameter, and stands on one that is not required", place, extension)
	}
	p.required = true
	return nil
}

func (c compiler) header(name string, ref *openapi3.HeaderRef, place string) (parameter, error) {
	if ref.Value.Schema == nil || ref.Value.Schema.Value == nil {
		return parameter{}, fmt.Errorf("%s: a schema is needed", place)
	}
	s, err := c.schemas.Compile(pointer(place, "schema"))
	if err != nil {
		return parameter{}, err
	}
	compiled := parameter{name: http.CanonicalHeaderKey(name), in: openapi3.ParameterInHeader, required: ref.Value.Required, schema: s}
	value := ref.Value.Schema.Value
	if value.Type.Is(openapi3.TypeArray) && value.Items != nil {
		compiled.array = true
		value = value.Items.Value
	}
	if value.Type.Is(openapi3.TypeObject) || value.Type.Is(openapi3.TypeArray) {
		return parameter{}, fmt.Errorf("%s: this kind of parameter is not supported", place)
	}
	compiled.text = value.Type == nil || value.Type.Includes(openapi3.TypeString)
	compiled.integer = !compiled.text && value.Type.Includes(openapi3.TypeInteger) && !value.Type.Includes(openapi3.TypeNumber)
	for _, value := range value.Enum {
		if text, ok := value.(string); ok && compiled.text && !compiled.array && compiled.schema.Validate(compiled.appendJSON(nil, text)) == nil {
			compiled.accepted = append(compiled.accepted, text)
		}
	}
	return compiled, nil
}

// check validates the values that were sent under the parameter's name; no values, no parameter. It returns nil, or what is
// wrong in words that follow "query.limit: ". scratch is memory to work in.
func (p *parameter) check(values []string, scratch []byte) []string {
	if len(values) == 0 {
		if p.required {
			return []string{"is required"}
		}
		return nil
	}
	if p.array && !p.explode {
		values = strings.Split(values[len(values)-1], ",")
	}
	if !p.array && len(values) > 1 {
		return []string{"is given more than once"}
	}

	if slices.Contains(p.accepted, values[0]) {
		return nil
	}
	for _, value := range values {
		switch {
		case !utf8.ValidString(value):
			return []string{"is not UTF-8"}
		case p.integer && isIntegerInDisguise(value):
			return []string{"must be an integer such as 10, without fraction or exponent"}
		}
	}
	text := scratch
	if p.array {
		text = append(text, '[')
		for i, value := range values {
			if i > 0 {
				text = append(text, ',')
			}
			text = p.appendJSON(text, value)
		}
		text = append(text, ']')
	} else {
		text = p.appendJSON(text, values[0])
	}
	return linesOf(p.schema.Validate(text))
}

// appendJSON writes the value that a text stands for. A text that is no such value becomes a string, for the schema to refuse.
func (p *parameter) appendJSON(text []byte, value string) []byte {
	if !p.text && len(value) > 0 && !strings.ContainsAny(value, " \t\r\n[]{}\"") && jsonschema.CheckSyntax([]byte(value)) == nil {
		return append(text, value...)
	}
	if isPlain(value) {
		return append(append(append(text, '"'), value...), '"')
	}
	quoted, err := json.Marshal(value)
	if err != nil {
		return append(text, `""`...) // can't be: every string can be marshalled
	}
	return append(text, quoted...)
}

// isIntegerInDisguise finds what JSON Schema takes for an integer, 1e1 and 10.0, and those who read a parameter do not.
func isIntegerInDisguise(value string) bool {
	return strings.ContainsAny(value, ".eE") && strings.Trim(value, "+-.eE0123456789") == ""
}

// isPlain says whether a JSON string can hold the text as it stands.
func isPlain(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
