package mapping

import (
	"fmt"

	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

// posting are the slots of a line by which it is posted; -1 if it has no such field.
type posting struct{ kind, number, taxCode, costCode, costType, wbsCode int }

// addPosting finds the fields by which a line is posted.
func (m *Mapping) addPosting(slots map[string]int) error {
	if !m.table.Posts {
		return nil
	}
	for field, slot := range map[string]*int{
		"line_type": &m.posting.kind, "item_number": &m.posting.number, "tax_code": &m.posting.taxCode,
		"cost_code": &m.posting.costCode, "cost_type": &m.posting.costType, "wbs_code": &m.posting.wbsCode,
	} {
		of, ok := slots[field]
		if !ok {
			of = -1
		}
		*slot = of
	}
	if m.posting.kind < 0 || m.posting.number < 0 {
		return fmt.Errorf("posts: no canonical fields line_type and item_number")
	}
	return nil
}

// post gives a new line that says neither what it is of nor its number the account of its code, and the tax code unless it has one.
func (m *Mapping) post(f *frame, s *Scope) {
	p := m.posting
	if s.ctx.Settings == nil || !f.slots[p.kind].IsNone() || !f.slots[p.number].IsNone() {
		return
	}
	text := func(slot int) string {
		if slot < 0 {
			return ""
		}
		return f.slots[slot].Text()
	}
	rule, ok := s.ctx.Settings.Rule(books.Codes(text(p.costCode), text(p.costType), text(p.wbsCode)))
	if !ok {
		return
	}
	f.slots[p.kind], f.slots[p.number] = jsontext.NewString("account"), jsontext.NewString(rule.Account)
	if p.taxCode >= 0 && rule.TaxCode != "" && f.slots[p.taxCode].IsNone() {
		f.slots[p.taxCode] = jsontext.NewString(rule.TaxCode)
	}
}
