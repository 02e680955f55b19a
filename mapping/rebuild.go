package mapping

import "structural.app/structural/jsontext"

// rebuild makes the record anew: its members in their order, then those that are new. A record that is made of a document
// alone has its members in the order of the table instead, then those that have no row.
func (m *Mapping) rebuild(n *node, object jsontext.Value, f *frame, s *Scope) jsontext.Value {
	base := len(f.stack)
	for _, member := range object.Members() {
		child := f.trail[f.at]
		f.at++
		switch {
		case child == nil:
		case member.Value.Kind() == jsontext.Object && child.next != nil:
			had := member.Value.Len()
			member.Value = m.rebuild(child, member.Value, f, s)
			if had > 0 && member.Value.Len() == 0 {
				continue
			}
		case child.leaf >= 0 && f.act[child.leaf] == drop:
			continue
		case child.leaf >= 0 && f.act[child.leaf] == write:
			member.Value = f.out[child.leaf]
		case child.next != nil && member.Value.Kind() == jsontext.Null:
			if made := m.build(child, f, s); !made.IsAbsent() {
				member.Value = made
			}
		}
		if child != nil {
			f.place[child.index] = len(f.stack)
		}
		f.stack = append(f.stack, member)
	}
	had := len(f.stack)
	for _, child := range n.order {
		if f.have[child.index] != nothing {
			continue
		}
		if made := m.build(child, f, s); !made.IsAbsent() {
			f.place[child.index] = len(f.stack)
			f.push(child.key, made)
		}
	}
	if !s.onto && had > base {
		m.inOrder(n, f, base)
	}
	return jsontext.NewObject(f.settle(s, base)...)
}

// inOrder brings the members that were gathered since base into the order of the table.
func (m *Mapping) inOrder(n *node, f *frame, base int) {
	end := len(f.stack)
	for _, child := range n.order {
		if at := f.place[child.index]; at >= base && at < end && f.stack[at].Key == child.key {
			f.stack = append(f.stack, f.stack[at])
			f.stack[at].Key = taken
		}
	}
	for at := base; at < end; at++ {
		if f.stack[at].Key != taken {
			f.stack = append(f.stack, f.stack[at])
		}
	}
	size := copy(f.stack[base:], f.stack[end:])
	clear(f.stack[base+size:])
	f.stack = f.stack[:base+size]
}

// taken marks a member that has been moved. No key is like it, because keys are UTF-8.
const taken = "\xff"

// build makes a member that the record does not have; it is absent if nothing is written there.
func (m *Mapping) build(n *node, f *frame, s *Scope) jsontext.Value {
	if n.leaf >= 0 && f.act[n.leaf] == write {
		return f.out[n.leaf]
	}
	base := len(f.stack)
	for _, child := range n.order {
		if made := m.build(child, f, s); !made.IsAbsent() {
			f.push(child.key, made)
		}
	}
	if len(f.stack) == base {
		return jsontext.Value{}
	}
	return jsontext.NewObject(f.settle(s, base)...)
}
