package jsontext

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Parse reads one JSON value (RFC 8259), nested at most [MaxDepth] deep. It is strict where money is at stake: an object
// that names a member twice is refused, because readers disagree on which of the two counts (RFC 7493, 2.3). Text that cannot
// be stored (U+0000, half of a surrogate pair) is refused, too. The error says what is wrong at which byte.
func Parse(data []byte) (Value, error) { return parse(data, MaxDepth) }

// ParseInput is Parse for what comes from outside, such as a platform's record: it is nested at most [MaxInputDepth]
// deep, so that there is room for what is made of it.
func ParseInput(data []byte) (Value, error) { return parse(data, MaxInputDepth) }

func parse(data []byte, maxDepth int) (Value, error) {
	if !utf8.Valid(data) {
		return Value{}, fmt.Errorf("%w: not UTF-8", ErrNotJSON)
	}
	if len(data) > maxSize {
		return Value{}, fmt.Errorf("%w: more than 2 GiB", ErrNotJSON)
	}
	p := parser{in: string(data), maxDepth: maxDepth}
	size := bytes.Count(data, []byte{','}) + bytes.Count(data, []byte{'['}) + bytes.Count(data, []byte{'{'})
	p.arena = make([]Member, 0, min(size, 1024))
	p.stack = stacks.Get().(*[]Member)
	defer func() {
		clear(*p.stack)
		*p.stack = (*p.stack)[:0]
		if cap(*p.stack) <= 4096 {
			stacks.Put(p.stack)
		}
	}()

	v, ok := p.value(0)
	p.space()
	if !ok || p.at != len(p.in) {
		what := p.what
		if what == "" {
			what = "unexpected input"
		}
		return Value{}, fmt.Errorf("%w: %s, at byte %d", ErrNotJSON, what, p.at)
	}
	return v, nil
}

// stacks holds the scratch space of parsers.
var stacks = sync.Pool{New: func() any { s := make([]Member, 0, 128); return &s }}

type parser struct {
	in       string
	at       int
	maxDepth int
	arena    []Member                    // room for the members of every finished object and array
	stack    *[]Member                   // those of the unfinished ones
	many     map[int]map[string]struct{} // the keys of an unfinished object with many members, by where it begins
	what     string                      // what is wrong, where it is more than a wrong character
}

