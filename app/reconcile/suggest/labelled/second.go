package labelled

import (
	"fmt"
	"strings"

	"structural.app/structural/canonical"
)

// secondRules write partners of Britain, Spain, the North and India: words in another order, abbreviations, initials, swapped
// digits, fields left out, addresses over two lines, parts of numbers.
type secondRules struct{}

var (
	secondFamilies = words(`Lindqvist|Sørensen|Bjørnstad|Åkesson|Mäkinen|Ibarra|Castañeda|Peñalver|Ordóñez|Zubiri|Chatterjee|Ramanathan|Deshpande|
		Venkataraman|Kulkarni|McAllister|O'Donnell|Featherstone|Hawksworth|Blackwood|Thistlethwaite|Cartwright|Ellingham|Tremblay|Kowalczyk|
		Wiśniewski|Szabó|Horváth|Papadopoulos|Ferreira|Okonkwo|Achterberg`)
	secondFirst  = words(`Gareth|Siobhan|Nils|Ingrid|Anjali|Vikram|Rosa|Jorge|Tomasz|Agnieszka|Fiona|Euan`)
	secondTrades = words(`Glazing|Rendering|Quarries|Shopfitting|Ironmongery|Aggregates|Utilities|Fabrications|Bathrooms|Sheet Metal|Tarmacadam|
		Signs|Rigging|Asbestos Removal|Tool Hire|Tree Care|Carpentry|Gas Heating|Septic Tanks|Stone Yard`)
	secondLegals    = words(`PLC|Ltd|Limited|S.L.|S.A.|AB|A/S|Oy|Pvt. Ltd.|LLP|& Sons|Corp.|Incorporated`)
	secondCities    = words(`Leeds|Bristol|Glasgow|Cardiff|Bilbao|Sevilla|Malmö|Aarhus|Tampere|Pune|Chennai|Gdańsk|Porto|Norwich|Dundee`)
	secondStreets   = words(`Mill Lane|Station Approach|Kingsway|Calle Mayor|Storgatan|Quarry Hill|Canal Street|Victoria Terrace|Dockside Drive|Abbey Close|Market Square|Foundry Court`)
	secondSyllables = words(`wick|thorn|bre|cal|dun|ess|for|gren|hol|ing|kel|mar|oak|pel|rud|sto|tun|wyn|yar`)
	secondSites     = words(`Library|Depot|Surgery|Apartments|Viaduct|Reservoir|Primary School|Data Centre|Care Home|Wind Farm|Bus Garage|Swimming Pool`)
	secondTitles    = words(`Supply of aggregates|Reinforcement fixing|Temporary fencing|Brickwork to plots|Drainage diversion|Kitchen units|Solar array|
		Access control|Sprinkler main|Blockwork and lintels|Kerbs and channels|Tarmac surfacing|Window replacement|Asbestos removal`)
	secondCurrencies = words(`GBP|EUR|SEK|INR|GBP`)
)

func (r *secondRules) entity(m *maker) entity {
	e := entity{currency: m.one(secondCurrencies), amount: int64(1000 + m.IntN(40000000)), day: 30 + m.IntN(400)}
	if m.chance(20) {
		e.amount = e.amount/100000*100000 + 100000
	}
	if m.set.EntityType == canonical.Customer {
		return r.customer(m)
	}
	m.refer(&e)
	switch m.set.EntityType {
	case canonical.Project:
		e.name, e.number = m.one(secondCities)+" "+m.coined(secondSyllables)+" "+m.one(secondSites), fmt.Sprintf("%d/%s", 20+m.IntN(6), m.digits(4))
		r.address(m, &e)
	case canonical.Contract:
		e.title, e.number = m.one(secondTitles), "PO"+m.digits(6)
	case canonical.ChangeOrder:
		e.title, e.number = m.one(secondTitles)+", "+m.one(words("variation to drawing|client request|ground conditions|delay costs")), "CE"+m.digits(3)
	case canonical.Invoice:
		e.number = m.one(words("SI|A/|")) + m.digits(5)
	case canonical.Payment:
		e.number, e.invoiceNumber = "BACS"+m.digits(7), m.digits(5)
	}
	return e
}

func (r *secondRules) customer(m *maker) entity {
	e := entity{city: m.one(secondCities), day: -1}
	brand := m.coined(secondSyllables)
	switch {
	case m.chance(25):
		e.name = m.one(secondFirst) + " " + m.one(secondFamilies) + " " + m.one(secondTrades)
	case m.chance(40):
		e.name = m.one(secondFamilies) + " " + brand + " " + m.one(secondTrades)
	default:
		e.name = brand + " " + m.one(secondTrades)
	}
	e.name += " " + m.one(secondLegals)
	if m.chance(40) {
		e.tax = m.one(words("GB|ES|SE|")) + m.digits(9)
	}
	e.phone = "0" + m.digits(4) + " " + m.digits(6)
	e.email = m.one(secondFirst) + "@" + strings.ToLower(brand) + ".test"
	r.address(m, &e)
	return e
}

func (r *secondRules) address(m *maker, e *entity) {
	e.line1 = fmt.Sprintf("%d %s", 1+m.IntN(200), m.one(secondStreets))
	e.city = m.one(secondCities)
	e.postal = m.one(words("LS|BS|G|CF|EH")) + m.digits(1) + " " + m.digits(1) + m.one(words("AB|QT|XY|ND"))
}

