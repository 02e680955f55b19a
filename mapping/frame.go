package mapping

import (
	"sync"

	"structural.app/structural/jsontext"
)

// frame is the working space for one record or line.
type frame struct {
	slots []jsontext.Value // the canonical value of each field
	found []jsontext.Value // what the payload has, by leaf
	act   []action         // what becomes of it, by leaf
	out   []jsontext.Value // what is written, by leaf
	have  []presence       // what the record has at each node
	trail []*node          // the node of every member, in the order of the record; nil if it has none
	at    int              // where on the trail we are
	place []int            // where on the stack a node's member is
	stack []jsontext.Member
	dirty bool // something is dropped or written
}

type presence uint8

const (
	nothing presence = iota
	aNull
	aValue // a scalar or an array
	anObject
)

type action uint8

const (
	keep  action = iota // leave it as it is
	drop                // take it away
	write               // put something else there
)

type frames struct {
	mapping *Mapping
	pool    sync.Pool
}

// keptMembers is how many members a record may have whose frame is used again.
const keptMembers = 1 << 12

func (p *frames) get() *frame {
	if f, ok := p.pool.Get().(*frame); ok {
		return f
	}
	m := p.mapping
	return &frame{
		slots: make([]jsontext.Value, len(m.fields)),
		found: make([]jsontext.Value, len(m.leaves)),
		act:   make([]action, len(m.leaves)),
		out:   make([]jsontext.Value, len(m.leaves)),
		have:  make([]presence, m.nodes),
		place: make([]int, m.nodes),
	}
}

func (p *frames) put(f *frame) {
	if cap(f.trail) > keptMembers || cap(f.stack) > keptMembers {
		return
	}
	clear(f.slots)
	clear(f.found)
	clear(f.act)
	clear(f.out)
	clear(f.have)
	f.dirty = false
	f.trail, f.at = f.trail[:0], 0
	f.stack = f.stack[:0]
	p.pool.Put(f)
}

// settle moves the members that were gathered since base to the memory of the result.
func (f *frame) settle(s *Scope, base int) []jsontext.Member {
	members := s.hold(f.stack[base:])
	clear(f.stack[base:])
	f.stack = f.stack[:base]
	return members
}
