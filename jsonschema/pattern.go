package jsonschema

import (
	"regexp"
	"regexp/syntax"
)

// pattern is a regular expression that knows a quick way to match, if it is of the kind most documents have: runs of
// characters between ^ and $, such as ^req_[a-z0-9]{12}$.
type pattern struct {
	*regexp.Regexp
	runs []run // nil: no quick way
}

// run is min to max characters of a set of ASCII characters. max -1: any number.
type run struct {
	set      [2]uint64
	min, max int
}

func compilePattern(expression string) (*pattern, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return &pattern{re, runsOf(parsed)}, nil
}

// Match takes as many characters for each run as there are: runsOf saw to it that giving one back would never help.
func (p *pattern) Match(s string) bool {
	if p.runs == nil {
		return p.MatchString(s)
	}
	for i := range p.runs {
		r := &p.runs[i]
		n := 0
		for n < len(s) && n != r.max && r.has(s[n]) {
			n++
		}
		if n < r.min {
			return false
		}
		s = s[n:]
	}
	return len(s) == 0
}

func (r *run) has(c byte) bool { return c < 128 && r.set[c>>6]&(1<<(c&63)) != 0 }

// runsOf returns the runs of an expression, nil if it is none of runs alone, or if a run could take characters that a later
// one needs.
func runsOf(re *syntax.Regexp) []run {
	if re.Op != syntax.OpConcat || len(re.Sub) < 3 ||
		re.Sub[0].Op != syntax.OpBeginText || re.Sub[len(re.Sub)-1].Op != syntax.OpEndText {
		return nil
	}
	var runs []run
	for _, sub := range re.Sub[1 : len(re.Sub)-1] {
		more, ok := runOf(sub)
		if !ok {
			return nil
		}
		runs = append(runs, more...)
	}
	for i, r := range runs {
		if r.min == r.max {
			continue
		}
		for _, later := range runs[i+1:] {
			if r.set[0]&later.set[0] != 0 || r.set[1]&later.set[1] != 0 {
				return nil
			}
			if later.min > 0 {
				break
			}
		}
	}
	return runs
}

func runOf(re *syntax.Regexp) ([]run, bool) {
	if re.Flags&syntax.FoldCase != 0 {
		return nil, false
	}
	switch re.Op {
	case syntax.OpLiteral:
		var runs []run
		for _, c := range re.Rune {
			one := run{min: 1, max: 1}
			if !one.add(c, c) {
				return nil, false
			}
			runs = append(runs, one)
		}
		return runs, true
	case syntax.OpCharClass:
		one := run{min: 1, max: 1}
		for i := 0; i < len(re.Rune); i += 2 {
			if !one.add(re.Rune[i], re.Rune[i+1]) {
				return nil, false
			}
		}
		return []run{one}, true
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		runs, ok := runOf(re.Sub[0])
		if !ok || len(runs) != 1 || runs[0].min != 1 || runs[0].max != 1 {
			return nil, false
		}
		r := &runs[0]
		switch re.Op {
		case syntax.OpStar:
			r.min, r.max = 0, -1
		case syntax.OpPlus:
			r.max = -1
		case syntax.OpQuest:
			r.min = 0
		case syntax.OpRepeat:
			r.min, r.max = re.Min, re.Max
		}
		return runs, true
	}
	return nil, false
}

func (r *run) add(from, to rune) bool {
	if to >= 128 {
		return false
	}
	for c := from; c <= to; c++ {
		r.set[c>>6] |= 1 << (c & 63)
	}
	return true
}
