package plan

import (
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// model is what a document, or a line, may have.
type model struct {
	fields []*field
	root   *modelNode
}

// field is a canonical field, and where it stands in its document or line.
type field struct {
	canonical.Field
	path    jsontext.Path
	pointer string
}

// modelNode is a key of a document: that of a field, or of a group of fields.
type modelNode struct {
	field *field // nil: a group
	kids  map[string]*modelNode
	below []*field
}

func newModel(fields []canonical.Field) *model {
	m := &model{root: &modelNode{}}
	for _, f := range fields {
		path := f.Keys()
		own := &field{f, path, path.Pointer()}
		m.fields = append(m.fields, own)
		n := m.root
		for _, key := range path {
			n.below = append(n.below, own)
			if n.kids == nil {
				n.kids = map[string]*modelNode{}
			}
			if n.kids[key] == nil {
				n.kids[key] = &modelNode{}
			}
			n = n.kids[key]
		}
		n.field = own
	}
	return m
}

// models has the model of each entity type, and of the lines that it may have.
var models = sync.OnceValue(func() map[canonical.EntityType][2]*model {
	all := map[canonical.EntityType][2]*model{}
	for _, t := range canonical.EntityTypes() {
		pair := [2]*model{newModel(canonical.Fields(t)), newModel(nil)}
		for _, f := range canonical.Fields(t) {
			if f.Type == canonical.LinesType {
				pair[1] = newModel(f.Lines)
			}
		}
		all[t] = pair
	}
	return all
})
