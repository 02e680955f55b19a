package jsontext

import (
	"cmp"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Compare is -1, 0 or 1, as the number is less than, equal to or greater than another. It never expands an exponent.
func (d Decimal) Compare(e Decimal) int {
	if s, t := d.Sign(), e.Sign(); s != t || s == 0 {
		return cmp.Compare(s, t)
	}
	c := cmp.Compare(d.Len()+d.Exponent, e.Len()+e.Exponent)
	if c == 0 {
		c = d.compareDigits(e)
	}
	if d.Negative {
		return -c
	}
	return c
}

func (d Decimal) compareDigits(e Decimal) int {
	if d.fraction == "" && e.fraction == "" {
		return strings.Compare(d.whole, e.whole)
	}
	for i := range min(d.Len(), e.Len()) {
		if c := cmp.Compare(d.digit(i), e.digit(i)); c != 0 {
			return c
		}
	}
	return cmp.Compare(d.Len(), e.Len())
}

// IsMultipleOf reports whether the number is a multiple of e, which must be above zero. Both are scaled by the power of ten that makes e
// an integer, and then divided. e nearly always fits a machine word. The number need not: only its remainder is kept.
func (d Decimal) IsMultipleOf(e Decimal) bool {
	const safe = 1_000_000_000_000_000_000 // ten times as much fits 64 bits
	places := max(-e.Exponent, 0)
	divisor, ok := e.Scaled(places)
	if !ok || divisor <= 0 || divisor >= safe {
		return new(big.Rat).Quo(d.Rat(), e.Rat()).IsInt()
	}
	zeros := d.Exponent + places
	if zeros < 0 {
		return false // more decimal places than any multiple has
	}
	m := uint64(divisor)
	var rest uint64
	for i := range d.Len() {
		rest = (rest*10 + d.digit(i)) % m
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

// Rat is the number as a fraction; it expands the exponent.
func (d Decimal) Rat() *big.Rat {
	text := append(d.AppendDigits([]byte{'0'}), 'e')
	r, ok := new(big.Rat).SetString(string(strconv.AppendInt(text, int64(d.Exponent), 10)))
	if !ok {
		return new(big.Rat) // unreachable: these are digits and a small exponent
	}
	if d.Negative {
		r.Neg(r)
	}
	return r
}
