package jsontext

import "sync"

// fewMembers is how many members an object may have and still be searched one by one. No mapping table has as many fields
// for one object, so that only objects of another make pay for an index.
const fewMembers = 128

// wideObject is an object of many members. It finds a member in constant time, by an index that the first look-up makes.
type wideObject struct {
	members []Member
	once    sync.Once
	places  map[string]int32
}

func (o *wideObject) place(key string) int {
	o.once.Do(func() { o.places = placesOf(o.members) })
	if i, ok := o.places[key]; ok {
		return int(i)
	}
	return -1
}

func placesOf(members []Member) map[string]int32 {
	places := make(map[string]int32, len(members))
	for i := range members {
		places[members[i].Key] = int32(i)
	}
	return places
}

// Edit is a copy of an object on its way: it sets and removes many members in one go, where each [Value.With] would copy the
// object anew.
type Edit struct {
	of      Value
	members []Member // a copy once something changes; absent values are removed ones
	places  map[string]int32
	removed int
}

// EditOf begins with the members of an object; anything else has none.
func EditOf(object Value) *Edit {
	if object.kind != Object {
		object = NewObject()
	}
	return &Edit{of: object}
}

func (e *Edit) place(key string) int {
	switch {
	case e.members == nil:
		return e.of.Index(key)
	case e.places != nil:
		if i, ok := e.places[key]; ok {
			return int(i)
		}
		return -1
	case len(e.members) > fewMembers:
		e.places = placesOf(e.members)
		return e.place(key)
	}
	for i := range e.members {
		if e.members[i].Key == key {
			return i
		}
	}
	return -1
}

// Get returns a member as it is by now, or an absent value.
func (e *Edit) Get(key string) Value {
	i := e.place(key)
	switch {
	case i < 0:
		return Value{}
	case e.members == nil:
		return e.of.kids()[i].Value
	}
	return e.members[i].Value
}

// Set sets a member; a new one comes last. An absent value removes it.
func (e *Edit) Set(key string, v Value) {
	i := e.place(key)
	if i < 0 && v.IsAbsent() {
		return
	}
	if e.members == nil {
		e.members = append(make([]Member, 0, e.of.Len()+1), e.of.kids()...)
	}
	if i < 0 {
		e.members = append(e.members, Member{Key: key, Value: v})
		if e.places != nil {
			e.places[key] = int32(len(e.members) - 1)
		}
		return
	}
	switch had := e.members[i].Value.IsAbsent(); {
	case had && !v.IsAbsent():
		e.removed--
	case !had && v.IsAbsent():
		e.removed++
	}
	e.members[i].Value = v
}

// Append adds members that the object does not have, or has no more, behind the others.
func (e *Edit) Append(members ...Member) {
	if e.members == nil {
		e.members = append(make([]Member, 0, e.of.Len()+len(members)), e.of.kids()...)
	}
	for _, m := range members {
		if e.places != nil {
			e.places[m.Key] = int32(len(e.members))
		}
		e.members = append(e.members, m)
	}
}

// Value is the object as it is by now; the edit must not be used any more.
func (e *Edit) Value() Value {
	switch {
	case e.members == nil:
		return e.of
	case e.removed > 0:
		kept := e.members[:0]
		for _, m := range e.members {
			if !m.Value.IsAbsent() {
				kept = append(kept, m)
			}
		}
		e.members = kept
	}
	return NewObject(e.members...)
}
