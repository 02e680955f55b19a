package reconcile

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Change is a record that comes or changes, or one that goes.
type Change struct {
	Candidate *Candidate // read; of one that goes, its name alone counts
	Gone      bool
}

// Stored is what [Applier.Apply] asks of what a customer has. It answers as the customer was before the change.
type Stored interface {
	// Unmatched are the records of the objects that were changed since they were matched. all: it is not known of every object what
	// it was matched by, so that all are matched again.
	Unmatched() (names []Name, all bool, err error)
	// AllRecords are the records of a type, with their ids; an empty type is any.
	AllRecords(t canonical.EntityType) ([]Record, error)
	// Records finds records by their names, with their ids. Those that are not there are left out.
	Records(names []Name) ([]Record, error)
	// Keys are the keys that records were matched by.
	Keys(names []Name) (map[Name][]Key, error)
	// Sharing are the records of a type that have any of these keys.
	Sharing(t canonical.EntityType, keys []string) ([]Sharer, error)
	// Referring are the records that refer to any of these records, by the ids that those have on their own.
	Referring(mintedIDs []string) ([]Name, error)
	// Members are the records of objects.
	Members(objectIDs []string) ([]Name, error)
	// ObjectIDs are the ids of the objects that records are, by the ids that the records have on their own.
	ObjectIDs(mintedIDs []string) (map[string]string, error)
	// Objects finds objects by their ids.
	Objects(ids []string) ([]MatchedObject, error)
	// Decisions are what people decided, in the order of their ids. They are those after the change.
	Decisions() ([]Decision, error)
}

// Sharer is a record that has a key.
type Sharer struct {
	Name
	Key
}

// MatchedObject is an object, and how far what is stored beside its document is up to date.
type MatchedObject struct {
	Object
	Matched bool // it is as it was matched: nothing has changed it since
	Derived bool // RefersTo and Kept belong to the document
}

// Applied is what a change makes of a customer's records and objects. What it does not name stays as it is.
type Applied struct {
	All bool // keys and references of all records are written anew

	Put     []Record // records that are new, or have another payload or variant
	Gone    []Record // records that go, as they were
	Mapped  []Record // records whose object, keys or references are written anew
	Objects []Object // objects that are new or differ
	Removed []string // ids of objects that are no more
	Settled []string // ids of objects that were matched again and stay as they are

	WerePut     []Record // those of Put that were there, as they were
	WereObjects []Object // those of Objects and Removed that were there, as they were
}

// IsEmpty says that nothing changes.
func (a *Applied) IsEmpty() bool {
	return len(a.Put)+len(a.Gone)+len(a.Mapped)+len(a.Objects)+len(a.Removed)+len(a.Settled) == 0
}

// Applier applies changes of records. Safe for concurrent use.
type Applier struct {
	Read       func([]*Candidate) error // reads records, as [Candidate.Read] does
	Precedence []platform.Name          // that of [Match]
	Comparer   *Comparer                // compares the records of each object; nil: nobody does
}

// Apply finds out what changes of records make of a customer's objects, and touches no others. The result equals what [Match] would
// make of all records, to the byte. decided are records that a person decided about, or no longer does.
//
// Why it is equal: whether two records are one depends on the two themselves, on the objects that they refer to, and on who else has
// one of their keys in a scope that could be the same (index.only); whether a third joins them, on the records that are joined
// with them already. So a set of records can be matched alone, if it is closed: no record outside of it has a key of one inside, in
// a scope that could be the same, and nobody decided that one outside is the same as one inside. What a change can alter is within the smallest closed set that holds, of one type,
//
//   - the records that came, changed or went, and those that share a key that these have now, or had before;
//   - the records that refer to a record whose object is another one now, since scopes and contradictions go by objects.
//
// Types are matched in the order of [canonical.EntityTypes], as Match does it, so that the objects that scopes go by are known. In the
// end, the objects of which a record refers to a record whose object is another one are written again, too.
func (r Applier) Apply(stored Stored, changes []Change, decided []Name) (*Applied, error) {
	a := &application{
		stored: stored, read: r.Read, comparer: r.Comparer, order: map[string]int{}, ranks: map[canonical.EntityType]int{}, entries: map[Name]*entry{},
		was: map[string]string{}, now: map[string]string{}, moved: map[string]bool{}, result: &Applied{},
	}
	for i, name := range r.Precedence {
		a.order[string(name)] = i
	}
	for i, t := range canonical.EntityTypes() {
		a.ranks[t] = i
	}
	if err := a.begin(changes, decided); err != nil || len(a.entries) == 0 {
		return a.result, err
	}
	decisions, err := stored.Decisions()
	if err != nil {
		return nil, err
	}
	a.decisions = byType(decisions)
	for _, t := range canonical.EntityTypes() {
		if err := a.matchType(t); err != nil {
			return nil, err
		}
	}
	if err := a.follow(); err != nil {
		return nil, err
	}
	return a.result, a.finish()
}

