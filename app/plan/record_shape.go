package plan

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// recordShape is what is known of a platform's records of a type: which of their fields are which canonical ones.
type recordShape struct {
	record, line     *shapeNode
	fields           []*shapeField          // of the record
	byPointer        map[string]*shapeField // the same, by their JSON pointer in the document
	lineByPointer    map[string]*shapeField // of a line, by their JSON pointer in the line of the document
	linesKey, lineID string                 // the platform's name of the array of lines, and of a line's own id
}

// shapeField is a canonical field that the record has.
type shapeField struct {
	document  jsontext.Path
	spellings []jsontext.Path // in which the record may say it
}

// spelling is one of the ways in which a record says a field.
type spelling struct {
	field *shapeField
	index int
}

// shapeNode is a key of the record.
type shapeNode struct {
	kids                map[string]*shapeNode
	at, below           []spelling
	fixed, isFixedBelow bool // a field that cannot be changed is here, or below
}

func newRecordShape(p platform.Platform, t canonical.EntityType, variant string) *recordShape {
	s := &recordShape{
		record: &shapeNode{}, line: &shapeNode{},
		byPointer: map[string]*shapeField{}, lineByPointer: map[string]*shapeField{},
	}
	for _, f := range p.Fields(t, variant) {
		switch {
		case len(f.Record) == 0:
		case f.Type == canonical.LinesType:
			s.linesKey = f.Record[0][0]
			s.addLine(f.Lines)
		default:
			s.fields = append(s.fields, s.record.add(f, s.byPointer))
		}
	}
	return s
}

func (s *recordShape) addLine(fields []mapping.Field) {
	for _, f := range fields {
		if len(f.Record) == 0 {
			continue
		}
		s.line.add(f, s.lineByPointer)
		if f.Identity && f.Document[len(f.Document)-1] == "id" {
			s.lineID = f.Record[0][0]
		}
	}
}

// add makes a field known, in all of its spellings.
func (n *shapeNode) add(of mapping.Field, byPointer map[string]*shapeField) *shapeField {
	f, fixed := &shapeField{of.Document, of.Record}, of.Identity || of.IsReadOnly()
	byPointer[f.document.Pointer()] = f
	for i, path := range f.spellings {
		at := n
		for _, key := range path {
			if at.kids == nil {
				at.kids = map[string]*shapeNode{}
			}
			if at.kids[key] == nil {
				at.kids[key] = &shapeNode{}
			}
			if at != n {
				at.below, at.isFixedBelow = append(at.below, spelling{f, i}), at.isFixedBelow || fixed
			}
			at = at.kids[key]
		}
		at.at, at.fixed = append(at.at, spelling{f, i}), at.fixed || fixed
	}
	return f
}

// core is a record without what no table knows, and without its lines: as small as the table is, however large the record.
func (n *shapeNode) core(record jsontext.Value) jsontext.Value {
	if record.Kind() != jsontext.Object || n.kids == nil {
		return record
	}
	known := make([]jsontext.Member, 0, min(record.Len(), len(n.kids)))
	for _, m := range record.Members() {
		if kid := n.kids[m.Key]; kid != nil {
			known = append(known, jsontext.Member{Key: m.Key, Value: kid.core(m.Value)})
		}
	}
	return jsontext.NewObject(known...)
}

// native is the platform's own id that a reference of a record holds.
func (s *recordShape) native(pointer string, record jsontext.Value) string {
	f := s.byPointer[pointer]
	if f == nil {
		return ""
	}
	for _, path := range f.spellings {
		switch v := record.At(path...); v.Kind() {
		case jsontext.String:
			return v.Text()
		case jsontext.Number:
			return v.Literal()
		}
	}
	return ""
}
