package jsonschema

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"

	"structural.app/structural/jsontext"
)

// visit is one schema applied to one value.
type visit struct {
	node  *node
	value int
}

// check says whether the value at token i satisfies a schema. It looks at the text itself; nothing is decoded.
func (in *input) check(n *node, i int) bool {
	if n.verdict != open {
		return n.verdict == accepting
	}
	if !n.recursive {
		return in.apply(n, i)
	}
	// Alternatives look at a value once for each way to reach it. In a schema that contains itself this can double at
	// every level of the text. One that takes more steps than its size explains has the answers kept from there on.
	if in.steps++; in.steps <= in.limit || in.Tokens[i].Count == 0 {
		return in.apply(n, i)
	}
	v := visit{n, i}
	ok, known := in.memo[v]
	if !known {
		ok = in.apply(n, i)
		if in.memo == nil {
			in.memo = map[visit]bool{}
		}
		in.memo[v] = ok
	}
	return ok
}

func (in *input) apply(n *node, i int) bool {
	t := &in.Tokens[i]
	if n.types != 0 && !in.hasType(n.types, t) {
		return false
	}
	if n.constant != nil && !n.constant.has(in, t) {
		return false
	}
	if n.enum != nil && !n.enum.has(in, t) {
		return false
	}
	if n.format != nil && !in.hasFormat(n.format, t) {
		return false
	}
	switch t.Kind {
	case jsontext.Object:
		if n.object != nil && !in.checkObject(n.object, i) {
			return false
		}
	case jsontext.Array:
		if n.array != nil && !in.checkArray(n.array, i) {
			return false
		}
	case jsontext.String:
		if n.text != nil && !n.text.accept(in.Text(t)) {
			return false
		}
	case jsontext.Number:
		if n.number != nil && !n.number.accept(in.number(t)) {
			return false
		}
	}
	return n.combine == nil || in.checkCombined(n.combine, i)
}

func (in *input) hasType(types kinds, t *jsontext.Token) bool {
	return types&kindOf(t) != 0 || (t.Kind == jsontext.Number && types&kindInteger != 0 && in.number(t).IsInteger())
}

func (in *input) hasFormat(f *format, t *jsontext.Token) bool {
	switch {
	case t.Kind == jsontext.String && f.text != nil:
		return f.text(in.Text(t))
	case t.Kind == jsontext.Number && f.number != nil:
		return f.number(in.number(t))
	}
	return true
}

func (in *input) checkObject(o *objectRules, i int) bool {
	t := &in.Tokens[i]
	if int(t.Count) < o.min || (o.max >= 0 && int(t.Count) > o.max) {
		return false
	}
	var few [2]uint64
	seen := bitset(few[:])
	if len(o.members) > 64*len(few) {
		seen = newBitset(len(o.members))
	}
	expected := 0
	for j, end := i+1, int(t.Next); j < end; j = int(in.Tokens[j+1].Next) {
		name := in.Text(&in.Tokens[j])
		evaluated := false
		if k, ok := o.find(name, expected); ok {
			expected = k + 1
			seen.set(k)
			if n := o.members[k].node; n != nil {
				evaluated = true
				if !in.check(n, j+1) {
					return false
				}
			}
		}
		for _, p := range o.patterns {
			if p.pattern.Match(name) {
				evaluated = true
				if !in.check(p.node, j+1) {
					return false
				}
			}
		}
		if !evaluated && o.additional != nil && !in.check(o.additional, j+1) {
			return false
		}
		if o.names != nil && !in.check(o.names, j) {
			return false
		}
	}
	if !seen.holds(o.required) {
		return false
	}
	for _, d := range o.dependent {
		if !seen.has(d.trigger) {
			continue
		}
		for _, k := range d.needs {
			if !seen.has(k) {
				return false
			}
		}
		if d.node != nil && !in.check(d.node, i) {
			return false
		}
	}
	return true
}

// find gives the number of a name. Members often come in the order of the schema, so the one after the last is tried first.
func (o *objectRules) find(name string, expected int) (k int, ok bool) {
	if expected < len(o.members) && o.members[expected].name == name {
		return expected, true
	}
	k, ok = o.index[name]
	return k, ok
}

