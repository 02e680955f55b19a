package jsonschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/jsontext"
)

// builder turns one schema object into its node.
type builder struct {
	c      *Compiler
	n      *node
	source map[string]any
}

func (b *builder) object() *objectRules {
	if b.n.object == nil {
		b.n.object = &objectRules{index: map[string]int{}, max: -1}
	}
	return b.n.object
}

func (b *builder) array() *arrayRules {
	if b.n.array == nil {
		b.n.array = &arrayRules{max: -1, minContains: 1, maxContains: -1}
	}
	return b.n.array
}

func (b *builder) text() *textRules {
	if b.n.text == nil {
		b.n.text = &textRules{max: -1}
	}
	return b.n.text
}

func (b *builder) number() *numberRules {
	if b.n.number == nil {
		b.n.number = &numberRules{}
	}
	return b.n.number
}

func (b *builder) combine() *combineRules {
	if b.n.combine == nil {
		b.n.combine = &combineRules{}
	}
	return b.n.combine
}

// mention gives a name its number among the members.
func (o *objectRules) mention(name string) int {
	i, ok := o.index[name]
	if !ok {
		i = len(o.members)
		o.index[name] = i
		o.members = append(o.members, member{name: name})
	}
	return i
}

func (o *objectRules) require(name string) {
	i := o.mention(name)
	for i >= len(o.required)*64 {
		o.required = append(o.required, 0)
	}
	o.required.set(i)
}

func (b *builder) member(name string) *member {
	i := b.object().mention(name)
	return &b.object().members[i]
}

func (b *builder) patternProperties(value any) error {
	return b.each(value, "patternProperties", func(pattern string, n *node) {
		// No error: the reference has compiled it before.
		if p, err := compilePattern(pattern); err == nil {
			b.object().patterns = append(b.object().patterns, patternRule{p, n})
		}
	})
}

// each compiles a map of schemas, in the order of its names.
func (b *builder) each(value any, keyword string, enter func(string, *node)) error {
	for _, name := range sorted(value.(map[string]any)) {
		n, err := b.child(false, keyword, name)
		if err != nil {
			return err
		}
		enter(name, n)
	}
	return nil
}

// sorted gives the names of a map in a fixed order, so that two starts compile the same.
func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func (b *builder) list(inPlace bool, keyword string, value any) ([]*node, error) {
	nodes := make([]*node, len(value.([]any)))
	for i := range nodes {
		n, err := b.child(inPlace, keyword, strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

func (b *builder) union(keyword string, value any) (*union, error) {
	branches, err := b.list(true, keyword, value)
	return &union{branches: branches}, err
}

// child compiles the schema below this one at the given tokens.
func (b *builder) child(inPlace bool, tokens ...string) (*node, error) {
	pointer := b.n.pointer
	for _, t := range tokens {
		pointer = jsontext.AppendPointer(pointer, t)
	}
	n, err := b.c.at(pointer)
	if err != nil {
		return nil, err
	}
	b.adopt(n, inPlace)
	return n, nil
}

func (b *builder) adopt(n *node, inPlace bool) {
	b.n.children = append(b.n.children, n)
	if inPlace {
		b.n.inPlace = append(b.n.inPlace, n)
	}
}

func (b *builder) reference(ref string) (*node, error) {
	pointer, ok := localPointer(ref)
	if !ok {
		if strings.HasPrefix(ref, "#") { // an anchor: the reference resolves it
			b.n.unknown = "$ref to an anchor"
			return nil, nil
		}
		return nil, fmt.Errorf("%s: $ref %q does not point into this document", b.n.pointer, ref)
	}
	n, err := b.c.at(pointer)
	if err != nil {
		return nil, fmt.Errorf("%s: $ref: %w", b.n.pointer, err)
	}
	b.adopt(n, true)
	return n, nil
}

// count reads the value of a keyword such as minLength.
func (b *builder) count(value any) int {
	n, ok := jsontext.DecimalOf(string(value.(json.Number))).Scaled(0)
	if !ok || n > math.MaxInt32 {
		b.n.unknown = "a count beyond reason"
	}
	return int(n)
}

func newBound(value any) *bound {
	d := jsontext.DecimalOf(string(value.(json.Number)))
	return &bound{d, d.String()}
}

func typeSet(value any) (set kinds) {
	switch value := value.(type) {
	case string:
		return kindNamed(value)
	case []any:
		for _, name := range value {
			set |= kindNamed(name.(string))
		}
	}
	return set
}
