package canonical

import "structural.app/structural/jsontext"

// Difference is a value that is not the same in two documents.
type Difference struct {
	Pointer  string         // RFC 6901
	From, To jsontext.Value // absent: there is none
}

// Bounds of a list of differences. Where a member of the document has more of them than that, or one that lies so deep, the
// whole member is the difference: a list must not be many times as large as what it tells of.
const (
	maxDifferences       = 1000
	maxDifferencePointer = 500 // bytes
)

// Field is the member of the document that the difference is in.
func (d Difference) Field() string {
	return jsontext.PointerTokens(d.Pointer)[0]
}

// Differences lists where two values differ, as deep as they can be compared: amounts as a whole, and arrays too if they are
// not of one length. Null and no value are the same.
func Differences(from, to jsontext.Value) []Difference {
	d := differ{}
	return d.document(from, to)
}

// FieldDifferences are the differences of two canonical documents in what is a field, of the document or of a line.
func FieldDifferences(from, to jsontext.Value) []Difference {
	d := differ{fieldsOnly: true}
	return d.document(from, to)
}

// differ compares two documents. The path is where it is; it becomes a pointer only where there is a difference.
type differ struct {
	fieldsOnly bool
	path       []step
	list       []Difference
	first      int // of the list: the differences of the member of the document that we are in
	tooMuch    bool
}

// step is a member's key, or an index where there is none.
type step struct {
	key   string
	index int
}

func (d *differ) document(from, to jsontext.Value) []Difference {
	if from.Kind() != jsontext.Object || to.Kind() != jsontext.Object || isMoney(to) {
		d.compare(from, to)
		if d.tooMuch {
			return []Difference{{"", from, to}}
		}
		return d.list
	}
	d.members(from, to, func(key string, had, has jsontext.Value) {
		d.first, d.tooMuch = len(d.list), false
		d.compare(had, has)
		if d.tooMuch {
			d.list = append(d.list[:d.first], Difference{jsontext.AppendPointer("", key), had, has})
		}
	})
	return d.list
}

func isMoney(v jsontext.Value) bool {
	_, ok := MoneyOf(v)
	return ok
}

// members goes through the members of two objects: those that the second has, then those that it lacks.
func (d *differ) members(from, to jsontext.Value, compare func(key string, had, has jsontext.Value)) {
	fields := d.fieldsOnly && (len(d.path) == 0 || len(d.path) == 2 && d.path[0].key == "lines")
	others := from.Members()
	at := func(key string, had, has jsontext.Value) {
		if fields && IsEnvelope(key) || d.tooMuch && len(d.path) > 0 {
			return
		}
		d.path = append(d.path, step{key: key, index: -1})
		compare(key, had, has)
		d.path = d.path[:len(d.path)-1]
	}
	shared := 0
	for i, m := range to.Members() {
		var had jsontext.Value
		if i < len(others) && others[i].Key == m.Key { // most often in the same order
			had = others[i].Value
			shared++
		} else if j := from.Index(m.Key); j >= 0 {
			had = others[j].Value
			shared++
		}
		at(m.Key, had, m.Value)
	}
	if shared == len(others) {
		return
	}
	for _, m := range others {
		if to.Index(m.Key) < 0 {
			at(m.Key, m.Value, jsontext.Value{})
		}
	}
}

func (d *differ) compare(from, to jsontext.Value) {
	switch {
	case d.tooMuch || from.IsNone() && to.IsNone() || from.Same(to):
	case from.Kind() == jsontext.Object && to.Kind() == jsontext.Object && !isMoney(to):
		d.members(from, to, func(_ string, had, has jsontext.Value) { d.compare(had, has) })
	case from.Kind() == jsontext.Array && to.Kind() == jsontext.Array && from.Len() == to.Len():
		others := from.Members()
		for i, m := range to.Members() {
			d.path = append(d.path, step{index: i})
			d.compare(others[i].Value, m.Value)
			d.path = d.path[:len(d.path)-1]
		}
	case !from.Equal(to):
		d.add(from, to)
	}
}

func (d *differ) add(from, to jsontext.Value) {
	pointer := ""
	for _, s := range d.path {
		if len(pointer)+len(s.key) > maxDifferencePointer && len(d.path) > 1 {
			d.tooMuch = true
			return
		}
		if s.index >= 0 {
			pointer = jsontext.ElementPointer(pointer, s.index)
		} else {
			pointer = jsontext.AppendPointer(pointer, s.key)
		}
	}
	if len(d.list)-d.first >= maxDifferences {
		d.tooMuch = true
		return
	}
	d.list = append(d.list, Difference{pointer, from, to})
}
