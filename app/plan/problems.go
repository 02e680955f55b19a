package plan

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// PatchProblem is a field that a patch may not name.
type PatchProblem struct {
	Pointer string // RFC 6901, from the root of the patch; cut as [jsontext.CutPointer] does
	Why     string
}

// PatchError lists the fields that a patch may not name, unknown ones and those that cannot be changed: at most
// [canonical.MaxProblems], and how many more there are.
type PatchError struct {
	Problems []PatchProblem
	More     int
}

// Error names the fields.
func (e *PatchError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Pointer + ": " + p.Why
	}
	return canonical.JoinProblems(lines, e.More)
}

const (
	unknownField  = "unknown field"
	readOnlyField = "cannot be changed"
	namedTwice    = "names a line that the patch has named before"
	ofALine       = "the id of a line that is there already; lines are neither added nor removed"
)

// problems are what a patch is refused for. A wrong name comes before a wrong value.
type problems struct {
	names  PatchError
	values canonical.TranslationError
}

func (p *problems) refuse(at *jsontext.Place, why string) {
	if len(p.names.Problems) >= canonical.MaxProblems {
		p.names.More++
		return
	}
	p.names.Problems = append(p.names.Problems, PatchProblem{jsontext.CutPointer(at.Pointer()), why})
}

// refuseMember refuses a member of what stands at a place. The pointer is made only if there is room for it.
func (p *problems) refuseMember(at *jsontext.Place, key, why string) {
	if len(p.names.Problems) >= canonical.MaxProblems {
		p.names.More++
		return
	}
	p.refuse(at.Member(key), why)
}

func (p *problems) expect(at *jsontext.Place, expected string) {
	if p.values.IsFull() {
		p.values.More++
		return
	}
	p.values.Add(canonical.Problem{In: canonical.InPayload, Pointer: at.Pointer(), Expected: expected})
}

func (p *problems) err() error {
	switch {
	case len(p.names.Problems) > 0:
		names := p.names
		return &names
	case len(p.values.Problems) > 0:
		values := p.values
		return &values
	}
	return nil
}
