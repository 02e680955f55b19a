package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// suggesting is one run over the objects of one record.
type suggesting struct {
	rates canonical.Rates
	open  map[canonical.EntityType][]reconcile.Open
	at    map[string]reconcile.Open // by the object's id
	apart map[[2]reconcile.RecordID]bool
}

func newSuggesting(rates canonical.Rates) *suggesting {
	return &suggesting{rates: rates, open: map[canonical.EntityType][]reconcile.Open{}, at: map[string]reconcile.Open{}, apart: map[[2]reconcile.RecordID]bool{}}
}

func (s *suggesting) take(o OpenObject) error {
	document, err := jsontext.Parse(o.Document)
	if err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	open := reconcile.Open{ObjectID: o.ID, Record: o.Record, Document: document.Without("lines").Without("provider_metadata")}
	s.open[o.EntityType] = append(s.open[o.EntityType], open)
	s.at[o.ID] = open
	return nil
}

func (s *suggesting) decide(decisions []reconcile.Decision) {
	for _, d := range decisions {
		if d.Same {
			continue
		}
		for i, a := range d.Records {
			for _, b := range d.Records[i+1:] {
				s.apart[[2]reconcile.RecordID{a, b}] = true
				s.apart[[2]reconcile.RecordID{b, a}] = true
			}
		}
	}
}

// isMatched says whether an object has several records: those of one are all here.
func (s *suggesting) isMatched(id string) bool {
	_, open := s.at[id]
	return !open
}

func (s *suggesting) isApart(a, b reconcile.Open) bool {
	return s.apart[[2]reconcile.RecordID{a.Record, b.Record}]
}

// suggest finds what the objects of a type could be.
func (s *suggesting) suggest(ctx context.Context, t canonical.EntityType) ([]Suggestion, error) {
	open := s.open[t]
	records := make([]suggest.Record, len(open))
	for i := range open {
		records[i] = suggest.Record{Platform: open[i].Record.Platform, PlatformID: open[i].Record.PlatformID, Document: open[i].Document}
	}
	pairs, err := suggest.Suggest(ctx, t, records, suggest.Known{
		Rates: s.rates,
		Object: func(id string) (suggest.Object, bool) {
			o, ok := s.at[id]
			return suggest.Object{ID: id, Matched: !ok, Document: o.Document}, true
		},
		Different: func(a, b suggest.Record) bool {
			return s.apart[[2]reconcile.RecordID{{Platform: a.Platform, PlatformID: a.PlatformID}, {Platform: b.Platform, PlatformID: b.PlatformID}}]
		},
		DifferentObjects: func(a, b string) bool { return s.isApart(s.at[a], s.at[b]) },
	})
	if err != nil {
		return nil, err
	}
	similar := suggest.Candidates(pairs, len(records))
	doubts := reconcile.Doubts(t, open, s.isMatched, s.isApart)
	var list []Suggestion
	for i := range open {
		candidates := s.candidates(t, open, doubts[i], similar[i], pairs)
		if len(candidates) == 0 {
			continue
		}
		state := StateSuggested
		if slices.ContainsFunc(candidates, func(c MatchCandidate) bool { return c.Reason == string(reconcile.SameKey) }) {
			state = StateAmbiguous
		}
		text, err := json.Marshal(candidates)
		if err != nil {
			return nil, err
		}
		list = append(list, Suggestion{open[i].ObjectID, state, text})
	}
	return list, nil
}

// Scores of candidates that have the same business key, where nothing else makes them likelier.
const (
	sameKeyScore            = 0.9
	referenceUndecidedScore = suggest.Threshold
)

// candidates are what one object could be, the likeliest first.
func (s *suggesting) candidates(
	t canonical.EntityType, open []reconcile.Open, doubts []reconcile.Doubt, similar []suggest.Candidate, pairs []suggest.Suggestion,
) []MatchCandidate {
	by := map[int]*MatchCandidate{}
	of := func(i int) *MatchCandidate {
		if by[i] == nil {
			o := &open[i]
			by[i] = &MatchCandidate{
				CanonicalID: o.ObjectID, Platform: o.Record.Platform, PlatformID: o.Record.PlatformID, Label: reconcile.Label(t, o.Document, o.ObjectID),
				Features: []MatchFeature{},
			}
		}
		return by[i]
	}
	for _, candidate := range similar {
		c, pair := of(candidate.Record), pairs[candidate.Suggestion]
		c.Reason, c.Score = "similar", pair.Score
		for _, f := range pair.Features {
			c.Features = append(c.Features, MatchFeature{f.Name, f.Value})
		}
	}
	for _, d := range doubts {
		c, score := of(d.Other), sameKeyScore
		if d.Reason == reconcile.ReferenceUndecided {
			score = referenceUndecidedScore
		}
		c.Reason, c.Score = string(d.Reason), max(c.Score, score)
	}
	list := make([]MatchCandidate, 0, len(by))
	for _, c := range by {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b MatchCandidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.CanonicalID, b.CanonicalID))
	})
	return list[:min(len(list), suggest.MaxCandidates)]
}