func (r *secondRules) sibling(m *maker, of entity) entity {
	e, other := of, r.entity(m)
	switch m.set.EntityType {
	case canonical.Customer: // the other branch, or the brother's firm
		e.tax, e.phone, e.line1, e.postal, e.city = other.tax, other.phone, other.line1, other.postal, other.city
		e.name = m.replaceTrade(of.name, secondTrades)
		if m.chance(50) {
			e.email = other.email
		}
	case canonical.Project: // the same kind of building for the same customer elsewhere
		e = other
		e.customer, e.city = of.customer, of.city
	case canonical.Payment: // the next instalment
		e.number, e.day, e.invoiceNumber = other.number, of.day+28+m.IntN(4), other.invoiceNumber
	case canonical.Invoice:
		e.number, e.day = next(of.number), of.day+28+m.IntN(4)
		if m.chance(40) {
			e.amount = other.amount
		}
	default:
		e.number, e.amount, e.day = next(of.number), other.amount, other.day
	}
	return e
}

func (r *secondRules) rewrite(m *maker, e entity) entity {
	of := e
	switch m.set.EntityType {
	case canonical.Customer:
		for e.name = r.rewriteName(m, of.name); sameKey(e.name, of.name); {
			e.name = r.rewriteName(m, of.name)
		}
		r.rewriteContact(m, &e)
	case canonical.Project:
		fields := strings.Fields(e.name)
		e.name = m.one([]string{strings.Join(fields[1:], " "), strings.Join(append(fields[1:], fields[0]), " "), strings.Join(fields, ", ")})
		e.number = r.rewriteNumber(m, of.number)
		r.splitAddress(m, &e)
	default:
		e.number = r.rewriteNumber(m, of.number)
		if fields := strings.Fields(e.title); len(fields) > 1 && m.chance(60) {
			e.title = m.one([]string{strings.ToUpper(e.title), fields[len(fields)-1] + " - " + strings.Join(fields[:len(fields)-1], " "), fields[0] + " " + fields[1]})
		}
	}
	if m.chance(10) {
		e.amount = 0
	} else if m.chance(10) {
		e.amount = (e.amount + 50) / 100 * 100
	}
	switch {
	case m.chance(10):
		e.day = -1
	case e.day >= 0 && m.chance(40):
		e.day += m.IntN(6)
	}
	if m.chance(30) {
		e.invoiceNumber = ""
	}
	m.referAsBooks(&e)
	return e
}

func (r *secondRules) rewriteNumber(m *maker, number string) string {
	for range 20 {
		written := []byte(number)
		switch m.IntN(4) {
		case 0: // two digits swapped
			if i := len(written) - 3; i > 0 {
				written[i], written[i+1] = written[i+1], written[i]
			}
		case 1:
			written = nil
		case 2:
			written = []byte(strings.TrimLeft(number, "ABCEIOPS/"))
		case 3:
			written = []byte("No. " + number + m.one(words("|/A|")))
		}
		if !sameKey(string(written), number) {
			return string(written)
		}
	}
	return ""
}

var secondShort = strings.NewReplacer("Fabrications", "Fabs", "Utilities", "Utils", "Aggregates", "Aggs", "Carpentry", "Carp.", "Removal", "Rem.", "Shopfitting", "Shopfit")

func (r *secondRules) rewriteName(m *maker, name string) string {
	for _, legal := range secondLegals {
		name = strings.TrimSuffix(name, " "+legal)
	}
	fields := strings.Fields(name)
	for i, first := range fields[:1] {
		for _, known := range secondFirst {
			if first == known && m.chance(50) {
				fields[i] = first[:1] + "."
			}
		}
	}
	switch {
	case m.chance(25):
		fields = append(fields[1:], fields[0])
	case m.chance(20):
		fields[0] += ","
	}
	name = strings.Join(fields, " ")
	if m.chance(40) {
		name = secondShort.Replace(name)
	}
	if m.chance(40) {
		name = strings.NewReplacer("ø", "o", "å", "a", "Å", "A", "ä", "a", "ñ", "n", "ó", "o", "ś", "s", "á", "a", "'", "").Replace(name)
	}
	if m.chance(50) {
		name = strings.ToUpper(name)
	}
	return strings.TrimSpace(name + " " + m.one(append([]string{""}, secondLegals...)))
}

func (r *secondRules) rewriteContact(m *maker, e *entity) {
	tax := e.tax
	if m.chance(50) {
		e.tax = strings.TrimLeft(e.tax, "GBES")
	}
	m.withoutEqualTax(e, tax)
	digits := []byte(e.phone)
	switch {
	case m.chance(40):
		e.phone = ""
	case m.chance(20):
		digits[8], digits[9] = digits[9], digits[8]
		e.phone = string(digits)
	case m.chance(50):
		e.phone = "+44 (0)" + e.phone[1:]
	}
	if m.chance(45) {
		e.email = ""
	}
	r.splitAddress(m, e)
}

// splitAddress puts what was the first line into the second, behind another one.
func (r *secondRules) splitAddress(m *maker, e *entity) {
	switch {
	case m.chance(30):
		e.line1, e.postal = "", ""
	case m.chance(40):
		e.line1, e.line2 = m.one(words("Unit 4|Suite 2B|Accounts Payable|First Floor")), e.line1
	}
	if m.chance(50) {
		e.postal = strings.ReplaceAll(e.postal, " ", "")
	}
	if m.chance(20) {
		e.city = ""
	}
}