func (p *parser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (Value, bool) {
	p.space()
	if p.at >= len(p.in) {
		p.what = "unexpected end"
		return Value{}, false
	}
	switch c := p.in[p.at]; c {
	case '{':
		return p.object(depth + 1)
	case '[':
		return p.array(depth + 1)
	case '"':
		token, _, ok := p.text()
		return scalar(String, token), ok
	case 't':
		return True, p.word("true")
	case 'f':
		return False, p.word("false")
	case 'n':
		return NullValue, p.word("null")
	default:
		return p.number()
	}
}

func (p *parser) word(w string) bool {
	if !strings.HasPrefix(p.in[p.at:], w) {
		return false
	}
	p.at += len(w)
	return true
}

// text reads a string and reports whether it has escapes.
func (p *parser) text() (token string, escapes, ok bool) {
	start := p.at
	for i := p.at + 1; i < len(p.in); i++ {
		switch c := p.in[i]; {
		case c == '"':
			p.at = i + 1
			return p.in[start : i+1], escapes, true
		case c == '\\':
			escapes = true
			n, problem := Escape(p.in[i:])
			if n == 0 {
				p.at, p.what = i, problem
				return "", false, false
			}
			i += n - 1
		case c < 0x20:
			p.at = i
			return "", false, false
		}
	}
	p.at = len(p.in)
	p.what = "unexpected end"
	return "", false, false
}

func (p *parser) number() (Value, bool) {
	start := p.at
	end := scanNumber(p.in[start:])
	p.at += end
	return scalar(Number, p.in[start:p.at]), end > 0
}

// scanNumber returns the length of the JSON number at the start of s, 0 if there is none.
func scanNumber(s string) int {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case !digits():
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// tooDeep says whether an array or object at this depth is refused; the outermost is at 1.
func (p *parser) tooDeep(depth int) bool {
	if depth <= p.maxDepth {
		return false
	}
	p.what = "nested deeper than " + strconv.Itoa(p.maxDepth) + " levels"
	return true
}

func (p *parser) array(depth int) (Value, bool) {
	if p.tooDeep(depth) {
		return Value{}, false
	}
	p.at++
	base := len(*p.stack)
	p.space()
	if p.at < len(p.in) && p.in[p.at] == ']' {
		p.at++
		return Value{kind: Array}, true
	}
	for {
		v, ok := p.value(depth)
		if !ok {
			return Value{}, false
		}
		*p.stack = append(*p.stack, Member{Value: v})
		switch p.next() {
		case ',':
		case ']':
			return compound(Array, p.settle(base)), true
		default:
			return Value{}, false
		}
	}
}

func (p *parser) object(depth int) (Value, bool) {
	if p.tooDeep(depth) {
		return Value{}, false
	}
	p.at++
	base := len(*p.stack)
	p.space()
	if p.at < len(p.in) && p.in[p.at] == '}' {
		p.at++
		return Value{kind: Object}, true
	}
	var seen [4]uint64 // a sieve for members that may be there already
	for {
		p.space()
		if p.at >= len(p.in) || p.in[p.at] != '"' {
			return Value{}, false
		}
		token, escapes, ok := p.text()
		if !ok {
			return Value{}, false
		}
		key := token[1 : len(token)-1]
		if escapes {
			key = unquote(token)
		}
		if !p.unique(&seen, base, key) {
			p.what = "a member is named twice"
			return Value{}, false
		}
		if p.next() != ':' {
			return Value{}, false
		}
		v, ok := p.value(depth)
		if !ok {
			return Value{}, false
		}
		*p.stack = append(*p.stack, Member{Key: key, Value: v})
		switch p.next() {
		case ',':
		case '}':
			return compound(Object, p.settle(base)), true
		default:
			return Value{}, false
		}
	}
}

// next takes the next character that is not white space, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at >= len(p.in) {
		p.what = "unexpected end"
		return 0
	}
	p.at++
	return p.in[p.at-1]
}

// unique reports whether the object that began at base has no such member yet. Only keys that fall into a used hole of
// the sieve are compared; an object with a great many members gets a map.
func (p *parser) unique(seen *[4]uint64, base int, key string) bool {
	members := (*p.stack)[base:]
	if len(members) >= 256 {
		return p.uniqueAmongMany(base, members, key)
	}
	h := uint32(2166136261)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint32(key[i])) * 16777619
	}
	h ^= h >> 15
	word, bit := &seen[h>>6&3], uint64(1)<<(h&63)
	if *word&bit == 0 {
		*word |= bit
		return true
	}
	for i := range members {
		if members[i].Key == key {
			return false
		}
	}
	return true
}

func (p *parser) uniqueAmongMany(base int, members []Member, key string) bool {
	keys := p.many[base]
	if keys == nil {
		keys = make(map[string]struct{}, 2*len(members))
		for _, m := range members {
			keys[m.Key] = struct{}{}
		}
		if p.many == nil {
			p.many = map[int]map[string]struct{}{}
		}
		p.many[base] = keys
	}
	if _, ok := keys[key]; ok {
		return false
	}
	keys[key] = struct{}{}
	return true
}

// settle moves what the finished object or array has gathered from the stack to the arena.
func (p *parser) settle(base int) []Member {
	done := (*p.stack)[base:]
	if cap(p.arena)-len(p.arena) < len(done) {
		p.arena = make([]Member, 0, max(len(done), 1024))
	}
	from := len(p.arena)
	p.arena = append(p.arena, done...)
	clear(done)
	*p.stack = (*p.stack)[:base]
	delete(p.many, base)
	return p.arena[from:len(p.arena):len(p.arena)]
}
