package jsonschema

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"structural.app/structural/jsontext"
)

// Compiler compiles schemas of one document. It is used at start, from one goroutine.
type Compiler struct {
	document  any
	reference *jsonschema.Compiler
	nodes     map[string]*node // by pointer; schemas that refer to each other share theirs
}

// NewCompiler takes an OpenAPI 3.1 document as JSON.
func NewCompiler(documentJSON []byte) (*Compiler, error) {
	if err := CheckSyntax(documentJSON); err != nil {
		return nil, fmt.Errorf("schema: document: %w", err)
	}
	document, err := decode(documentJSON)
	if err != nil {
		return nil, fmt.Errorf("schema: document: %w", err)
	}
	reference, err := newReference(document)
	if err != nil {
		return nil, fmt.Errorf("schema: document: %w", err)
	}
	return &Compiler{document: document, reference: reference, nodes: map[string]*node{}}, nil
}

// Compile compiles the schema at a JSON pointer of the document. References must be local ("#/…"); recursion is fine.
func (c *Compiler) Compile(pointer string) (*Schema, error) {
	reference, err := c.reference.Compile(referenceURL(pointer))
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", pointer, err)
	}
	root, err := c.at(pointer)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &Schema{root: root, reference: reference, fast: true}
	all := append([]*node{root}, root.reachable((*node).leadsTo)...)
	for _, n := range all {
		// A schema that leads to itself without entering a member or an item could never be decided.
		if slices.Contains(n.reachable((*node).leadsToInPlace), n) {
			return nil, fmt.Errorf("schema: %s: applies itself to the same value, without end", n.pointer)
		}
		s.fast = s.fast && n.unknown == ""
	}
	for _, n := range all {
		if combine := n.combine; combine != nil {
			combine.any.dispatch()
			combine.one.dispatch()
			if target := combine.ref; target != nil && !target.recursive {
				target.recursive = slices.Contains(target.reachable((*node).leadsTo), target)
			}
		}
	}
	return s, nil
}

// at gives the schema at a pointer, compiled once.
func (c *Compiler) at(pointer string) (*node, error) {
	if n, ok := c.nodes[pointer]; ok {
		return n, nil
	}
	source, rebased, err := c.lookup(pointer)
	if err != nil {
		return nil, err
	}
	n := &node{pointer: pointer}
	c.nodes[pointer] = n // before its parts: they may refer back
	if rebased {
		n.unknown = "$id"
	}
	switch source := source.(type) {
	case bool:
		n.verdict = rejecting
		if source {
			n.verdict = accepting
		}
	case map[string]any:
		if len(source) == 0 {
			n.verdict = accepting
		} else if err := (&builder{c, n, source}).build(); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%s: not a schema", pointer)
	}
	return n, nil
}

// lookup also says whether a schema around the place has an $id, which changes what a reference inside it means.
func (c *Compiler) lookup(pointer string) (v any, rebased bool, err error) {
	v = c.document
	if pointer == "" {
		return v, false, nil
	}
	if pointer[0] != '/' {
		return nil, false, fmt.Errorf("%s: not a JSON pointer", pointer)
	}
	for _, token := range jsontext.PointerTokens(pointer) {
		switch in := v.(type) {
		case map[string]any:
			if _, ok := in["$id"].(string); ok {
				rebased = true
			}
			next, ok := in[token]
			if !ok {
				return nil, false, fmt.Errorf("%s: nothing there", pointer)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false, fmt.Errorf("%s: nothing there", pointer)
			}
			v = in[i]
		default:
			return nil, false, fmt.Errorf("%s: nothing there", pointer)
		}
	}
	return v, rebased, nil
}
