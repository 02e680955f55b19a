// Package plain translates payments and contracts between the platforms as one would by hand, for these mappings alone: structs
// for encoding/json, and functions that copy their fields. It is what the product's tables are measured against.
//
// Canonical ids and the digits of currencies come from the product, so that both sides do the same work there. What plain leaves
// out is to its advantage:
//
//   - It knows the members of the records that are measured, under one name each. Others are lost; the product keeps them in
//     provider_metadata.
//   - It checks that amounts are numbers. It checks no dates, no lengths and no ids.
//   - Nothing is brought to a normal form: date-times are in UTC already, decimals have no zeros that say nothing.
//   - What means none on a platform (0, 0001-01-01, the zero GUID) is not looked for.
//   - There is no report of what was lost, unmapped or unresolved.
package plain

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"structural.app/structural/canonical"
)

// References are the ids of other records on the target platform, by their canonical ids.
type References map[string]string

// Translation translates a record, JSON to JSON: {"canonical": …, "data": …}, where data is the other platform's record.
type Translation func(data []byte, references References) ([]byte, error)

// output writes what a translation has made.
func output(document, data any) ([]byte, error) {
	return json.Marshal(struct {
		Canonical any `json:"canonical"`
		Data      any `json:"data"`
	}{document, data})
}

// idOf is the canonical id of a platform's record; "" if there is none.
func idOf(platform string, entity canonical.EntityType, id string) string {
	if id == "" {
		return ""
	}
	return canonical.MintID(platform, entity, id)
}

// externalIDs are a record's ids on the platform that it comes from.
type externalIDs struct {
	Procore  *externalID `json:"procore,omitempty"`
	Dynamics *externalID `json:"dynamics,omitempty"`
}

type externalID struct {
	ID     string `json:"id"`
	Number string `json:"number,omitempty"`
}

// metadata is what has no place in the canonical form.
type metadata struct {
	Procore  any `json:"procore,omitempty"`
	Dynamics any `json:"dynamics,omitempty"`
}

// procoreCurrency is how Procore names the currency of a record.
type procoreCurrency struct {
	Code string `json:"currency_iso_code"`
}

// money is an amount in minor units of its currency.
type money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// amounts reads the amounts of a record, all in one currency, and keeps the first error.
type amounts struct {
	currency string
	digits   int
	err      error
}

func amountsIn(currency string) *amounts {
	digits, ok := canonical.Exponent(currency)
	if !ok {
		return &amounts{err: fmt.Errorf("unknown currency %q", currency)}
	}
	return &amounts{currency: currency, digits: digits}
}

// read takes major units, such as 1700000.00; "" is none.
func (a *amounts) read(text string) *money {
	if text == "" || a.err != nil {
		return nil
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > a.digits {
		a.err = fmt.Errorf("%q has more digits than %s", text, a.currency)
		return nil
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", a.digits-len(fraction)), 10, 64)
	if err != nil {
		a.err = err
		return nil
	}
	return &money{minor, a.currency}
}

// major writes major units; "" if there is no amount.
func (m *money) major() string {
	if m == nil {
		return ""
	}
	digits, _ := canonical.Exponent(m.Currency)
	sign, minor := "", m.Amount
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := fmt.Sprintf("%0*d", digits+1, minor)
	point := len(text) - digits
	if digits == 0 {
		return sign + text
	}
	return sign + text[:point] + "." + text[point:]
}

// number writes major units as a number.
func (m *money) number() json.Number { return json.Number(m.major()) }

// credit is an amount with the other sign: a payment is a credit to the customer in Business Central.
func (m *money) credit() *money {
	if m == nil {
		return nil
	}
	return &money{-m.Amount, m.Currency}
}
