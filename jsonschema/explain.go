package jsonschema

import "structural.app/structural/jsontext"

// explainer lists what is wrong with a value that check has refused. It follows the same rules at its leisure; its work
// and its list stay bounded, whatever the text.
type explainer struct {
	*input
	report
	prefix string // of messages about a member's name
}

// explain lists all violations of the value that was read.
func (in *input) explain(n *node) Violations {
	e := &explainer{input: in}
	e.node(n, 0, nil)
	return e.violations()
}

func (e *explainer) wrong(at *jsontext.Place, message string) {
	if !e.enough() {
		e.add(at.CutPointer(), e.prefix+message)
	}
}

func (e *explainer) node(n *node, i int, at *jsontext.Place) {
	t := &e.Tokens[i]
	switch {
	case n.verdict == accepting || e.enough():
		return
	case n.verdict == rejecting:
		e.wrong(at, textForbidden)
		return
	// What follows a wrong type or value would only repeat it.
	case n.types != 0 && !e.hasType(n.types, t):
		e.wrong(at, textType(kindOf(t), n.types))
		return
	case n.constant != nil && !n.constant.has(e.input, t):
		e.wrong(at, textOneOf(n.constant.values))
		return
	case n.enum != nil && !n.enum.has(e.input, t):
		e.wrong(at, textOneOf(n.enum.values))
		return
	case n.format != nil && !e.hasFormat(n.format, t):
		e.wrong(at, n.format.want)
		return
	}
	switch {
	case t.Kind == jsontext.Object && n.object != nil:
		e.object(n.object, i, at)
	case t.Kind == jsontext.Array && n.array != nil:
		e.array(n.array, i, at)
	case t.Kind == jsontext.String && n.text != nil:
		e.text(n.text, e.Text(t), at)
	case t.Kind == jsontext.Number && n.number != nil:
		e.number(n.number, t, at)
	}
	if n.combine != nil {
		e.combined(n.combine, i, at)
	}
}

func (e *explainer) object(o *objectRules, i int, at *jsontext.Place) {
	t := &e.Tokens[i]
	if int(t.Count) < o.min {
		e.wrong(at, textAtLeast(o.min, "property"))
	}
	if o.max >= 0 && int(t.Count) > o.max {
		e.wrong(at, textAtMost(o.max, "property"))
	}
	seen := newBitset(len(o.members))
	for j, end := i+1, int(t.Next); j < end && !e.enough(); j = int(e.Tokens[j+1].Next) {
		name := e.Text(&e.Tokens[j])
		here := at.Member(name)
		evaluated := false
		if k, ok := o.index[name]; ok {
			seen.set(k)
			if n := o.members[k].node; n != nil {
				evaluated = true
				e.node(n, j+1, here)
			}
		}
		for _, p := range o.patterns {
			if p.pattern.Match(name) {
				evaluated = true
				e.node(p.node, j+1, here)
			}
		}
		if !evaluated && o.additional != nil {
			if o.additional.verdict == rejecting {
				e.wrong(here, textUnknown)
			} else {
				e.node(o.additional, j+1, here)
			}
		}
		if o.names != nil && !e.check(o.names, j) {
			e.prefix = textNamePrefix
			e.node(o.names, j, here)
			e.prefix = ""
		}
	}
	if e.enough() {
		return // not all members have been seen
	}
	e.missing(o, seen, i, at)
}

// missing lists the members that an object of these lacks.
func (e *explainer) missing(o *objectRules, seen bitset, i int, at *jsontext.Place) {
	for k, m := range o.members {
		if k < len(o.required)*64 && o.required.has(k) && !seen.has(k) {
			e.wrong(at.Member(m.name), textRequired)
		}
	}
	for _, d := range o.dependent {
		if !seen.has(d.trigger) {
			continue
		}
		for _, k := range d.needs {
			if !seen.has(k) {
				e.wrong(at.Member(o.members[k].name), textNeeded(o.members[d.trigger].name))
			}
		}
		if d.node != nil {
			e.node(d.node, i, at)
		}
	}
}