// application is one run of [Applier.Apply].
type application struct {
	stored Stored
	read   func([]*Candidate) error

	comparer *Comparer
	order    map[string]int // of platforms
	ranks    map[canonical.EntityType]int
	entries  map[Name]*entry // the records that are looked at

	// The objects of records, by the id that each has on its own; an empty one is none. was: as far as they were asked for. now: of the
	// records that were matched again; all others are what they were.
	was, now map[string]string
	moved    map[string]bool // the records whose object is another one now, by the same id
	groups   []matchedGroup

	decisions map[canonical.EntityType][]Decision
	result    *Applied
}

// matchedGroup is the records of an object, in order of precedence.
type matchedGroup struct {
	records []*Candidate
	reason  *Reason // why they are one; nil: as it was
}

// entry is a record, before and after.
type entry struct {
	was     *Record    // nil: it is new
	is      *Candidate // nil: it is gone
	keys    []Key      // that it was matched by
	changed bool       // its keys and references may not be what they were
}

// begin takes in what changes: what was asked for, and what was changed since it was matched.
func (a *application) begin(changes []Change, decided []Name) error {
	latest := map[Name]Change{}
	for _, c := range changes {
		latest[c.Candidate.Record.Name()] = c
	}
	found, err := a.stored.Records(slices.Collect(maps.Keys(latest)))
	if err != nil {
		return err
	}
	were := byName(found)
	for name, c := range latest {
		was, is := were[name], c.Candidate
		switch {
		case c.Gone && was == nil, !c.Gone && was != nil && bytes.Equal(was.Payload, is.Record.Payload) && was.Variant == is.Record.Variant:
			continue
		case c.Gone:
			is = nil
		}
		a.entries[name] = &entry{was: was, is: is, changed: true}
	}
	if err := a.beginUnmatched(); err != nil {
		return err
	}
	return a.load(decided)
}

func (a *application) beginUnmatched() error {
	names, all, err := a.stored.Unmatched()
	if err != nil {
		return err
	}
	var records []Record
	if a.result.All = all; all {
		records, err = a.stored.AllRecords("")
	} else {
		records, err = a.stored.Records(a.unknown(names))
	}
	if err != nil {
		return err
	}
	added, err := a.add(records)
	if err != nil {
		return err
	}
	for _, e := range added {
		e.changed = true
	}
	if all {
		return nil
	}
	keys, err := a.stored.Keys(slices.Collect(maps.Keys(a.entries)))
	for name, e := range a.entries {
		e.keys = keys[name]
	}
	return err
}

// unknown are the names, each once, of those records that are not looked at yet.
func (a *application) unknown(names []Name) []Name {
	seen := map[Name]bool{}
	return slices.DeleteFunc(slices.Clone(names), func(name Name) bool {
		if seen[name] || a.entries[name] != nil {
			return true
		}
		seen[name] = true
		return false
	})
}

// load has records looked at that do not change themselves.
func (a *application) load(names []Name) error {
	names = a.unknown(names)
	if len(names) == 0 {
		return nil
	}
	records, err := a.stored.Records(names)
	if err != nil {
		return err
	}
	added, err := a.add(records)
	for _, e := range added {
		e.keys = e.is.Record.Keys
	}
	return err
}

