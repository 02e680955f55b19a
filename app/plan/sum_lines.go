package plan

import (
	"math/big"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
)

// fitted is a line whose price was made to give its amount.
type fitted struct {
	of    *lineEdits
	whole bool // the line is one unit at its amount
	unit  bool // of which the unit was emptied
}

// numbers are what the amount of a line is made of.
var numbers = []string{"quantity", "unit_price", "discount_amount", "discount_percent", "extended_type"}

func differs(had, line jsontext.Value, fields ...string) bool {
	for _, field := range fields {
		if !canonical.SameField(had.Get(field), line.Get(field)) {
			return true
		}
	}
	return false
}

// settleOwn is settle for a record that may have no discounts: its price has them in it.
func (t *target) settleOwn(had, line jsontext.Value, c *lineEdits, computes bool) jsontext.Value {
	if !t.noDiscount || !differs(jsontext.NewObject(), line, discounts...) {
		return t.settle(had, line, c, computes)
	}
	own := *c
	own.counted = false
	settled := t.settle(had, line.Without(discounts[0]).Without(discounts[1]), &own, computes)
	for _, field := range discounts { // so that they are reported as lost
		settled = reconcile.SetField(settled, jsontext.Path{field}, line.Get(field))
	}
	return settled
}

var discounts = []string{"discount_amount", "discount_percent"}

// settle makes the amounts of a changed line follow from each other.
func (t *target) settle(had, line jsontext.Value, c *lineEdits, computes bool) jsontext.Value {
	moved := differs(had, line, numbers...)
	if moved {
		line = t.discounted(had, line)
	}
	before, ok := canonical.MoneyOf(had.Get("amount"))
	want := before
	product, _, counted := canonical.LineProduct(t.document, line)
	switch {
	case c.counted && counted:
		want, ok = product, true
	case !c.amount.IsAbsent():
		given, isMoney := canonical.MoneyOf(t.converted(&edit{field: amountField, value: c.amount, at: c.at}, had, ""))
		if !isMoney { // it was emptied
			given = canonical.Money{Currency: before.Currency}
		}
		want, ok = given, ok || isMoney
	}
	if !ok {
		return line
	}
	isCounted := canonical.IsCounted(t.document, line)
	stated := t.isSource && moved && differs(had, line, "amount")
	if !stated && (moved || want != before) && (isCounted || computes && want.AmountMinor != 0) && !(counted && product == want) {
		line = t.fit(line, want, c, isCounted)
	}
	if !c.amount.IsNone() || c.counted || !c.amount.IsAbsent() && !line.Get("amount").IsNone() {
		line = reconcile.SetField(line, jsontext.Path{"amount"}, want.Value())
	}
	return t.follow(had, line, before, want, c)
}

// amountField is the amount of a line.
var amountField = models()[canonical.Contract][1].root.kids["amount"].field

// discounted makes the discount of a line follow its percentage, and the percentage the discount.
func (t *target) discounted(had, line jsontext.Value) jsontext.Value {
	percent, discount := line.Get("discount_percent"), line.Get("discount_amount")
	gross, ok := t.gross(line)
	money, isMoney := canonical.MoneyOf(discount)
	switch {
	case !ok || !isMoney || money.Currency != gross.Currency:
	case differs(had, line, "discount_amount") && !percent.IsNone() && !differs(had, line, "discount_percent"):
		if gross.AmountMinor != 0 {
			share := new(big.Rat).Mul(big.NewRat(money.AmountMinor, gross.AmountMinor), big.NewRat(100, 1))
			line = reconcile.SetField(line, jsontext.Path{"discount_percent"}, decimalOf(share))
		}
	case !percent.IsNone() && percent.Text() != "0" && !differs(had, line, "discount_amount"),
		differs(had, line, "discount_percent"):
		if off, ok := shareOf(gross, percent); ok {
			line = reconcile.SetField(line, jsontext.Path{"discount_amount"}, off.Value())
		}
	}
	return line
}

// gross is quantity times price of a line.
func (t *target) gross(line jsontext.Value) (canonical.Money, bool) {
	return canonical.Product(line.Get("quantity").Text(), line.Get("unit_price").Text(), t.currencyOf(line))
}

// shareOf is a percentage of an amount.
func shareOf(m canonical.Money, percent jsontext.Value) (canonical.Money, bool) {
	share, ok := new(big.Rat).SetString(percent.Text())
	if !ok {
		return canonical.Money{}, false
	}
	major, ok := new(big.Rat).SetString(m.Decimal())
	if !ok {
		return canonical.Money{}, false
	}
	part, err := canonical.RoundMoney(major.Mul(major, share.Quo(share, big.NewRat(100, 1))), m.Currency)
	return part, err == nil
}

