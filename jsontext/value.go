package jsontext

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Kind says what a Value is. The zero Kind is Absent: the value that a missing member has.
type Kind uint8

// The kinds of JSON, and Absent.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Value is one immutable JSON value. Objects keep the order of their members, numbers and strings keep the token in which
// they were written, so that a value which is parsed and appended again has every digit it came with.
//
// A value is small, because translating a record is mostly moving values about: it has the one pointer that it needs, to its
// token or to its members. Only scalar, compound, token and kids know.
type Value struct {
	data unsafe.Pointer
	size uint32
	kind Kind
	wide bool // an object of many members: data is its *wideObject
}

// scalar makes a value of its token; a string's has its quotes.
func scalar(kind Kind, token string) Value {
	if len(token) > maxSize {
		panic("jsontext: a token of more than 2 GiB")
	}
	return Value{data: unsafe.Pointer(unsafe.StringData(token)), size: uint32(len(token)), kind: kind}
}

// compound makes an object, or an array, whose members have no keys.
func compound(kind Kind, kids []Member) Value {
	if kind == Object && len(kids) > fewMembers {
		return Value{data: unsafe.Pointer(&wideObject{members: kids}), size: uint32(len(kids)), kind: kind, wide: true}
	}
	return Value{data: unsafe.Pointer(unsafe.SliceData(kids)), size: uint32(len(kids)), kind: kind}
}

// maxSize bounds a token, so that every size fits.
const maxSize = math.MaxInt32

func (v Value) token() string {
	if v.kind >= Array {
		return ""
	}
	return unsafe.String((*byte)(v.data), v.size)
}

func (v Value) kids() []Member {
	switch {
	case v.kind < Array:
		return nil
	case v.wide:
		return (*wideObject)(v.data).members
	}
	return unsafe.Slice((*Member)(v.data), v.size)
}

// Member is a member of an object.
type Member struct {
	Key   string
	Value Value
}

// Values without content.
var (
	NullValue = scalar(Null, "null")
	True      = scalar(Bool, "true")
	False     = scalar(Bool, "false")
)

// NewBool makes a boolean.
func NewBool(b bool) Value {
	if b {
		return True
	}
	return False
}

// NewInt makes a number.
func NewInt(i int64) Value { return scalar(Number, strconv.FormatInt(i, 10)) }

// NewNumber makes a number of a token, which must be one of JSON's grammar.
func NewNumber(token string) Value { return scalar(Number, token) }

// NewQuoted makes a string of a token, quotes included, which must be one of JSON's grammar.
func NewQuoted(token string) Value { return scalar(String, token) }

// NewString makes a string. What no text can hold that is stored, U+0000 and invalid UTF-8, becomes U+FFFD.
func NewString(s string) Value { return scalar(String, quote(s)) }

// NewArray makes an array.
func NewArray(elements ...Value) Value {
	kids := make([]Member, len(elements))
	for i, e := range elements {
		kids[i].Value = e
	}
	return compound(Array, kids)
}

// NewObject makes an object of members in their order; it takes the slice over. Keys must differ.
func NewObject(members ...Member) Value { return compound(Object, members) }

// ArrayOf makes an array of members whose keys are empty; it takes the slice over.
func ArrayOf(elements []Member) Value { return compound(Array, elements) }

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsAbsent reports whether the value is the one of a missing member.
func (v Value) IsAbsent() bool { return v.kind == Absent }

// IsNone reports whether the value is absent or null.
func (v Value) IsNone() bool { return v.kind <= Null }

// Literal returns the token of a scalar as it was written, a string's with its quotes.
func (v Value) Literal() string { return v.token() }

