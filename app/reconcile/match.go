package reconcile

import (
	"slices"

	"structural.app/structural/canonical"
)

// businessKey is a field by which records of two platforms are recognised as one.
type businessKey struct {
	field string
	// scope is the field within whose object a key counts: there may be an invoice 1 of each vendor. Empty: the key counts everywhere.
	scope string
}

// businessKeys are the keys of each type, the stronger first. A weaker key counts only between records of which at least one
// lacks the stronger.
var businessKeys = map[canonical.EntityType][]businessKey{
	canonical.Project:  {{field: "number"}},
	canonical.Customer: {{field: "tax_id"}, {field: "name"}},
	canonical.Contract: {{"number", "project_id"}},
	canonical.Invoice:  {{"number", "customer_id"}},
	canonical.Payment:  {{"check_number", "customer_id"}},
}

// match tells which records are the same real-world entity. sides has each platform's records of one type, in order of
// precedence; ids has the object of each record of another type that is reconciled already, by the id that the record alone would
// have. The result has the records of each entity in the order of the platforms; every record is in it once.
//
// Two records are one only if a key is on both, within the same scope where both say one, and on no other record of either
// platform that it could be as well; and only if nothing that both refer to differs. Of three or more, no two have different
// keys of one kind. There is no guess: what stays in doubt stays apart. What people decided of records of the type comes before all that.
func match(t canonical.EntityType, sides [][]*Candidate, ids map[string]string, decisions []Decision) []group {
	r := &reconciliation{entityType: t, ids: ids, keys: businessKeys[t], of: map[*Candidate]*group{}, apart: map[[2]*keyed]bool{}}
	for _, side := range sides {
		r.sides = append(r.sides, r.keyedOf(side))
	}
	r.decide(decisions)
	for strength := range r.keys {
		for i := range r.sides {
			for j := i + 1; j < len(r.sides); j++ {
				r.matchBy(strength, i, j)
			}
		}
	}
	var groups []group
	for _, side := range r.sides {
		for _, k := range side {
			switch g := r.of[k.entity]; {
			case g == nil:
				groups = append(groups, group{members: []*keyed{k}})
			case g.members[0] == k:
				groups = append(groups, *g)
			}
		}
	}
	return groups
}

type reconciliation struct {
	entityType canonical.EntityType
	ids        map[string]string
	keys       []businessKey
	sides      [][]*keyed
	of         map[*Candidate]*group // those with a partner
	apart      map[[2]*keyed]bool    // pairs that people said are different: see pairOf
}

// keyed is a record with its keys as they are compared; an empty one is none.
type keyed struct {
	entity *Candidate
	side   int
	keys   [2]string
}

// group is what is one so far, in order of the platforms, at most one record of each.
type group struct {
	members []*keyed
	reason  Reason // why they are one
}

// Reason says why the records of an object are one.
type Reason struct {
	Kind       ReasonKind `json:"kind"`
	Field      string     `json:"field,omitempty"` // canonical field whose values are the same key
	Value      string     `json:"value,omitempty"` // of the record that takes precedence, as it is written
	DecisionID string     `json:"decision_id,omitempty"`
}

// ReasonKind is what a [Reason] rests on.
type ReasonKind string

// The kinds of reasons.
const (
	ByKey      ReasonKind = "key"      // a business key that both have
	ByDecision ReasonKind = "decision" // a person said so
	ByNothing  ReasonKind = "none"     // the object has one record
)

func (g group) entities() []*Candidate {
	list := make([]*Candidate, len(g.members))
	for i, m := range g.members {
		list[i] = m.entity
	}
	return list
}

func (r *reconciliation) keyedOf(side []*Candidate) []*keyed {
	list := make([]*keyed, len(side))
	for i, e := range side {
		k := &keyed{entity: e, side: len(r.sides)}
		for strength, key := range r.keys {
			k.keys[strength] = comparedKey(e.Document, key.field)
		}
		list[i] = k
	}
	return list
}

// index finds the records of a side by one key: those of each scope, and all of them.
type index struct {
	scoped map[string]map[string][]*keyed // by key and scope; the empty scope: not said
	all    map[string][]*keyed
}

