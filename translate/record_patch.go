package translate

import (
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// recordShape is what is known of a platform's records of a type: which of their fields are which canonical ones.
type recordShape struct {
	fields, lineFields []platform.Field
	linesKey, lineID   string // the platform's name of the array of lines, and of a line's own id
}

func newRecordShape(p platform.Platform, t canonical.EntityType) *recordShape {
	s := &recordShape{}
	for _, f := range p.Fields(t) {
		line, isLine := strings.CutPrefix(f.Path, "lines[].")
		switch {
		case f.Codec == "":
		case f.Type == canonical.LinesType:
			s.linesKey = f.Platform[0]
		case isLine:
			paths := make([]string, len(f.Platform))
			for i, path := range f.Platform {
				paths[i] = strings.TrimPrefix(path, s.linesKey+"[].")
			}
			f.Path, f.Platform = line, paths
			s.lineFields = append(s.lineFields, f)
			if strings.HasPrefix(line, "external_ids.") && strings.HasSuffix(line, ".id") {
				s.lineID = paths[0]
			}
		default:
			s.fields = append(s.fields, f)
		}
	}
	return s
}

// has reports whether the platform's record has a canonical field.
func (s *recordShape) has(field string) bool {
	return slices.ContainsFunc(s.fields, func(f platform.Field) bool { return f.Path == field })
}

// native is the platform's own id that a reference of a record holds.
func (s *recordShape) native(field string, record canonical.Value) string {
	for _, f := range s.fields {
		if f.Path != field {
			continue
		}
		for _, path := range f.Platform {
			switch v := record.At(strings.Split(path, ".")...); v.Kind() {
			case canonical.String:
				return v.Text()
			case canonical.Number:
				return v.Literal()
			}
		}
	}
	return ""
}

// recordPatch is a patch that is stated in a platform's words, put onto that platform's record.
type recordPatch struct {
	problems
	shape  *recordShape
	record canonical.Value // with the patch
	// alone is the record without other spellings of the fields that the patch names, so that the patch's are read.
	alone canonical.Value
	named []string       // paths that the patch names
	lines map[int]*lined // by index in the record
}

// lined is what a patch says of one line.
type lined struct {
	element int // index in the patch
	named   []string
}

func patchRecord(shape *recordShape, record, patch canonical.Value) *recordPatch {
	p := &recordPatch{shape: shape, lines: map[int]*lined{}}
	p.record, p.named = p.merge(shape.fields, record, patch, "", "", true)
	p.alone = withoutSpellings(shape.fields, p.record, p.named)
	return p
}

// contradictions finds fields that the patch names in several words which do not say the same. read makes the canonical
// document of a record.
func (p *recordPatch) contradictions(alone canonical.Value, read func(record canonical.Value) (canonical.Value, error)) error {
	for _, f := range p.shape.fields {
		var named []string
		for _, path := range f.Platform {
			if slices.Contains(p.named, path) {
				named = append(named, path)
			}
		}
		if len(named) < 2 {
			continue
		}
		for _, path := range named {
			document, err := read(withoutSpellings([]platform.Field{f}, p.record, []string{path}))
			if err != nil {
				return err
			}
			field := strings.Split(f.Path, ".")
			if !canonical.SameField(document.At(field...), alone.At(field...)) {
				p.expect(pointerOf(path), "the same as "+pointerOf(named[0])+" says")
			}
		}
	}
	return p.err()
}

const (
	longestPath = 200    // bytes; no field's path is as long
	noPath      = "\x00" // of what lies deeper than any field
)

// merge puts a patch onto an object, and lists the paths that it names.
func (p *recordPatch) merge(fields []platform.Field, object, patch canonical.Value, path, pointer string, top bool) (canonical.Value, []string) {
	var named []string
	for _, m := range patch.Members() {
		has := object.Get(m.Key)
		at, below := pointer, noPath // names that a caller made up must not be multiplied by the members below them
		if len(at) <= longestPath {
			at, below = canonical.AppendPointer(pointer, m.Key), path+m.Key
		}
		isField, isGroup, readOnly := describe(fields, below, m.Value.Kind() == canonical.Object)
		switch {
		case top && path == "" && m.Key == p.shape.linesKey && m.Key != "":
			object = object.With(m.Key, p.mergeLines(has, m.Value, at))
			continue
		case readOnly:
			if !m.Value.Equal(has) {
				p.refuse(at, readOnlyField)
			}
			continue
		case !isField && !isGroup && has.IsAbsent():
			p.refuse(at, unknownField)
			continue
		case m.Value.Kind() == canonical.Object && (isGroup || has.Kind() == canonical.Object):
			if has.Kind() != canonical.Object {
				has = canonical.NewObject()
			}
			merged, inside := p.merge(fields, has, m.Value, below+".", at, top)
			object, named = object.With(m.Key, merged), append(named, inside...)
			continue
		}
		object, named = object.With(m.Key, m.Value), append(named, below)
	}
	return object, named
}

// describe says what a path of the platform is: that of a field, the beginning of others, one that cannot be changed, or
// cannot be changed as a whole.
func describe(fields []platform.Field, path string, inPart bool) (isField, isGroup, readOnly bool) {
	for _, f := range fields {
		fixed := f.IsReadOnly() || strings.HasPrefix(f.Path, "external_ids.")
		for _, own := range f.Platform {
			if own == path {
				isField, readOnly = true, readOnly || fixed
			}
			if strings.HasPrefix(own, path+".") {
				isGroup, readOnly = true, readOnly || fixed && !inPart
			}
		}
	}
	return isField, isGroup, readOnly
}

func (p *recordPatch) mergeLines(lines, patch canonical.Value, pointer string) canonical.Value {
	if patch.Kind() != canonical.Array {
		p.expect(pointer, "an array of lines, each with its "+p.shape.lineID)
		return lines
	}
	merged := slices.Clone(lines.Members())
	for i, element := range patch.Members() {
		at := canonical.ElementPointer(pointer, i)
		id := element.Value.Get(p.shape.lineID)
		j := slices.IndexFunc(merged, func(line canonical.Member) bool {
			return !id.IsNone() && line.Value.Get(p.shape.lineID).Equal(id)
		})
		switch {
		case element.Value.Kind() != canonical.Object:
			p.expect(at, "an object")
		case j < 0:
			p.expect(at+"/"+p.shape.lineID, ofALine)
		case p.lines[j] != nil:
			p.refuse(at, namedTwice)
		default:
			line, named := p.merge(p.shape.lineFields, merged[j].Value, element.Value, "", at, false)
			merged[j].Value = line
			p.lines[j] = &lined{element: i, named: named}
		}
	}
	return canonical.ArrayOf(merged)
}

// edits are what the patch makes of the record's canonical document: what it names, and whatever else it changes.
func (p *recordPatch) edits(t canonical.EntityType, before, after, alone canonical.Value) []edit {
	var edits []edit
	lineModel := models()[t][1]
	for _, f := range canonical.Fields(t) {
		if f.Type == canonical.LinesType || f.IsReadOnly() {
			continue
		}
		path := strings.Split(f.Path, ".")
		value := after.At(path...)
		named := namedPath(p.shape.fields, f.Path, p.named)
		if named != "" {
			value = alone.At(path...)
		} else if canonical.SameField(before.At(path...), value) {
			continue
		}
		e := edit{field: f, line: -1, value: orNull(value), pointer: pointerOf(named)}
		if f.Type == canonical.ReferenceType && named != "" {
			e.native = p.shape.native(f.Path, p.alone)
		}
		edits = append(edits, e)
	}
	had, has := before.Get("lines").Members(), after.Get("lines").Members()
	for j := range has {
		line := p.lines[j]
		if line == nil || j >= len(had) {
			continue
		}
		for _, f := range lineModel.fields {
			path := strings.Split(f.Path, ".")
			value := has[j].Value.At(path...)
			named := namedPath(p.shape.lineFields, f.Path, line.named)
			if f.IsReadOnly() || named == "" && canonical.SameField(had[j].Value.At(path...), value) {
				continue
			}
			edits = append(edits, edit{field: f, line: j, value: orNull(value), pointer: canonical.ElementPointer("/"+p.shape.linesKey, line.element) + pointerOf(named)})
		}
	}
	return edits
}

// place turns a problem's pointer in the record into one in the patch: lines have other indexes there.
func (p *recordPatch) place(pointer string) string {
	rest, ok := strings.CutPrefix(pointer, "/"+p.shape.linesKey+"/")
	if !ok || p.shape.linesKey == "" {
		return pointer
	}
	index, rest, _ := strings.Cut(rest, "/")
	if j, err := strconv.Atoi(index); err == nil && p.lines[j] != nil {
		return canonical.ElementPointer("/"+p.shape.linesKey, p.lines[j].element) + "/" + rest
	}
	return pointer
}

// namedPath is the path of the platform by which a patch names a canonical field; empty if it does not.
func namedPath(fields []platform.Field, field string, named []string) string {
	for _, f := range fields {
		if f.Path != field {
			continue
		}
		for _, path := range f.Platform {
			if slices.Contains(named, path) {
				return path
			}
			for _, n := range named { // an object that is emptied as a whole
				if strings.HasPrefix(path, n+".") {
					return n
				}
			}
		}
	}
	return ""
}

// withoutSpellings takes away what says the same as a field that a patch names, in other words.
func withoutSpellings(fields []platform.Field, record canonical.Value, named []string) canonical.Value {
	for _, f := range fields {
		if len(f.Platform) < 2 || namedPath(fields, f.Path, named) == "" {
			continue
		}
		for _, path := range f.Platform {
			if !slices.Contains(named, path) {
				record = without(record, strings.Split(path, "."))
			}
		}
	}
	return record
}

func without(object canonical.Value, path []string) canonical.Value {
	member := object.Get(path[0])
	switch {
	case member.IsAbsent():
		return object
	case len(path) == 1:
		return object.Without(path[0])
	case member.Kind() != canonical.Object:
		return object
	}
	return object.With(path[0], without(member, path[1:]))
}

func pointerOf(path string) string {
	if path == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(path, ".", "/")
}

func orNull(v canonical.Value) canonical.Value {
	if v.IsAbsent() {
		return canonical.NullValue
	}
	return v
}
