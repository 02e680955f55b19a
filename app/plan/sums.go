package plan

import (
	"math/big"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// What a change of lines makes of amounts. Each document computes its own: a line is what its quantity and price give, the document
// gains what its lines gain. So what added up adds up, what did not is not made to, and no other line is touched.

// What the patch may not say.
const (
	ofLines   = "the sum of the lines: change those"
	ofColumns = "what the other amounts of the line give: change those"
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
