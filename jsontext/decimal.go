package jsontext

import (
	"math"
	"strings"
)

// MaxDigits bounds the significant digits of a decimal and maxExponent its power of ten, so that no number, however it is
// written, costs more than its own length.
const (
	MaxDigits   = 60
	maxExponent = 40
)

// Decimal is an exact number: its significant digits × 10^Exponent, without zeros at either end of the digits. Zero has none. The
// digits stay in the text in which they were written, which must not change: reading a number allocates nothing.
//
//	"-12.50"    Negative, digits "125", Exponent -1
type Decimal struct {
	Negative        bool
	Exponent        int
	whole, fraction string // the digits before and after the point
}

// ParseDecimal reads a decimal number in JSON's grammar, exactly. It refuses what is not one, and a number of more than
// [MaxDigits] digits or of a magnitude beyond 10^±40.
func ParseDecimal(s string) (Decimal, bool) {
	n, exponent := numberLen(s)
	if n == 0 || n != len(s) || exponent > 0 && len(strings.TrimLeft(s[exponent:], "0")) > 4 {
		return Decimal{}, false
	}
	d := DecimalOf(s)
	if d.Len() > MaxDigits || d.Exponent > maxExponent || d.Exponent < -maxExponent {
		return Decimal{}, false
	}
	return d, true
}

// DecimalOf reads a number that a [Tape] has, or that is as such a one: in JSON's grammar, of a small exponent.
func DecimalOf(token string) Decimal {
	var d Decimal
	if token[0] == '-' {
		d.Negative, token = true, token[1:]
	}
	point, end := -1, len(token)
	for i := range len(token) {
		if c := token[i]; c == '.' {
			point = i
		} else if c|0x20 == 'e' {
			d.Exponent, end = exponentOf(token[i+1:]), i
			break
		}
	}
	d.whole = token[:end]
	if point >= 0 {
		d.whole, d.fraction = token[:point], strings.TrimRight(token[point+1:end], "0")
		d.Exponent -= len(d.fraction)
	}
	d.whole = strings.TrimLeft(d.whole, "0")
	if d.whole == "" {
		d.fraction = strings.TrimLeft(d.fraction, "0")
	}
	if d.fraction == "" {
		trimmed := strings.TrimRight(d.whole, "0")
		d.Exponent += len(d.whole) - len(trimmed)
		d.whole = trimmed
	}
	if d.Len() == 0 {
		return Decimal{}
	}
	return d
}

func exponentOf(s string) int {
	n := 0
	for _, c := range []byte(strings.TrimLeft(s, "+-")) {
		n = n*10 + int(c-'0')
	}
	if s[0] == '-' {
		return -n
	}
	return n
}

// Len is the number of significant digits.
func (d Decimal) Len() int { return len(d.whole) + len(d.fraction) }

func (d Decimal) digit(i int) uint64 {
	if i < len(d.whole) {
		return uint64(d.whole[i] - '0')
	}
	return uint64(d.fraction[i-len(d.whole)] - '0')
}

// AppendDigits appends the significant digits.
func (d Decimal) AppendDigits(dst []byte) []byte {
	return append(append(dst, d.whole...), d.fraction...)
}

// IsInteger reports whether the number is a whole one.
func (d Decimal) IsInteger() bool { return d.Exponent >= 0 }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.Len() == 0:
		return 0
	case d.Negative:
		return -1
	}
	return 1
}

// Scaled is the number times 10^places, if that is an integer between -(2^63-1) and 2^63-1. With the digits of a currency as places, an
// amount in major units becomes one in minor units: 12.5 and 2 places are 1250.
func (d Decimal) Scaled(places int) (int64, bool) {
	zeros := d.Exponent + places
	if d.Len() == 0 {
		return 0, true
	}
	if zeros < 0 {
		return 0, false
	}
	n := uint64(0)
	for i := range d.Len() + zeros {
		digit := uint64(0)
		if i < d.Len() {
			digit = d.digit(i)
		}
		if n > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	if d.Negative {
		return -int64(n), true
	}
	return int64(n), true
}

// String writes the decimal in full, without an exponent.
func (d Decimal) String() string { return d.text(0) }

// text writes the decimal in full, with at least so many digits after the point.
func (d Decimal) text(minScale int) string {
	var room, digitsRoom [MaxDigits + 20]byte
	b, digits := room[:0], d.AppendDigits(digitsRoom[:0])
	if d.Negative {
		b = append(b, '-')
	}
	zeros := func(n int) {
		for ; n > 0; n-- {
			b = append(b, '0')
		}
	}
	scale := max(-d.Exponent, 0)
	whole := len(digits) + d.Exponent
	switch {
	case len(digits) == 0 || whole <= 0:
		b = append(b, '0')
	case d.Exponent >= 0:
		b = append(b, digits...)
		zeros(d.Exponent)
	default:
		b = append(b, digits[:whole]...)
	}
	if scale == 0 && minScale == 0 {
		return string(b)
	}
	b = append(b, '.')
	if scale > 0 {
		zeros(-whole)
		b = append(b, digits[max(whole, 0):]...)
	}
	zeros(minScale - scale)
	return string(b)
}

// NormalDecimal reads a decimal and writes it without an exponent and without zeros that say nothing: "10.50" and
// "1.05e1" are both "10.5". It refuses what is not a decimal, and numbers of absurd size.
func NormalDecimal(s string) (string, bool) {
	if isNormal(s) {
		return s, true
	}
	d, ok := ParseDecimal(s)
	if !ok {
		return "", false
	}
	return d.text(0), true
}

// IsDecimal reports whether a text is a decimal number, of any size. NormalDecimal refuses one for its size alone.
func IsDecimal(s string) bool {
	n, _ := numberLen(s)
	return n > 0 && n == len(s)
}

// isNormal finds the usual short decimals that need no rewriting.
func isNormal(s string) bool {
	if len(s) == 0 || len(s) > 18 {
		return false
	}
	digits := s
	if digits[0] == '-' {
		digits = digits[1:]
	}
	point := -1
	for i := 0; i < len(digits); i++ {
		switch c := digits[i]; {
		case c == '.' && point < 0 && i > 0 && i < len(digits)-1:
			point = i
		case c < '0' || c > '9':
			return false
		}
	}
	whole := digits
	if point >= 0 {
		whole = digits[:point]
		if digits[len(digits)-1] == '0' {
			return false
		}
	}
	return len(whole) > 0 && (whole[0] != '0' || len(whole) == 1) && (s[0] != '-' || digits != "0")
}

// PadDecimal writes a decimal with at least so many digits after the point, as a platform likes to see it.
func PadDecimal(s string, minScale int) string {
	if d, ok := ParseDecimal(s); ok {
		return d.text(minScale)
	}
	return s
}
