package reconcile

import (
	"fmt"
	"slices"

	"structural.app/structural/canonical"
)

// RecordID names a record of a type.
type RecordID struct {
	Platform   string
	PlatformID string
}

// Decision is what a person said of two or more records of one type: that they are the same thing, or that no two of them are. It counts
// more than any key. The records need not exist.
type Decision struct {
	ID         string
	EntityType canonical.EntityType
	Records    []RecordID // of different platforms
	Same       bool
}

// names are the names of the decision's records.
func (d *Decision) names() []Name {
	names := make([]Name, len(d.Records))
	for i, r := range d.Records {
		names[i] = Name{r.Platform, d.EntityType, r.PlatformID}
	}
	return names
}

// byType are decisions by the type of their records.
func byType(decisions []Decision) map[canonical.EntityType][]Decision {
	of := map[canonical.EntityType][]Decision{}
	for _, d := range decisions {
		of[d.EntityType] = append(of[d.EntityType], d)
	}
	return of
}

// ContradictionError says that a decision cannot stand beside an earlier one.
type ContradictionError struct {
	DecisionID string // the earlier decision
}

func (e *ContradictionError) Error() string {
	return fmt.Sprintf("the decision contradicts decision %s", e.DecisionID)
}

// Allows says whether a decision can stand beside earlier ones: the records that they make one are of different platforms, and nobody
// said of two of them that they are different. The error is a *[ContradictionError].
//
//	same(site 1, books 2), then different(site 1, books 2)    contradicts
//	same(site 1, books 2), then same(site 3, books 2)         contradicts: site 1 and site 3 would be one
func Allows(earlier []Decision, d Decision) error {
	one := map[RecordID]int{} // records of one number are the same thing
	by := map[RecordID]string{}
	next := 0
	join := func(d Decision) {
		next++
		old := map[int]bool{}
		for _, r := range d.Records {
			if n, ok := one[r]; ok {
				old[n] = true
			}
			one[r] = next
			if by[r] == "" {
				by[r] = d.ID
			}
		}
		for r, n := range one {
			if old[n] {
				one[r] = next
			}
		}
	}
	for _, e := range earlier {
		if e.EntityType == d.EntityType && e.Same {
			join(e)
		}
	}
	if !d.Same {
		for i, a := range d.Records {
			for _, b := range d.Records[i+1:] {
				if n, ok := one[a]; ok && n == one[b] {
					return &ContradictionError{by[a]}
				}
			}
		}
		return nil
	}
	join(d)
	platforms := map[string]RecordID{}
	for r, n := range one {
		if n != next {
			continue
		}
		if other, ok := platforms[r.Platform]; ok {
			if slices.Contains(d.Records, r) && by[other] != "" && by[other] != d.ID {
				r = other
			}
			return &ContradictionError{by[r]}
		}
		platforms[r.Platform] = r
	}
	for _, e := range earlier {
		if e.EntityType != d.EntityType || e.Same {
			continue
		}
		joined := 0
		for _, r := range e.Records {
			if one[r] == next {
				joined++
			}
		}
		if joined > 1 {
			return &ContradictionError{e.ID}
		}
	}
	return nil
}

// decide joins the records that people said are one, and keeps in mind which are not.
func (r *reconciliation) decide(decisions []Decision) {
	if len(decisions) == 0 {
		return
	}
	records := map[RecordID]*keyed{}
	for _, side := range r.sides {
		for _, k := range side {
			records[RecordID{k.entity.Record.Platform, k.entity.Record.PlatformID}] = k
		}
	}
	pairs := func(d Decision, do func(a, b *keyed)) {
		for i, id := range d.Records {
			for _, other := range d.Records[i+1:] {
				if a, b := records[id], records[other]; a != nil && b != nil {
					do(a, b)
				}
			}
		}
	}
	for _, d := range decisions {
		if !d.Same {
			pairs(d, func(a, b *keyed) { r.apart[pairOf(a, b)] = true })
		}
	}
	for _, d := range decisions {
		if d.Same {
			pairs(d, func(a, b *keyed) {
				r.join(a, b, Reason{Kind: ByDecision, DecisionID: d.ID}, func(x, y *keyed) bool { return r.apart[pairOf(x, y)] })
			})
		}
	}
}

// pairOf is a pair in one order, whoever is named first.
func pairOf(a, b *keyed) [2]*keyed {
	if a.side > b.side {
		a, b = b, a
	}
	return [2]*keyed{a, b}
}
