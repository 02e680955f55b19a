package suggest

import (
	"structural.app/structural/jsontext"
)

// MaxCandidates is how many candidates a record has at most.
const MaxCandidates = 20

// Record is a record that is not one with a record of another platform yet.
type Record struct {
	Platform   string
	PlatformID string         // the record's own id; with the platform, it identifies the record
	Document   jsontext.Value // what the record alone says, as a canonical document
}

// Object is what a reference leads to.
type Object struct {
	ID       string
	Matched  bool           // records of several platforms make it
	Document jsontext.Value // may be absent
}

// Known is what else is known about the records. Each function may be nil, must give the same answer each time, and is called
// by one goroutine.
type Known struct {
	// Object finds the object that a record's reference leads to; false: there is none.
	Object func(reference string) (Object, bool)
	// Different says whether a person declared two records different. It is asked with the records in either order.
	Different func(a, b Record) bool
	// DifferentObjects says the same of two objects, by their ids.
	DifferentObjects func(a, b string) bool
}

// Feature is what two records have in common, or not, in one respect.
type Feature struct {
	Name  string
	Value float64 // how much they agree: 0 nothing, 1 entirely
	Bits  float64 // how much that speaks for one entity (above 0) or for two (below 0): see [Weight]
}

// Suggestion is a pair of records of two platforms that may be one.
type Suggestion struct {
	Left, Right int       // indexes of the records, Left < Right
	Score       float64   // how likely the two are one, 0 to 1
	Features    []Feature // those that both records have, in the order of the table
}
