package jsonschema

import (
	"maps"
	"slices"

	"structural.app/structural/jsontext"
)

// union is an anyOf or a oneOf.
//
// Most are of objects told apart by one member: required, and pinned by const or enum to strings that no other branch
// has. Then at most one branch can accept an object, the one that its member names, and only that one is tried.
type union struct {
	branches []*node
	facts    []facts          // of the branches
	member   string           // that tells the objects apart
	byValue  map[string]*node // its values; nil if there is no such member
	others   []*node          // with byValue: the branches that accept no object
}

// facts are what every value that a schema accepts must fulfil, as far as it is plain to see.
type facts struct {
	types    kinds
	required map[string]bool
	pinned   map[string]map[string]struct{} // member -> the strings that it may be
}

func (n *node) facts() facts {
	f := facts{types: anyKind, required: map[string]bool{}, pinned: map[string]map[string]struct{}{}}
	for _, part := range n.conjuncts(nil) {
		if part.verdict == rejecting {
			f.types = 0
		}
		if part.types != 0 {
			f.types &= part.types
		}
		if o := part.object; o != nil {
			for i, m := range o.members {
				if i < len(o.required)*64 && o.required.has(i) {
					f.required[m.name] = true
				}
				if m.node == nil {
					continue
				}
				for _, p := range m.node.conjuncts(nil) {
					if values := p.onlyTexts(); values != nil {
						f.pinned[m.name] = values
					}
				}
			}
		}
	}
	return f
}

// conjuncts lists the schemas that a value of n must all satisfy: n itself, what it refers to, its allOf.
func (n *node) conjuncts(list []*node) []*node {
	list = append(list, n)
	if c := n.combine; c != nil {
		if c.ref != nil {
			list = c.ref.conjuncts(list)
		}
		for _, a := range c.all {
			list = a.conjuncts(list)
		}
	}
	return list
}

// onlyTexts are the values of a const or enum if all of them are strings.
func (n *node) onlyTexts() map[string]struct{} {
	for _, l := range []*literals{n.constant, n.enum} {
		if l != nil && l.texts != nil && !l.null && !l.yes && !l.no && l.numbers == nil && l.trees == nil {
			return l.texts
		}
	}
	return nil
}

// dispatch looks for the member that tells the branches apart.
func (u *union) dispatch() {
	if u == nil || u.facts != nil {
		return
	}
	var objects []int
	mixed := false // a branch accepts objects and something else
	for i, b := range u.branches {
		f := b.facts()
		u.facts = append(u.facts, f)
		if f.types&kindObject == 0 {
			u.others = append(u.others, b)
		} else {
			objects = append(objects, i)
			mixed = mixed || f.types != kindObject
		}
	}
	if mixed || len(objects) < 2 {
		return
	}
	for member := range u.facts[objects[0]].pinned {
		if byValue := u.tellApart(member, objects); byValue != nil && (u.byValue == nil || member < u.member) {
			u.member, u.byValue = member, byValue
		}
	}
}

func (u *union) tellApart(member string, objects []int) map[string]*node {
	byValue := map[string]*node{}
	for _, i := range objects {
		f := u.facts[i]
		if f.pinned[member] == nil || !f.required[member] {
			return nil
		}
		for value := range f.pinned[member] {
			if byValue[value] != nil {
				return nil
			}
			byValue[value] = u.branches[i]
		}
	}
	return byValue
}

// matches counts the branches that accept a value, up to a limit.
func (in *input) matches(u *union, i, limit int) int {
	branches := u.branches
	if u.byValue != nil {
		branches = u.others
		if in.Tokens[i].Kind == jsontext.Object {
			if b := in.named(u, in.member(i, u.member)); b != nil && in.check(b, i) {
				return 1
			}
			return 0
		}
	}
	count := 0
	for _, b := range branches {
		if in.check(b, i) {
			if count++; count == limit {
				break
			}
		}
	}
	return count
}

// member finds a member of an object; -1 if it has none of that name.
func (in *input) member(object int, name string) int {
	end := int(in.Tokens[object].Next)
	for i := object + 1; i < end; i = int(in.Tokens[i+1].Next) {
		if in.Text(&in.Tokens[i]) == name {
			return i + 1
		}
	}
	return -1
}

// named is the branch that the value of the telling member stands for; nil if none, or if there is no such member.
func (in *input) named(u *union, value int) *node {
	if value < 0 || in.Tokens[value].Kind != jsontext.String {
		return nil
	}
	return u.byValue[in.Text(&in.Tokens[value])]
}

// values are those that the telling member may have.
func (u *union) values() []any {
	var list []any
	for _, value := range slices.Sorted(maps.Keys(u.byValue)) {
		list = append(list, value)
	}
	return list
}
