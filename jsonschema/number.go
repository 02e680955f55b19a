package jsonschema

import (
	"bytes"
	"math/big"
	"math/bits"
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

func (d decimal) isInteger() bool { return len(d.digits) <= d.exp }

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

// multipleOf divides integers: both numbers times the power of ten that makes e one. The divisor nearly always fits a
// machine word, and then the dividend need not: only its remainder is carried along.
func (d decimal) multipleOf(e decimal) bool {
	places := max(len(e.digits)-e.exp, 0)
	divisor, ok := e.scaled(places)
	if !ok {
		return new(big.Rat).Quo(d.rat(), e.rat()).IsInt()
	}
	zeros := d.exp + places - len(d.digits)
	if zeros < 0 {
		return false // more decimal places than any multiple has
	}
	m := uint64(divisor)
	var rest uint64
	for _, c := range d.digits {
		rest = (rest*10 + uint64(c-'0')) % m // m has at most 18 digits
	}
	for power := uint64(10) % m; zeros > 0; zeros >>= 1 {
		if zeros&1 != 0 {
			rest = mulMod(rest, power, m)
		}
		power = mulMod(power, power, m)
	}
	return rest == 0
}

// mulMod is a·b modulo m, for a, b < m.
func mulMod(a, b, m uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return bits.Rem64(high, low, m)
}

func (d decimal) rat() *big.Rat {
	r, ok := new(big.Rat).SetString("0." + string(d.digits) + "0e" + strconv.Itoa(d.exp))
	if !ok {
		return new(big.Rat) // unreachable: the exponent is bounded
	}
	if d.negative {
		r.Neg(r)
	}
	return r
}

// plain writes a decimal without an exponent.
func plain(r *big.Rat) string {
	places, _ := r.FloatPrec()
	return r.FloatString(places)
}
