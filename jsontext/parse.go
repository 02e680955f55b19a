package jsontext

import "sync"

// Parse reads one JSON value (RFC 8259), nested at most [MaxDepth] deep. It is strict where money is at stake: an object
// that names a member twice is refused, because readers disagree on which of the two counts (RFC 7493, 2.3). Text that cannot
// be stored (U+0000, half of a surrogate pair) is refused, too, and so are numbers out of all proportion. The error says what
// is wrong where: it is a *[SyntaxError] or a *[TextError].
func Parse(data []byte) (Value, error) { return parse(data, MaxDepth) }

// ParseInput is Parse for what comes from outside, such as a platform's record: it is nested at most [MaxInputDepth]
// deep, so that there is room for what is made of it.
func ParseInput(data []byte) (Value, error) { return parse(data, MaxInputDepth) }

func parse(data []byte, maxDepth int) (Value, error) {
	tape := tapes.Get().(*Tape)
	defer func() {
		tape.Forget()
		tapes.Put(tape)
	}()
	if err := tape.Read(data, maxDepth); err != nil {
		return Value{}, err
	}
	b := builder{text: string(data), tokens: tape.Tokens, members: tape.members}
	return b.value(), nil
}

var tapes = sync.Pool{New: func() any { return new(Tape) }}

// builder makes the values of a tape, in its order.
type builder struct {
	text    string // a copy that lives as long as the values
	tokens  []Token
	at      int      // the next token
	members int      // for which there is no room yet
	room    []Member // for the next objects and arrays
}

func (b *builder) value() Value {
	token := &b.tokens[b.at]
	b.at++
	switch token.Kind {
	case Object:
		members := b.take(int(token.Count))
		for i := range members {
			members[i].Key = b.name()
			members[i].Value = b.value()
		}
		return compound(Object, members)
	case Array:
		elements := b.take(int(token.Count))
		for i := range elements {
			elements[i].Value = b.value()
		}
		return compound(Array, elements)
	case String:
		return scalar(String, b.text[token.Start-1:token.End+1])
	case Number:
		return scalar(Number, b.text[token.Start:token.End])
	case Bool:
		return NewBool(b.text[token.Start] == 't')
	}
	return NullValue
}

func (b *builder) name() string {
	token := &b.tokens[b.at]
	b.at++
	name := b.text[token.Start:token.End]
	if token.Escaped {
		return unescape(name)
	}
	return name
}

// take takes room for the members of an object or array. Values that live on share theirs with up to so many others.
func (b *builder) take(count int) []Member {
	const shared = 1024
	if len(b.room) < count {
		b.room = make([]Member, max(count, min(b.members, shared)))
	}
	b.members -= count
	members := b.room[:count:count]
	b.room = b.room[count:]
	return members
}
