package plan

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// recordPatch is a patch that is stated in a platform's words, put onto that platform's record.
type recordPatch struct {
	problems
	shape  *recordShape
	stop   stopper
	record jsontext.Value // with the patch
	// core is what the table knows of the record, without its lines; alone is the core without other spellings of the fields
	// that the patch names, so that the patch's are read.
	core, alone jsontext.Value
	named       []namedField
	lines       map[int]*linePatch // by index in the record
}

// namedField is a field that a patch names.
type namedField struct {
	spelling
	at      *jsontext.Place
	isExact bool // not by an object that is emptied, or replaced, as a whole
}

// linePatch is what a patch says of one line.
type linePatch struct {
	at    *jsontext.Place
	index int // in the patch
	named []namedField
}

func patchRecord(shape *recordShape, record, patch jsontext.Value, stop stopper) *recordPatch {
	p := &recordPatch{shape: shape, stop: stop, lines: map[int]*linePatch{}}
	p.record = p.merge(shape.record, record, patch, nil, &p.named)
	p.core = shape.record.core(p.record)
	p.alone = p.core
	for _, f := range shape.fields {
		if firstNamed(p.named, f) != nil {
			p.alone = withoutSpellings(p.alone, f, func(i int) bool { return isNamed(p.named, f, i) })
		}
	}
	return p
}

// merge puts a patch onto an object, and lists the fields that it names. n is nil where no table knows the object.
func (p *recordPatch) merge(n *shapeNode, object, patch jsontext.Value, at *jsontext.Place, named *[]namedField) jsontext.Value {
	merged := jsontext.EditOf(object)
	for _, m := range patch.Members() {
		var child *shapeNode
		if n != nil {
			child = n.kids[m.Key]
		}
		has, isObject := merged.Get(m.Key), m.Value.Kind() == jsontext.Object
		switch {
		case at == nil && m.Key == p.shape.linesKey && m.Key != "":
			merged.Set(m.Key, p.mergeLines(has, m.Value, at.Member(m.Key)))
		case child != nil && (child.fixed || child.isFixedBelow && !isObject):
			if !m.Value.Equal(has) {
				p.refuseMember(at, m.Key, readOnlyField)
			}
		case child == nil && has.IsAbsent():
			p.refuseMember(at, m.Key, unknownField)
		case isObject && (has.Kind() == jsontext.Object || child != nil && child.kids != nil):
			merged.Set(m.Key, p.merge(child, has, m.Value, at.Member(m.Key), named))
		default:
			merged.Set(m.Key, m.Value)
			if child != nil {
				*named = child.name(*named, at.Member(m.Key))
			}
		}
	}
	return merged.Value()
}

// name lists what a patch names that sets a key as a whole.
func (n *shapeNode) name(named []namedField, at *jsontext.Place) []namedField {
	for _, s := range n.at {
		named = append(named, namedField{s, at, true})
	}
	for _, s := range n.below {
		named = append(named, namedField{s, at, false})
	}
	return named
}

// firstNamed is how a patch names a field, in the first of the field's spellings; nil if it does not.
func firstNamed(named []namedField, f *shapeField) *namedField {
	var found *namedField
	for i := range named {
		if n := &named[i]; n.field == f && (found == nil || n.index < found.index) {
			found = n
		}
	}
	return found
}

func isNamed(named []namedField, f *shapeField, index int) bool {
	return slices.ContainsFunc(named, func(n namedField) bool { return n.isExact && n.field == f && n.index == index })
}

func (p *recordPatch) mergeLines(lines, patch jsontext.Value, at *jsontext.Place) jsontext.Value {
	if patch.Kind() != jsontext.Array {
		p.expect(at, "an array of lines, each with its "+p.shape.lineID)
		return lines
	}
	merged := slices.Clone(lines.Members())
	places := make(map[string]int, len(merged)) // by id
	for i := len(merged) - 1; i >= 0; i-- {
		places[idText(merged[i].Value.Get(p.shape.lineID))] = i
	}
	for i, element := range patch.Members() {
		if p.stop.every(i) != nil {
			break
		}
		here := at.Element(i)
		id := element.Value.Get(p.shape.lineID)
		j, known := places[idText(id)]
		switch {
		case element.Value.Kind() != jsontext.Object:
			p.expect(here, "an object")
		case !known || id.IsNone():
			p.expect(here.Member(p.shape.lineID), ofALine)
		case p.lines[j] != nil:
			p.refuse(here, namedTwice)
		default:
			line := &linePatch{at: here, index: i}
			merged[j].Value = p.merge(p.shape.line, merged[j].Value, element.Value, here, &line.named)
			p.lines[j] = line
		}
	}
	return jsontext.ArrayOf(merged)
}

// idText is an id as it is compared: a number is another one than its text.
func idText(id jsontext.Value) string {
	if id.Kind() == jsontext.String {
		return `"` + id.Text()
	}
	return id.String()
}

