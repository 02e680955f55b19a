package plan

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// refuseLosses refuses what a strict change would lose, approximate or leave out.
func (p *Draft) refuseLosses(result *Result) error {
	if p.handling != Strict {
		return nil
	}
	named := p.editsByPointer()
	var refused canonical.TranslationError
	closed := false
	for i := range result.Records {
		r := &result.Records[i]
		for _, l := range r.Lost {
			refused.Add(placedLoss(l, named, r.Platform))
			closed = closed || l.Reason == Closed
		}
		for _, u := range result.Unresolved {
			if e, ok := named[u.Field]; ok && e.at != nil && u.Platform == r.Platform && u.Reason != Closed {
				refused.Add(placedLoss(mapping.Loss{Field: u.Field, Reason: u.Reason}, named, r.Platform))
			}
		}
	}
	switch {
	case closed:
		return &ClosedError{refused}
	case len(refused.Problems) > 0:
		return &refused
	}
	return nil
}

// editsByPointer are the edits by what a report on a record calls them.
func (p *Draft) editsByPointer() map[string]edit {
	named := map[string]edit{}
	for _, e := range p.edits.fields {
		named[e.field.pointer] = e
	}
	for _, c := range p.edits.lines {
		for _, e := range c.edits {
			named[linePointer(p.lines[c.line], e.field)] = e
		}
	}
	return named
}

// placedLoss is a loss as a problem of the patch, or of the object where the patch does not name the field.
func placedLoss(l mapping.Loss, named map[string]edit, platform string) canonical.Problem {
	problem := LossProblem(l, platform)
	if at := named[l.Field].at; at != nil {
		problem.In, problem.Pointer = canonical.InPayload, at.Pointer()
	}
	return problem
}

// LossProblem is what is wrong with a document of which a platform's record does not hold a field.
func LossProblem(l mapping.Loss, platform string) canonical.Problem {
	problem := canonical.Problem{In: canonical.InCanonical, Pointer: l.Field}
	switch l.Reason {
	case mapping.NoField, mapping.NoTargetField:
		problem.Expected = "no value: " + platform + " has no such field"
	case mapping.TooLong:
		problem.Expected = "a text that is not too long for " + platform
	case mapping.Approximated:
		problem.Expected = "a value that " + platform + " can express exactly"
	case mapping.NotInContext:
		problem.Expected = "a reference whose id on " + platform + " the context has"
	case NotOnPlatform:
		problem.Expected = "a reference to an object that is on " + platform
	case Closed:
		problem.Expected = "no change: " + platform + " has closed this record"
	case NotHeld:
		problem.Expected = "a reference that " + platform + " holds"
	default:
		problem.Expected = "a value that " + platform + " can express"
	}
	return problem
}
