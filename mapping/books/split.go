package books

import (
	"cmp"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Split makes the lines of an invoice those of books: each line at its gross amount, and behind them lines of their own for what is
// retained (less than nothing) and what is released, on the retention account. There is one of each for each tax code that the others
// will have, where tax is on net; where it is on gross, what is retained bears none. An invoice of which the period is not known, or
// whose lines are those of books already, stays as it is. The sum of the lines is what is due. Settings may be nil.
//
//	1,200.00 (120.00 retained), 650.00 (30.00 retained)    1,200.00, 650.00, −150.00
func Split(document jsontext.Value, settings *Settings) jsontext.Value {
	lines := document.Get("lines").Members()
	if len(lines) == 0 || document.Get("gross_amount").IsNone() {
		return document
	}
	s := splitter{settings: settings, groups: map[string]*figures{}, numbered: true}
	for i := range lines {
		if !s.line(lines[i].Value) {
			return document
		}
	}
	for _, code := range s.codes {
		of := s.groups[code]
		s.retention("Retainage", code, *of, -of.retained)
		s.retention("Retainage released", code, *of, of.released)
	}
	return document.With("lines", jsontext.ArrayOf(s.made))
}

// splitter makes the lines of one invoice.
type splitter struct {
	settings *Settings
	made     []jsontext.Member
	codes    []string            // tax codes, in the order of the lines
	groups   map[string]*figures // by tax code
	last     int64               // line number
	numbered bool                // every line has one
}

// line takes a line, if its period is known.
func (s *splitter) line(line jsontext.Value) bool {
	gross, known := canonical.MoneyOf(line.Get("period_gross_amount"))
	retained, knownToo := canonical.MoneyOf(line.At("retainage", "retained_amount"))
	released, andThis := canonical.MoneyOf(line.At("retainage", "released_amount"))
	if !known || !knownToo || !andThis || !line.At("retainage", "line").IsNone() {
		return false
	}
	code := s.taxCode(line)
	of := s.groups[code]
	if of == nil {
		of = &figures{}
		s.groups[code], s.codes = of, append(s.codes, code)
	}
	if !of.add(figures{retained: retained.AmountMinor, released: released.AmountMinor, currency: gross.Currency}) {
		return false
	}
	number, ok := line.Get("line_number").Int()
	s.last, s.numbered = max(s.last, number), s.numbered && ok

	if line.Get("accounting_method").Text() == "amount" { // a quantity and a price are left over from elsewhere
		line = line.Without("quantity").Without("unit_price")
	}
	s.made = append(s.made, jsontext.Member{Value: line.With("amount", gross.Value())})
	return true
}

// taxCode is the tax code with which a line will be posted, as far as its retainage has it too.
func (s *splitter) taxCode(line jsontext.Value) string {
	if s.settings == nil || s.settings.TaxOn != TaxOnNet {
		return ""
	}
	rule := Rule{}
	if line.Get("line_type").IsNone() && line.Get("item_number").IsNone() {
		rule, _ = s.settings.Rule(Codes(line.Get("cost_code").Text(), line.Get("cost_type").Text(), line.Get("wbs_code").Text()))
	}
	return cmp.Or(line.Get("tax_code").Text(), rule.TaxCode)
}

// retention adds a line on the retention account, unless it is of nothing.
func (s *splitter) retention(description, taxCode string, of figures, minor int64) {
	if minor == 0 {
		return
	}
	var line []jsontext.Member
	add := func(key string, v jsontext.Value) { line = append(line, jsontext.Member{Key: key, Value: v}) }
	if s.numbered {
		s.last++
		add("line_number", jsontext.NewInt(s.last))
	}
	add("description", jsontext.NewString(description))
	add("line_type", jsontext.NewString("account"))
	if s.settings != nil && s.settings.RetentionAccount != "" {
		add("item_number", jsontext.NewString(s.settings.RetentionAccount))
	}
	add("amount", of.money(minor))
	if taxCode != "" {
		add("tax_code", jsontext.NewString(taxCode))
	}
	s.made = append(s.made, jsontext.Member{Value: jsontext.NewObject(line...)})
}
