package plan

import (
	"math/big"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// What a change of lines makes of amounts. Each document computes its own: a line is what its quantity and price give, the document
// gains what its lines gain. So what added up adds up, what did not is not made to, and no other line is touched.

// What the patch may not say.
const (
	ofLines   = "the sum of the lines: change those"
	ofProduct = "quantity times unit price, less the discount"
	ofRate    = "what the amount and the tax give"
	tooLarge  = "an amount that there is room for"
)

// gains are what the lines of a document gain, in one currency.
type gains struct {
	amount, tax big.Int
	currency    string
	any         bool
}

// part is an amount of a document, and how it follows the lines.
type part struct {
	path        jsontext.Path
	amount, tax int64 // how many times the gain
}

func parts(amounts, taxes, totals, rests []string) (all []part) {
	for _, of := range []struct {
		fields      []string
		amount, tax int64
	}{{amounts, 1, 0}, {taxes, 0, 1}, {totals, 1, 1}, {rests, -1, 0}} {
		for _, field := range of.fields {
			all = append(all, part{jsontext.ParsePath(field), of.amount, of.tax})
		}
	}
	return all
}

var order = parts([]string{"amount", "revised_amount", "pending_revised_amount", "balance_amount"}, []string{"tax_amount"}, []string{"amount_including_tax"}, nil)

// partsOf are the amounts that follow those of the lines. What is due of a requisition is with its tax, which its lines do not have.
var partsOf = map[canonical.EntityType][]part{
	canonical.Contract: order, canonical.ChangeOrder: order,
	canonical.Invoice: parts([]string{"amount_excluding_tax", "completed_amount", "earned_less_retainage_amount"}, []string{"tax_amount"},
		[]string{"amount", "remaining_amount"}, []string{"balance_to_finish_amount"}),
}

// fitted is a line whose price was made to give its amount.
type fitted struct {
	of    *lineEdits
	whole bool // the line is one unit at its amount
	unit  bool // of which the unit was emptied
}

// carry makes the amounts of a document follow from the change of its lines. had is the document before the change. computes
// says that the platform computes each line of quantity and price.
func (t *target) carry(of canonical.EntityType, had jsontext.Value, change *edits, computes bool) error {
	before := had.Get("lines").Members()
	lines := append([]jsontext.Member(nil), t.document.Get("lines").Members()...)
	if partsOf[of] == nil || len(before) != len(lines) {
		return nil
	}
	var gained gains
	for n := range change.lines {
		if err := t.stop.every(n); err != nil {
			return err
		}
		c := &change.lines[n]
		if i := t.lines[c.line]; i >= 0 {
			lines[i].Value = t.settleOwn(before[i].Value, lines[i].Value, c, computes)
			gained.add(before[i].Value, lines[i].Value)
		}
	}
	if len(change.lines) > 0 {
		t.document = reconcile.SetField(t.document, jsontext.Path{"lines"}, jsontext.ArrayOf(lines))
	}
	if !gained.any {
		return t.err()
	}
	for _, p := range partsOf[of] {
		t.gain(p, had, &gained, change)
	}
	t.sharePaid(had)
	return t.err()
}

// add adds what a line gains.
func (g *gains) add(had, line jsontext.Value) {
	if had.Equal(line) {
		return
	}
	for _, of := range []struct {
		field string
		sum   *big.Int
	}{{"amount", &g.amount}, {"tax_amount", &g.tax}} {
		from, hadOne := canonical.MoneyOf(had.Get(of.field))
		to, hasOne := canonical.MoneyOf(line.Get(of.field))
		if hasOne {
			of.sum.Add(of.sum, big.NewInt(to.AmountMinor))
			g.currency = to.Currency
		}
		if hadOne {
			of.sum.Sub(of.sum, big.NewInt(from.AmountMinor))
			g.currency = from.Currency
		}
	}
	g.any = true
}

// gain lets an amount of the document gain what the lines do.
func (t *target) gain(p part, had jsontext.Value, g *gains, change *edits) {
	from, ok := canonical.MoneyOf(had.At(p.path...))
	var sum, term big.Int
	sum.Add(term.Mul(&g.amount, big.NewInt(p.amount)), new(big.Int).Mul(&g.tax, big.NewInt(p.tax)))
	if !ok || sum.Sign() == 0 || t.isSource && !t.document.At(p.path...).Equal(had.At(p.path...)) {
		return
	}
	at := change.lines[0].at
	if !sum.IsInt64() {
		t.expect(at, tooLarge)
		return
	}
	gained := canonical.Money{AmountMinor: sum.Int64(), Currency: g.currency}
	if from.Currency != gained.Currency {
		var err error
		if gained, _, err = t.rates.Convert(gained, from.Currency); err != nil {
			return // another record's: see takeSums
		}
	}
	if money, ok := added(from, gained.AmountMinor); ok {
		t.document = reconcile.SetField(t.document, p.path, money.Value())
		return
	}
	t.expect(at, tooLarge)
}

// sharePaid makes the share of the contract sum that has been paid follow the sum, where it is that.
func (t *target) sharePaid(had jsontext.Value) {
	share := func(document jsontext.Value) (jsontext.Value, bool) {
		sum, ok := canonical.MoneyOf(document.Get("revised_amount"))
		paid, known := canonical.MoneyOf(document.Get("paid_amount"))
		if !ok || !known || sum.AmountMinor == 0 || sum.Currency != paid.Currency {
			return jsontext.Value{}, false
		}
		percent, err := canonical.RoundMoney(new(big.Rat).Mul(big.NewRat(paid.AmountMinor, sum.AmountMinor), big.NewRat(100, 1)), "USD") // two digits
		normal, _ := jsontext.NormalDecimal(percent.Decimal())
		return jsontext.NewString(normal), err == nil
	}
	before, ok := share(had)
	if after, known := share(t.document); ok && known && before.Equal(had.Get("percent_paid")) && before.Equal(t.document.Get("percent_paid")) {
		t.document = reconcile.SetField(t.document, percentPaid, after)
	}
}

var percentPaid = jsontext.Path{"percent_paid"}

func added(m canonical.Money, minor int64) (canonical.Money, bool) {
	sum := m.AmountMinor + minor
	return canonical.Money{AmountMinor: sum, Currency: m.Currency}, (sum > m.AmountMinor) == (minor > 0)
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

// takeSums takes the amounts of the document that come from a record and follow its lines: they may be in a currency of its own.
func (p *Draft) takeSums(s *recordChange, document jsontext.Value) jsontext.Value {
	if len(p.edits.lines) == 0 {
		return document
	}
	for _, part := range partsOf[p.entityType] {
		before, after := s.document.At(part.path...), s.after.At(part.path...)
		if !before.IsNone() && !after.IsNone() && !before.Equal(after) && p.document.At(part.path...).Equal(before) {
			document = reconcile.SetField(document, part.path, after)
		}
	}
	return document
}

// carried are the amounts of a document that follow its lines, where they are others than before.
func carried(of canonical.EntityType, had, has jsontext.Value) (fields []edit) {
	paths := []jsontext.Path{percentPaid}
	for _, p := range partsOf[of] {
		paths = append(paths, p.path)
	}
	for _, path := range paths {
		if value := has.At(path...); !value.IsNone() && !value.Equal(had.At(path...)) {
			n := models()[of][0].root
			for _, key := range path {
				n = n.kids[key]
			}
			fields = append(fields, edit{field: n.field, value: value})
		}
	}
	return fields
}

// reportFitted reports what of quantity and price a record does not have as the change says it.
func (p *Draft) reportFitted(s *recordChange, fits []fitted) {
	for _, f := range fits {
		lose := func(field string, why mapping.Reason) {
			e := models()[p.entityType][1].root.kids[field].field
			s.result.Lost = append(s.result.Lost, mapping.Loss{Field: linePointer(p.lines[f.of.line], e), Reason: why})
		}
		if f.whole && (f.unit || indexOf(f.of.edits, "/quantity") >= 0) {
			lose("quantity", mapping.Approximated)
		}
		if indexOf(f.of.edits, "/unit_price") >= 0 {
			lose("unit_price", mapping.Approximated)
		}
		if f.unit {
			lose("unit", mapping.NoCounterpart)
		}
	}
}

// carrySource makes the amounts of the record in whose words the change is stated follow from it.
func (p *Draft) carrySource(s *recordChange) error {
	if len(p.edits.lines) == 0 || partsOf[p.entityType] == nil || s.after.IsAbsent() {
		return nil
	}
	own := target{document: s.after, currency: s.currency, rates: p.planner.rates, stop: p.stop, isRecord: true, isSource: true}
	own.lines = p.statedIndex.correspond(p.statedIndex, p.edits.lines)
	if err := own.carry(p.entityType, s.document, &p.edits, s.computes); err != nil {
		return err
	}
	if own.document.Equal(s.after) {
		return nil
	}
	p.reportFitted(s, own.fitted)
	payload, _, err := s.platform.FromCanonical(p.entityType, linesAndSums(p.entityType, s.after, own.document), s.payload, s.context)
	if err != nil {
		byPointer := map[string]edit{}
		own.placeCarried(p, byPointer)
		return inPatch(err, byPointer)
	}
	s.payload, s.after = payload, jsontext.Value{}
	return nil
}

// linesAndSums is what is written of a document whose lines have changed.
func linesAndSums(of canonical.EntityType, had, has jsontext.Value) jsontext.Value {
	document := jsontext.NewObject()
	for _, e := range carried(of, had, has) {
		document = setOrEmpty(document, e.field.path, e.value)
	}
	return document.With("lines", has.Get("lines"))
}

// placeCarried says where the request names the lines whose amounts cannot be written.
func (t *target) placeCarried(p *Draft, byPointer map[string]edit) {
	for i := range p.edits.lines {
		c := &p.edits.lines[i]
		for _, f := range models()[p.entityType][1].fields {
			pointer := linePointer(t.lines[c.line], f)
			if _, named := byPointer[pointer]; !named && t.lines[c.line] >= 0 {
				byPointer[pointer] = edit{field: f, at: c.at, line: c.line, ofLine: true}
			}
		}
		for _, part := range partsOf[p.entityType] {
			byPointer[part.path.Pointer()] = edit{at: c.at}
		}
	}
}

// computesLines reports whether the platform computes the amount of a line of its quantity and price.
func (s *recordChange) computesLines(of canonical.EntityType) bool {
	resource := s.platform.Resource(of, s.record.Variant)
	amount, price := s.shape.lineByPointer["/amount"], s.shape.lineByPointer["/unit_price"]
	return resource != nil && amount != nil && price != nil &&
		resource.Takes(amount.spellings[0], true) == platform.TakesComputed && resource.Takes(price.spellings[0], true) == platform.TakesAlways
}
