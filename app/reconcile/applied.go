package reconcile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

// finish makes the objects of all groups, compares them with those that are stored, and notes what differs.
func (a *application) finish() error {
	stored, kept, err := a.storedObjects()
	if err != nil {
		return err
	}
	ids, err := a.objectIDs()
	if err != nil {
		return err
	}
	touched := a.noteRecords()
	made := map[string]bool{}
	for _, group := range a.groups {
		object := mergeGroup(group.records, ids, kept, a.comparer)
		made[object.ID] = true
		had := stored[object.ID]
		switch {
		case group.reason != nil:
			object.Reason = *group.reason
		case had != nil:
			object.Reason = had.Reason
		}
		switch {
		case had == nil || touched[object.ID] || !had.Derived || !object.equal(&had.Object):
			a.result.Objects = append(a.result.Objects, object)
		case !had.Matched:
			a.result.Settled = append(a.result.Settled, object.ID)
			continue
		default:
			continue
		}
		if had != nil {
			a.result.WereObjects = append(a.result.WereObjects, had.Object)
		}
	}
	for _, e := range a.entries {
		if e.was == nil || made[e.was.CanonicalID] {
			continue
		}
		made[e.was.CanonicalID] = true // noted once
		a.result.Removed = append(a.result.Removed, e.was.CanonicalID)
		if had := stored[e.was.CanonicalID]; had != nil {
			a.result.WereObjects = append(a.result.WereObjects, had.Object)
		}
	}
	return nil
}

// noteRecords notes which records are written, and returns the objects that are not made of the same records as before.
func (a *application) noteRecords() (touched map[string]bool) {
	touched = map[string]bool{}
	for _, name := range slices.SortedFunc(maps.Keys(a.entries), Name.Compare) {
		e := a.entries[name]
		if e.is == nil {
			touched[e.was.CanonicalID] = true
			a.result.Gone = append(a.result.Gone, *e.was)
			continue
		}
		is := e.is.Record
		if e.was != nil && e.was.CanonicalID != is.CanonicalID {
			touched[e.was.CanonicalID], touched[is.CanonicalID] = true, true
		}
		if e.changed || e.was.CanonicalID != is.CanonicalID {
			a.result.Mapped = append(a.result.Mapped, is)
		}
		if e.was != nil && bytes.Equal(e.was.Payload, is.Payload) && e.was.Variant == is.Variant {
			continue
		}
		touched[is.CanonicalID] = true
		a.result.Put = append(a.result.Put, is)
		if e.was != nil {
			a.result.WerePut = append(a.result.WerePut, *e.was)
		}
	}
	return touched
}

// storedObjects are the objects that the records were, and those that they are now where these are stored; and what they say beyond their
// records' words.
func (a *application) storedObjects() (map[string]*MatchedObject, map[string]keptFields, error) {
	wanted := map[string]bool{}
	for _, e := range a.entries {
		if e.was != nil {
			wanted[e.was.CanonicalID], wanted[e.was.MintedID] = true, true
		}
		if e.is != nil {
			wanted[e.is.Record.MintedID] = true
		}
	}
	found, err := a.stored.Objects(slices.Collect(maps.Keys(wanted)))
	if err != nil {
		return nil, nil, err
	}
	objects, kept := make(map[string]*MatchedObject, len(found)), map[string]keptFields{}
	for i := range found {
		object := &found[i]
		objects[object.ID] = object
		if object.Derived && object.Kept != nil {
			if kept[object.ID], err = readKept(object.Kept); err != nil {
				return nil, nil, fmt.Errorf("%s %s: %w", object.EntityType, object.ID, err)
			}
		}
	}
	return objects, kept, nil
}

// objectIDs maps the ids that the groups' records refer to, and have, to those of objects.
func (a *application) objectIDs() (map[string]string, error) {
	var refersTo []string
	for _, group := range a.groups {
		for _, c := range group.records {
			refersTo = append(refersTo, c.Record.RefersTo...)
		}
	}
	if err := a.ask(refersTo); err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(refersTo))
	for _, id := range refersTo {
		if object := a.object(id); object != "" {
			ids[id] = object
		}
	}
	return ids, nil
}

// equal says whether two objects are the same, to the byte.
func (o *Object) equal(other *Object) bool {
	return bytes.Equal(o.Document, other.Document) && bytes.Equal(o.Kept, other.Kept) && slices.Equal(o.RefersTo, other.RefersTo) && o.Reason == other.Reason &&
		bytes.Equal(o.Compared, other.Compared)
}
