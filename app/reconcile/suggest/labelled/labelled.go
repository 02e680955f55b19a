// Package labelled makes records of two platforms of which it is known which are one, so that suggestions can be measured. It is
// for tests and measurements. The same seed always makes the same set.
//
// There are two sets, made by different rules from different names. Weights and threshold of package suggest are tuned on the
// first one. The second one is only measured, and says how well they do on records that nobody tuned them on.
package labelled

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// The platforms of the records.
const (
	site  = "site"
	books = "books"
)

// Pair is two records that are one, by their indexes; the first is the smaller.
type Pair [2]int

// Set is the records of one entity type, and the truth about them.
type Set struct {
	EntityType canonical.EntityType
	Records    []suggest.Record
	Truth      map[Pair]bool
	Objects    map[string]suggest.Object // that the records refer to
}

// Object finds the object that a reference leads to.
func (s Set) Object(reference string) (suggest.Object, bool) {
	object, ok := s.Objects[reference]
	return object, ok
}

// Measure compares suggestions with the truth: which share of the suggestions is right, and which share of the truth was
// suggested. Both are 0 to 1, and 1 of nothing.
func Measure(suggestions []suggest.Suggestion, truth map[Pair]bool) (precision, recall float64) {
	right := 0
	for _, s := range suggestions {
		if truth[Pair{s.Left, s.Right}] {
			right++
		}
	}
	return share(right, len(suggestions)), share(right, len(truth))
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// EntityTypes are the types of which there are sets.
func EntityTypes() []canonical.EntityType {
	return []canonical.EntityType{
		canonical.Project, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment, canonical.ChangeOrder,
	}
}

// First makes the set that the weights are tuned on, of about n records a platform.
func First(t canonical.EntityType, n int) Set {
	return newMaker(t, 1, &firstRules{}).make(n)
}

// Second makes the set that is only measured, of about n records a platform.
func Second(t canonical.EntityType, n int) Set {
	return newMaker(t, 2, &secondRules{}).make(n)
}

// rules say how the entities of a set look, and how a second person writes the same entity.
type rules interface {
	entity(m *maker) entity
	sibling(m *maker, of entity) entity // another entity that looks almost like it
	rewrite(m *maker, e entity) entity  // the same entity, as the other platform has it
}

// entity is what is true of an entity, as one platform writes it. Which fields are filled depends on its type.
type entity struct {
	name, legal, title, number  string
	tax, phone, email           string
	line1, line2, city, postal  string
	customer, project, contract party
	invoiceNumber               string
	amount                      int64 // minor units; 0: none
	currency                    string
	day                         int // since the first of 2025; below 0: none
}

// party is what a document refers to: by the object's id, by name, or both.
type party struct{ id, name, number string }

// maker makes a set.
type maker struct {
	*rand.Rand
	rules rules
	set   Set
	next  int // of the numbers of records

	customers, projects, contracts [][2]party // as each platform refers to it
}

func newMaker(t canonical.EntityType, seed uint64, r rules) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, uint64(len(t))<<32|uint64(t[0]))), rules: r}
	m.set = Set{EntityType: t, Truth: map[Pair]bool{}, Objects: map[string]suggest.Object{}}
	return m
}

// make makes entities: most are on both platforms, some on one, and some have a sibling that is another entity.
func (m *maker) make(n int) Set {
	m.makeParties(n)
	for i := 0; i < n; i++ {
		e := m.rules.entity(m)
		switch chance := m.IntN(100); {
		case chance < 60:
			m.pair(e)
		case chance < 80: // two siblings, each on its platform alone
			m.add(site, e)
			m.add(books, m.rules.sibling(m, e))
		case chance < 90: // both on both platforms
			m.pair(e)
			m.pair(m.rules.sibling(m, e))
			i++
		case chance < 95:
			m.add(site, e)
		default:
			m.add(books, e)
		}
	}
	m.shuffle()
	return m.set
}

func (m *maker) pair(e entity) {
	first := m.add(site, e)
	m.set.Truth[Pair{first, m.add(books, m.rules.rewrite(m, e))}] = true
}

// shuffle puts the records in an order that says nothing.
func (m *maker) shuffle() {
	order := m.Perm(len(m.set.Records))
	records, truth := make([]suggest.Record, len(order)), map[Pair]bool{}
	for from, to := range order {
		records[to] = m.set.Records[from]
	}
	for p := range m.set.Truth {
		truth[Pair{min(order[p[0]], order[p[1]]), max(order[p[0]], order[p[1]])}] = true
	}
	m.set.Records, m.set.Truth = records, truth
}

// add adds a record and returns its index.
func (m *maker) add(platform string, e entity) int {
	m.next++
	m.set.Records = append(m.set.Records, suggest.Record{
		Platform: platform, PlatformID: fmt.Sprint(100000 + m.next*7919%900000), Document: m.document(e),
	})
	return len(m.set.Records) - 1
}

// chance is true in so many of a hundred cases.
func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func (m *maker) one(list []string) string { return list[m.IntN(len(list))] }

func (m *maker) digits(n int) string {
	var b strings.Builder
	b.WriteByte(byte('1' + m.IntN(9)))
	for range n - 1 {
		b.WriteByte(byte('0' + m.IntN(10)))
	}
	return b.String()
}

// fields are the members of a document; an empty text is none.
type fields []jsontext.Member

func (f *fields) set(key string, value jsontext.Value) {
	*f = append(*f, jsontext.Member{Key: key, Value: value})
}

func (f *fields) text(key, value string) {
	if value != "" {
		f.set(key, jsontext.NewString(value))
	}
}

func (f *fields) value() jsontext.Value { return jsontext.NewObject(*f...) }
