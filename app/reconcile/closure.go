package reconcile

import (
	"slices"

	"structural.app/structural/canonical"
)

// maxRounds is how often a closure asks for more records, one by one farther away. Then it takes all of the type, which is closed as well.
const maxRounds = 32

// closure is a set of records of one type that grows until it is closed: see [Applier.Apply].
type closure struct {
	*application
	entityType canonical.EntityType
	asked      map[Name]bool
	members    map[Name]*entry
	scopes     map[string]map[string]bool // by key, the scopes in which members have it, or had it
	sharers    map[string][]Sharer        // by key, all who had it before the change
}

// grow adds records, and those that this makes members, too.
func (c *closure) grow(names []Name) error {
	for round := 1; len(names) > 0; round++ {
		if round == maxRounds {
			records, err := c.stored.AllRecords(c.entityType)
			if err != nil {
				return err
			}
			for i := range records {
				names = append(names, records[i].Name())
			}
		}
		if err := c.load(names); err != nil {
			return err
		}
		objects, err := c.join(names)
		if err != nil {
			return err
		}
		// Those that were one with a member. They share a key, or did, unless a person decided that they are one.
		if names, err = c.stored.Members(objects); err != nil {
			return err
		}
		names = append(names, c.sharing()...)
		names = append(names, c.decidedWith()...)
		names = c.strangers(names)
	}
	return nil
}

// join makes records members, notes the keys that they have and had, and returns the objects that they were.
func (c *closure) join(names []Name) (objects []string, err error) {
	var refersTo, keys []string
	for _, name := range names {
		c.asked[name] = true
		e := c.entries[name]
		if e == nil {
			continue
		}
		c.members[name] = e
		if e.was != nil {
			objects = append(objects, e.was.CanonicalID)
		}
		for _, key := range e.allKeys() {
			refersTo = append(refersTo, key.Scope)
			if _, asked := c.sharers[key.Text]; !asked {
				c.sharers[key.Text] = nil
				keys = append(keys, key.Text)
			}
		}
	}
	sharers, err := c.stored.Sharing(c.entityType, keys)
	if err != nil {
		return nil, err
	}
	for _, s := range sharers {
		c.sharers[s.Text] = append(c.sharers[s.Text], s)
		refersTo = append(refersTo, s.Scope)
	}
	if err := c.ask(refersTo); err != nil {
		return nil, err
	}
	for _, name := range names {
		for _, key := range c.members[name].allKeys() {
			if c.scopes[key.Text] == nil {
				c.scopes[key.Text] = map[string]bool{}
			}
			c.scopes[key.Text][scope(key, c.was[key.Scope])] = true
			c.scopes[key.Text][scope(key, c.object(key.Scope))] = true
		}
	}
	return objects, nil
}

// allKeys are those that a record has, and those that it had.
func (e *entry) allKeys() []Key {
	switch {
	case e == nil:
		return nil
	case e.is == nil:
		return e.keys
	}
	return append(e.is.Record.Keys[:len(e.is.Record.Keys):len(e.is.Record.Keys)], e.keys...)
}

// scope is the object within which a key counts, as reconciliation.scopeOf has it: a record that was never loaded stands for itself.
func scope(key Key, object string) string {
	if object == "" {
		return key.Scope
	}
	return object
}

// sharing are the records that have a key of a member, in a scope that could be the same: one of the two does not say it, or both say
// the same. Of a record that is no member, the object that its scope leads to is what it was.
func (c *closure) sharing() (names []Name) {
	for key, scopes := range c.scopes {
		for _, s := range c.sharers[key] {
			at := scope(s.Key, c.was[s.Scope])
			if at == "" || scopes[at] || scopes[""] {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// decidedWith are the records that a person decided to be one with a member. Those that are different need not be here: they don't join.
func (c *closure) decidedWith() (names []Name) {
	for _, d := range c.decisions[c.entityType] {
		if !d.Same {
			continue
		}
		named := d.names()
		if slices.ContainsFunc(named, func(name Name) bool { return c.members[name] != nil }) {
			names = append(names, named...)
		}
	}
	return names
}

// strangers are those that were not asked for yet, each once.
func (c *closure) strangers(names []Name) (strangers []Name) {
	seen := map[Name]bool{}
	for _, name := range names {
		if !c.asked[name] && !seen[name] {
			seen[name] = true
			strangers = append(strangers, name)
		}
	}
	return strangers
}
