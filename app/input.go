package app

import (
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
)

// unwrap takes a record out of what its platform sends it in: a list of one, or the member of a body that it stands in, beside what it
// belongs to. at is where the record was; empty: it was not wrapped.
//
//	{"project_id": 1, "requisition": {"invoice_number": "7"}}    {"project_id": 1, "invoice_number": "7"} at /requisition
//	{"value": [{"number": "7"}]}                                 {"number": "7"} at /value/0
func unwrap(p platform.Platform, t canonical.EntityType, variant string, data jsontext.Value) (record jsontext.Value, at string, err error) {
	list := data.Get("value")
	if list.Kind() == jsontext.Array {
		if list.Len() != 1 {
			return data, "", refusePayload("/value", "one record")
		}
		return list.Members()[0].Value, "/value/0", nil
	}
	resource := p.Resource(t, variant, data)
	if resource == nil || resource.Wrapper == "" || data.Get(resource.Wrapper).Kind() != jsontext.Object {
		return data, "", nil
	}
	inner := data.Get(resource.Wrapper)
	var root []jsontext.Member
	for _, m := range data.Members() {
		if m.Key != resource.Wrapper && inner.Get(m.Key).IsAbsent() {
			root = append(root, m)
		}
	}
	return jsontext.NewObject(append(root, inner.Members()...)...), jsontext.AppendPointer("", resource.Wrapper), nil
}

func refusePayload(pointer, expected string) error {
	return &canonical.TranslationError{Problems: []canonical.Problem{{In: canonical.InPayload, Pointer: pointer, Expected: expected}}}
}

// isUnderstood says whether a document says anything that its record has a field for.
func isUnderstood(document jsontext.Value) bool {
	for _, m := range document.Members() {
		switch m.Key {
		case "object", "provider_metadata":
		default:
			return true
		}
	}
	return false
}

// isKnown says whether a record has a member that its platform knows, though no canonical field is it.
func isKnown(resource *platform.Resource, record jsontext.Value) bool {
	return slices.ContainsFunc(record.Members(), func(m jsontext.Member) bool {
		return resource.Takes(jsontext.Path{m.Key}, false) != platform.TakesNever
	})
}

// lookedFor words what a record of a type should have: the first fields of the platform's table.
func lookedFor(p platform.Platform, t canonical.EntityType, variant string) string {
	const some = 6
	var names []string
	for _, f := range p.Fields(t, variant) {
		if len(f.Record) > 0 && len(names) < some {
			names = append(names, strings.Join(f.Record[0], "."))
		}
	}
	return "a record with fields of a " + t.Label() + ", such as " + strings.Join(names, ", ")
}