func (in *input) checkArray(a *arrayRules, i int) bool {
	t := &in.Tokens[i]
	if int(t.Count) < a.min || (a.max >= 0 && int(t.Count) > a.max) {
		return false
	}
	item, found := 0, 0
	for j, end := i+1, int(t.Next); j < end; j = int(in.Tokens[j].Next) {
		n := a.items
		if item < len(a.prefix) {
			n = a.prefix[item]
		}
		if n != nil && !in.check(n, j) {
			return false
		}
		if a.contains != nil && in.check(a.contains, j) {
			found++
		}
		item++
	}
	if a.contains != nil && (found < a.minContains || (a.maxContains >= 0 && found > a.maxContains)) {
		return false
	}
	if a.unique {
		if _, _, repeated := in.repeated(i); repeated {
			return false
		}
	}
	return true
}

func (r *textRules) accept(s string) bool {
	if r.min > 0 || r.max >= 0 {
		n := utf8.RuneCountInString(s)
		if n < r.min || (r.max >= 0 && n > r.max) {
			return false
		}
	}
	return r.pattern == nil || r.pattern.Match(s)
}

func (r *numberRules) accept(d jsontext.Decimal) bool {
	return (r.min == nil || d.Compare(r.min.Decimal) >= 0) &&
		(r.max == nil || d.Compare(r.max.Decimal) <= 0) &&
		(r.above == nil || d.Compare(r.above.Decimal) > 0) &&
		(r.below == nil || d.Compare(r.below.Decimal) < 0) &&
		(r.multiple == nil || d.IsMultipleOf(r.multiple.Decimal))
}

func (in *input) checkCombined(c *combineRules, i int) bool {
	if c.ref != nil && !in.check(c.ref, i) {
		return false
	}
	for _, n := range c.all {
		if !in.check(n, i) {
			return false
		}
	}
	if c.any != nil && in.matches(c.any, i, 1) == 0 {
		return false
	}
	if c.one != nil && in.matches(c.one, i, 2) != 1 {
		return false
	}
	if c.not != nil && in.check(c.not, i) {
		return false
	}
	if n := in.consequence(c, i); n != nil && !in.check(n, i) {
		return false
	}
	return true
}

// consequence is the schema that `if` calls for: then, else or none.
func (in *input) consequence(c *combineRules, i int) *node {
	switch {
	case c.when == nil:
		return nil
	case in.check(c.when, i):
		return c.then
	}
	return c.otherwise
}

// repeated finds two equal items of an array.
func (in *input) repeated(array int) (first, second int, found bool) {
	t := &in.Tokens[array]
	seen := make(map[string]int, t.Count)
	var form []byte
	for j, item := array+1, 0; j < int(t.Next); j, item = int(in.Tokens[j].Next), item+1 {
		form = in.appendForm(form[:0], j)
		if earlier, ok := seen[string(form)]; ok {
			return earlier, item, true
		}
		seen[string(form)] = item
	}
	return 0, 0, false
}

// appendForm appends a form of a value that is the same for equal values and for no others.
func (in *input) appendForm(form []byte, i int) []byte {
	t := &in.Tokens[i]
	form = append(form, byte(t.Kind))
	switch t.Kind {
	case jsontext.Bool:
		return append(form, in.Literal(t)[0])
	case jsontext.String:
		return appendSized(form, in.Text(t))
	case jsontext.Number:
		d := in.number(t)
		form = append(form, byte(d.Sign()))
		form = binary.AppendVarint(form, int64(d.Exponent))
		form = binary.AppendUvarint(form, uint64(d.Len()))
		return d.AppendDigits(form)
	case jsontext.Array:
		form = binary.AppendUvarint(form, uint64(t.Count))
		for j := i + 1; j < int(t.Next); j = int(in.Tokens[j].Next) {
			form = in.appendForm(form, j)
		}
	case jsontext.Object:
		form = binary.AppendUvarint(form, uint64(t.Count))
		members := make([]int, 0, t.Count)
		for j := i + 1; j < int(t.Next); j = int(in.Tokens[j+1].Next) {
			members = append(members, j)
		}
		slices.SortFunc(members, func(a, b int) int {
			return strings.Compare(in.Text(&in.Tokens[a]), in.Text(&in.Tokens[b]))
		})
		for _, j := range members {
			form = appendSized(form, in.Text(&in.Tokens[j]))
			form = in.appendForm(form, j+1)
		}
	}
	return form
}

func appendSized(form []byte, s string) []byte {
	return append(binary.AppendUvarint(form, uint64(len(s))), s...)
}
