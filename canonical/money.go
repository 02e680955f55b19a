package canonical

import (
	"bytes"
	"errors"
	"strconv"

	"structural.app/structural/jsontext"
)

// Money is an amount in minor units of its currency: 170000000 USD is $1,700,000.00, 1500 KWD is 1.500 dinar.
type Money struct {
	AmountMinor int64
	Currency    string // ISO 4217
}

// Why a text is not an amount of money.
var (
	ErrNotDecimal = errors.New("not a decimal number")
	ErrDigits     = errors.New("too many digits")
	ErrPrecision  = errors.New("more digits than the currency has minor units")
	ErrOverflow   = errors.New("too large")
	ErrCurrency   = errors.New("not an ISO 4217 currency")
)

// ParseMoney reads a decimal number exactly. What does not fit the currency's minor unit is an error, never a rounding.
func ParseMoney(token, currency string) (Money, error) {
	exponent, ok := Exponent(currency)
	if !ok {
		return Money{}, ErrCurrency
	}
	if m, ok := parsePlain(token, exponent); ok {
		return Money{AmountMinor: m, Currency: currency}, nil
	}
	d, ok := jsontext.ParseDecimal(token)
	switch {
	case !ok && jsontext.IsDecimal(token):
		return Money{}, ErrDigits
	case !ok:
		return Money{}, ErrNotDecimal
	}
	if d.Exponent+exponent < 0 {
		return Money{}, ErrPrecision
	}
	amount, ok := d.Scaled(exponent)
	if !ok {
		return Money{}, ErrOverflow
	}
	return Money{AmountMinor: amount, Currency: currency}, nil
}

// parsePlain reads the usual amounts: a short decimal without an exponent that has no more digits than the currency.
func parsePlain(token string, exponent int) (int64, bool) {
	digits := token
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 17-exponent || digits[0] == '.' || digits[0] == '0' && len(digits) > 1 && digits[1] != '.' {
		return 0, false
	}
	minor, point := int64(0), -1
	for i := 0; i < len(digits); i++ {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			minor = minor*10 + int64(c-'0')
		case c == '.' && point < 0 && i < len(digits)-1:
			point = i
		default:
			return 0, false
		}
	}
	scale := 0
	if point >= 0 {
		scale = len(digits) - point - 1
	}
	if scale > exponent {
		return 0, false
	}
	for ; scale < exponent; scale++ {
		minor *= 10
	}
	if digits != token {
		minor = -minor
	}
	return minor, true
}

// Decimal writes the amount in major units with all of the currency's digits: "1700000.00".
func (m Money) Decimal() string {
	var room [32]byte
	return string(m.append(room[:0]))
}

// NormalDecimal writes the amount in major units without zeros that say nothing: "1700000".
func (m Money) NormalDecimal() string {
	var room [32]byte
	text := m.append(room[:0])
	if exponent, _ := Exponent(m.Currency); exponent > 0 {
		text = bytes.TrimSuffix(bytes.TrimRight(text, "0"), []byte{'.'})
	}
	return string(text)
}

func (m Money) append(text []byte) []byte {
	exponent, _ := Exponent(m.Currency)
	var room [32]byte
	digits := strconv.AppendInt(room[:0], m.AmountMinor, 10)
	if exponent == 0 {
		return append(text, digits...)
	}
	if digits[0] == '-' {
		text, digits = append(text, '-'), digits[1:]
	}
	whole := max(len(digits)-exponent, 0)
	if whole == 0 {
		text = append(text, '0')
	}
	text = append(append(text, digits[:whole]...), '.')
	for i := len(digits); i < exponent; i++ {
		text = append(text, '0')
	}
	return append(text, digits[whole:]...)
}

// Value writes the amount as a canonical document does.
func (m Money) Value() jsontext.Value {
	return jsontext.NewObject(jsontext.Member{Key: "amount", Value: jsontext.NewInt(m.AmountMinor)}, jsontext.Member{Key: "currency", Value: jsontext.NewString(m.Currency)})
}

// MoneyOf reads an amount from a canonical document.
func MoneyOf(v jsontext.Value) (Money, bool) {
	if v.Kind() != jsontext.Object || v.Len() != 2 {
		return Money{}, false
	}
	amount, ok := v.Get("amount").Int()
	currency := v.Get("currency").Text()
	if _, known := Exponent(currency); !ok || !known {
		return Money{}, false
	}
	return Money{AmountMinor: amount, Currency: currency}, true
}
