package canonical

import (
	"slices"

	"structural.app/structural/jsontext"
)

// Merge makes one document of two that describe the same thing: every field of the first stands, the second fills what the
// first lacks, and external_ids and provider_metadata of both unite. A field is taken whole, so that no address is half of
// one platform and half of the other. The currency of a record goes with its amounts: where the first has any, it is not the
// second's.
func Merge(first, second jsontext.Value) jsontext.Value {
	merged := jsontext.EditOf(first)
	for _, m := range second.Members() {
		had := merged.Get(m.Key)
		switch {
		case m.Key == "currency" && hasMoney(first):
		case had.IsNone():
			merged.Set(m.Key, m.Value)
		case m.Key == "external_ids" || m.Key == "provider_metadata":
			merged.Set(m.Key, Merge(had, m.Value))
		}
	}
	return inOrder(merged.Value())
}

func hasMoney(document jsontext.Value) bool {
	return slices.ContainsFunc(document.Members(), func(m jsontext.Member) bool {
		_, ok := MoneyOf(m.Value)
		return ok
	})
}

// inOrder puts provider_metadata last again.
func inOrder(document jsontext.Value) jsontext.Value {
	const last = "provider_metadata"
	if i := document.Index(last); i >= 0 && i < document.Len()-1 {
		return document.Without(last).With(last, document.Members()[i].Value)
	}
	return document
}

// Changed lists the fields in which a document differs from an earlier one, in the document's order. What identifies the
// record (id, object, external_ids) and provider_metadata are no fields.
func Changed(before, after jsontext.Value) []string {
	var changed []string
	for _, m := range after.Members() {
		if !IsEnvelope(m.Key) && !SameField(before.Get(m.Key), m.Value) {
			changed = append(changed, m.Key)
		}
	}
	for _, m := range before.Members() {
		if !IsEnvelope(m.Key) && after.Get(m.Key).IsAbsent() && !m.Value.IsNone() {
			changed = append(changed, m.Key)
		}
	}
	return changed
}

// SameField reports whether two values of a field say the same: null and no value do.
func SameField(a, b jsontext.Value) bool { return a.IsNone() && b.IsNone() || a.Equal(b) }

// IsEnvelope reports whether a member of a document identifies the record or travels with it, and is no field.
func IsEnvelope(key string) bool {
	return key == "id" || key == "object" || key == "external_ids" || key == "provider_metadata"
}

// Patch sets the fields of a document that a patch names: null takes a field away, an object such as an address or an
// amount replaces the one before.
func Patch(document, patch jsontext.Value) jsontext.Value {
	patched := jsontext.EditOf(document)
	for _, m := range patch.Members() {
		if !IsEnvelope(m.Key) {
			patched.Set(m.Key, m.Value)
		}
	}
	return inOrder(patched.Value())
}
