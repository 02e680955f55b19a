package platform

import (
	"slices"

	"structural.app/structural/jsontext"
)

// Closed says which records of a type a platform has closed, so that they are not rewritten there, and what it still takes of them.
type Closed struct {
	Signs []ClosedSign // any one of them closes a record
	Takes []string     // members of a closed record that may still change
}

// ClosedSign is a member of a record that says that it is closed.
type ClosedSign struct {
	Member string
	Texts  []string // that say it; nil: any text or number does
}

// Has reports whether a record is closed.
func (c Closed) Has(record jsontext.Value) bool {
	return slices.ContainsFunc(c.Signs, func(s ClosedSign) bool {
		says := record.Get(s.Member)
		switch {
		case says.IsNone():
			return false
		case s.Texts == nil:
			return says.Kind() == jsontext.Number || says.Kind() == jsontext.String && says.Text() != ""
		}
		return says.Kind() == jsontext.String && slices.Contains(s.Texts, says.Text())
	})
}
