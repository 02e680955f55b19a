package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

// MatchState says how an object stands.
type MatchState string

// The states of objects.
const (
	StateMatched   MatchState = "matched"   // it has records of several platforms
	StateSuggested MatchState = "suggested" // a record elsewhere is probably the same thing
	StateAmbiguous MatchState = "ambiguous" // a record elsewhere has the same business key, and so has another one
	StateOneSided  MatchState = "one_sided" // nothing like it is known elsewhere
)

// MatchCandidate is another object that an object of one record could be one with.
type MatchCandidate struct {
	CanonicalID string         `json:"canonical_id"`
	Platform    string         `json:"platform"`
	PlatformID  string         `json:"platform_id"`
	Label       string         `json:"label"`
	Reason      string         `json:"reason"` // a [reconcile.DoubtReason], or similar
	Score       float64        `json:"score"`  // 0 to 1
	Features    []MatchFeature `json:"features"`
}

// MatchFeature is how alike two records are in one respect, 0 to 1.
type MatchFeature struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Suggestion is what an object of one record could be one with, as it is stored.
type Suggestion struct {
	CanonicalID string
	State       MatchState // StateSuggested or StateAmbiguous
	Candidates  []byte     // JSON: []MatchCandidate, the likeliest first
}

// OpenObject is an object of one record, as it is stored.
type OpenObject struct {
	ID         string
	EntityType canonical.EntityType
	Record     reconcile.RecordID
	Document   []byte
}

// SuggestionState says from which version of a customer's objects the suggestions were computed.
type SuggestionState struct {
	Version   int64     // of the customer's objects
	Suggested int64     // version that the suggestions were computed from; -1: they never were
	At        time.Time // when; zero: never
	Open      int       // objects of one record that could be one with another; 0 also where the suggestions are up to date
}

// MatchQuery asks for objects in the order of their ids.
type MatchQuery struct {
	CustomerID string
	EntityType canonical.EntityType // empty: any
	State      MatchState           // empty: any
	ProjectID  string               // empty: any
	After      string               // id behind which the list begins
	Limit      int
}

// MatchedObject is an object with its records, and why they are one.
type MatchedObject struct {
	ID         string
	EntityType canonical.EntityType
	Label      string               // what people know it by; empty: it has neither number nor name, or the previous version wrote it
	Records    []reconcile.RecordID // in order of precedence
	State      MatchState
	Reason     reconcile.Reason
	Decision   *SavedDecision // the one that the reason names, if it still stands
	Candidates []byte         // JSON: []MatchCandidate; nil: none
}

// MatchStorage is the storage that matches need.
type MatchStorage interface {
	// SuggestionState finds out how old the suggestions are. [ErrNotFound] if the customer is gone.
	SuggestionState(ctx context.Context, customerID string) (SuggestionState, error)
	// EachOpenObject reads the objects of one record, and what people decided. A document is its own until take returns.
	EachOpenObject(ctx context.Context, customerID string, begin func() (take func(OpenObject) error)) (decisions []reconcile.Decision, version int64, err error)
	// SaveSuggestions replaces all suggestions of a customer by those of a version of its objects. [ErrChanged] if it has another one by now.
	SaveSuggestions(ctx context.Context, customerID string, version int64, list []Suggestion) error
	// ListMatches lists objects, and says whether more follow. room says whether a page has room for an object of so many bytes.
	ListMatches(ctx context.Context, q MatchQuery, room func(n, bytes int) bool) (list []MatchedObject, more bool, err error)
}

const (
	// maxOpenAtOnce is how many objects of one record are compared while the request waits. Of more, it gets the suggestions of before.
	maxOpenAtOnce = 1000
	// maxOpen is how many objects of one record are compared at all: their documents are in memory meanwhile.
	maxOpen = 200_000
	// suggestTimeout ends what runs after a request.
	suggestTimeout = 10 * time.Minute
)

