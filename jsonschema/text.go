package jsonschema

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"structural.app/structural/jsontext"
)

// text is the value of a string token. Only a string with escapes has to be copied for it.
func (in *input) text(t *token) []byte {
	raw := in.src[t.start:t.end]
	if !t.escaped {
		return raw
	}
	return unescape(raw)
}

// unescape decodes the escapes of a string that has been scanned.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		n := 2
		switch raw[1] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			var r rune
			r, n = unescapeRune(raw)
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, raw[1])
		}
		raw = raw[n:]
	}
	return out
}

func unescapeRune(raw []byte) (r rune, n int) {
	r, _ = jsontext.CodeUnit(raw)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, _ := jsontext.CodeUnit(raw[6:])
	return utf16.DecodeRune(r, low), 12
}

// uniqueNames refuses an object that names a member twice: two readers could see two different values.
func (in *input) uniqueNames(object int) bool {
	switch count := in.tape[object].count; {
	case count < 2:
		return true
	case count <= 16:
		return in.uniqueFew(object)
	default:
		return in.uniqueMany(object)
	}
}

// uniqueFew compares names in pairs, but only those that share a bit of a small filter.
func (in *input) uniqueFew(object int) bool {
	var filter uint64
	end := int(in.tape[object].next)
	for i := object + 1; i < end; i = int(in.tape[i+1].next) {
		name := &in.tape[i]
		if name.escaped {
			return in.uniqueMany(object)
		}
		raw := in.src[name.start:name.end]
		hash := uint(len(raw))
		if len(raw) > 0 {
			hash += uint(raw[0])*5 + uint(raw[len(raw)/2])*11 + uint(raw[len(raw)-1])*3
		}
		bit := uint64(1) << (hash & 63)
		if filter&bit != 0 {
			for j := object + 1; j < i; j = int(in.tape[j+1].next) {
				if other := &in.tape[j]; bytes.Equal(in.src[other.start:other.end], raw) {
					return in.duplicate(i)
				}
			}
		}
		filter |= bit
	}
	return true
}

// seed is random, so that nobody can choose names that collide.
var seed = maphash.MakeSeed()

// uniqueMany enters names into a hash table, so that a large object costs no more per name than a small one.
func (in *input) uniqueMany(object int) bool {
	size := 1 << bits.Len(uint(in.tape[object].count)*2)
	if cap(in.names) < size {
		in.names = make([]uint32, size)
	}
	table := in.names[:size]
	clear(table)
	end := int(in.tape[object].next)
	for i := object + 1; i < end; i = int(in.tape[i+1].next) {
		name := in.text(&in.tape[i])
		slot := int(maphash.Bytes(seed, name)) & (size - 1)
		for table[slot] != 0 {
			if bytes.Equal(in.text(&in.tape[table[slot]]), name) {
				return in.duplicate(i)
			}
			slot = (slot + 1) & (size - 1)
		}
		table[slot] = uint32(i) // never 0: the object itself comes first
	}
	return true
}

func (in *input) duplicate(name int) bool {
	return in.fail(int(in.tape[name].start)-1, "member name appears twice in one object")
}
