package mapping

import (
	"errors"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Style is how a platform writes decimal numbers.
type Style struct {
	Quoted   bool // as strings: "1700000.00"
	MinScale int  // digits after the point that it always writes, of what is not money
}

// write makes a number of a decimal, as the record has it or else in the platform's style.
func (style Style) write(decimal string, prev jsontext.Value) jsontext.Value {
	quoted := style.Quoted
	switch prev.Kind() {
	case jsontext.Number:
		quoted = false
	case jsontext.String:
		quoted = true
	}
	if quoted {
		return jsontext.NewString(decimal)
	}
	return jsontext.NewNumber(decimal)
}

// token is the text of a number, whether it is quoted or not.
func token(in jsontext.Value) (string, bool) {
	switch in.Kind() {
	case jsontext.Number:
		return in.Literal(), true
	case jsontext.String:
		return in.Text(), true
	}
	return "", false
}

// Decimal reads a decimal number, quoted or not, exactly.
func (style Style) Decimal() Codec { return style.decimal("decimal", canonical.DecimalType, false) }

// Percent reads a percentage, with or without its sign.
func (style Style) Percent() Codec { return style.decimal("percentage", canonical.DecimalType, true) }

func (style Style) decimal(name string, t canonical.FieldType, percent bool) Codec {
	return Codec{
		Name: name, Type: t, PercentSign: percent,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			s, ok := token(in)
			if !ok {
				return jsontext.Value{}, "a decimal number"
			}
			if s == "" {
				return jsontext.Value{}, ""
			}
			if percent {
				s = strings.TrimRight(strings.TrimSuffix(s, "%"), " ")
			}
			n, ok := jsontext.NormalDecimal(s)
			switch {
			case !ok && jsontext.IsDecimal(s):
				return jsontext.Value{}, "a decimal number with fewer digits"
			case !ok:
				return jsontext.Value{}, "a decimal number"
			case in.Kind() == jsontext.String && len(n) == len(in.Literal())-2:
				return in, ""
			}
			return jsontext.NewString(n), ""
		},
		Encode: func(_ *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			s := v.Text()
			if style.MinScale > 0 {
				s = jsontext.PadDecimal(s, style.MinScale)
			}
			if percent && strings.HasSuffix(prev.Text(), "%") {
				s += "%"
			}
			return style.write(s, prev), ""
		},
	}
}

// Price reads a price per unit: a decimal in the currency of the record.
func (style Style) Price() Codec {
	c := style.decimal("price", canonical.PriceType, false)
	c.Adapt = func(s *Scope, v jsontext.Value) (jsontext.Value, string) {
		if s.source == "" || s.source == s.currency {
			return v, ""
		}
		converted, err := s.ctx.Rates.ConvertPrice(v.Text(), s.source, s.currency, canonical.PriceScale)
		if err != nil {
			return v, noRate(s.source, s.currency)
		}
		s.converted(s.source, s.currency)
		return jsontext.NewString(converted), ""
	}
	return c
}

// Money reads an amount in the currency of the record.
func (style Style) Money() Codec {
	return style.money("money", func(s *Scope) string { return s.currency })
}

// LocalMoney reads an amount that is in the platform's own currency, whatever the currency of the record.
func (style Style) LocalMoney() Codec {
	c := style.money("money in the company's own currency", (*Scope).localCurrency)
	c.OwnCurrency = true
	return c
}

func (style Style) money(name string, currency func(*Scope) string) Codec {
	return Codec{
		Name: name, Type: canonical.MoneyType,
		Decode: func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
			t, ok := token(in)
			if !ok {
				return jsontext.Value{}, "an amount as a decimal number"
			}
			if t == "" {
				return jsontext.Value{}, ""
			}
			m, err := canonical.ParseMoney(t, currency(s))
			if err != nil {
				return jsontext.Value{}, refusal(err, currency(s))
			}
			return s.money(m), ""
		},
		Encode: func(s *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			m, _ := canonical.MoneyOf(v)
			if prev.Kind() == jsontext.Number || prev.Kind() != jsontext.String && !style.Quoted {
				return style.write(m.NormalDecimal(), prev), ""
			}
			return style.write(m.Decimal(), prev), ""
		},
		Adapt: func(s *Scope, v jsontext.Value) (jsontext.Value, string) {
			m, _ := canonical.MoneyOf(v)
			to := currency(s)
			if m.Currency == to {
				return v, ""
			}
			converted, _, err := s.ctx.Rates.Convert(m, to)
			if err != nil {
				return v, noRate(m.Currency, to)
			}
			s.converted(m.Currency, to)
			return s.money(converted), ""
		},
	}
}

