package mappingtest

import (
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Form is a record, or a part of one, and what it says.
type Form struct {
	Entity  canonical.EntityType
	Record  string // JSON
	Says    string // JSON: the fields of the document, all of them
	Context mapping.Context
	OneWay  bool   // the record is not what is written for these fields
	SameAs  string // JSON: another record that says the same, instead of Says
	IDs     string // JSON: the external ids of the document, instead of Says
	Refused string // the JSON pointers that reading must refuse instead, and nothing else, separated by blanks
}

// Words makes the forms of an enumeration: what each of the platform's words means. The first word for a meaning is the one
// that is written. Path is dotted.
func Words(t canonical.EntityType, path, field string, ctx mapping.Context, words ...[2]string) []Form {
	var forms []Form
	written := map[string]bool{}
	for _, w := range words {
		literal := jsontext.NewString(w[0])
		if w[0] == "true" || w[0] == "false" {
			literal = jsontext.NewBool(w[0] == "true")
		}
		meaning := jsontext.NewString(w[1])
		if w[1] == "true" || w[1] == "false" {
			meaning = jsontext.NewBool(w[1] == "true")
		}
		forms = append(forms, Form{
			Entity: t, Context: ctx, OneWay: written[w[1]],
			Record: nest(path, literal).String(), Says: nest(field, meaning).String(),
		})
		written[w[1]] = true
	}
	return forms
}

// Same makes the forms of fields that the platform has under several names: the name that is written, and the others.
func Same(t canonical.EntityType, ctx mapping.Context, value jsontext.Value, path string, others ...string) []Form {
	var forms []Form
	for _, other := range others {
		forms = append(forms, Form{
			Entity: t, Context: ctx, OneWay: true,
			Record: nest(other, value).String(), SameAs: nest(path, value).String(),
		})
	}
	return forms
}

// Flags makes the forms of fields that are true or false, given as pairs of the platform's path and the field.
func Flags(t canonical.EntityType, pairs ...[2]string) []Form {
	var forms []Form
	for _, p := range pairs {
		forms = append(forms, Words(t, p[0], p[1], mapping.Context{}, [2]string{"true", "true"}, [2]string{"false", "false"})...)
	}
	return forms
}

func nest(path string, v jsontext.Value) jsontext.Value {
	keys := strings.Split(path, ".")
	slices.Reverse(keys)
	for _, key := range keys {
		if array, ok := strings.CutSuffix(key, "[]"); ok {
			v, key = jsontext.NewArray(v), array
		}
		v = jsontext.NewObject(jsontext.Member{Key: key, Value: v})
	}
	return v
}
