package reconcile

import "structural.app/structural/jsontext"

// SetField sets a field of a canonical document; null takes it away, and with its last field a group. provider_metadata stays
// the last member.
func SetField(document jsontext.Value, path jsontext.Path, value jsontext.Value) jsontext.Value {
	key := path[0]
	if len(path) > 1 {
		group := document.Get(key)
		if group.Kind() != jsontext.Object {
			group = jsontext.NewObject()
		}
		value = SetField(group, path[1:], value)
		if value.Len() == 0 {
			value = jsontext.NullValue
		}
	}
	if value.IsNone() {
		return document.Without(key)
	}
	metadata := document.Get("provider_metadata")
	if metadata.IsAbsent() || key == "provider_metadata" || !document.Get(key).IsAbsent() {
		return document.With(key, value)
	}
	change := jsontext.EditOf(document)
	change.Set("provider_metadata", jsontext.Value{})
	change.Append(jsontext.Member{Key: key, Value: value}, jsontext.Member{Key: "provider_metadata", Value: metadata})
	return change.Value()
}
