package jsonschema

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	found "github.com/santhosh-tekuri/jsonschema/v6/kind"

	"structural.app/structural/jsontext"
)

// The reference is a complete JSON Schema 2020-12 implementation. It decides for the schemas that the checker does not
// know all keywords of, and it is what the checker is held against in tests.

// documentURL is the name of the document inside the reference. Nothing is ever fetched from it.
const documentURL = "document:///openapi.json"

func referenceURL(pointer string) string { return documentURL + fragment(pointer) }

// unasserted are the formats that the reference knows and this package does not: annotations, for both.
var unasserted = []string{
	"json-pointer", "relative-json-pointer", "duration", "period", "hostname", "iri", "iri-reference", "uri-reference",
	"uri-template", "semver",
}

func newReference(document any) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.AssertFormat()
	for i := range formats {
		f := &formats[i]
		c.RegisterFormat(&jsonschema.Format{Name: f.name, Validate: func(v any) error {
			if !f.accepts(v) {
				return errFormat
			}
			return nil
		}})
	}
	for _, name := range unasserted {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(any) error { return nil }})
	}
	return c, c.AddResource(documentURL, document)
}

var errFormat = errors.New("wrong format")

// noLoader: a $ref out of the document must not read a file or call a server.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is outside the document", url)
}

// fromReference turns what the reference found into violations.
func fromReference(err error) error {
	var root *jsonschema.ValidationError
	if !errors.As(err, &root) {
		return Violations{{Message: "does not satisfy the schema"}}
	}
	var r report
	describe(&r, root, "")
	list := r.violations()
	if len(r.more) == 0 { // it walks maps, in another order every time
		slices.SortFunc(list, func(a, b Violation) int {
			return strings.Compare(a.Pointer+"\x00"+a.Message, b.Pointer+"\x00"+b.Message)
		})
	}
	return list
}

// describe adds the leaves of an error. The texts of the library are not used: they quote the value.
func describe(r *report, e *jsonschema.ValidationError, prefix string) {
	if r.enough() {
		return
	}
	at := e.InstanceLocation
	add := func(message string, below ...string) {
		var place *jsontext.Place
		for _, token := range slices.Concat(at, below) {
			place = place.Member(token)
		}
		r.add(place.CutPointer(), prefix+message)
	}
	switch k := e.ErrorKind.(type) {
	case *found.Type:
		add(textType(kindNamed(k.Got), kindsNamed(k.Want...)))
	case *found.Const:
		add(textOneOf([]any{k.Want}))
	case *found.Enum:
		add(textOneOf(k.Want))
	case *found.Format:
		if f := formatNamed(k.Want); f != nil {
			add(f.want)
		} else {
			add("must be a " + k.Want)
		}
	case *found.Pattern:
		add(textPattern(k.Want))
	case *found.MinLength:
		add(textAtLeast(k.Want, "character"))
	case *found.MaxLength:
		add(textAtMost(k.Want, "character"))
	case *found.MinItems:
		add(textAtLeast(k.Want, "item"))
	case *found.MaxItems:
		add(textAtMost(k.Want, "item"))
	case *found.UniqueItems:
		add(textRepeated(k.Duplicates[0], k.Duplicates[1]))
	case *found.Contains:
		add(textAtLeast(1, "matching item"))
	case *found.MinContains:
		add(textAtLeast(k.Want, "matching item"))
	case *found.MaxContains:
		add(textAtMost(k.Want, "matching item"))
	case *found.MinProperties:
		add(textAtLeast(k.Want, "property"))
	case *found.MaxProperties:
		add(textAtMost(k.Want, "property"))
	case *found.Minimum:
		add("must be at least " + plain(k.Want))
	case *found.Maximum:
		add("must be at most " + plain(k.Want))
	case *found.ExclusiveMinimum:
		add("must be greater than " + plain(k.Want))
	case *found.ExclusiveMaximum:
		add("must be less than " + plain(k.Want))
	case *found.MultipleOf:
		add("must be a multiple of " + plain(k.Want))
	case *found.Required:
		for _, name := range k.Missing {
			add(textRequired, name)
		}
	case *found.DependentRequired:
		for _, name := range k.Missing {
			add(textNeeded(k.Prop), name)
		}
	case *found.Dependency:
		for _, name := range k.Missing {
			add(textNeeded(k.Prop), name)
		}
	case *found.AdditionalProperties:
		for _, name := range k.Properties {
			add(textUnknown, name)
		}
	case *found.PropertyNames:
		var inner report
		for _, cause := range e.Causes {
			describe(&inner, cause, textNamePrefix)
		}
		for _, v := range inner.list {
			prefix = ""
			add(v.Message, k.Property)
		}
	case *found.FalseSchema:
		if strings.HasSuffix(e.SchemaURL, "/unevaluatedProperties") {
			add(textUnknown)
		} else {
			add(textForbidden)
		}
	case *found.Not:
		add(textNot)
	case *found.AnyOf:
		describeUnion(r, e, prefix, add)
	case *found.OneOf:
		if k.Subschemas != nil {
			add(textAmbiguous)
		} else {
			describeUnion(r, e, prefix, add)
		}
	case *found.Schema, *found.Group, *found.Reference, *found.AllOf:
		for _, cause := range e.Causes {
			describe(r, cause, prefix)
		}
	default:
		add("does not satisfy the schema")
	}
}

// describeUnion descends into the only branch whose type and const members fit, if there is just one.
func describeUnion(r *report, e *jsonschema.ValidationError, prefix string, add func(string, ...string)) {
	var fitting []*jsonschema.ValidationError
	for _, branch := range e.Causes {
		if !mismatch(branch, len(e.InstanceLocation)) {
			fitting = append(fitting, branch)
		}
	}
	if len(fitting) == 1 {
		describe(r, fitting[0], prefix)
		return
	}
	add(textNone)
}

// mismatch finds a wrong type of the value itself, or a const that it does not fulfil.
func mismatch(e *jsonschema.ValidationError, depth int) bool {
	switch e.ErrorKind.(type) {
	case *found.Const:
		return true
	case *found.Type:
		return len(e.InstanceLocation) == depth
	}
	return slices.ContainsFunc(e.Causes, func(cause *jsonschema.ValidationError) bool { return mismatch(cause, depth) })
}

// plain writes a number without an exponent.
func plain(r *big.Rat) string {
	places, _ := r.FloatPrec()
	return r.FloatString(places)
}
