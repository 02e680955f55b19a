package reconcile

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Open is an object of one record, which may be one with others.
type Open struct {
	ObjectID string
	Record   RecordID
	Document jsontext.Value // the object's: its references lead to objects
}

// DoubtReason is why two objects have the same business key, and are not one.
type DoubtReason string

// The reasons of doubts.
const (
	SameKey            DoubtReason = "same_key"            // another record has the key, too
	ReferenceUndecided DoubtReason = "reference_undecided" // they refer to different objects, of which one has one record only
)

// Doubt is another object that has the same business key.
type Doubt struct {
	Other  int // index
	Reason DoubtReason
	Field  string // canonical field: of the key, or of the reference
}

// maxSameKey is how many objects of a key are compared: a number that more of them have, such as 1, says nothing.
const maxSameKey = 100

// Doubts finds for each object of a type the others that have the same business key. isMatched says whether an object has several records,
// isApart whether a person said that two records, or the records of two objects, are different.
//
// Objects that refer to different ones which have partners are no doubt: invoice 1 of one vendor is not that of another.
func Doubts(t canonical.EntityType, open []Open, isMatched func(objectID string) bool, isApart func(a, b Open) bool) [][]Doubt {
	d := doubts{entityType: t, open: open, isMatched: isMatched, isApart: isApart, list: make([][]Doubt, len(open))}
	keys := businessKeys[t]
	d.keys = make([][]string, len(open))
	for i := range open {
		for _, key := range keys {
			d.keys[i] = append(d.keys[i], comparedKey(open[i].Document, key.field))
		}
	}
	for strength, key := range keys {
		with := map[string][]int{}
		for i := range open {
			if k := d.keys[i][strength]; k != "" {
				with[k] = append(with[k], i)
			}
		}
		for i := range open {
			if same := with[d.keys[i][strength]]; len(same) <= maxSameKey {
				for _, j := range same {
					d.compare(i, j, strength, key.field)
				}
			}
		}
	}
	return d.list
}

type doubts struct {
	entityType canonical.EntityType
	open       []Open
	keys       [][]string // by object and strength
	isMatched  func(string) bool
	isApart    func(a, b Open) bool
	list       [][]Doubt
}

func (d *doubts) compare(i, j, strength int, field string) {
	a, b := &d.open[i], &d.open[j]
	if a.Record.Platform == b.Record.Platform || d.isApart(*a, *b) {
		return
	}
	for stronger := range strength { // it has said already whether they are one
		if d.keys[i][stronger] != "" && d.keys[j][stronger] != "" {
			return
		}
	}
	if slices.ContainsFunc(d.list[i], func(other Doubt) bool { return other.Other == j }) {
		return
	}
	reason, ok := SameKey, true
	for _, one := range canonical.References(d.entityType, a.Document) {
		for _, other := range canonical.References(d.entityType, b.Document) {
			if one.Field != other.Field || one.ID == other.ID {
				continue
			}
			reason, field = ReferenceUndecided, one.Field[1:]
			ok = ok && (!d.isMatched(one.ID) || !d.isMatched(other.ID))
		}
	}
	if ok {
		d.list[i] = append(d.list[i], Doubt{Other: j, Reason: reason, Field: field})
	}
}
