package labelled

import (
	"fmt"
	"time"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// document writes an entity as a canonical document of the set's type.
func (m *maker) document(e entity) jsontext.Value {
	var d fields
	switch m.set.EntityType {
	case canonical.Customer:
		d.text("name", e.name)
		d.text("legal_name", e.legal)
		d.text("tax_id", e.tax)
		d.address(e)
		d.text("phone", e.phone)
		d.text("email", e.email)
	case canonical.Project:
		d.text("name", e.name)
		d.text("number", e.number)
		d.money("total_value", e)
		d.date("start_date", e.day)
		d.party("customer", e.customer)
		d.address(e)
	case canonical.Contract:
		d.text("title", e.title)
		d.text("number", e.number)
		d.money("amount", e)
		d.party("project", e.project)
		d.party("customer", e.customer)
		d.date("contract_date", e.day)
	case canonical.Invoice:
		d.text("number", e.number)
		d.money("amount", e)
		d.party("contract", e.contract)
		d.party("project", e.project)
		d.party("customer", e.customer)
		d.date("invoice_date", e.day)
	case canonical.Payment:
		d.money("amount", e)
		d.text("check_number", e.number)
		d.date("date", e.day)
		d.party("contract", e.contract)
		d.party("project", e.project)
		d.text("invoice_number", e.invoiceNumber)
		d.party("customer", e.customer)
	case canonical.ChangeOrder:
		d.text("title", e.title)
		d.text("number", e.number)
		d.money("amount", e)
		d.party("contract", e.contract)
		d.party("project", e.project)
		d.party("customer", e.customer)
		d.date("order_date", e.day)
	}
	return d.value()
}

func (f *fields) address(e entity) {
	var a fields
	a.text("line1", e.line1)
	a.text("line2", e.line2)
	a.text("city", e.city)
	a.text("postal_code", e.postal)
	if len(a) > 0 {
		f.set("address", a.value())
	}
}

func (f *fields) money(key string, e entity) {
	if e.amount != 0 {
		f.set(key, canonical.Money{AmountMinor: e.amount, Currency: e.currency}.Value())
	}
}

func (f *fields) date(key string, day int) {
	if day >= 0 {
		f.text(key, time.Date(2025, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
}

func (f *fields) party(key string, p party) {
	f.text(key+"_id", p.id)
	f.text(key+"_name", p.name)
	f.text(key+"_number", p.number)
}

// makeParties makes what documents refer to. Most of it is one object of both platforms; the rest is an object of each.
func (m *maker) makeParties(n int) {
	if m.set.EntityType == canonical.Customer {
		return
	}
	documents := *m // the same chance and rules, another set
	for _, kind := range []struct {
		entityType canonical.EntityType
		count      int
		list       *[][2]party
	}{{canonical.Customer, n/8 + 3, &m.customers}, {canonical.Project, n/20 + 3, &m.projects}, {canonical.Contract, n/6 + 3, &m.contracts}} {
		documents.set.EntityType = kind.entityType
		documents.customers, documents.projects = m.customers, m.projects
		for i := range kind.count {
			e := m.rules.entity(&documents)
			id := fmt.Sprintf("%s%015d", kind.entityType.Prefix(), 2*i)
			both := [2]party{{id: id}, {id: id}}
			if matched := m.chance(65); matched {
				m.set.Objects[id] = suggest.Object{ID: id, Matched: true, Document: documents.document(e)}
			} else {
				its := fmt.Sprintf("%s%015d", kind.entityType.Prefix(), 2*i+1)
				both[1].id = its
				m.set.Objects[id] = suggest.Object{ID: id, Document: documents.document(e)}
				m.set.Objects[its] = suggest.Object{ID: its, Document: documents.document(m.rules.rewrite(&documents, e))}
			}
			*kind.list = append(*kind.list, both)
		}
	}
}

// refer has a document refer to parties, as the first platform does, and with chance to none.
func (m *maker) refer(e *entity) {
	pick := func(list [][2]party, percent int) party {
		if len(list) == 0 || !m.chance(percent) {
			return party{}
		}
		return list[m.IntN(len(list))][0]
	}
	e.customer, e.project, e.contract = pick(m.customers, 90), pick(m.projects, 85), pick(m.contracts, 70)
}

// referAsBooks turns the references into those of the second platform, which gives fewer.
func (m *maker) referAsBooks(e *entity) {
	e.customer = m.asBooks(m.customers, e.customer, 90)
	e.project = m.asBooks(m.projects, e.project, 70)
	e.contract = m.asBooks(m.contracts, e.contract, 50)
}

func (m *maker) asBooks(list [][2]party, p party, percent int) party {
	if p.id == "" || !m.chance(percent) {
		return party{}
	}
	var place int
	if _, err := fmt.Sscanf(p.id[len(p.id)-15:], "%d", &place); err != nil {
		return party{}
	}
	return list[place/2][1]
}
