package canonical

import "slices"

// Merge makes one document of two that describe the same thing: every field of the first stands, the second fills what the
// first lacks, and external_ids and provider_metadata of both unite. A field is taken whole, so that no address is half of
// one platform and half of the other. The currency of a record goes with its amounts: where the first has any, it is not the
// second's.
func Merge(first, second Value) Value {
	merged := append([]Member(nil), first.kids()...)
	for _, m := range second.kids() {
		i := indexOf(merged, m.Key)
		switch {
		case m.Key == "currency" && hasMoney(first):
		case i < 0:
			merged = append(merged, m)
		case merged[i].Value.IsNone():
			merged[i].Value = m.Value
		case m.Key == "external_ids" || m.Key == "provider_metadata":
			merged[i].Value = Merge(merged[i].Value, m.Value)
		}
	}
	return inOrder(merged)
}

func hasMoney(document Value) bool {
	return slices.ContainsFunc(document.Members(), func(m Member) bool {
		_, ok := MoneyOf(m.Value)
		return ok
	})
}

func indexOf(members []Member, key string) int {
	for i := range members {
		if members[i].Key == key {
			return i
		}
	}
	return -1
}

// inOrder puts provider_metadata last again.
func inOrder(members []Member) Value {
	if i := indexOf(members, "provider_metadata"); i >= 0 {
		last := members[i]
		members = append(append(members[:i:i], members[i+1:]...), last)
	}
	return NewObject(members...)
}

// Changed lists the fields in which a document differs from an earlier one, in the document's order. What identifies the
// record (id, object, external_ids) and provider_metadata are no fields.
func Changed(before, after Value) []string {
	var changed []string
	for _, m := range after.kids() {
		if !IsEnvelope(m.Key) && !SameField(before.Get(m.Key), m.Value) {
			changed = append(changed, m.Key)
		}
	}
	for _, m := range before.kids() {
		if !IsEnvelope(m.Key) && after.Get(m.Key).IsAbsent() && !m.Value.IsNone() {
			changed = append(changed, m.Key)
		}
	}
	return changed
}

// SameField reports whether two values of a field say the same: null and no value do.
func SameField(a, b Value) bool { return a.IsNone() && b.IsNone() || a.Equal(b) }

// IsEnvelope reports whether a member of a document identifies the record or travels with it, and is no field.
func IsEnvelope(key string) bool {
	return key == "id" || key == "object" || key == "external_ids" || key == "provider_metadata"
}

// Patch sets the fields of a document that a patch names: null takes a field away, an object such as an address or an
// amount replaces the one before.
func Patch(document, patch Value) Value {
	members := append([]Member(nil), document.kids()...)
	for _, m := range patch.kids() {
		if IsEnvelope(m.Key) {
			continue
		}
		if i := indexOf(members, m.Key); i >= 0 {
			members[i].Value = m.Value
		} else {
			members = append(members, m)
		}
	}
	return inOrder(members)
}
