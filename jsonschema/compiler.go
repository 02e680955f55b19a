package jsonschema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

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

// builder turns one schema object into its node.
type builder struct {
	c      *Compiler
	n      *node
	source map[string]any
}

func (b *builder) build() error {
	for _, keyword := range sorted(b.source) {
		if err := b.keyword(keyword, b.source[keyword]); err != nil {
			return err
		}
	}
	return nil
}

// keyword enters one keyword. The values have the right types: the reference has checked the schema against the metaschema.
func (b *builder) keyword(keyword string, value any) (err error) {
	switch keyword {
	case "type":
		b.n.types = typeSet(value)
	case "const":
		b.n.constant = newLiterals([]any{value})
	case "enum":
		b.n.enum = newLiterals(value.([]any))
	case "format":
		b.n.format = formatNamed(value.(string))
		if value == "regex" { // the reference asserts it, and cannot be told not to
			b.n.unknown = "format regex"
		}

	case "properties":
		return b.each(value, keyword, func(name string, n *node) { b.member(name).node = n })
	case "required":
		for _, name := range value.([]any) {
			b.object().require(name.(string))
		}
	case "additionalProperties":
		b.object().additional, err = b.child(false, keyword)
	case "patternProperties":
		return b.patternProperties(value)
	case "propertyNames":
		b.object().names, err = b.child(false, keyword)
	case "minProperties":
		b.object().min = b.count(value)
	case "maxProperties":
		b.object().max = b.count(value)
	case "dependentRequired":
		triggers := value.(map[string]any)
		for _, trigger := range sorted(triggers) {
			d := dependency{trigger: b.object().mention(trigger)}
			for _, name := range triggers[trigger].([]any) {
				d.needs = append(d.needs, b.object().mention(name.(string)))
			}
			b.object().dependent = append(b.object().dependent, d)
		}
	case "dependentSchemas":
		for _, trigger := range sorted(value.(map[string]any)) {
			n, err := b.child(true, keyword, trigger)
			if err != nil {
				return err
			}
			b.object().dependent = append(b.object().dependent, dependency{trigger: b.object().mention(trigger), node: n})
		}

	case "items":
		b.array().items, err = b.child(false, keyword)
	case "prefixItems":
		b.array().prefix, err = b.list(false, keyword, value)
	case "minItems":
		b.array().min = b.count(value)
	case "maxItems":
		b.array().max = b.count(value)
	case "uniqueItems":
		b.array().unique = value.(bool)
	case "contains":
		b.array().contains, err = b.child(false, keyword)
	case "minContains":
		b.array().minContains = b.count(value)
	case "maxContains":
		b.array().maxContains = b.count(value)

	case "minLength":
		b.text().min = b.count(value)
	case "maxLength":
		b.text().max = b.count(value)
	case "pattern":
		b.text().pattern, err = compilePattern(value.(string))

	case "minimum":
		b.number().min = newBound(value)
	case "maximum":
		b.number().max = newBound(value)
	case "exclusiveMinimum":
		b.number().above = newBound(value)
	case "exclusiveMaximum":
		b.number().below = newBound(value)
	case "multipleOf":
		b.number().multiple = newBound(value)

	case "$ref":
		b.combine().ref, err = b.reference(value.(string))
	case "allOf":
		b.combine().all, err = b.list(true, keyword, value)
	case "anyOf":
		b.combine().any, err = b.union(keyword, value)
	case "oneOf":
		b.combine().one, err = b.union(keyword, value)
	case "not":
		b.combine().not, err = b.child(true, keyword)
	case "if":
		b.combine().when, err = b.child(true, keyword)
	case "then":
		b.combine().then, err = b.child(true, keyword)
	case "else":
		b.combine().otherwise, err = b.child(true, keyword)

	default:
		if !isAnnotation(keyword) {
			b.n.unknown = keyword
		}
	}
	return err
}

// isAnnotation: keywords that say something about a value without constraining it.
func isAnnotation(keyword string) bool {
	switch keyword {
	case "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
		"discriminator", "xml", "externalDocs", "contentEncoding", "contentMediaType", "contentSchema", "$comment", "$defs":
		return true
	}
	return strings.HasPrefix(keyword, "x-")
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
