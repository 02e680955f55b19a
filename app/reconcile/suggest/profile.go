package suggest

import (
	"math"
	"strings"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// source says in which fields of a type's documents a feature is found; where there are several, all are compared, and the best
// counts, but of dates the first that both records have.
type source struct {
	names, numbers, amounts, dates, titles []string
	address                                string
}

var sources = map[canonical.EntityType]source{
	canonical.Customer: {names: []string{"name", "legal_name", "trade_name", "company", "abbreviated_name"}, address: "address"},
	canonical.Project: {
		names: []string{"name", "display_name"}, numbers: []string{"number", "accounting_number", "code", "store_number"},
		amounts: []string{"total_value"}, dates: []string{"start_date", "completion_date"}, address: "address",
	},
	canonical.Contract: {
		titles: []string{"title", "description"}, numbers: []string{"number"},
		amounts: []string{"amount", "revised_amount", "amount_including_tax"}, dates: []string{"contract_date", "start_date", "execution_date", "posting_date"},
	},
	canonical.Invoice: {
		numbers: []string{"number", "purchase_order_reference"}, amounts: []string{"amount", "amount_excluding_tax"},
		dates: []string{"invoice_date", "posting_date", "period_end"},
	},
	canonical.Payment: {numbers: []string{"check_number"}, amounts: []string{"amount"}, dates: []string{"date"}},
	canonical.ChangeOrder: {
		titles: []string{"title", "description"}, numbers: []string{"number"}, amounts: []string{"amount", "amount_including_tax"}, dates: []string{"order_date"},
	},
}

// profile is what of a record is compared, read once.
type profile struct {
	record *Record

	names, titles []name
	numbers       []number
	tax           string
	phones        []string
	emails        []email
	address       name // both lines
	postal, city  string
	amounts       []money   // the first is what the document comes to
	dates         []int     // days, in the order of the source; 0: none
	parties       [4]*party // customer, project, contract, invoice
	kind          [2]string // direction, kind
}

// money is an amount, and what it is in US dollars; 0 where no rate is known.
type money struct {
	canonical.Money
	dollars float64
}

type email struct {
	address, domain string // no domain where many share it
	shared          bool   // it is that of an office, which firms of one holding may share
}

// party is what a document refers to.
type party struct {
	object  Object
	names   []name
	numbers []number
}

// reader makes profiles; it reads what many documents refer to once.
type reader struct {
	entityType canonical.EntityType
	known      Known
	parties    map[string]*party
	dollars    map[string]float64 // for the minor unit of each currency
}

func newReader(t canonical.EntityType, known Known) *reader {
	return &reader{entityType: t, known: known, parties: map[string]*party{}, dollars: map[string]float64{}}
}

func (r *reader) money(m canonical.Money) money {
	each, ok := r.dollars[m.Currency]
	if !ok {
		exponent, _ := canonical.Exponent(m.Currency)
		if rate, err := r.known.Rates.Rate(m.Currency, "USD"); err == nil {
			each, _ = rate.Float64()
			each /= math.Pow10(exponent)
		}
		r.dollars[m.Currency] = each
	}
	return money{m, float64(m.AmountMinor) * each}
}

func (r *reader) profile(record *Record) *profile {
	from, d := sources[r.entityType], record.Document
	p := &profile{record: record}
	p.names = namesIn(d, from.names, r.entityType == canonical.Customer)
	p.titles = namesIn(d, from.titles, false)
	p.numbers = numbersIn(d, from.numbers)
	for _, field := range from.amounts {
		if amount, ok := canonical.MoneyOf(d.Get(field)); ok && amount.AmountMinor != 0 {
			p.amounts = append(p.amounts, r.money(amount))
		}
	}
	for _, field := range from.dates {
		p.dates = append(p.dates, dayOf(d.Get(field).Text()))
	}
	p.kind[0] = d.Get("direction").Text()
	if r.entityType == canonical.Invoice {
		if p.kind[1] = d.Get("kind").Text(); p.kind[1] == "" {
			p.kind[1] = "invoice"
		}
	}
	if from.address != "" {
		p.readAddress(d.Get(from.address))
	}
	if r.entityType == canonical.Customer {
		p.kind[0] = "" // one and the same firm may sell and buy
		p.readContact(d)
		return p
	}
	p.parties = [4]*party{r.party(d, "customer"), r.party(d, "project"), r.party(d, "contract"), r.party(d, "invoice")}
	return p
}

func namesIn(d jsontext.Value, fields []string, legal bool) (list []name) {
next:
	for _, field := range fields {
		n := newName(d.Get(field).Text(), legal)
		if len(n.words) == 0 {
			continue
		}
		for _, other := range list {
			if other.text == n.text {
				continue next
			}
		}
		list = append(list, n)
	}
	return list
}

func numbersIn(d jsontext.Value, fields []string) (list []number) {
	for _, field := range fields {
		if n := newNumber(d.Get(field).Text()); n.glued != "" {
			list = append(list, n)
		}
	}
	return list
}

// dayOf counts the days to a date, from any one; 0 for none, and for dates by which platforms say that there is none.
func dayOf(date string) int {
	if !jsontext.IsDate(date) {
		return 0
	}
	year, month, day := digitsOf(date[:4]), digitsOf(date[5:7]), digitsOf(date[8:])
	if year <= 1970 {
		return 0
	}
	if month -= 3; month < 0 { // years begin with March, so that the day of a leap year is the last
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + day
}

func digitsOf(text string) (value int) {
	for _, digit := range text {
		value = 10*value + int(digit-'0')
	}
	return value
}

func (p *profile) readAddress(a jsontext.Value) {
	p.address = newName(a.Get("line1").Text()+" "+a.Get("line2").Text(), false)
	p.postal = reconcile.NormalizedKey(fold(a.Get("postal_code").Text()))
	p.postal = strings.ReplaceAll(p.postal, "-", "")
	if reconcile.IsPlaceholder(p.postal) {
		p.postal = ""
	}
	p.city = newName(a.Get("city").Text(), false).text
}

// freeMail are the domains of which an address says nothing but itself.
var freeMail = setOf(`gmail.com googlemail.com hotmail.com outlook.com live.com msn.com yahoo.com yahoo.co.uk ymail.com icloud.com me.com
	aol.com gmx.de gmx.net web.de t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net proton.me protonmail.com mail.com mail.ru
	yandex.ru yandex.com qq.com 163.com 126.com zoho.com`)

// offices are the names of letter boxes that a firm has whatever it is.
var offices = setOf(`info mail office contact sales accounts accounting accountspayable ap ar admin finance hello enquiries inquiries tenders
	invoices invoice billing support service reception buchhaltung rechnung comptabilite contabilidad`)

func (p *profile) readContact(d jsontext.Value) {
	p.tax = taxNumber(d.Get("tax_id").Text())
	contact := d.Get("contact")
	for _, v := range []jsontext.Value{d.Get("phone"), d.Get("mobile_phone"), contact.Get("phone"), contact.Get("mobile_phone")} {
		if number := telephone(v.Text()); number != "" {
			p.phones = append(p.phones, number)
		}
	}
	for _, v := range []jsontext.Value{d.Get("email"), contact.Get("email")} {
		address := strings.ToLower(strings.TrimSpace(v.Text()))
		local, domain, ok := strings.Cut(address, "@")
		if !ok || len(address) > maxText || local == "" || !strings.Contains(domain, ".") {
			continue
		}
		its := email{address: address, domain: domain, shared: offices[local]}
		if freeMail[domain] {
			its.domain, its.shared = "", false
		}
		p.emails = append(p.emails, its)
	}
}

// party reads what a document refers to: the object, or else what the document itself calls it; nil if it says neither.
func (r *reader) party(d jsontext.Value, field string) *party {
	p := r.object(d.Get(field+"_id").Text(), field)
	if p != nil && len(p.names)+len(p.numbers) > 0 {
		return p
	}
	own := &party{names: namesIn(d, []string{field + "_name"}, field == "customer"), numbers: numbersIn(d, []string{field + "_number"})}
	if p != nil {
		own.object = p.object
	}
	if own.object.ID == "" && len(own.names)+len(own.numbers) == 0 {
		return nil
	}
	return own
}

// object reads an object that documents refer to, once; nil without a reference.
func (r *reader) object(id, field string) *party {
	if id == "" {
		return nil
	}
	if p := r.parties[id]; p != nil {
		return p
	}
	p := &party{object: Object{ID: id}}
	if r.known.Object != nil {
		if object, ok := r.known.Object(id); ok {
			p.object = object
			p.names = namesIn(object.Document, []string{"name", "title"}, field == "customer")
			p.numbers = numbersIn(object.Document, []string{"number"})
		}
	}
	r.parties[id] = p
	return p
}