// Text returns the content of a string, else "".
func (v Value) Text() string {
	if v.kind != String {
		return ""
	}
	token := v.token()
	inner := token[1 : len(token)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return unescape(inner)
}

// IsTrue reports whether the value is the boolean true.
func (v Value) IsTrue() bool { return v.kind == Bool && v.size == 4 }

// Int returns a number that is written as an integer and fits 64 bits.
func (v Value) Int() (int64, bool) {
	if v.kind != Number {
		return 0, false
	}
	i, err := strconv.ParseInt(v.token(), 10, 64)
	return i, err == nil
}

// Len returns the number of members or elements.
func (v Value) Len() int { return len(v.kids()) }

// Members returns the members of an object, or the elements of an array without keys. They must not be changed.
func (v Value) Members() []Member { return v.kids() }

// Get returns the member of an object, or an absent value.
func (v Value) Get(key string) Value {
	if v.kind != Object {
		return Value{}
	}
	if i := v.Index(key); i >= 0 {
		return v.kids()[i].Value
	}
	return Value{}
}

// Index is the place of a member of an object, -1 if there is none.
func (v Value) Index(key string) int {
	if v.wide {
		return (*wideObject)(v.data).place(key)
	}
	kids := v.kids()
	for i := range kids {
		if kids[i].Key == key {
			return i
		}
	}
	return -1
}

// At follows a path of keys.
func (v Value) At(path ...string) Value {
	for _, key := range path {
		v = v.Get(key)
	}
	return v
}

// With returns a copy of an object in which a member is set; a new one comes last. To set many, see [Edit].
func (v Value) With(key string, member Value) Value {
	kids := append(make([]Member, 0, v.Len()+1), v.kids()...)
	if i := v.Index(key); i >= 0 {
		kids[i].Value = member
	} else {
		kids = append(kids, Member{Key: key, Value: member})
	}
	return compound(Object, kids)
}

// Without returns a copy of an object that lacks a member.
func (v Value) Without(key string) Value {
	i := v.Index(key)
	if i < 0 {
		return v
	}
	kids := append(make([]Member, 0, v.Len()), v.kids()[:i]...)
	return compound(Object, append(kids, v.kids()[i+1:]...))
}

// FindText finds the first text in a value, names of members aside, that meets a condition, and returns its JSON pointer.
func FindText(v Value, meets func(string) bool) (pointer string, found bool) {
	switch v.kind {
	case String:
		return "", meets(v.Text())
	case Array, Object:
		for i, m := range v.kids() {
			if below, found := FindText(m.Value, meets); found {
				if v.kind == Array {
					return ElementPointer("", i) + below, true
				}
				return AppendPointer("", m.Key) + below, true
			}
		}
	}
	return "", false
}

// Equal reports whether two values are the same: objects in any order of members, strings by content, numbers by token.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	if v.Same(w) {
		return true
	}
	mine, others := v.kids(), w.kids()
	if len(mine) != len(others) {
		return false
	}
	switch v.kind {
	case String:
		return v.token() == w.token() || v.Text() == w.Text()
	case Array:
		for i := range mine {
			if !mine[i].Value.Equal(others[i].Value) {
				return false
			}
		}
		return true
	case Object:
		for i, m := range mine {
			other := others[i].Value // most often in the same order
			if others[i].Key != m.Key {
				other = w.Get(m.Key)
			}
			if !m.Value.Equal(other) {
				return false
			}
		}
		return true
	default:
		return v.token() == w.token()
	}
}

// Same reports whether two values are one in memory, as what a change leaves alone is.
func (v Value) Same(w Value) bool { return v.data == w.data && v.size == w.size && v.kind == w.kind }

// Append writes the value as JSON without white space. An absent value is written as null.
func (v Value) Append(dst []byte) []byte {
	switch v.kind {
	case Absent:
		return append(dst, "null"...)
	case Array:
		dst = append(dst, '[')
		for i, m := range v.kids() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = m.Value.Append(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i, m := range v.kids() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuoted(dst, m.Key)
			dst = append(dst, ':')
			dst = m.Value.Append(dst)
		}
		return append(dst, '}')
	default:
		return append(dst, v.token()...)
	}
}

// String returns the value as JSON.
func (v Value) String() string { return string(v.Append(nil)) }

// MarshalJSON makes a Value a field of any structure.
func (v Value) MarshalJSON() ([]byte, error) { return v.Append(make([]byte, 0, 256)), nil }

// UnmarshalJSON is Parse.
func (v *Value) UnmarshalJSON(data []byte) error {
	parsed, err := Parse(data)
	if err == nil {
		*v = parsed
	}
	return err
}

var (
	_ json.Marshaler   = Value{}
	_ json.Unmarshaler = (*Value)(nil)
)

func quote(s string) string {
	if plain(s) {
		return `"` + s + `"`
	}
	return string(appendQuoted(make([]byte, 0, len(s)+8), s))
}

// plain reports whether a string is its own JSON content.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return c >= utf8.RuneSelf && utf8.ValidString(s[i:]) && !strings.ContainsAny(s[i:], escaped)
		}
	}
	return true
}

const escaped = "\"\\" +
	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if plain(s) {
		return append(append(dst, s...), '"')
	}
	const hex = "0123456789abcdef"
	for _, r := range s { // an invalid byte comes as U+FFFD
		switch {
		case r == 0: // nor is this ever written: Parse would refuse it
			dst = append(dst, "\ufffd"...)
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