// decimalOf writes a number with as many digits after the point as prices have.
func decimalOf(x *big.Rat) jsontext.Value {
	normal, _ := jsontext.NormalDecimal(x.FloatString(canonical.PriceScale))
	return jsontext.NewString(normal)
}

// fit makes quantity and price of a line give its amount: by another price where there is one, else it is one unit at the amount.
func (t *target) fit(line jsontext.Value, want canonical.Money, c *lineEdits, counted bool) jsontext.Value {
	target := want
	if discount, ok := canonical.MoneyOf(line.Get("discount_amount")); ok && discount.Currency == want.Currency {
		if percent := line.Get("discount_percent"); !percent.IsNone() && percent.Text() != "0" { // it would be another one of another price
			line = reconcile.SetField(line, jsontext.Path{"discount_percent"}, jsontext.NewString("0"))
			line = reconcile.SetField(line, jsontext.Path{"discount_amount"}, canonical.Money{Currency: want.Currency}.Value())
		} else if sum, ok := added(want, discount.AmountMinor); ok || discount.AmountMinor == 0 {
			target = sum
		}
	}
	major, _ := new(big.Rat).SetString(target.Decimal())
	if quantity, ok := new(big.Rat).SetString(line.Get("quantity").Text()); ok && counted && quantity.Sign() != 0 {
		price := decimalOf(new(big.Rat).Quo(major, quantity))
		if product, ok := canonical.Product(line.Get("quantity").Text(), price.Text(), want.Currency); ok && product == target {
			t.fitted = append(t.fitted, fitted{of: c})
			return reconcile.SetField(line, jsontext.Path{"unit_price"}, price)
		}
	}
	unit := indexOf(c.edits, "/unit") < 0 && !line.Get("unit").IsNone() && line.Get("quantity").Text() != "1"
	t.fitted = append(t.fitted, fitted{c, true, unit})
	line = reconcile.SetField(line, jsontext.Path{"quantity"}, jsontext.NewString("1"))
	line = reconcile.SetField(line, jsontext.Path{"unit_price"}, decimalOf(major))
	switch {
	case unit && t.isRecord: // absent, a record would keep it
		line = line.With("unit", jsontext.NullValue)
	case unit:
		line = line.Without("unit")
	}
	return line
}

// follow makes the other amounts of a line follow its amount.
func (t *target) follow(had, line jsontext.Value, before, want canonical.Money, c *lineEdits) jsontext.Value {
	tax, taxed := canonical.MoneyOf(had.Get("tax_amount"))
	newTax := tax
	rate := line.Get("tax_percent")
	switch stated, ok := canonical.MoneyOf(line.Get("tax_amount")); {
	case ok && stated != tax:
		newTax, taxed = stated, true
	case taxed && !rate.IsNone() && (want != before || differs(had, line, "tax_percent")):
		if part, ok := shareOf(want, rate); ok {
			newTax = part
			line = reconcile.SetField(line, jsontext.Path{"tax_amount"}, part.Value())
		}
	}
	gained, room := added(want, -before.AmountMinor)
	if !room && before.AmountMinor != 0 {
		t.expect(c.at, tooLarge)
		return line
	}
	fields := map[string]int64{"net_amount": gained.AmountMinor}
	if taxed {
		fields["amount_including_tax"] = gained.AmountMinor + newTax.AmountMinor - tax.AmountMinor
	} else {
		fields["amount_including_tax"] = gained.AmountMinor
	}
	if extended, ok := canonical.MoneyOf(had.Get("extended_amount")); ok && extended == before {
		fields["extended_amount"] = gained.AmountMinor
	}
	if !had.Get("period_amount").IsNone() { // of a requisition: what is retained stays, so that more was done
		for _, field := range []string{"period_amount", "gross_amount", "completed_amount"} {
			fields[field] = gained.AmountMinor
		}
	}
	for field, gain := range fields {
		from, ok := canonical.MoneyOf(had.Get(field))
		if gain == 0 || !ok || from.Currency != want.Currency || differs(had, line, field) {
			continue
		}
		if to, ok := added(from, gain); ok {
			line = reconcile.SetField(line, jsontext.Path{field}, to.Value())
		} else {
			t.expect(c.at, tooLarge)
		}
	}
	return line
}

// computesLines reports whether the platform computes the amount of a line of its quantity and price.
func (s *recordChange) computesLines(of canonical.EntityType) bool {
	resource := s.platform.Resource(of, s.record.Variant, jsontext.Value{})
	amount, price := s.shape.lineByPointer["/amount"], s.shape.lineByPointer["/unit_price"]
	return resource != nil && amount != nil && price != nil &&
		resource.Takes(amount.spellings[0], true) == platform.TakesComputed && resource.Takes(price.spellings[0], true) == platform.TakesAlways
}
