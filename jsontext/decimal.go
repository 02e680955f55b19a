package jsontext

import "strings"

// MaxDigits bounds the significant digits of a decimal and maxExponent its power of ten, so that no number, however it is
// written, costs more than its own length.
const (
	MaxDigits   = 60
	maxExponent = 40
)

// Decimal is an exact number: Digits × 10^Exponent, without leading or trailing zeros in Digits; zero has no digits.
//
//	"-12.50"    {Negative: true, Digits: "125", Exponent: -1}
type Decimal struct {
	Negative bool
	Digits   string
	Exponent int
}

// ParseDecimal reads a decimal number in JSON's grammar, exactly. It refuses what is not one, and a number of more than
// [MaxDigits] digits or of a magnitude beyond 10^±40.
func ParseDecimal(s string) (Decimal, bool) {
	if !IsDecimal(s) {
		return Decimal{}, false
	}
	var d Decimal
	if s[0] == '-' {
		d.Negative, s = true, s[1:]
	}
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		exponent, ok := smallInt(s[e+1:])
		if !ok {
			return Decimal{}, false
		}
		d.Exponent, s = exponent, s[:e]
	}
	if point := strings.IndexByte(s, '.'); point >= 0 {
		fraction := strings.TrimRight(s[point+1:], "0")
		d.Exponent -= len(fraction)
		if whole := strings.TrimLeft(s[:point], "0"); whole == "" {
			s = fraction
		} else if fraction == "" {
			s = whole
		} else {
			s = whole + fraction
		}
	}
	s = strings.TrimLeft(s, "0")
	trimmed := strings.TrimRight(s, "0")
	d.Exponent += len(s) - len(trimmed)
	d.Digits = trimmed
	if d.Digits == "" {
		return Decimal{}, true
	}
	if len(d.Digits) > MaxDigits || d.Exponent > maxExponent || d.Exponent < -maxExponent {
		return Decimal{}, false
	}
	return d, true
}

// smallInt reads an exponent of at most four digits.
func smallInt(s string) (int, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(strings.TrimLeft(s, "+-"), "0")
	if len(s) > 4 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// String writes the decimal in full, with at least so many digits after the point.
func (d Decimal) text(minScale int) string {
	var b []byte
	if d.Negative {
		b = append(b, '-')
	}
	zeros := func(n int) {
		for ; n > 0; n-- {
			b = append(b, '0')
		}
	}
	scale := max(-d.Exponent, 0)
	if d.Digits == "" {
		scale = 0
	}
	whole := len(d.Digits) + d.Exponent
	switch {
	case d.Digits == "" || whole <= 0:
		b = append(b, '0')
	case d.Exponent >= 0:
		b = append(b, d.Digits...)
		zeros(d.Exponent)
	default:
		b = append(b, d.Digits[:whole]...)
	}
	if scale == 0 && minScale == 0 {
		return string(b)
	}
	b = append(b, '.')
	if scale > 0 {
		if whole < 0 {
			zeros(-whole)
			whole = 0
		}
		b = append(b, d.Digits[whole:]...)
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
func IsDecimal(s string) bool { return s != "" && scanNumber(s) == len(s) }

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
