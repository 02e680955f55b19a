package jsonschema

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"

	"structural.app/structural/jsontext"
)

// Limits of what is read at all, beside those of depth and text, which are jsontext's. RFC 8259 (section 9) allows them, and each
// one keeps a small input from costing much: the two of numbers bound what exact arithmetic on a literal may cost.
const (
	maxBytes    = 1 << 30
	maxNumber   = 1000 // characters of one number
	maxExponent = 400  // either sign; a float64 ends at 308
)

// SyntaxError says that a text is not exactly one well-formed JSON value. It never quotes the text.
type SyntaxError struct {
	Problem string
	Offset  int // in bytes, from 0
	Line    int // from 1
	Column  int // in bytes, from 1
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed JSON at line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// CheckSyntax says whether a text is one well-formed JSON value (RFC 8259). Beyond what encoding/json refuses, it refuses
// invalid UTF-8, a member name that appears twice in one object, nesting deeper than [jsontext.MaxDepth] and numbers out of all
// proportion. The error is a *SyntaxError; of text that is well-formed and cannot be stored (see package jsontext), Violations.
func CheckSyntax(json []byte) error {
	in := newInput(json, jsontext.MaxDepth)
	defer in.release()
	return in.scan()
}

// kind is the JSON type of a value, as a bit so that a schema's `type` is a set of them.
type kind uint8

const (
	kindNull kind = 1 << iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
	kindInteger // only in the set of a schema: no token has it
)

// token is one value or member name. A text becomes a flat list of them, in reading order: an object is followed by name,
// value, name, value …; an array by its items. To know where a value ends is to know where its successor starts, so a
// checker can pass over what it does not look at.
type token struct {
	start, end uint32 // the text; of a string without its quotes
	next       uint32 // index of the first token behind this value
	count      uint32 // members or items
	kind       kind
	escaped    bool // a string with escapes: its text is not yet its value
}

// input is one text being read and checked. Inputs are pooled, so that a check allocates nothing.
type input struct {
	src    []byte
	pos    int
	depth  int // the most that is read
	tape   []token
	names  []uint32 // hash table of a large object's names
	number []byte   // digits of the number at hand
	err    error
	steps  int // that recursive schemas have taken
	limit  int // of steps, from which on answers are kept in memo
	memo   map[visit]bool
}

var inputs = sync.Pool{New: func() any { return new(input) }}

func newInput(src []byte, depth int) *input {
	in := inputs.Get().(*input)
	in.src, in.pos, in.depth, in.tape, in.err = src, 0, depth, in.tape[:0], nil
	in.steps, in.memo = 0, nil
	return in
}

func (in *input) release() {
	in.src, in.err, in.memo = nil, nil, nil
	const keep = 1 << 16 // tokens of 20 bytes: one huge text must not pin its memory for ever
	if cap(in.tape) <= keep && cap(in.names) <= keep {
		inputs.Put(in)
	}
}

// scan reads the whole text into tokens.
func (in *input) scan() error {
	if len(in.src) > maxBytes {
		in.fail(0, "text is too large")
		return in.err
	}
	in.space()
	if !in.value(0) {
		return in.err
	}
	in.space()
	if in.pos < len(in.src) {
		in.fail(in.pos, "unexpected data behind the value")
		return in.err
	}
	in.limit = 4*len(in.tape) + 1024
	return nil
}

func (in *input) fail(offset int, problem string) bool {
	before := in.src[:offset]
	in.err = &SyntaxError{
		Problem: problem,
		Offset:  offset,
		Line:    1 + bytes.Count(before, []byte{'\n'}),
		Column:  offset - bytes.LastIndexByte(before, '\n'),
	}
	return false
}

// unstorable refuses a string that cannot be stored. It has no token yet; those of the arrays and objects around it say where
// it stands, since they have no end yet.
func (in *input) unstorable(problem string) bool {
	pointer := ""
	for at := 0; at < len(in.tape); {
		if in.tape[at].kind == kindArray {
			child, item := at+1, 0
			for child < len(in.tape) && in.tape[child].next != 0 {
				child, item = int(in.tape[child].next), item+1
			}
			pointer, at = appendToken(pointer, strconv.Itoa(item)), child
			continue
		}
		name := at + 1
		for name+1 < len(in.tape) && in.tape[name+1].next != 0 {
			name = int(in.tape[name+1].next)
		}
		if name == len(in.tape) {
			problem = textNamePrefix + problem
			break
		}
		pointer, at = appendToken(pointer, string(in.text(&in.tape[name]))), name+1
	}
	in.err = Violations{{pointer, problem}}
	return false
}

func (in *input) unexpected(want string) bool {
	if in.pos >= len(in.src) {
		return in.fail(in.pos, "unexpected end, want "+want)
	}
	return in.fail(in.pos, "want "+want)
}

func (in *input) space() {
	for in.pos < len(in.src) {
		switch in.src[in.pos] {
		case ' ', '\t', '\n', '\r':
			in.pos++
		default:
			return
		}
	}
}

func (in *input) value(depth int) bool {
	if in.pos >= len(in.src) {
		return in.unexpected("a value")
	}
	switch c := in.src[in.pos]; c {
	case '{':
		return in.object(depth + 1)
	case '[':
		return in.array(depth + 1)
	case '"':
		return in.string()
	case 't':
		return in.word("true", kindBoolean)
	case 'f':
		return in.word("false", kindBoolean)
	case 'n':
		return in.word("null", kindNull)
	default:
		if c == '-' || isDigit(c) {
			return in.scanNumber()
		}
		return in.unexpected("a value")
	}
}

func (in *input) scalar(k kind, start, end int, escaped bool) {
	in.tape = append(in.tape, token{
		start: uint32(start), end: uint32(end), next: uint32(len(in.tape) + 1), kind: k, escaped: escaped,
	})
}

func (in *input) word(w string, k kind) bool {
	end := in.pos + len(w)
	if end > len(in.src) || string(in.src[in.pos:end]) != w {
		return in.unexpected("a value")
	}
	in.scalar(k, in.pos, end, false)
	in.pos = end
	return true
}

func (in *input) tooDeep() bool {
	return in.fail(in.pos, fmt.Sprintf("nested deeper than %d levels", in.depth))
}

func (in *input) object(depth int) bool {
	if depth > in.depth {
		return in.tooDeep()
	}
	at := in.open(kindObject)
	for count := uint32(0); ; count++ {
		in.space()
		if count == 0 && in.at('}') {
			break
		}
		if !in.at('"') {
			return in.unexpected("a member name")
		}
		if !in.string() {
			return false
		}
		in.space()
		if !in.at(':') {
			return in.unexpected("':'")
		}
		in.pos++
		in.space()
		if !in.value(depth) {
			return false
		}
		in.tape[at].count++
		in.space()
		if in.at('}') {
			break
		}
		if !in.at(',') {
			return in.unexpected("',' or '}'")
		}
		in.pos++
	}
	in.close(at)
	return in.uniqueNames(at)
}

func (in *input) array(depth int) bool {
	if depth > in.depth {
		return in.tooDeep()
	}
	at := in.open(kindArray)
	in.space()
	if in.at(']') {
		in.close(at)
		return true
	}
	for {
		in.space()
		if !in.value(depth) {
			return false
		}
		in.tape[at].count++
		in.space()
		if in.at(']') {
			in.close(at)
			return true
		}
		if !in.at(',') {
			return in.unexpected("',' or ']'")
		}
		in.pos++
	}
}

func (in *input) at(c byte) bool { return in.pos < len(in.src) && in.src[in.pos] == c }

func (in *input) open(k kind) int {
	in.tape = append(in.tape, token{start: uint32(in.pos), kind: k})
	in.pos++
	return len(in.tape) - 1
}

func (in *input) close(at int) {
	in.pos++
	in.tape[at].end, in.tape[at].next = uint32(in.pos), uint32(len(in.tape))
}

func (in *input) string() bool {
	start := in.pos + 1
	pos, escaped := start, false
	src := in.src
	for {
		pos = skipPlain(src, pos)
		if pos >= len(src) {
			return in.fail(len(src), "unexpected end inside a string")
		}
		switch c := src[pos]; {
		case c == '"':
			in.scalar(kindString, start, pos, escaped)
			in.pos = pos + 1
			return true
		case c == '\\':
			escaped = true
			n, problem := jsontext.Escape(src[pos:])
			switch {
			case problem != "":
				return in.unstorable(problem)
			case n == 0:
				return in.fail(pos, "invalid escape inside a string")
			}
			pos += n
		case c < ' ':
			return in.fail(pos, "control character inside a string")
		case c < utf8.RuneSelf:
			pos++
		default:
			r, n := utf8.DecodeRune(src[pos:])
			if r == utf8.RuneError && n == 1 {
				return in.fail(pos, "invalid UTF-8")
			}
			pos += n
		}
	}
}

// skipPlain passes over characters that need no thought, eight at a time: ASCII that is neither a control character nor a
// quote nor a backslash. It may stop early, never late.
func skipPlain(src []byte, pos int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for pos+8 <= len(src) {
		w := binary.LittleEndian.Uint64(src[pos:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		if (w|(w-ones*' ')|(quote-ones)|(slash-ones))&highs != 0 {
			break
		}
		pos += 8
	}
	for pos < len(src) {
		if c := src[pos]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		pos++
	}
	return pos
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (in *input) scanNumber() bool {
	n, problem := numberLen(in.src[in.pos:])
	if problem != "" {
		return in.fail(in.pos, problem)
	}
	in.scalar(kindNumber, in.pos, in.pos+n, false)
	in.pos += n
	return true
}

// numberLen is the length of the number that s starts with.
func numberLen(s []byte) (n int, problem string) {
	digits := func() int {
		from := n
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		return n - from
	}
	if n < len(s) && s[n] == '-' {
		n++
	}
	switch {
	case n < len(s) && s[n] == '0':
		n++
	case digits() == 0:
		return 0, "invalid number"
	}
	if n < len(s) && s[n] == '.' {
		n++
		if digits() == 0 {
			return 0, "invalid number"
		}
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		n++
		if n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		from := n
		if digits() == 0 {
			return 0, "invalid number"
		}
		exponent := 0
		for _, c := range s[from:n] {
			if exponent = exponent*10 + int(c-'0'); exponent > maxExponent {
				return 0, "number out of range"
			}
		}
	}
	if n > maxNumber {
		return 0, "number out of range"
	}
	return n, ""
}
