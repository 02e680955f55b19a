package jsontext

import (
	"hash/maphash"
	"math/bits"
)

// uniqueNames refuses an object that names a member twice: two readers could see two different values (RFC 7493, 2.3).
func (t *Tape) uniqueNames(object int) bool {
	switch count := t.Tokens[object].Count; {
	case count < 2:
		return true
	case count <= 16:
		return t.uniqueFew(object)
	default:
		return t.uniqueMany(object)
	}
}

// uniqueFew compares names in pairs, but only those that share a bit of a small filter.
func (t *Tape) uniqueFew(object int) bool {
	var filter uint64
	end := int(t.Tokens[object].Next)
	for i := object + 1; i < end; i = int(t.Tokens[i+1].Next) {
		name := &t.Tokens[i]
		if name.Escaped {
			return t.uniqueMany(object)
		}
		raw := t.Literal(name)
		hash := uint(len(raw))
		if len(raw) > 0 {
			hash += uint(raw[0])*5 + uint(raw[len(raw)/2])*11 + uint(raw[len(raw)-1])*3
		}
		bit := uint64(1) << (hash & 63)
		if filter&bit != 0 {
			for j := object + 1; j < i; j = int(t.Tokens[j+1].Next) {
				if t.Literal(&t.Tokens[j]) == raw {
					return t.duplicate(i)
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
func (t *Tape) uniqueMany(object int) bool {
	size := 1 << bits.Len(uint(t.Tokens[object].Count)*2)
	if cap(t.names) < size {
		t.names = make([]uint32, size)
	}
	table := t.names[:size]
	clear(table)
	end := int(t.Tokens[object].Next)
	for i := object + 1; i < end; i = int(t.Tokens[i+1].Next) {
		name := t.Text(&t.Tokens[i])
		slot := int(maphash.String(seed, name)) & (size - 1)
		for table[slot] != 0 {
			if t.Text(&t.Tokens[table[slot]]) == name {
				return t.duplicate(i)
			}
			slot = (slot + 1) & (size - 1)
		}
		table[slot] = uint32(i) // never 0: the object itself comes first
	}
	return true
}

func (t *Tape) duplicate(name int) bool {
	return t.fail(int(t.Tokens[name].Start)-1, "member name appears twice in one object")
}
