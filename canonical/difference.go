package canonical

import "strings"

// Difference is a value that is not the same in two documents.
type Difference struct {
	Pointer  string // RFC 6901
	From, To Value  // absent: there is none
}

var pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")

// Field is the member of the document that the difference is in.
func (d Difference) Field() string {
	field, _, _ := strings.Cut(d.Pointer[1:], "/")
	return pointerUnescape.Replace(field)
}

// longestPointer is up to where values are compared member by member, in bytes: far beyond any field. A caller's own name of
// 200 KB would else be repeated for each member below it.
const longestPointer = 200

// Differences lists where two values differ, as deep as they can be compared: amounts as a whole, and arrays too if they are
// not of one length, and so is what lies behind a pointer of more than 200 bytes. Null and no value are the same.
func Differences(from, to Value) []Difference { return differences(nil, "", from, to) }

func differences(list []Difference, pointer string, from, to Value) []Difference {
	_, isMoney := MoneyOf(to)
	switch {
	case from.IsNone() && to.IsNone() || from.Equal(to):
		return list
	case from.Kind() == Object && to.Kind() == Object && !isMoney && len(pointer) <= longestPointer:
		for _, m := range to.Members() {
			if had := from.Get(m.Key); !had.Equal(m.Value) { // most are, and need no pointer
				list = differences(list, AppendPointer(pointer, m.Key), had, m.Value)
			}
		}
		for _, m := range from.Members() {
			if to.Get(m.Key).IsAbsent() {
				list = differences(list, AppendPointer(pointer, m.Key), m.Value, Value{})
			}
		}
		return list
	case from.Kind() == Array && to.Kind() == Array && from.Len() == to.Len() && len(pointer) <= longestPointer:
		for i, m := range to.Members() {
			list = differences(list, ElementPointer(pointer, i), from.Members()[i].Value, m.Value)
		}
		return list
	}
	return append(list, Difference{pointer, from, to})
}
