package plan

import (
	"errors"
	"slices"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// target is a document that a change is made to.
type target struct {
	document jsontext.Value
	currency string // of amounts that the document does not have yet, and of its prices; empty: of the amount as it is given
	lines    []int  // the document's line for each line that the change names; -1: there is none
	rates    canonical.Rates
	stop     stopper

	isRecord   bool // a platform's record comes of the document
	noDiscount bool // the record has no discounts of lines
	isSource   bool // in whose words the change is stated: what it says stands

	fitted      []fitted
	conversions []mapping.Conversion
	problems
}

// apply makes the edits. Amounts come into the document's currency, with one rounding from the amount as it was given;
// prices, which are stated in the currency of the other document, likewise.
func (t *target) apply(change edits, priceCurrency string) error {
	for i := range change.fields {
		e := &change.fields[i]
		t.document = reconcile.SetField(t.document, e.field.path, t.converted(e, t.document, priceCurrency))
	}
	var lines []jsontext.Member
	for n, c := range change.lines {
		if err := t.stop.every(n); err != nil {
			return err
		}
		i := t.lines[c.line]
		if i < 0 {
			continue
		}
		if lines == nil {
			lines = slices.Clone(t.document.Get("lines").Members())
		}
		for k := range c.edits {
			e := &c.edits[k]
			lines[i].Value = reconcile.SetField(lines[i].Value, e.field.path, t.converted(e, lines[i].Value, priceCurrency))
		}
	}
	if lines != nil {
		t.document = reconcile.SetField(t.document, jsontext.Path{"lines"}, jsontext.ArrayOf(lines))
	}
	return t.err()
}

// converted is the value of an edit in the currency of a document, or of a line of it.
func (t *target) converted(e *edit, of jsontext.Value, priceCurrency string) jsontext.Value {
	if e.value.IsNone() {
		return e.value
	}
	switch e.field.Type {
	case canonical.MoneyType:
		given, _ := canonical.MoneyOf(e.value)
		to := t.currencyOf(of)
		if had, ok := canonical.MoneyOf(of.At(e.field.path...)); ok {
			to = had.Currency
		}
		if to == "" || to == given.Currency {
			return e.value
		}
		money, rate, err := t.rates.Convert(given, to)
		if err != nil {
			t.noConversion(e, given.Currency, to, err)
			return e.value
		}
		t.report(given.Currency, to, rate)
		return money.Value()
	case canonical.PriceType:
		to := t.currencyOf(of)
		if priceCurrency == "" || to == "" || to == priceCurrency {
			return e.value
		}
		price, err := t.rates.ConvertPrice(e.value.Text(), priceCurrency, to, canonical.PriceScale)
		if err != nil {
			t.noConversion(e, priceCurrency, to, err)
			return e.value
		}
		if rate, err := t.rates.Rate(priceCurrency, to); err == nil {
			t.report(priceCurrency, to, canonical.RateText(rate))
		}
		return jsontext.NewString(price)
	}
	return e.value
}

func (t *target) currencyOf(of jsontext.Value) string {
	if stated := of.Get("currency"); stated.Kind() == jsontext.String {
		return stated.Text()
	}
	return t.currency
}

func (t *target) noConversion(e *edit, from, to string, err error) {
	if errors.Is(err, canonical.ErrOverflow) {
		t.expect(e.at, "an amount that "+to+" has room for")
		return
	}
	t.expect(e.at, "a currency that can be exchanged: there is no usable rate from "+from+" to "+to)
}

func (t *target) report(from, to, rate string) {
	c := mapping.Conversion{From: from, To: to, Rate: rate, Source: t.rates.Source(from, to)}
	if !slices.Contains(t.conversions, c) {
		t.conversions = append(t.conversions, c)
	}
}

// currencyOf is the currency of a document's amounts and prices: the one that it states, else that of its first amount.
func currencyOf(document jsontext.Value) string {
	if stated := document.Get("currency"); stated.Kind() == jsontext.String {
		return stated.Text()
	}
	for _, m := range document.Members() {
		if money, ok := canonical.MoneyOf(m.Value); ok {
			return money.Currency
		}
	}
	for _, line := range document.Get("lines").Members() {
		if currency := currencyOf(line.Value); currency != "" {
			return currency
		}
	}
	return ""
}