func (r *reconciliation) indexOf(side []*keyed, strength int) index {
	x := index{map[string]map[string][]*keyed{}, map[string][]*keyed{}}
	for _, k := range side {
		key := k.keys[strength]
		if key == "" {
			continue
		}
		x.all[key] = append(x.all[key], k)
		if x.scoped[key] == nil {
			x.scoped[key] = map[string][]*keyed{}
		}
		scope := r.scopeOf(k, strength)
		x.scoped[key][scope] = append(x.scoped[key][scope], k)
	}
	return x
}

// only is the one record of a side that has a key and could stand in a scope; nil if there is none, or more than one.
func (x index) only(key, scope string) *keyed {
	if scope == "" {
		if all := x.all[key]; len(all) == 1 {
			return all[0]
		}
		return nil
	}
	within, unsaid := x.scoped[key][scope], x.scoped[key][""]
	if len(within)+len(unsaid) != 1 {
		return nil
	}
	return slices.Concat(within, unsaid)[0]
}

func (r *reconciliation) scopeOf(k *keyed, strength int) string {
	if r.keys[strength].scope == "" {
		return ""
	}
	return r.object(k.entity.Document.Get(r.keys[strength].scope).Text())
}

// object is the object that a reference of a record leads to.
func (r *reconciliation) object(id string) string {
	if object, ok := r.ids[id]; ok {
		return object
	}
	return id
}

// matchBy joins the records of two platforms by one key.
func (r *reconciliation) matchBy(strength, i, j int) {
	first, second := r.indexOf(r.sides[i], strength), r.indexOf(r.sides[j], strength)
	for _, k := range r.sides[i] {
		key := k.keys[strength]
		if key == "" {
			continue
		}
		other := second.only(key, r.scopeOf(k, strength))
		if other != nil && first.only(key, r.scopeOf(other, strength)) == k && !bothHave(k, other, strength) {
			field := r.keys[strength].field
			r.join(k, other, Reason{Kind: ByKey, Field: field, Value: k.entity.Document.Get(field).Text()}, r.contradict)
		}
	}
}

// bothHave says whether both records have a key that is stronger: it has said already whether they are one.
func bothHave(a, b *keyed, strength int) bool {
	for stronger := range strength {
		if a.keys[stronger] != "" && b.keys[stronger] != "" {
			return true
		}
	}
	return false
}

// join makes two records one, with those that each is one with already, unless two of them cannot be.
func (r *reconciliation) join(a, b *keyed, why Reason, contradict func(x, y *keyed) bool) {
	one, other := r.groupOf(a), r.groupOf(b)
	if one == other {
		return
	}
	for _, x := range one.members {
		for _, y := range other.members {
			if x.side == y.side || contradict(x, y) {
				return
			}
		}
	}
	if len(one.members) > 1 { // the first reason stays
		why = one.reason
	}
	joined := &group{slices.Concat(one.members, other.members), why}
	slices.SortFunc(joined.members, func(x, y *keyed) int { return x.side - y.side })
	for _, m := range joined.members {
		r.of[m.entity] = joined
	}
}

func (r *reconciliation) groupOf(k *keyed) *group {
	if g := r.of[k.entity]; g != nil {
		return g
	}
	return &group{members: []*keyed{k}}
}

// contradict says whether two records cannot be one: a person said that they are different; both have the strongest key, and not the same; or both refer to an object, and
// not to the same one. A reference to a record that was never loaded leads to no object.
func (r *reconciliation) contradict(a, b *keyed) bool {
	if r.apart[pairOf(a, b)] {
		return true
	}
	if a.keys[0] != "" && b.keys[0] != "" && a.keys[0] != b.keys[0] {
		return true
	}
	others := canonical.References(r.entityType, b.entity.Document)
	for _, reference := range canonical.References(r.entityType, a.entity.Document) {
		object, known := r.ids[reference.ID]
		for _, other := range others {
			if its, ok := r.ids[other.ID]; known && ok && other.Field == reference.Field && its != object {
				return true
			}
		}
	}
	return false
}
