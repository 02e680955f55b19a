package canonical

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"structural.app/structural/jsontext"
)

// Rates holds what one US dollar costs in each currency, and who says so.
type Rates struct {
	perUSD map[string]*big.Rat
	source map[string]RateSource // of what is no peg, by currency
	own    ownRate
}

// ownRate is the rate of one pair of currencies, which comes before all others.
type ownRate struct {
	from, to string
	rate     *big.Rat
}

// RateSource says who says a rate.
type RateSource string

// The sources of rates.
const (
	RatePegged     RateSource = "pegged"     // a central bank has fixed it
	RateConfigured RateSource = "configured" // the operator
	RateOfContext  RateSource = "context"    // who asks
	RateOfRecord   RateSource = "record"     // the record that is translated
)

// ErrNoRate says that two currencies have no known rate of exchange.
var ErrNoRate = errors.New("no exchange rate")

// PeggedRates are the fixed rates of the currencies of the region that are pegged to the US dollar. The Kuwaiti dinar is
// not one of them: it is pegged to a basket that its central bank does not publish.
func PeggedRates() map[string]string {
	return map[string]string{
		"QAR": "3.64",   // Qatar Central Bank, since 2001
		"AED": "3.6725", // Central Bank of the UAE, since 1997
		"SAR": "3.75",   // Saudi Central Bank, since 1986
		"BHD": "0.376",  // Central Bank of Bahrain, since 2001
		"OMR": "0.3845", // Central Bank of Oman, since 1986
		"JOD": "0.709",  // Central Bank of Jordan, since 1995
	}
}

var pegged = func() Rates {
	r, err := NewRates(nil)
	if err != nil {
		panic(err)
	}
	return r
}()

// NewRates makes a table of the pegs and of what overrides them or adds to them: the price of one US dollar as a decimal.
func NewRates(override map[string]string) (Rates, error) {
	r := Rates{perUSD: map[string]*big.Rat{"USD": big.NewRat(1, 1)}}
	r, err := r.with(PeggedRates(), RatePegged)
	if err != nil {
		return Rates{}, err
	}
	return r.with(override, RateConfigured)
}

// With are the rates where who asks says others, as [NewRates] takes them.
func (r Rates) With(rates map[string]string) (Rates, error) {
	return r.orPegs().with(rates, RateOfContext)
}

// String lists what one US dollar costs: "AED=3.6725,QAR=3.64". Two tables that say the same are the same text.
func (r Rates) String() string {
	r = r.orPegs()
	var prices []string
	for _, code := range slices.Sorted(maps.Keys(r.perUSD)) {
		prices = append(prices, code+"="+r.perUSD[code].RatString())
	}
	return strings.Join(prices, ",")
}

func (r Rates) with(rates map[string]string, source RateSource) (Rates, error) {
	r.perUSD, r.source = maps.Clone(r.perUSD), maps.Clone(r.source)
	if r.source == nil {
		r.source = map[string]RateSource{}
	}
	for _, code := range slices.Sorted(maps.Keys(rates)) {
		price, ok := ParseRate(rates[code])
		if _, known := Exponent(code); !known {
			return Rates{}, fmt.Errorf("exchange rate of %q: %w", code, ErrCurrency)
		}
		if !ok {
			return Rates{}, fmt.Errorf("exchange rate of %s: not a positive decimal", code)
		}
		if code == "USD" && price.Cmp(big.NewRat(1, 1)) != 0 {
			return Rates{}, errors.New("exchange rate of USD: the table counts in US dollars")
		}
		r.perUSD[code], r.source[code] = price, source
	}
	return r, nil
}

// WithOwn are the rates where a record says that of a pair of currencies: units of to for one of from, more than nothing.
func (r Rates) WithOwn(from, to string, rate *big.Rat) Rates {
	r.own = ownRate{from, to, rate}
	return r
}

// ParseRate reads a rate: a decimal that is more than nothing.
func ParseRate(text string) (*big.Rat, bool) {
	normal, ok := jsontext.NormalDecimal(text)
	if !ok {
		return nil, false
	}
	rate, ok := new(big.Rat).SetString(normal)
	return rate, ok && rate.Sign() > 0
}

func (r Rates) orPegs() Rates {
	if r.perUSD == nil {
		own := r.own
		r, r.own = pegged, own
	}
	return r
}

