package translate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"structural.app/structural/canonical"
)

// edit sets one field of a document, or of one of its lines.
type edit struct {
	field   canonical.Field
	line    int             // index of the line in the document in whose words the change is stated; -1: a field of the document
	value   canonical.Value // null: the field is emptied
	pointer string          // where the request says so
	native  string          // of a reference that was stated in a platform's words: that platform's own id
}

func (e *edit) path() []string { return strings.Split(e.field.Path, ".") }

// model is what a document, or a line, may have.
type model struct {
	fields []canonical.Field
	leaf   map[string]*canonical.Field // by path
	group  map[string]bool             // paths that have fields below them
}

func newModel(fields []canonical.Field) *model {
	m := &model{fields: fields, leaf: map[string]*canonical.Field{}, group: map[string]bool{}}
	for i := range fields {
		path := fields[i].Path
		m.leaf[path] = &fields[i]
		for at := strings.IndexByte(path, '.'); at >= 0; {
			m.group[path[:at]] = true
			next := strings.IndexByte(path[at+1:], '.')
			if next < 0 {
				break
			}
			at += next + 1
		}
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

// PatchProblem is a field that a patch may not name.
type PatchProblem struct {
	Pointer string // RFC 6901, from the root of the patch
	Why     string
}

// PatchError lists the fields that a patch may not name: unknown ones, and those that cannot be changed.
type PatchError struct {
	Problems []PatchProblem // at most [canonical.MaxProblems]
	More     int            // how many there are beside them
}

// Error names the fields.
func (e *PatchError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Pointer + ": " + p.Why
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "; ")
}

const (
	unknownField  = "unknown field"
	readOnlyField = "cannot be changed"
	namedTwice    = "names a line that the patch has named before"
	ofALine       = "the id of a line that is there already; lines are neither added nor removed"
)

// problems are what a patch is refused for. A wrong name comes before a wrong value.
type problems struct {
	names                 []PatchProblem
	values                []canonical.Problem
	moreNames, moreValues int
}

func (p *problems) refuse(pointer, why string) {
	if len(p.names) >= canonical.MaxProblems {
		p.moreNames++
		return
	}
	p.names = append(p.names, PatchProblem{pointer, why})
}

func (p *problems) expect(pointer, expected string) {
	if len(p.values) >= canonical.MaxProblems {
		p.moreValues++
		return
	}
	p.values = append(p.values, canonical.Problem{In: canonical.InPayload, Pointer: pointer, Expected: expected})
}

func (p *problems) err() error {
	switch {
	case len(p.names) > 0:
		return &PatchError{p.names, p.moreNames}
	case len(p.values) > 0:
		return &canonical.TranslationError{Problems: p.values, More: p.moreValues}
	}
	return nil
}

// canonicalEdits reads a patch that is stated in canonical fields.
func canonicalEdits(t canonical.EntityType, document, patch canonical.Value) ([]edit, error) {
	r := &canonicalReader{document: document, lines: models()[t][1]}
	r.object(models()[t][0], patch, document, "", "", -1)
	return r.edits, r.err()
}

type canonicalReader struct {
	problems
	document canonical.Value
	lines    *model
	edits    []edit
}

// object reads an object of the patch: the patch itself, a group of fields, or a line.
func (r *canonicalReader) object(m *model, patch, has canonical.Value, path, pointer string, line int) {
	for _, member := range patch.Members() {
		at, below := canonical.AppendPointer(pointer, member.Key), path+member.Key
		f := m.leaf[below]
		switch {
		case path == "" && canonical.IsEnvelope(member.Key) || f != nil && f.IsReadOnly():
			if path == "" && line >= 0 && member.Key == "external_ids" {
				continue // it has named the line
			}
			if !member.Value.Equal(has.Get(member.Key)) {
				r.refuse(at, readOnlyField)
			}
		case f != nil && f.Type == canonical.LinesType:
			r.lineEdits(member.Value, at)
		case f != nil:
			r.edit(f, member.Value, at, line)
		case m.group[below] && member.Value.IsNone():
			for i := range m.fields {
				if strings.HasPrefix(m.fields[i].Path, below+".") {
					r.edit(&m.fields[i], member.Value, at, line)
				}
			}
		case m.group[below] && member.Value.Kind() == canonical.Object:
			r.object(m, member.Value, has.Get(member.Key), below+".", at, line)
		case m.group[below]:
			r.expect(at, "an object")
		default:
			r.refuse(at, unknownField)
		}
	}
}

func (r *canonicalReader) edit(f *canonical.Field, v canonical.Value, pointer string, line int) {
	normal, ok := f.Normal(v)
	if !ok {
		r.expect(pointer, f.Expected())
		return
	}
	r.edits = append(r.edits, edit{field: *f, line: line, value: normal, pointer: pointer})
}

func (r *canonicalReader) lineEdits(patch canonical.Value, pointer string) {
	if patch.Kind() != canonical.Array {
		r.expect(pointer, "an array of lines, each with its external_ids")
		return
	}
	lines := r.document.Get("lines").Members()
	var named []int
	for i, element := range patch.Members() {
		at := canonical.ElementPointer(pointer, i)
		j := slices.IndexFunc(lines, func(line canonical.Member) bool {
			return sameLine(line.Value.Get("external_ids"), element.Value.Get("external_ids"))
		})
		switch {
		case element.Value.Kind() != canonical.Object:
			r.expect(at, "an object")
		case j < 0:
			r.expect(at+"/external_ids", ofALine)
		case slices.Contains(named, j):
			r.refuse(at, namedTwice)
		default:
			named = append(named, j)
			r.object(r.lines, element.Value, lines[j].Value, "", at, j)
		}
	}
}

// sameLine reports whether two external_ids have the same id on a platform.
func sameLine(ids, others canonical.Value) bool {
	return slices.ContainsFunc(others.Members(), func(m canonical.Member) bool {
		id := m.Value.Get("id")
		return id.Kind() == canonical.String && id.Equal(ids.At(m.Key, "id"))
	})
}

// lineKey is how lines of two platforms are recognised as one: by their description, as business keys are compared, if it
// is unique on both sides.
func lineKeys(document canonical.Value) map[string]int {
	keys := map[string]int{}
	for i, line := range document.Get("lines").Members() {
		key := normalKey(line.Value, "description")
		if _, twice := keys[key]; twice {
			i = -1
		}
		if key != "" {
			keys[key] = i
		}
	}
	return keys
}

// correspond finds for lines of one document those of another: by a platform's id, else by description; -1 if there is none.
func correspond(document, other canonical.Value, lines []int) map[int]int {
	found := map[int]int{}
	if len(lines) == 0 {
		return found
	}
	mine, theirs := document.Get("lines").Members(), other.Get("lines").Members()
	keys, otherKeys := lineKeys(document), lineKeys(other)
	for _, i := range lines {
		found[i] = slices.IndexFunc(theirs, func(line canonical.Member) bool {
			return sameLine(line.Value.Get("external_ids"), mine[i].Value.Get("external_ids"))
		})
		key := normalKey(mine[i].Value, "description")
		if found[i] >= 0 || key == "" || keys[key] < 0 {
			continue
		}
		if j, ok := otherKeys[key]; ok && j >= 0 && !sharesPlatform(theirs[j].Value, mine[i].Value) {
			found[i] = j
		}
	}
	return found
}

// sharesPlatform reports whether two lines are of one platform, and so two.
func sharesPlatform(line, other canonical.Value) bool {
	return slices.ContainsFunc(line.Get("external_ids").Members(), func(m canonical.Member) bool {
		return !other.At("external_ids", m.Key, "id").IsNone() && !m.Value.Get("id").IsNone()
	})
}

// linesOf lists the lines that edits are of, each once.
func linesOf(edits []edit) (lines []int) {
	for _, e := range edits {
		if e.line >= 0 && !slices.Contains(lines, e.line) {
			lines = append(lines, e.line)
		}
	}
	return lines
}

// linePointer is the JSON pointer of a field of a line.
func linePointer(line int, field string) string {
	return "/lines/" + strconv.Itoa(line) + "/" + field
}
