package jsonschema

import (
	"strings"

	"structural.app/structural/jsontext"
)

// kinds is a set of JSON types, such as a schema's `type` has.
type kinds uint8

const (
	kindNull    kinds = 1 << jsontext.Null
	kindBoolean kinds = 1 << jsontext.Bool
	kindNumber  kinds = 1 << jsontext.Number
	kindString  kinds = 1 << jsontext.String
	kindArray   kinds = 1 << jsontext.Array
	kindObject  kinds = 1 << jsontext.Object
	kindInteger kinds = 1 << (jsontext.Object + 1) // only in the set of a schema: no token has it

	anyKind = kindNull | kindBoolean | kindNumber | kindString | kindArray | kindObject | kindInteger
)

// kindOf is the set of a token's type alone.
func kindOf(t *jsontext.Token) kinds { return 1 << t.Kind }

var allKinds = []struct {
	kind kinds
	name string
}{
	{kindNull, "null"}, {kindBoolean, "boolean"}, {kindNumber, "number"}, {kindInteger, "integer"},
	{kindString, "string"}, {kindArray, "array"}, {kindObject, "object"},
}

// kindNamed is the set of one type, empty if there is none of that name.
func kindNamed(name string) kinds {
	for _, k := range allKinds {
		if k.name == name {
			return k.kind
		}
	}
	return 0
}

func kindsNamed(names ...string) (set kinds) {
	for _, name := range names {
		set |= kindNamed(name)
	}
	return set
}

func (set kinds) String() string {
	var names []string
	for _, k := range allKinds {
		if set&k.kind != 0 {
			names = append(names, k.name)
		}
	}
	return strings.Join(names, " or ")
}
