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
	each := func(names []string, message string) {
		for _, name := range names {
			add(message, name)
		}
	}
	if message := leafMessage(e.ErrorKind); message != "" {
		add(message)
		return
	}
	switch k := e.ErrorKind.(type) {
	case *found.Required:
		each(k.Missing, textRequired)
	case *found.DependentRequired:
		each(k.Missing, textNeeded(k.Prop))
	case *found.Dependency:
		each(k.Missing, textNeeded(k.Prop))
	case *found.AdditionalProperties:
		each(k.Properties, textUnknown)
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
		add(falseMessage(e.SchemaURL))
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

// leafMessage is the message about a rule that says one thing of the value itself; empty for the others.
func leafMessage(kind jsonschema.ErrorKind) string {
	switch k := kind.(type) {
	case *found.Type:
		return textType(kindNamed(k.Got), kindsNamed(k.Want...))
	case *found.Const:
		return textOneOf([]any{k.Want})
	case *found.Enum:
		return textOneOf(k.Want)
	case *found.Format:
		if f := formatNamed(k.Want); f != nil {
			return f.want
		}
		return "must be a " + k.Want
	case *found.Pattern:
		return textPattern(k.Want)
	case *found.MinLength:
		return textAtLeast(k.Want, "character")
	case *found.MaxLength:
		return textAtMost(k.Want, "character")
	case *found.MinItems:
		return textAtLeast(k.Want, "item")
	case *found.MaxItems:
		return textAtMost(k.Want, "item")
	case *found.UniqueItems:
		return textRepeated(k.Duplicates[0], k.Duplicates[1])
	case *found.Contains:
		return textAtLeast(1, "matching item")
	case *found.MinContains:
		return textAtLeast(k.Want, "matching item")
	case *found.MaxContains:
		return textAtMost(k.Want, "matching item")
	case *found.MinProperties:
		return textAtLeast(k.Want, "property")
	case *found.MaxProperties:
		return textAtMost(k.Want, "property")
	case *found.Minimum:
		return "must be at least " + plain(k.Want)
	case *found.Maximum:
		return "must be at most " + plain(k.Want)
	case *found.ExclusiveMinimum:
		return "must be greater than " + plain(k.Want)
	case *found.ExclusiveMaximum:
		return "must be less than " + plain(k.Want)
	case *found.MultipleOf:
		return "must be a multiple of " + plain(k.Want)
	case *found.Not:
		return textNot
	}
	return ""
}

// falseMessage is the message about a value whose schema is false.
func falseMessage(schemaURL string) string {
	if strings.HasSuffix(schemaURL, "/unevaluatedProperties") {
		return textUnknown
	}
	return textForbidden
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
