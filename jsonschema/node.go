package jsonschema

import "structural.app/structural/jsontext"

// node is one compiled schema. A group of rules that the schema does not have is nil.
type node struct {
	pointer   string // where in the document
	verdict   verdict
	recursive bool   // a $ref points here from within: a text can make it meet itself any number of times
	unknown   string // a keyword that the checker does not know: the reference has to decide

	types    kinds // the accepted ones, 0 for all
	constant *literals
	enum     *literals
	format   *format

	object  *objectRules
	array   *arrayRules
	text    *textRules
	number  *numberRules
	combine *combineRules

	children []*node // all schemas that this one applies
	inPlace  []*node // those of them that it applies to the same value
}

// verdict is known beforehand for the schemas true and false.
type verdict uint8

const (
	open verdict = iota
	accepting
	rejecting
)

type objectRules struct {
	index      map[string]int // of members by name
	members    []member
	required   bitset
	patterns   []patternRule
	additional *node
	names      *node
	min, max   int // max -1: none
	dependent  []dependency
}

// member is a name that the schema mentions: in properties, required or one of the dependent… keywords.
type member struct {
	name string
	node *node // nil if only mentioned
}

type patternRule struct {
	pattern *pattern
	node    *node
}

// dependency holds if the member `trigger` is there.
type dependency struct {
	trigger int
	needs   []int
	node    *node
}

type arrayRules struct {
	prefix                   []*node
	items                    *node
	min, max                 int
	unique                   bool
	contains                 *node
	minContains, maxContains int
}

type textRules struct {
	min, max int
	pattern  *pattern
}

type numberRules struct {
	min, max, above, below, multiple *bound
}

type bound struct {
	jsontext.Decimal
	text string // without an exponent, for messages
}

type combineRules struct {
	ref                   *node
	all                   []*node
	any, one              *union
	not                   *node
	when, then, otherwise *node
}

// bitset marks members. Few schemas mention more than 64 names.
type bitset []uint64

func newBitset(n int) bitset    { return make(bitset, (n+63)/64) }
func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) holds(c bitset) bool {
	for i, want := range c {
		if b[i]&want != want {
			return false
		}
	}
	return true
}

// reachable lists the schemas that a schema leads to, in one step or more, each once.
func (n *node) reachable(step func(*node) []*node) []*node {
	seen := map[*node]bool{}
	var list []*node
	for from, i := n, 0; ; from, i = list[i], i+1 {
		for _, next := range step(from) {
			if !seen[next] {
				seen[next] = true
				list = append(list, next)
			}
		}
		if i == len(list) {
			return list
		}
	}
}

func (n *node) leadsTo() []*node        { return n.children }
func (n *node) leadsToInPlace() []*node { return n.inPlace }
