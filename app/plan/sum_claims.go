package plan

import (
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// carryStated says what the change makes of the lines in whose words it is stated.
func (p *Draft) carryStated() error {
	if partsOf[p.entityType] == nil {
		return nil
	}
	t := target{document: p.stated, currency: currencyOf(p.stated), rates: p.planner.rates, stop: p.stop}
	if p.source != nil {
		t.currency = p.source.currency
	}
	t.lines = p.statedIndex.correspond(p.statedIndex, p.edits.lines)
	if err := t.apply(edits{lines: p.edits.lines}, t.currency); err != nil {
		return err
	}
	lines := t.document.Get("lines").Members()
	for n := range p.edits.lines {
		if err := p.stop.every(n); err != nil {
			return err
		}
		c := &p.edits.lines[n]
		t.state(p.statedIndex.lines[c.line].Value, lines[c.line].Value, c, p.source == nil)
	}
	return t.err()
}

// state says what a change makes of one line: of its amount, or of what the amount is made of.
func (t *target) state(had, line jsontext.Value, c *lineEdits, canonicalWords bool) {
	moved := differs(had, line, numbers...)
	if moved {
		line = t.discounted(had, line)
	}
	product, amount, counted := canonical.LineProduct(t.document, line)
	if differs(had, line, "amount") {
		e := c.edits[indexOf(c.edits, "/amount")]
		c.amount, c.counted = e.value, moved && counted && product == amount
		if canonicalWords && counted && product != amount && t.contradicts(had, line, amount, c) {
			t.expect(e.at, ofProduct)
		}
	} else if moved && counted {
		c.amount, c.counted = product.Value(), true
	} else if moved && canonical.IsCounted(t.document, line) && !line.Get("amount").IsNone() {
		t.expect(c.at, tooLarge)
	} else if i := indexOf(c.edits, "/amount"); i >= 0 {
		c.amount = c.edits[i].value // other records may have another
	}
	if canonicalWords {
		t.claims(had, line, c)
	}
	// What the line has already follows.
	kept := c.edits[:0]
	for _, e := range c.edits {
		if !follows[e.field.Path] || differs(had, line, e.field.Path) {
			kept = append(kept, e)
		}
	}
	c.edits = kept
}

// contradicts reports whether the change says of quantity, price and discount what cannot give the amount that it says.
func (t *target) contradicts(had, line jsontext.Value, amount canonical.Money, c *lineEdits) bool {
	if differs(had, line, "unit_price", "discount_amount", "discount_percent") {
		return true
	}
	if !differs(had, line, "quantity") {
		return false
	}
	own := *t
	own.fitted = nil
	own.fit(line, amount, c, true)
	return own.fitted[0].whole
}

// follows are the amounts of a line that follow others.
var follows = map[string]bool{"tax_amount": true, "amount_including_tax": true, "net_amount": true, "extended_amount": true}

func indexOf(of []edit, pointer string) int {
	for i := range of {
		if of[i].field.pointer == pointer {
			return i
		}
	}
	return -1
}

// claims refuses amounts of a line that are computed, unless they are what they come to.
func (t *target) claims(had, line jsontext.Value, c *lineEdits) {
	bare := line
	var named []edit
	for _, e := range c.edits {
		switch field := e.field.Path; {
		case !differs(had, line, field):
		case field == "tax_amount" && !line.Get("tax_percent").IsNone() && !had.Get(field).IsNone(),
			field == "amount_including_tax" && canonical.IsComputed(canonical.Contract, t.document, had, e.field.path):
			named = append(named, e)
			bare = reconcile.SetField(bare, e.field.path, had.Get(field))
		}
	}
	if len(named) == 0 {
		return
	}
	own := *t
	settled := own.settle(had, bare, c, false)
	for _, e := range named {
		if !settled.Get(e.field.Path).Equal(line.Get(e.field.Path)) {
			t.expect(e.at, ofRate)
		}
		c.edits = append(c.edits[:0:0], c.edits...)
		if i := indexOf(c.edits, e.field.pointer); i >= 0 {
			c.edits = append(c.edits[:i], c.edits[i+1:]...)
		}
	}
}

// claimSums takes the amounts out of the change that are made of others: they follow. [Draft.checkClaims] looks at what was said of them.
func (p *Draft) claimSums() {
	if p.source != nil || partsOf[p.entityType] == nil {
		return
	}
	kept := p.edits.fields[:0]
	for _, e := range p.edits.fields {
		if p.isComputed(&e) {
			p.claimed = append(p.claimed, e)
		} else {
			kept = append(kept, e)
		}
	}
	p.edits.fields = kept
}

// isComputed reports whether a record, or the object, has lines and makes an amount of what it has.
func (p *Draft) isComputed(e *edit) bool {
	if e.field.Type != canonical.MoneyType || len(p.document.Get("lines").Members()) == 0 {
		return false
	}
	if canonical.IsComputed(p.entityType, p.document, jsontext.Value{}, e.field.path) {
		return true
	}
	for _, s := range p.records {
		if canonical.IsComputed(p.entityType, s.document, jsontext.Value{}, e.field.path) {
			return true
		}
	}
	return false
}

// checkClaims refuses an amount that is computed, unless it is what the object had, or what the same change makes of it.
func (p *Draft) checkClaims(document jsontext.Value) error {
	t := target{rates: p.planner.rates}
	for i := range p.claimed {
		e := &p.claimed[i]
		had, has := p.document.At(e.field.path...), document.At(e.field.path...)
		said := func(of jsontext.Value) bool { return t.converted(e, of, "").Equal(of.At(e.field.path...)) }
		if canonical.SameField(had, e.value) || !e.value.IsNone() && (said(p.document) || !has.IsNone() && said(document)) {
			continue
		}
		t.expect(e.at, ofLines)
	}
	return t.err()
}
