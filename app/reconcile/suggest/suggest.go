package suggest

import (
	"cmp"
	"context"
	"slices"

	"structural.app/structural/canonical"
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
	// Rates are those by which amounts in two currencies are compared; the zero value: the pegs.
	Rates canonical.Rates
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
	Bits  float64 // how much that speaks for one entity (above 0) or for two (below 0): one bit more makes it twice as likely
}

// Suggestion is a pair of records of two platforms that may be one.
type Suggestion struct {
	Left, Right int       // indexes of the records, Left < Right
	Score       float64   // how likely the two are one, 0 to 1
	Features    []Feature // those that both records have, in the order of the table
}

// Suggest finds pairs of records of different platforms that may be one, the likeliest first. records are those of one type that
// stand alone. A record is in at most [MaxCandidates] pairs, its likeliest. The result does not depend on the order of the records, and
// the score of a pair on no other record. Of a type that people are not asked about, nothing is suggested. The error is the context's.
//
// Time and memory grow with the number of records. What is shared by more than a hundred records is left aside; see maxBlock.
func Suggest(ctx context.Context, t canonical.EntityType, records []Record, known Known) ([]Suggestion, error) {
	if !supports(t) {
		return nil, nil
	}
	s := &search{records: records, known: known, comparer: comparer{weights: weightTable[t], known: known}, best: make([]ranking, len(records))}
	if err := s.read(ctx, t); err != nil {
		return nil, err
	}
	for i := range records {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.compareWith(i)
	}
	return s.suggestions(), nil
}

// Compare gives the score of two records of a type, and the features that both have, whether or not [Suggest] would suggest the pair. Of a
// type that people are not asked about, the score is 0.
func Compare(t canonical.EntityType, a, b Record, known Known) (score float64, features []Feature) {
	if !supports(t) {
		return 0, nil
	}
	r, c := newReader(t, known), comparer{weights: weightTable[t], known: known}
	return c.compare(r.profile(&a), r.profile(&b))
}

// checkEvery is after how many records the context is asked.
const checkEvery = 64

// search is one run of Suggest.
type search struct {
	records  []Record
	known    Known
	profiles []*profile
	blocks   *blocks
	comparer comparer
	best     []ranking // of each record
	seen     []int32   // by record: the last one that it was compared with, and one more
}

func (s *search) read(ctx context.Context, t canonical.EntityType) error {
	r := newReader(t, s.known)
	s.profiles, s.seen = make([]*profile, len(s.records)), make([]int32, len(s.records))
	for i := range s.records {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.profiles[i] = r.profile(&s.records[i])
	}
	s.blocks = newBlocks(s.profiles)
	return nil
}

// compareWith compares a record with those of its blocks that come after it.
func (s *search) compareWith(i int) {
	for _, key := range s.blocks.keys[i] {
		for _, other := range s.blocks.records[key] {
			j := int(other)
			if j <= i || s.seen[j] == int32(i)+1 || s.records[i].Platform == s.records[j].Platform {
				continue
			}
			s.seen[j] = int32(i) + 1
			score, features := s.comparer.compare(s.profiles[i], s.profiles[j])
			if score < Threshold || s.known.Different != nil && s.known.Different(s.records[i], s.records[j]) {
				continue
			}
			pair := &Suggestion{Left: i, Right: j, Score: score, Features: slices.Clone(features)}
			s.best[i].add(s, pair, j)
			s.best[j].add(s, pair, i)
		}
	}
}

// ranking is the likeliest pairs of a record, the likeliest first.
type ranking []ranked

type ranked struct {
	pair  *Suggestion
	other int
}

func (r *ranking) add(s *search, pair *Suggestion, other int) {
	at, _ := slices.BinarySearchFunc(*r, ranked{pair, other}, func(x, y ranked) int {
		return cmp.Or(cmp.Compare(y.pair.Score, x.pair.Score), s.compareIDs(x.other, y.other))
	})
	if at == MaxCandidates {
		return
	}
	*r = slices.Insert(*r, at, ranked{pair, other})
	*r = (*r)[:min(len(*r), MaxCandidates)]
}

// compareIDs orders records by what does not change with their order.
func (s *search) compareIDs(i, j int) int {
	a, b := s.records[i], s.records[j]
	return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.PlatformID, b.PlatformID))
}

// suggestions are the pairs that are among the likeliest of both their records.
func (s *search) suggestions() []Suggestion {
	found := map[*Suggestion]int{}
	for _, ranking := range s.best {
		for _, r := range ranking {
			found[r.pair]++
		}
	}
	var list []Suggestion
	for pair, records := range found {
		if records == 2 {
			list = append(list, *pair)
		}
	}
	first := func(p Suggestion) (int, int) {
		if s.compareIDs(p.Left, p.Right) < 0 {
			return p.Left, p.Right
		}
		return p.Right, p.Left
	}
	slices.SortFunc(list, func(p, q Suggestion) int {
		p1, p2 := first(p)
		q1, q2 := first(q)
		return cmp.Or(cmp.Compare(q.Score, p.Score), s.compareIDs(p1, q1), s.compareIDs(p2, q2))
	})
	return list
}

// Candidate is another record that a record may be one with.
type Candidate struct {
	Record     int // index
	Suggestion int // index of the pair
}

// Candidates are, of each of so many records, those that it may be one with, the likeliest first.
func Candidates(suggestions []Suggestion, records int) [][]Candidate {
	list := make([][]Candidate, records)
	for i, s := range suggestions {
		list[s.Left] = append(list[s.Left], Candidate{s.Right, i})
		list[s.Right] = append(list[s.Right], Candidate{s.Left, i})
	}
	return list
}
