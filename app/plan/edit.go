package plan

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// edits are a change: of fields of a document, and of its lines.
type edits struct {
	fields []edit
	lines  []lineEdits // each line once
}

// lineEdits are what a change makes of one line.
type lineEdits struct {
	line  int // index in the document in whose words the change is stated
	edits []edit
	at    *jsontext.Place // where the request names the line

	amount  jsontext.Value // that the change makes of the line, as it was given or as the line computes it; absent: its own stays
	counted bool           // quantity and price give it
}

// edit sets one field of a document, or of one of its lines.
type edit struct {
	field  *field
	value  jsontext.Value  // null: the field is emptied
	at     *jsontext.Place // where the request says so; nil: the field changes with others that it names
	native string          // of a reference that was stated in a platform's words: that platform's own id
	line   int             // of a field of a line: its index, as in lineEdits
	ofLine bool
}

// canonicalEdits reads a patch that is stated in canonical fields.
func canonicalEdits(t canonical.EntityType, document, patch jsontext.Value, lines *lineIndex, stop stopper) (edits, error) {
	r := &canonicalReader{lineModel: models()[t][1], lines: lines, stop: stop}
	r.object(models()[t][0].root, patch, document, nil, &r.edits.fields, edit{})
	if err := stop(); err != nil {
		return edits{}, err
	}
	return r.edits, r.err()
}

type canonicalReader struct {
	problems
	lineModel *model
	lines     *lineIndex
	stop      stopper
	edits     edits
}

// object reads an object of the patch: the patch itself, a group of fields, or a line. like has what the edits of it share.
func (r *canonicalReader) object(n *modelNode, patch, has jsontext.Value, at *jsontext.Place, into *[]edit, like edit) {
	isRoot := at == nil || n == r.lineModel.root
	for _, member := range patch.Members() {
		key, child := member.Key, n.kids[member.Key]
		switch {
		case isRoot && canonical.IsEnvelope(key) || child != nil && child.field != nil && child.field.IsReadOnly():
			if isRoot && like.ofLine && key == "external_ids" {
				continue // it has named the line
			}
			switch {
			case member.Value.Equal(has.Get(key)):
			case child == nil || child.field == nil || !child.field.Derived:
				r.refuseMember(at, key, readOnlyField)
			case like.ofLine:
				r.expect(at.Member(key), ofColumns)
			default:
				r.expect(at.Member(key), ofLines)
			}
		case child == nil:
			r.refuseMember(at, key, unknownField)
		case child.field != nil && child.field.Type == canonical.LinesType:
			r.lineEdits(member.Value, at.Member(key))
		case child.field != nil:
			r.edit(child.field, member.Value, at.Member(key), into, like)
		case member.Value.IsNone():
			for _, f := range child.below {
				if f.IsReadOnly() {
					continue // it follows
				}
				r.edit(f, member.Value, at.Member(key), into, like)
			}
		case member.Value.Kind() == jsontext.Object:
			r.object(child, member.Value, has.Get(key), at.Member(key), into, like)
		default:
			r.expect(at.Member(key), "an object")
		}
	}
}

func (r *canonicalReader) edit(f *field, v jsontext.Value, at *jsontext.Place, into *[]edit, like edit) {
	normal, ok := f.Normal(v)
	if !ok {
		r.expect(at, f.Expected())
		return
	}
	like.field, like.value, like.at = f, normal, at
	*into = append(*into, like)
}

func (r *canonicalReader) lineEdits(patch jsontext.Value, at *jsontext.Place) {
	if patch.Kind() != jsontext.Array {
		r.expect(at, "an array of lines, each with its external_ids")
		return
	}
	named := make([]bool, len(r.lines.lines))
	for i, element := range patch.Members() {
		if r.stop.every(i) != nil {
			return
		}
		here := at.Element(i)
		j := r.lines.withID(element.Value.Get("external_ids"))
		switch {
		case element.Value.Kind() != jsontext.Object:
			r.expect(here, "an object")
		case j < 0:
			r.expect(here.Member("external_ids"), ofALine)
		case named[j]:
			r.refuse(here, namedTwice)
		default:
			named[j] = true
			of := lineEdits{line: j, at: here}
			r.object(r.lineModel.root, element.Value, r.lines.lines[j].Value, here, &of.edits, edit{line: j, ofLine: true})
			if len(of.edits) > 0 {
				r.edits.lines = append(r.edits.lines, of)
			}
		}
	}
}

// stopper says whether a request has ended: nobody waits for what is made of it. It is the Err of the request's context.
type stopper func() error

// every asks for every 1,024th of the items that a loop works on, which are a few milliseconds of work.
func (stop stopper) every(i int) error {
	if i%1024 != 1023 {
		return nil
	}
	return stop()
}