// contradictions finds fields that the patch names in several words which do not say the same. said is the document of the
// record as the patch names it; read makes the document of another.
func (p *recordPatch) contradictions(said jsontext.Value, read func(record jsontext.Value) (jsontext.Value, error)) error {
	for _, f := range p.shape.fields {
		var exact []namedField
		for i := range f.spellings {
			for _, n := range p.named {
				if n.isExact && n.field == f && n.index == i {
					exact = append(exact, n)
				}
			}
		}
		if len(exact) < 2 {
			continue
		}
		for _, n := range exact {
			document, err := read(withoutSpellings(p.core, f, func(i int) bool { return i == n.index }))
			if err != nil {
				return err
			}
			if !canonical.SameField(document.At(f.document...), said.At(f.document...)) {
				p.expect(n.at, "the same as "+jsontext.CutPointer(exact[0].at.Pointer())+" says")
			}
		}
	}
	return p.err()
}

// edits are what the patch makes of the record's canonical document: what it names, and whatever else it changes. changed is
// the document of the core with the patch, alone that of the core with the patch's own words, after that of the record.
func (p *recordPatch) edits(t canonical.EntityType, before, changed, alone, after jsontext.Value) (edits, error) {
	var made edits
	for _, f := range models()[t][0].fields {
		if f.Type == canonical.LinesType || f.IsReadOnly() {
			continue
		}
		e := edit{field: f, value: orNull(changed.At(f.path...))}
		if named := p.namedOf(p.shape.byPointer, p.named, f); named != nil {
			e.value, e.at = orNull(alone.At(f.path...)), named.at
			if f.Type == canonical.ReferenceType {
				e.native = p.shape.native(f.pointer, p.alone)
			}
		} else if canonical.SameField(before.At(f.path...), e.value) {
			continue
		}
		made.fields = append(made.fields, e)
	}
	had, has := before.Get("lines").Members(), after.Get("lines").Members()
	for j := range min(len(had), len(has)) {
		if err := p.stop.every(j); err != nil {
			return edits{}, err
		}
		line := p.lines[j]
		if line == nil {
			continue
		}
		of := lineEdits{line: j, at: line.at}
		for _, f := range models()[t][1].fields {
			if f.IsReadOnly() {
				continue
			}
			e := edit{field: f, value: orNull(has[j].Value.At(f.path...)), at: line.at, line: j, ofLine: true}
			if named := p.namedOf(p.shape.lineByPointer, line.named, f); named != nil {
				e.at = named.at
			} else if canonical.SameField(had[j].Value.At(f.path...), e.value) {
				continue
			}
			of.edits = append(of.edits, e)
		}
		if len(of.edits) > 0 {
			made.lines = append(made.lines, of)
		}
	}
	return made, nil
}

func (p *recordPatch) namedOf(fields map[string]*shapeField, named []namedField, f *field) *namedField {
	if len(named) == 0 {
		return nil
	}
	if own := fields[f.pointer]; own != nil {
		return firstNamed(named, own)
	}
	return nil
}

// placed makes a problem of the record one of the patch.
func (p *recordPatch) placed(err error) error {
	if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
		for i := range translation.Problems {
			translation.Problems[i].Pointer = p.place(translation.Problems[i].Pointer)
		}
	}
	return err
}

// place turns a problem's pointer in the record into one in the patch: lines have other indexes there.
func (p *recordPatch) place(pointer string) string {
	lines := (*jsontext.Place)(nil).Member(p.shape.linesKey).Pointer()
	rest, ok := strings.CutPrefix(pointer, lines+"/")
	if !ok || p.shape.linesKey == "" {
		return pointer
	}
	index, rest, _ := strings.Cut(rest, "/")
	if j, err := strconv.Atoi(index); err == nil && p.lines[j] != nil {
		return jsontext.ElementPointer(lines, p.lines[j].index) + "/" + rest
	}
	return pointer
}

// withoutSpellings takes away the spellings of a field but those that are to stay. A field with one has no other.
func withoutSpellings(record jsontext.Value, f *shapeField, stays func(index int) bool) jsontext.Value {
	if len(f.spellings) < 2 {
		return record
	}
	for i, path := range f.spellings {
		if !stays(i) {
			record = without(record, path)
		}
	}
	return record
}

func without(object jsontext.Value, path jsontext.Path) jsontext.Value {
	member := object.Get(path[0])
	switch {
	case member.IsAbsent():
		return object
	case len(path) == 1:
		return object.Without(path[0])
	case member.Kind() != jsontext.Object:
		return object
	}
	return object.With(path[0], without(member, path[1:]))
}

func orNull(v jsontext.Value) jsontext.Value {
	if v.IsAbsent() {
		return jsontext.NullValue
	}
	return v
}
