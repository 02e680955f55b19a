package mapping

import "structural.app/structural/jsontext"

// load takes the values of a document and brings them to their normal form. A field that the document does not have is
// absent; one that it empties is null.
func (m *Mapping) load(document jsontext.Value, f *frame, s *Scope) {
	members := document.Members()
	next := 0
	for i := range members {
		v := members[i].Value
		switch key := members[i].Key; key {
		case "id", "object":
			if m.entity != "" {
				continue
			}
		case "provider_metadata":
			if v.IsNone() || v.Kind() == jsontext.Object {
				continue
			}
			s.refuseDocument("/"+key, "an object")
			continue
		case "external_ids":
			m.loadIDs(v, f, s)
			continue
		}
		m.loadField(m.shape.kid(members[i].Key, &next), members[i].Key, v, "", f, s)
	}
}

func (m *Mapping) loadField(sh *shape, key string, v jsontext.Value, path string, f *frame, s *Scope) {
	switch {
	case sh == nil:
		s.refuseDocument(jsontext.AppendPointer(path, key), "a field that documents of this type have")
	case sh.slot >= 0:
		normal, ok := m.fields[sh.slot].Normal(v)
		if !ok {
			s.refuseDocument(m.pointers[sh.slot], m.fields[sh.slot].Expected())
			return
		}
		f.slots[sh.slot] = normal
	case v.IsNone():
		for _, kid := range sh.kids {
			m.loadField(kid, kid.key, v, jsontext.AppendPointer(path, key), f, s)
		}
	case v.Kind() == jsontext.Object:
		next := 0
		for _, member := range v.Members() {
			m.loadField(sh.kid(member.Key, &next), member.Key, member.Value, jsontext.AppendPointer(path, key), f, s)
		}
	default:
		s.refuseDocument(jsontext.AppendPointer(path, key), "an object")
	}
}

func (m *Mapping) loadIDs(ids jsontext.Value, f *frame, s *Scope) {
	own := ids.Get(string(s.platform))
	if !ids.IsNone() && ids.Kind() != jsontext.Object || !own.IsNone() && own.Kind() != jsontext.Object {
		s.refuseDocument("/external_ids", "an object of objects, by platform")
		return
	}
	for slot, key := range [...]string{idSlot: "id", numberSlot: "number"} {
		v := own.Get(key)
		switch {
		case v.IsNone():
		case v.Kind() != jsontext.String:
			s.refuseDocument(m.pointers[slot], "a text")
		default:
			f.slots[slot] = v
		}
	}
}