// Matcher says which records are one, and which could be. Safe for concurrent use.
type Matcher struct {
	storage MatchStorage
	rates   canonical.Rates
	// Failed is told of errors that no request is there for; nil: nobody is.
	Failed func(error)

	one     *keyedMutex // by customer
	running sync.Mutex  // what runs after a request runs one after the other
	mu      sync.Mutex
	queued  map[string]bool // customers
}

// NewMatcher makes a Matcher, which compares amounts in two currencies at the translator's rates.
func NewMatcher(t *Translator, storage MatchStorage) *Matcher {
	return &Matcher{storage: storage, rates: t.rates, one: newKeyedMutex(), queued: map[string]bool{}}
}

// Matches lists objects, and says whether more follow and how old the suggestions are. Where the suggestions are older than the objects
// they are computed first, or, if that takes too long for a request, after it.
func (m *Matcher) Matches(ctx context.Context, q MatchQuery, room func(n, bytes int) bool) (list []MatchedObject, more bool, state SuggestionState, err error) {
	if state, err = m.Suggest(ctx, q.CustomerID); err != nil {
		return nil, false, state, err
	}
	list, more, err = m.storage.ListMatches(ctx, q, room)
	return list, more, state, err
}

// Suggest has the suggestions of a customer computed where they are older than its objects, and says how old they are.
func (m *Matcher) Suggest(ctx context.Context, customerID string) (SuggestionState, error) {
	state, err := m.storage.SuggestionState(ctx, customerID)
	if err != nil || state.Suggested == state.Version {
		return state, err
	}
	if state.Open > maxOpenAtOnce {
		m.suggestLater(ctx, customerID)
		return state, nil
	}
	return m.suggestNow(ctx, customerID)
}

// suggestNow computes a customer's suggestions, unless somebody else has done so meanwhile.
func (m *Matcher) suggestNow(ctx context.Context, customerID string) (SuggestionState, error) {
	unlock, err := m.one.Lock(ctx, customerID)
	if err != nil {
		return SuggestionState{}, err
	}
	defer unlock()
	state, err := m.storage.SuggestionState(ctx, customerID)
	if err != nil || state.Suggested == state.Version || state.Open > maxOpen {
		return state, err
	}
	if state.Open == 0 {
		err = m.storage.SaveSuggestions(ctx, customerID, state.Version, nil)
	} else {
		err = m.suggest(ctx, customerID)
	}
	if err != nil && !errors.Is(err, ErrChanged) {
		return state, err
	}
	return m.storage.SuggestionState(ctx, customerID)
}

// suggestLater has a customer's suggestions computed after the request.
func (m *Matcher) suggestLater(ctx context.Context, customerID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.queued[customerID] {
		return
	}
	m.queued[customerID] = true
	go func() {
		m.running.Lock()
		defer m.running.Unlock()
		defer func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(m.queued, customerID)
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), suggestTimeout)
		defer cancel()
		if _, err := m.suggestNow(ctx, customerID); err != nil && m.Failed != nil {
			m.Failed(fmt.Errorf("suggestions of customer %s: %w", customerID, err))
		}
	}()
}

// suggest computes the suggestions of a customer, and stores them. [ErrChanged] if the objects changed meanwhile: nothing was stored, and
// whoever asks next has them computed.
func (m *Matcher) suggest(ctx context.Context, customerID string) error {
	var s *suggesting
	decisions, version, err := m.storage.EachOpenObject(ctx, customerID, func() func(OpenObject) error {
		s = newSuggesting(m.rates)
		return s.take
	})
	if err != nil {
		return err
	}
	s.decide(decisions)
	var list []Suggestion
	for _, t := range canonical.EntityTypes() {
		suggested, err := s.suggest(ctx, t)
		if err != nil {
			return err
		}
		list = append(list, suggested...)
	}
	return m.storage.SaveSuggestions(ctx, customerID, version, list)
}
