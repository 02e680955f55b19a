package schema

import (
	"bytes"
	"math/big"
	"strconv"
)

// decimal is an exact number, ±0.d₁d₂d₃… × 10^exp, without zeros at either end of its digits; zero has none. Comparing
// two never expands an exponent.
type decimal struct {
	negative bool
	digits   []byte
	exp      int
}

// parseDecimal reads a well-formed JSON number; buf is where its digits may be put.
func parseDecimal(s, buf []byte) decimal {
	var d decimal
	if s[0] == '-' {
		d.negative = true
		s = s[1:]
	}
	digits, point := buf[:0], false
	for i, c := range s {
		switch {
		case c == '.':
			point = true
		case c == 'e' || c == 'E':
			exp, _ := strconv.Atoi(string(s[i+1:])) // in range: the scanner saw to it
			d.exp += exp
			return d.with(digits)
		case c == '0' && len(digits) == 0: // leading zero
			if point {
				d.exp--
			}
		default:
			digits = append(digits, c)
			if !point {
				d.exp++
			}
		}
	}
	return d.with(digits)
}

func (d decimal) with(digits []byte) decimal {
	d.digits = bytes.TrimRight(digits, "0")
	if len(d.digits) == 0 {
		return decimal{digits: d.digits}
	}
	return d
}

// decimal is the value of a number token, valid until the next one is read.
func (in *input) decimal(t *token) decimal {
	d := parseDecimal(in.src[t.start:t.end], in.number)
	in.number = d.digits[:0]
	return d
}

func newDecimal(s string) decimal { return parseDecimal([]byte(s), nil) }

func (d decimal) isInteger() bool { return len(d.digits) <= max(d.exp, 0) }

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal) compare(e decimal) int {
	if s, t := d.sign(), e.sign(); s != t {
		return cmpInt(s, t)
	}
	c := cmpInt(d.exp, e.exp)
	if c == 0 {
		c = bytes.Compare(d.digits, e.digits)
	}
	if d.negative {
		return -c
	}
	return c
}

func cmpInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// scaled is the number times 10^places, if that is an integer of at most 18 digits.
func (d decimal) scaled(places int) (int64, bool) {
	width := d.exp + places
	if len(d.digits) == 0 {
		return 0, true
	}
	if width < len(d.digits) || width > 18 {
		return 0, false
	}
	var n int64
	for i := range width {
		n *= 10
		if i < len(d.digits) {
			n += int64(d.digits[i] - '0')
		}
	}
	return n, true
}

// multipleOf works on scaled integers, which is where money and counts are; what is larger goes the long way.
func (d decimal) multipleOf(e decimal) bool {
	places := max(len(d.digits)-d.exp, len(e.digits)-e.exp, 0)
	a, ok := d.scaled(places)
	if b, okb := e.scaled(places); ok && okb {
		return a%b == 0
	}
	return new(big.Rat).Quo(d.rat(), e.rat()).IsInt()
}

func (d decimal) rat() *big.Rat {
	r, ok := new(big.Rat).SetString("0." + string(d.digits) + "0e" + strconv.Itoa(d.exp))
	if !ok {
		return new(big.Rat)
	}
	return r
}
