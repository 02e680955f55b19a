package mapping

import "structural.app/structural/jsontext"

// writeLines writes the lines of a document. Onto a record, a line that the record has is changed, one that it has not is
// new, and one that the document has no more is taken away.
func (m *Mapping) writeLines(r *row, f *frame, s *Scope) {
	leaf := r.leaves[0]
	had, v := f.found[leaf], f.slots[r.slot]
	if v.IsNone() {
		switch {
		case v.IsAbsent() && s.onto || had.Kind() != jsontext.Array || had.Len() == 0:
		case s.onto:
			f.set(leaf, write, jsontext.NewArray())
		default:
			f.set(leaf, drop, jsontext.Value{})
		}
		return
	}

	elements := v.Members()
	var match []int
	if s.onto && had.Kind() == jsontext.Array {
		match = r.lines.match(elements, had.Members(), s)
	}
	changed := match == nil || len(elements) != had.Len()
	lines := s.room(len(elements))
	s.lines = append(s.lines, place{payload: m.leaves[leaf].pointer, document: m.pointers[r.slot]})
	here := &s.lines[len(s.lines)-1]
	for i, element := range elements {
		if here.index = i; s.isOver() {
			break
		}
		if element.Value.Kind() != jsontext.Object {
			s.refuseDocument("", "an object")
			continue
		}
		line := jsontext.Value{}
		if match != nil && match[i] >= 0 {
			line = had.Members()[match[i]].Value
		}
		isNew := line.Kind() != jsontext.Object
		if isNew {
			line = s.metadata(element.Value)
		}
		onto := s.onto
		s.onto = onto && !isNew
		out, other := r.lines.write(element.Value, line, s)
		s.onto = onto
		changed = changed || other || isNew || match[i] != i
		lines = append(lines, jsontext.Member{Value: out})
	}
	s.lines = s.lines[:len(s.lines)-1]
	if changed {
		f.set(leaf, write, jsontext.ArrayOf(lines))
	}
}

// match finds the line of the record for each line of the document, -1 if there is none: by the platform's id; by its place
// if neither has an id, or if the line of the document is known on another platform only.
func (m *Mapping) match(elements, had []jsontext.Member, s *Scope) []int {
	match := make([]int, len(elements))
	claimed := make([]bool, len(had))
	keyOf := func(line jsontext.Value) string {
		row := m.rowOf[idSlot]
		if in := line.Get(m.idKey); row >= 0 && !in.IsNone() {
			v, _ := m.rows[row].codec.Decode(s, in)
			return v.Text()
		}
		return ""
	}
	var byKey map[string][]int
	for i, element := range elements {
		match[i] = -1
		key := element.Value.At("external_ids", string(s.platform), "id").Text()
		if key == "" {
			continue
		}
		if i < len(had) && !claimed[i] && keyOf(had[i].Value) == key {
			match[i], claimed[i] = i, true
			continue
		}
		if byKey == nil {
			byKey = make(map[string][]int, len(had))
			for j := range had {
				if k := keyOf(had[j].Value); k != "" {
					byKey[k] = append(byKey[k], j)
				}
			}
		}
		candidates := byKey[key]
		for len(candidates) > 0 && claimed[candidates[0]] {
			candidates = candidates[1:]
		}
		if len(candidates) > 0 {
			match[i], claimed[candidates[0]] = candidates[0], true
			candidates = candidates[1:]
		}
		byKey[key] = candidates
	}
	for i, element := range elements {
		if i >= len(had) || match[i] >= 0 || claimed[i] {
			continue
		}
		ids := element.Value.Get("external_ids")
		foreign := ids.Len() > 0 && ids.Get(string(s.platform)).IsNone()
		if foreign || ids.At(string(s.platform), "id").IsNone() && keyOf(had[i].Value) == "" {
			match[i], claimed[i] = i, true
		}
	}
	return match
}