func (a *application) add(records []Record) (added []*entry, err error) {
	var candidates []*Candidate
	for i := range records {
		name := records[i].Name()
		if a.entries[name] != nil {
			continue
		}
		e := &entry{was: &records[i], is: &Candidate{Record: records[i]}}
		a.entries[name] = e
		added, candidates = append(added, e), append(candidates, e.is)
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	return added, a.read(candidates)
}

func byName(records []Record) map[Name]*Record {
	named := make(map[Name]*Record, len(records))
	for i := range records {
		named[records[i].Name()] = &records[i]
	}
	return named
}

// ask has was know the objects of records.
func (a *application) ask(mintedIDs []string) error {
	var ids []string
	for _, id := range mintedIDs {
		if _, asked := a.was[id]; !asked && id != "" {
			a.was[id] = ""
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	objects, err := a.stored.ObjectIDs(ids)
	maps.Copy(a.was, objects)
	return err
}

// object is the object that a record is now; empty: there is no such record. It was asked for.
func (a *application) object(mintedID string) string {
	if id, matched := a.now[mintedID]; matched {
		return id
	}
	return a.was[mintedID]
}

// matchType matches the records of a type of which any can be another object now.
func (a *application) matchType(t canonical.EntityType) error {
	var first []Name
	for name := range a.entries {
		if name.EntityType == t {
			first = append(first, name)
		}
	}
	referring, err := a.stored.Referring(slices.Collect(maps.Keys(a.moved)))
	if err != nil {
		return err
	}
	for _, name := range referring {
		if name.EntityType == t && a.entries[name] == nil {
			first = append(first, name)
		}
	}
	if len(first) == 0 {
		return nil
	}
	c := &closure{application: a, entityType: t, asked: map[Name]bool{}, members: map[Name]*entry{}, scopes: map[string]map[string]bool{}, sharers: map[string][]Sharer{}}
	if err := c.grow(first); err != nil {
		return err
	}
	return a.matchClosed(t, c.members)
}

// matchClosed matches the records of a closed set.
func (a *application) matchClosed(t canonical.EntityType, members map[Name]*entry) error {
	sides := make([][]*Candidate, len(a.order))
	var refersTo []string
	for _, name := range slices.SortedFunc(maps.Keys(members), Name.Compare) {
		if is := members[name].is; is != nil {
			side := a.order[name.Platform]
			sides[side] = append(sides[side], is)
			refersTo = append(refersTo, is.Record.RefersTo...)
		}
	}
	if err := a.ask(refersTo); err != nil {
		return err
	}
	ids := map[string]string{} // as Match has them at this point: of records of the types before
	for _, side := range sides {
		for _, c := range side {
			for _, r := range canonical.References(t, c.Document) {
				if object := a.object(r.ID); object != "" && a.ranks[r.Refers] < a.ranks[t] {
					ids[r.ID] = object
				}
			}
		}
	}
	for _, group := range match(t, sides, ids, a.decisions[t]) {
		records := group.entities()
		for _, c := range records {
			c.Record.CanonicalID = records[0].Record.MintedID
		}
		a.groups = append(a.groups, matchedGroup{records, &group.reason})
	}
	for _, e := range members {
		var was, is, minted string
		if e.was != nil {
			was, minted = e.was.CanonicalID, e.was.MintedID
		}
		if e.is != nil {
			is, minted = e.is.Record.CanonicalID, e.is.Record.MintedID
		}
		a.now[minted] = is
		if was != is {
			a.moved[minted] = true
		}
	}
	return nil
}

// follow takes in the objects that stay as they are but for what they refer to.
func (a *application) follow() error {
	names, err := a.stored.Referring(slices.Collect(maps.Keys(a.moved)))
	if err != nil {
		return err
	}
	names = a.unknown(names)
	if err := a.load(names); err != nil {
		return err
	}
	objects := map[string][]*Candidate{}
	for _, name := range names {
		objects[a.entries[name].was.CanonicalID] = nil
	}
	members, err := a.stored.Members(slices.Collect(maps.Keys(objects)))
	if err != nil {
		return err
	}
	if err := a.load(members); err != nil {
		return err
	}
	for _, name := range members {
		e := a.entries[name]
		objects[e.was.CanonicalID] = append(objects[e.was.CanonicalID], e.is)
	}
	for _, group := range objects {
		slices.SortFunc(group, func(x, y *Candidate) int {
			return cmp.Compare(a.order[x.Record.Platform], a.order[y.Record.Platform])
		})
		a.groups = append(a.groups, matchedGroup{records: group})
	}
	return nil
}