// Source says who says the rate from one currency to another: the operator or who asks if either of its prices in US dollars is theirs.
func (r Rates) Source(from, to string) RateSource {
	if r.own.has(from, to) {
		return RateOfRecord
	}
	found := RatePegged
	for _, code := range []string{from, to} {
		switch source := r.source[code]; {
		case source == RateOfContext, source == RateConfigured && found == RatePegged:
			found = source
		}
	}
	return found
}

func (o ownRate) has(from, to string) bool {
	return o.rate != nil && (o.from == from && o.to == to || o.from == to && o.to == from)
}

// Rate returns how many units of the one currency a unit of the other buys, exactly; through the US dollar if need be.
// The zero Rates are the pegs.
func (r Rates) Rate(from, to string) (*big.Rat, error) {
	r = r.orPegs()
	switch {
	case from == to:
		return big.NewRat(1, 1), nil
	case r.own.has(from, to) && r.own.from == from:
		return r.own.rate, nil
	case r.own.has(from, to):
		return new(big.Rat).Inv(r.own.rate), nil
	}
	a, b := r.perUSD[from], r.perUSD[to]
	if a == nil || b == nil {
		return nil, fmt.Errorf("%w from %s to %s", ErrNoRate, from, to)
	}
	return new(big.Rat).Quo(b, a), nil
}

// Convert changes an amount into another currency, rounding once, half away from zero as ledgers do, and says at which rate.
func (r Rates) Convert(m Money, to string) (Money, string, error) {
	rate, err := r.Rate(m.Currency, to)
	if err != nil {
		return Money{}, "", err
	}
	have, ok := Exponent(m.Currency)
	want, known := Exponent(to)
	if !ok || !known {
		return Money{}, "", ErrCurrency
	}
	exact := new(big.Rat).Mul(new(big.Rat).SetInt64(m.AmountMinor), rate)
	exact.Mul(exact, powerOfTen(want-have))
	minor := roundHalfAway(exact)
	if !minor.IsInt64() {
		return Money{}, "", ErrOverflow
	}
	return Money{AmountMinor: minor.Int64(), Currency: to}, RateText(rate), nil
}

// PriceScale is to how many digits after the point a price per unit is kept when it is converted: as many
// as ledgers round unit amounts to.
const PriceScale = 5

// ConvertPrice changes a decimal, such as a price per unit, into another currency, rounding once, half away from zero, to so many
// digits after the point.
func (r Rates) ConvertPrice(price, from, to string, scale int) (string, error) {
	rate, err := r.Rate(from, to)
	if err != nil {
		return "", err
	}
	normal, ok := jsontext.NormalDecimal(price)
	exact, parsed := new(big.Rat).SetString(normal)
	if !ok || !parsed {
		return "", ErrNotDecimal
	}
	exact.Mul(exact, rate)
	scaled := roundHalfAway(exact.Mul(exact, powerOfTen(scale)))
	result, _ := jsontext.NormalDecimal(new(big.Rat).Mul(new(big.Rat).SetInt(scaled), powerOfTen(-scale)).FloatString(scale))
	return result, nil
}

// RoundMoney rounds an exact amount in major units to the minor units of a currency, half away from zero.
func RoundMoney(exact *big.Rat, currency string) (Money, error) {
	exponent, ok := Exponent(currency)
	if !ok {
		return Money{}, ErrCurrency
	}
	minor := roundHalfAway(new(big.Rat).Mul(exact, powerOfTen(exponent)))
	if !minor.IsInt64() {
		return Money{}, ErrOverflow
	}
	return Money{AmountMinor: minor.Int64(), Currency: currency}, nil
}

// RateText writes a rate as a decimal: in full if twelve digits after the point are enough, else rounded to them.
func RateText(rate *big.Rat) string {
	return strings.TrimRight(strings.TrimRight(rate.FloatString(12), "0"), ".")
}

func powerOfTen(n int) *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), ten)
	}
	return new(big.Rat).SetInt(ten)
}

// roundHalfAway rounds to the nearest integer, and a half to the one farther from zero: 22.5 to 23, -22.5 to -23.
func roundHalfAway(x *big.Rat) *big.Int {
	whole, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int)) // towards zero
	if rest.Abs(rest).Lsh(rest, 1).Cmp(x.Denom()) < 0 {
		return whole
	}
	return whole.Add(whole, big.NewInt(int64(x.Sign())))
}
