package books

import (
	"slices"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// form is how an invoice, or a line of one, is written.
type form struct {
	place, inRetainage map[string]int  // of a member among others
	derived            []jsontext.Path // what [Derive] adds
}

// forms are those of an invoice and of its lines.
var forms = sync.OnceValues(func() (document, line form) {
	fields := canonical.Fields(canonical.Invoice)
	document = formOf(fields)
	for _, f := range fields {
		if f.Type == canonical.LinesType {
			line = formOf(f.Lines)
		}
	}
	return document, line
})

func formOf(fields []canonical.Field) form {
	f := form{place: map[string]int{}, inRetainage: map[string]int{}}
	for i := range fields {
		path := fields[i].Keys()
		if fields[i].Derived {
			f.derived = append(f.derived, path)
		}
		if _, ok := f.place[path[0]]; !ok {
			f.place[path[0]] = i
		}
		if len(path) == 2 && path[0] == "retainage" {
			f.inRetainage[path[1]] = i
		}
	}
	f.place["provider_metadata"] = len(fields)
	for _, key := range []string{"id", "object", "external_ids"} {
		f.place[key] = -1
	}
	return f
}

// Underived is an invoice without what [Derive] adds.
func Underived(document jsontext.Value) jsontext.Value {
	whole, ofLine := forms()
	document = whole.without(document)
	lines := document.Get("lines").Members()
	var made []jsontext.Member
	for i := range lines {
		line := ofLine.without(lines[i].Value)
		if made == nil && !line.Same(lines[i].Value) {
			made = slices.Clone(lines)
		}
		if made != nil {
			made[i].Value = line
		}
	}
	if made == nil {
		return document
	}
	return document.With("lines", jsontext.ArrayOf(made))
}

// without is an object without what is derived.
func (f form) without(object jsontext.Value) jsontext.Value {
	for _, path := range f.derived {
		switch inner := object.Get(path[0]); {
		case object.At(path...).IsAbsent():
		case len(path) == 1 || inner.Len() == 1:
			object = object.Without(path[0])
		default:
			object = object.With(path[0], inner.Without(path[1]))
		}
	}
	return object
}

// with sets a member of an object: in its place if it has it, else where it is among the fields.
func (f form) with(object jsontext.Value, v jsontext.Value, path ...string) jsontext.Value {
	if len(path) == 2 {
		inner := object.Get(path[0])
		if inner.Kind() != jsontext.Object {
			inner = jsontext.NewObject()
		}
		v = insert(inner, path[1], v, f.inRetainage)
	}
	return insert(object, path[0], v, f.place)
}

// insert sets a member of an object. A new one stands before the first that comes after it.
func insert(object jsontext.Value, key string, v jsontext.Value, place map[string]int) jsontext.Value {
	if object.Index(key) >= 0 {
		return object.With(key, v)
	}
	members := slices.Clone(object.Members())
	at := slices.IndexFunc(members, func(m jsontext.Member) bool { return place[m.Key] > place[key] })
	if at < 0 {
		at = len(members)
	}
	return jsontext.NewObject(slices.Insert(members, at, jsontext.Member{Key: key, Value: v})...)
}