func (e *explainer) array(a *arrayRules, i int, at *jsontext.Place) {
	t := &e.Tokens[i]
	if int(t.Count) < a.min {
		e.wrong(at, textAtLeast(a.min, "item"))
	}
	if a.max >= 0 && int(t.Count) > a.max {
		e.wrong(at, textAtMost(a.max, "item"))
	}
	item, found := 0, 0
	for j, end := i+1, int(t.Next); j < end && !e.enough(); j = int(e.Tokens[j].Next) {
		n := a.items
		if item < len(a.prefix) {
			n = a.prefix[item]
		}
		if n != nil {
			e.node(n, j, at.Element(item))
		}
		if a.contains != nil && e.check(a.contains, j) {
			found++
		}
		item++
	}
	if e.enough() {
		return // not all items have been looked at
	}
	if a.contains != nil && found < a.minContains {
		e.wrong(at, textAtLeast(a.minContains, "matching item"))
	}
	if a.contains != nil && a.maxContains >= 0 && found > a.maxContains {
		e.wrong(at, textAtMost(a.maxContains, "matching item"))
	}
	if a.unique {
		if first, second, repeated := e.repeated(i); repeated {
			e.wrong(at, textRepeated(first, second))
		}
	}
}

func (e *explainer) text(r *textRules, s string, at *jsontext.Place) {
	if !(&textRules{min: r.min, max: -1}).accept(s) {
		e.wrong(at, textAtLeast(r.min, "character"))
	}
	if !(&textRules{max: r.max}).accept(s) {
		e.wrong(at, textAtMost(r.max, "character"))
	}
	if r.pattern != nil && !r.pattern.Match(s) {
		e.wrong(at, textPattern(r.pattern.String()))
	}
}

func (e *explainer) number(r *numberRules, t *jsontext.Token, at *jsontext.Place) {
	for _, rule := range []struct {
		numberRules
		want string
		*bound
	}{
		{numberRules{min: r.min}, "must be at least ", r.min},
		{numberRules{max: r.max}, "must be at most ", r.max},
		{numberRules{above: r.above}, "must be greater than ", r.above},
		{numberRules{below: r.below}, "must be less than ", r.below},
		{numberRules{multiple: r.multiple}, "must be a multiple of ", r.multiple},
	} {
		if !rule.accept(e.input.number(t)) {
			e.wrong(at, rule.want+rule.bound.text)
		}
	}
}

func (e *explainer) combined(c *combineRules, i int, at *jsontext.Place) {
	if c.ref != nil {
		e.node(c.ref, i, at)
	}
	for _, n := range c.all {
		e.node(n, i, at)
	}
	if c.any != nil && e.matches(c.any, i, 1) == 0 {
		e.union(c.any, i, at)
	}
	if c.one != nil {
		switch e.matches(c.one, i, 2) {
		case 0:
			e.union(c.one, i, at)
		case 2:
			e.wrong(at, textAmbiguous)
		}
	}
	if c.not != nil && e.check(c.not, i) {
		e.wrong(at, textNot)
	}
	if n := e.consequence(c, i); n != nil {
		e.node(n, i, at)
	}
}

// union explains a value that no branch accepts by the one branch that it was meant for, if that can be told: by the
// member that tells branches apart, by its type, by the const members that it fulfils.
func (e *explainer) union(u *union, i int, at *jsontext.Place) {
	t := &e.Tokens[i]
	if u.byValue != nil && t.Kind == jsontext.Object {
		e.discriminated(u, i, at)
		return
	}
	var types kinds
	var candidates []*node
	for k, b := range u.branches {
		types |= u.facts[k].types
		if e.hasType(u.facts[k].types, t) {
			candidates = append(candidates, b)
		}
	}
	if len(candidates) > 1 && t.Kind == jsontext.Object {
		candidates = nil
		for k, b := range u.branches {
			if u.facts[k].types&kindObject != 0 && e.fulfils(u.facts[k].pinned, i) {
				candidates = append(candidates, b)
			}
		}
	} else if len(candidates) == 0 {
		e.wrong(at, textType(kindOf(t), types))
		return
	}
	if len(candidates) == 1 {
		e.node(candidates[0], i, at)
		return
	}
	e.wrong(at, textNone)
}

func (e *explainer) discriminated(u *union, i int, at *jsontext.Place) {
	here := at.Member(u.member)
	value := e.member(i, u.member)
	if value < 0 {
		e.wrong(here, textRequired)
		return
	}
	if b := e.named(u, value); b != nil {
		e.node(b, i, at)
		return
	}
	e.wrong(here, textOneOf(u.values()))
}

// fulfils says whether those pinned members that an object has are as they are pinned.
func (e *explainer) fulfils(pinned map[string]map[string]struct{}, i int) bool {
	for name, values := range pinned {
		if m := e.member(i, name); m >= 0 {
			t := &e.Tokens[m]
			if _, ok := values[e.Text(t)]; !ok || t.Kind != jsontext.String {
				return false
			}
		}
	}
	return true
}
