package reconcile

import (
	"fmt"
	"maps"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// keptFields are the values that an object has and its records have no word for, by field.
//
// Example: a project is set to "planning". One platform knows active and inactive alone, so that its record is written as active,
// and reads as "active". The object keeps "planning" for as long as that record reads as it was written:
//
//	{"status": {"value": "planning", "written": {"<platform>": "active"}}}
type keptFields map[string]keptField

type keptField struct {
	value   jsontext.Value            // what the object says; null: nothing, although a record does
	written map[string]jsontext.Value // what each record reads as that does not say the same, by platform
}

// Kept compares a document with what its records read as, in order of precedence, and writes what the document says beyond them
// as JSON, as an [Object] has it; nil: nothing. objects maps ids that records have on their own to those of the objects that they
// are.
func Kept(t canonical.EntityType, document jsontext.Value, readings []Reading, objects map[string]string) []byte {
	return findKept(t, document, readings, objects).text()
}

func findKept(t canonical.EntityType, document jsontext.Value, readings []Reading, objects map[string]string) keptFields {
	documents := make([]jsontext.Value, len(readings))
	for i, r := range readings {
		documents[i] = r.Document
	}
	merged := withObjectIDs(t, mergeDocuments(documents), objects)
	kept := keptFields{}
	for _, field := range canonical.Changed(merged, document) {
		written := make(map[string]jsontext.Value, len(readings))
		for _, r := range readings {
			if says := withObjectIDs(t, r.Document, objects).Get(field); !canonical.SameField(says, document.Get(field)) {
				written[r.Platform] = orNull(r.Document.Get(field))
			}
		}
		kept[field] = keptField{orNull(document.Get(field)), written}
	}
	return kept
}

// Reading is what a platform's record says, as a canonical document.
type Reading struct {
	Platform string
	Document jsontext.Value
	Variant  string // mapping.Context.Variant of the record; most have none
}

// applyKept puts the fields into a document that was merged of readings, and returns those that it put there. A field no longer
// counts once a record reads as something else than it was written as, or another platform's record takes precedence.
func (k keptFields) applyKept(document jsontext.Value, readings []Reading) (jsontext.Value, keptFields) {
	merged, applied := document, keptFields{}
	for _, field := range slices.Sorted(maps.Keys(k)) {
		kept := k[field]
		same, spoken := 0, false
		for _, r := range readings {
			written, ok := kept.written[r.Platform]
			if !ok {
				continue
			}
			if !canonical.SameField(written, r.Document.Get(field)) {
				same = 0
				break
			}
			same++
			spoken = spoken || canonical.SameField(written, merged.Get(field))
		}
		if same > 0 && spoken {
			document = SetField(document, []string{field}, kept.value)
			applied[field] = kept
		}
	}
	return document, applied
}

// text writes the fields as JSON in the order of their names; nil if there are none.
func (k keptFields) text() []byte {
	if len(k) == 0 {
		return nil
	}
	object := jsontext.NewObject()
	for _, field := range slices.Sorted(maps.Keys(k)) {
		written := jsontext.NewObject()
		for _, platform := range slices.Sorted(maps.Keys(k[field].written)) {
			written = written.With(platform, k[field].written[platform])
		}
		object = object.With(field, jsontext.NewObject(
			jsontext.Member{Key: "value", Value: k[field].value},
			jsontext.Member{Key: "written", Value: written},
		))
	}
	return object.Append(nil)
}

// readKept is the opposite of text.
func readKept(text []byte) (keptFields, error) {
	if text == nil {
		return nil, nil
	}
	object, err := jsontext.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("kept fields: %w", err)
	}
	kept := keptFields{}
	for _, m := range object.Members() {
		written := map[string]jsontext.Value{}
		for _, w := range m.Value.Get("written").Members() {
			written[w.Key] = w.Value
		}
		kept[m.Key] = keptField{m.Value.Get("value"), written}
	}
	return kept, nil
}

// RefersTo lists the ids of the objects that a document refers to; not nil.
func RefersTo(t canonical.EntityType, document jsontext.Value) []string {
	ids := []string{}
	for _, r := range canonical.References(t, document) {
		ids = append(ids, r.ID)
	}
	return ids
}

func orNull(v jsontext.Value) jsontext.Value {
	if v.IsAbsent() {
		return jsontext.NullValue
	}
	return v
}
