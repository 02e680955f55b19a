package mappingtest

import (
	"slices"
	"strings"

	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// branch is an object that is being put together.
type branch struct {
	keys []string
	kids map[string]*branch
	leaf jsontext.Value
}

// set puts a value at a path, unless something else stands in its way.
func (b *branch) set(path string, v jsontext.Value) {
	for key := range strings.SplitSeq(path, ".") {
		if !b.leaf.IsAbsent() {
			return
		}
		if b.kids == nil {
			b.kids = map[string]*branch{}
		}
		if b.kids[key] == nil {
			b.kids[key] = &branch{}
			b.keys = append(b.keys, key)
		}
		b = b.kids[key]
	}
	if b.kids == nil {
		b.leaf = v
	}
}

func (b *branch) branches() []*branch {
	var all []*branch
	for _, key := range b.keys {
		if kid := b.kids[key]; kid.kids != nil {
			all = append(append(all, kid), kid.branches()...)
		}
	}
	return all
}

func (b *branch) value() jsontext.Value {
	if b.kids == nil && !b.leaf.IsAbsent() {
		return b.leaf
	}
	var members []jsontext.Member
	for _, key := range b.keys {
		members = append(members, jsontext.Member{Key: key, Value: b.kids[key].value()})
	}
	return jsontext.NewObject(members...)
}

// withoutOtherUnits takes out of a patch units, and what the platform does not hold in the unit that the document has.
func withoutOtherUnits(table mapping.Table, document, patch jsontext.Value) jsontext.Value {
	for _, row := range table.Rows {
		if row.Unit == "" {
			continue
		}
		isOther := func(unit jsontext.Value) bool {
			return !unit.IsNone() && !slices.Contains(row.Units, strings.ToUpper(unit.Text()))
		}
		if isOther(patch.Get(row.Unit)) {
			patch = patch.Without(row.Unit)
		}
		if isOther(document.Get(row.Unit)) {
			patch = patch.Without(row.Unit).Without(row.Canonical)
		}
	}
	return patch
}