func noRate(from, to string) string {
	return "a currency that can be exchanged: there is no usable rate from " + from + " to " + to
}

func refusal(err error, currency string) string {
	switch {
	case errors.Is(err, canonical.ErrDigits):
		return "an amount with fewer digits"
	case errors.Is(err, canonical.ErrPrecision):
		return "an amount in whole minor units of " + currency
	case errors.Is(err, canonical.ErrOverflow):
		return "an amount of at most 9223372036854775807 minor units"
	}
	return "an amount as a decimal number"
}

// Credit reads an amount, or a quantity, that the platform books with a minus, and writes the minus: a customer's payment of 100 is -100 there. One
// that is booked without it is the opposite, a refund, and less than nothing in the document.
func (c Codec) Credit() Codec {
	decode, encode := c.Decode, c.Encode
	c.Name += ", booked as a credit (negative)"
	c.Decode = func(s *Scope, in jsontext.Value) (jsontext.Value, string) {
		v, expected := decode(s, in)
		return s.opposite(v), expected
	}
	c.Encode = func(s *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) { return encode(s, s.opposite(v), prev) }
	return c
}

// opposite is an amount, or a decimal, with the other sign; anything else is itself.
func (s *Scope) opposite(v jsontext.Value) jsontext.Value {
	if v.Kind() == jsontext.String {
		return oppositeDecimal(v)
	}
	m, ok := canonical.MoneyOf(v)
	if !ok || m.AmountMinor == 0 {
		return v
	}
	m.AmountMinor = -m.AmountMinor
	return s.money(m)
}

func oppositeDecimal(v jsontext.Value) jsontext.Value {
	switch text := v.Text(); {
	case text == "0" || !jsontext.IsDecimal(text):
		return v
	case text[0] == '-':
		return jsontext.NewString(text[1:])
	default:
		return jsontext.NewString("-" + text)
	}
}

// Integer reads a whole number, quoted or not.
func Integer() Codec {
	return Codec{
		Name: "integer", Type: canonical.IntegerType,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			s, ok := token(in)
			if ok && s == "" {
				return jsontext.Value{}, ""
			}
			n, isDecimal := jsontext.NormalDecimal(s)
			v := jsontext.NewNumber(n)
			if _, fits := v.Int(); !ok || !isDecimal || !fits {
				return jsontext.Value{}, "a whole number"
			}
			return v, ""
		},
		Encode: func(_ *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
			if prev.Kind() == jsontext.String && prev.Literal() != `""` {
				return jsontext.NewString(v.Literal()), ""
			}
			return v, ""
		},
	}
}

// Currency reads an ISO 4217 code that is a field of its own.
func Currency() Codec {
	return Codec{
		Name: "currency", Type: canonical.CurrencyType,
		Decode: func(_ *Scope, in jsontext.Value) (jsontext.Value, string) {
			if in.Literal() == `""` {
				return jsontext.Value{}, ""
			}
			code := in.Text()
			if _, ok := canonical.Exponent(code); ok {
				return in, ""
			}
			code = strings.ToUpper(strings.TrimSpace(code))
			if _, ok := canonical.Exponent(code); ok {
				return jsontext.NewString(code), ""
			}
			return jsontext.Value{}, "an ISO 4217 currency"
		},
		Encode: verbatim,
	}
}

// RecordCurrency is Currency for the code in which all amounts and prices of the record are.
func RecordCurrency() Codec {
	c := Currency()
	c.Name, c.OfRecord = "currency of the record", true
	return c
}
