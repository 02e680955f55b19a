package jsontext

import (
	"slices"
	"strconv"
	"unsafe"
)

// Token is one value or member's name.
type Token struct {
	Start, End uint32 // the text; of a string without its quotes
	Next       uint32 // index of the first token behind this value
	Count      uint32 // members or elements
	Kind       Kind   // of a name: String
	Escaped    bool   // a string with escapes: its text is not yet its content
}

// Tape is a JSON text as a flat list of tokens in reading order: an object is followed by name, value, name, value …; an array by
// its elements. To know where a value ends is to know where its successor starts, so whoever walks a tape can pass over what it
// does not look at. A tape can be used for one text after another; it keeps its memory.
//
//	{"a":[1,2]}    Object (1 member), "a", Array (2 elements), 1, 2
type Tape struct {
	Tokens []Token
	text   string

	// For reading.
	src      []byte // the text again
	pos      int
	maxDepth int
	members  int      // and elements, of all objects and arrays together
	names    []uint32 // hash table of a large object's names
	err      error
}

// Read reads a whole text into tokens, nested at most so deep. The text must not change while the tape is used. The error is a
// *SyntaxError or a *TextError; there are no usable tokens then.
func (t *Tape) Read(text []byte, maxDepth int) error {
	return t.read(unsafe.String(unsafe.SliceData(text), len(text)), maxDepth)
}

func (t *Tape) read(text string, maxDepth int) error {
	t.text, t.src = text, unsafe.Slice(unsafe.StringData(text), len(text))
	t.pos, t.maxDepth, t.members, t.err = 0, maxDepth, 0, nil
	t.Tokens = t.Tokens[:0]
	if len(text) > maxBytes {
		t.fail(0, "text is too large")
		return t.err
	}
	t.space()
	if !t.value(0) {
		return t.err
	}
	t.space()
	if t.pos < len(t.src) {
		t.fail(t.pos, "unexpected data behind the value")
	}
	return t.err
}

// keptTokens is how many tokens a tape keeps room for: one huge text must not pin its memory for ever.
const keptTokens = 1 << 20

// fewTokens is how much room there is at least where an object or array begins. Most have no more members.
const fewTokens = 64

// grow makes room for as many tokens as the text seems to have, so that a large one is not copied time and again.
func (t *Tape) grow() {
	const usual = 12 // bytes of text a token
	expected := len(t.src) / usual
	if t.pos > usual*fewTokens {
		expected = len(t.Tokens) * len(t.src) / t.pos
	}
	most := len(t.src)/2 + 1 // of a text that ends well: each has a separator before it, but the first
	room := min(max(2*len(t.Tokens), expected+expected/8), most) - len(t.Tokens)
	t.Tokens = slices.Grow(t.Tokens, max(room, fewTokens))
}

// Forget lets go of the text, and of memory beyond the usual.
func (t *Tape) Forget() {
	t.text, t.src, t.err = "", nil, nil
	if cap(t.Tokens) > keptTokens {
		t.Tokens = nil
	}
	if cap(t.names) > keptTokens {
		t.names = nil
	}
}

// Literal is the text of a value as it was written; of a string without its quotes. It is valid as long as the text.
func (t *Tape) Literal(token *Token) string { return t.text[token.Start:token.End] }

// Text is the content of a string or a name. It is valid as long as the text: only a string with escapes is copied.
func (t *Tape) Text(token *Token) string {
	if token.Escaped {
		return unescape(t.text[token.Start:token.End])
	}
	return t.text[token.Start:token.End]
}

// unstorable refuses a string that cannot be stored. It has no token yet; those of the arrays and objects around it say where
// it stands, since they have no end yet.
func (t *Tape) unstorable(problem string) bool {
	pointer := ""
	for at := 0; at < len(t.Tokens); {
		if t.Tokens[at].Kind == Array {
			child, element := at+1, 0
			for child < len(t.Tokens) && t.Tokens[child].Next != 0 {
				child, element = int(t.Tokens[child].Next), element+1
			}
			pointer, at = appendCut(pointer, strconv.Itoa(element)), child
			continue
		}
		name := at + 1
		for name+1 < len(t.Tokens) && t.Tokens[name+1].Next != 0 {
			name = int(t.Tokens[name+1].Next)
		}
		if name == len(t.Tokens) {
			problem = "property name " + problem
			break
		}
		pointer, at = appendCut(pointer, t.Text(&t.Tokens[name])), name+1
	}
	t.err = &TextError{Cut(pointer, MaxPointer), problem}
	return false
}
