package labelled

import (
	"fmt"
	"strings"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
)

// firstRules write partners of the Gulf, Germany and France: other legal forms, other transliterations, accents, forms of Arabic
// letters, abbreviated streets, typos; numbers without leading zeros, dates some days off, amounts off by rounding.
type firstRules struct{}

var (
	firstFamilies = words(`Mannai|Thani|Kuwari|Sulaiti|Fardan|Darwish|Ghanim|Hajri|Marri|Attiyah|Müller|Schäfer|Weiß|Großmann|Krüger|Lefèvre|
		Bérenger|Chaptal|Dupré|Gauthier|Brennan|Halloran|Whitfield|Ashcombe|Pemberton|Rashid|Mohammed|Abdullah|Yousef|Khalifa|Haddad|Nasser|
		Qassim|Zayed|Buhamad|Sharqi`)
	firstTrades = words(`Trading|Contracting|Construction|Engineering|Electromechanical|Steel Works|Logistics|Facade Systems|Landscaping|
		Interiors|Ready Mix|Scaffolding|Waterproofing|Plumbing|Consulting|Equipment Rental|Demolition|Piling|Glass|Elevators`)
	firstCities     = words(`Doha|Al Khor|Al Wakrah|Lusail|Dubai|Abu Dhabi|Sharjah|Manama|Muscat|Riyadh|Jeddah|Berlin|München|Köln|Lyon|Nantes`)
	firstStreets    = words(`Salwa Road|Corniche Street|Al Matar Street|Industrial Area Street|Grand Hamad Avenue|C Ring Road|Hauptstraße|Rue de la Gare|Airport Boulevard|Pearl Avenue|Bank Street|Museum Road`)
	firstLegals     = words(`LLC|L.L.C.|WLL|W.L.L.|Ltd|Ltd.|Limited|Co.|Est.|GmbH|S.A.R.L.|Q.S.C.|Inc.|Company`)
	firstMails      = words(`gmail.com|hotmail.com|yahoo.com`)
	firstArabic     = words(`الدوحة|الخليج|الأمانة|الإتقان|المنارة|الريان|النخبة|الواحة|الفرسان|البادية|القلعة|الأندلس`)
	firstArabicWork = words(`للمقاولات|للتجارة|للهندسة|للنقليات|للديكور|للحديد`)
	firstSyllables  = words(`ba|ra|men|tu|lo|vis|kar|dol|sen|fa|mi|nor|tek|gal|zu|per|hav|lin`)
	firstSites      = words(`Tower|Mall|Hospital|School|Villas|Metro Station|Warehouse|Substation|Bridge|Stadium|Residences|Office Park|Pumping Station|Hotel`)
	firstTitles     = words(`Concrete works|Structural steel|Curtain wall|HVAC installation|Electrical works|Fire alarm system|Earthworks and shoring|
		Roof waterproofing|Internal partitions|Stone cladding|Lift installation|Road works|Joinery|Painting and finishes|Landscaping and irrigation`)
	firstCurrencies = words(`QAR|QAR|QAR|USD|EUR`)
)

// words are what stands between bars.
func words(list string) []string {
	all := strings.Split(list, "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func (r *firstRules) entity(m *maker) entity {
	switch m.set.EntityType {
	case canonical.Customer:
		return r.customer(m)
	case canonical.Project:
		e := entity{number: fmt.Sprintf("P-%04d", m.IntN(10000)), amount: m.amount(), currency: m.one(firstCurrencies), day: m.IntN(365)}
		e.name = m.coined(firstSyllables) + " " + m.one(firstSites)
		if m.chance(40) {
			e.name += " " + m.one(words("Phase 1|Phase 2|Phase III|Block A|Block B|North|South"))
		}
		r.address(m, &e)
		m.refer(&e)
		return e
	}
	e := entity{amount: m.amount(), currency: m.one(firstCurrencies), day: m.IntN(365)}
	m.refer(&e)
	switch m.set.EntityType {
	case canonical.Contract:
		e.number, e.title = fmt.Sprintf("SC-%s-%03d", m.one(words("DOH|LUS|KHR|WAK")), m.IntN(1000)), m.one(firstTitles)
	case canonical.ChangeOrder:
		e.number, e.title = fmt.Sprintf("%03d", 1+m.IntN(40)), m.one(firstTitles)+": "+m.one(words("additional quantities|revised detail|omitted scope|night work|design change"))
	case canonical.Invoice:
		e.number = m.one([]string{fmt.Sprintf("INV-2025-%04d", m.IntN(10000)), fmt.Sprintf("%06d", m.IntN(100000)), fmt.Sprint(1 + m.IntN(30))})
	case canonical.Payment:
		e.number, e.invoiceNumber = fmt.Sprintf("CHK-%05d", m.IntN(100000)), fmt.Sprintf("INV-2025-%04d", m.IntN(10000))
	}
	return e
}

// amount is in minor units; many amounts are round.
func (m *maker) amount() int64 {
	switch {
	case m.chance(30):
		return int64(1+m.IntN(400)) * 500000
	case m.chance(30):
		return int64(1+m.IntN(90000)) * 1000
	}
	return int64(10000 + m.IntN(90000000))
}

// coined is a name that nobody has.
func (m *maker) coined(syllables []string) string {
	name := ""
	for range 2 + m.IntN(2) {
		name += m.one(syllables)
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func (r *firstRules) customer(m *maker) entity {
	var e entity
	trade := m.one(firstTrades)
	mail := m.coined(firstSyllables)
	switch {
	case m.chance(20):
		e.name = "شركة " + m.one(firstArabic) + " " + m.one(firstArabic) + " " + m.one(firstArabicWork)
		e.legal = "ذ.م.م"
	case m.chance(40):
		e.name = m.one(words("Al |Al-|El ||")) + m.one(firstFamilies) + " " + m.one([]string{"& " + m.one(firstFamilies) + " ", m.coined(firstSyllables) + " "}) + trade
	default:
		e.name = mail + " " + trade
	}
	e.name += " " + m.one(firstLegals)
	e.legal = ""
	if m.chance(60) {
		e.tax = m.one(words("QA|DE|FR||")) + m.digits(9)
	}
	e.phone = "+974 " + m.digits(4) + " " + m.digits(4)
	e.email = m.one(words("info|accounts|sales|office")) + "@" + strings.ToLower(mail) + ".example"
	if m.chance(20) {
		e.email = strings.ToLower(mail) + m.digits(2) + "@" + m.one(firstMails)
	}
	r.address(m, &e)
	return e
}

func (r *firstRules) address(m *maker, e *entity) {
	e.line1 = fmt.Sprintf("%s %d, %s", m.one(words("Building|Villa|Office")), 1+m.IntN(300), m.one(firstStreets))
	e.city = m.one(firstCities)
	e.postal = m.digits(5)
}

func (r *firstRules) sibling(m *maker, of entity) entity {
	e := of
	switch m.set.EntityType {
	case canonical.Customer:
		other := r.customer(m)
		if m.chance(20) { // another firm in the same house, with the house's telephone
			other.line1, other.city, other.postal, other.phone = of.line1, of.city, of.postal, of.phone
			return other
		}
		// Of the same holding: another city or another trade, its own numbers.
		e.tax, e.phone, e.line1, e.postal = other.tax, other.phone, other.line1, other.postal
		for e.city == of.city {
			e.city = m.one(firstCities)
		}
		if m.chance(60) {
			e.name = m.replaceTrade(e.name, firstTrades)
		}
		if !m.chance(30) {
			e.email = other.email
		}
	case canonical.Project: // the next phase at the same place, with a number of its own
		e.number = fmt.Sprintf("P-%04d", m.IntN(10000))
		e.name = strings.TrimRight(strings.Split(strings.Split(e.name, " Phase")[0], " Block")[0], " ") + " Phase " + m.one(words("4|5|6"))
		e.amount, e.day = m.amount(), min(of.day+60+m.IntN(200), 700)
	case canonical.Payment, canonical.Invoice:
		e.number = next(e.number)
		if m.chance(30) { // of the same day and partner, of another amount
			e.amount, e.invoiceNumber = m.amount(), next(of.invoiceNumber)
			return e
		}
		if m.chance(20) { // of the same amount, to another partner
			other := r.entity(m)
			other.amount, other.currency, other.day = e.amount, e.currency, e.day
			return other
		}
		e.day += 14 + m.IntN(30) // the next of the same amount
		if m.set.EntityType == canonical.Invoice && m.chance(20) {
			e.number = of.number + "-R"
		}
		if m.set.EntityType == canonical.Payment {
			e.invoiceNumber = next(of.invoiceNumber)
		}
	default: // the next of the same contract or partner, some with the same title
		e.number = next(e.number)
		if m.chance(60) {
			e.title = m.one(firstTitles)
		}
		e.amount, e.day = m.amount(), of.day+7+m.IntN(60)
	}
	return e
}

// replaceTrade gives a name another trade.
func (m *maker) replaceTrade(name string, trades []string) string {
	for _, trade := range trades {
		if strings.Contains(name, trade) {
			other := m.one(trades)
			for other == trade {
				other = m.one(trades)
			}
			return strings.Replace(name, trade, other, 1)
		}
	}
	return name
}

// next counts the digits at a number's end up.
func next(number string) string {
	end := strings.TrimRight(number, "0123456789")
	digits := number[len(end):]
	var value int
	if _, err := fmt.Sscanf(digits, "%d", &value); err != nil {
		return number + "1"
	}
	return fmt.Sprintf("%s%0*d", end, len(digits), value+1)
}

func (r *firstRules) rewrite(m *maker, e entity) entity {
	of := e
	switch m.set.EntityType {
	case canonical.Customer:
		for e.name = r.rewriteName(m, of.name); sameKey(e.name, of.name); {
			e.name = r.rewriteName(m, of.name)
		}
		r.rewriteContact(m, &e)
	case canonical.Project:
		e.name = m.typo(e.name, 30)
		e.number = r.rewriteNumber(m, of.number)
		r.rewriteAddress(m, &e)
	default:
		e.title = m.typo(strings.ReplaceAll(e.title, "works", m.one(words("works|Works|wks"))), 30)
		e.number = r.rewriteNumber(m, of.number)
	}
	if e.amount != 0 && m.chance(15) {
		e.amount += int64(m.IntN(5) - 2)
	}
	if e.currency == "QAR" && m.chance(30) { // the other platform keeps everything in dollars
		e.amount, e.currency = (e.amount*100+182)/364, "USD"
	}
	if e.day >= 0 && m.chance(50) {
		e.day = max(0, e.day+m.IntN(7)-3)
	}
	if m.chance(40) {
		e.invoiceNumber = ""
	}
	if m.set.EntityType == canonical.Contract && m.chance(15) {
		e.amount = 0
	}
	m.referAsBooks(&e)
	return e
}

func sameKey(a, b string) bool { return reconcile.NormalizedKey(a) == reconcile.NormalizedKey(b) }

// rewriteNumber writes a number so that it is another key: without leading zeros, prefix or anything at all.
func (r *firstRules) rewriteNumber(m *maker, number string) string {
	for range 20 {
		written := number
		switch m.IntN(4) {
		case 0:
			written = strings.TrimLeft(strings.ReplaceAll(number, "-0", "-"), "0")
		case 1:
			written = number[strings.LastIndex(number, "-")+1:]
		case 2:
			written = m.one(words("|N/A|TBD"))
		case 3:
			written = strings.ReplaceAll(strings.ReplaceAll(number, "-", ""), "2025", "25")
		}
		if !sameKey(written, number) {
			return written
		}
	}
	return "00" + number
}

var firstLetters = words(`ou>u|ee>i|oo>u|mm>m|ss>s|q>k|ei>ai|sh>ch|ah>a|y>i`)

func (r *firstRules) rewriteName(m *maker, name string) string {
	for _, legal := range firstLegals {
		name = strings.TrimSuffix(name, " "+legal)
	}
	if m.chance(70) {
		name += " " + m.one(firstLegals)
	}
	if strings.ContainsRune(name, 'ا') {
		swaps := words(`أ>ا|إ>ا|ة>ه|ى>ي|ا>اـ|د>دَ|شركة >|شركة>مؤسسة`)
		for range 2 {
			name = m.swap(name, swaps)
		}
		return name
	}
	if m.chance(30) {
		name = m.swap(name, firstLetters)
	}
	if m.chance(40) {
		name = strings.NewReplacer("ü", "u", "ä", "ae", "ß", "ss", "é", "e", "è", "e").Replace(name)
	}
	if m.chance(30) {
		name = strings.NewReplacer("&", "and", "Al-", "Al ", "El ", "Al ").Replace(name)
	}
	return m.typo(name, 25)
}

// swap writes a part of a text otherwise, by a rule "old>new" drawn by chance.
func (m *maker) swap(text string, rules []string) string {
	from, to, _ := strings.Cut(m.one(rules), ">")
	return strings.Replace(text, from, to, 1)
}

// typo makes one slip of the keyboard, with a chance in percent.
func (m *maker) typo(text string, percent int) string {
	letters := []rune(text)
	if !m.chance(percent) || len(letters) < 6 {
		return text
	}
	i := 1 + m.IntN(len(letters)-3)
	switch m.IntN(4) {
	case 0:
		letters[i], letters[i+1] = letters[i+1], letters[i]
	case 1:
		letters = append(letters[:i], letters[i+1:]...)
	case 2:
		letters[i] = rune('a' + m.IntN(26))
	case 3:
		letters = append(letters[:i+1], letters[i:]...)
	}
	return string(letters)
}

func (r *firstRules) rewriteContact(m *maker, e *entity) {
	tax := e.tax
	if m.chance(50) {
		e.tax = strings.TrimLeft(e.tax, "QADEFR")
	}
	m.withoutEqualTax(e, tax)
	if m.chance(15) { // little more than the name
		e.phone, e.email, e.line1, e.postal = "", "", "", ""
		return
	}
	switch {
	case m.chance(25):
		e.phone = ""
	case m.chance(40):
		e.phone = strings.NewReplacer("+974 ", "00974-", " ", "").Replace(e.phone)
	case m.chance(30):
		e.phone = arabicDigits(strings.TrimPrefix(e.phone, "+974 "))
	}
	switch {
	case m.chance(35):
		e.email = ""
	case m.chance(40):
		e.email = "finance" + e.email[strings.Index(e.email, "@"):]
	}
	r.rewriteAddress(m, e)
}

// withoutEqualTax leaves a tax number out that is the other record's as well: the key would have made them one already.
func (m *maker) withoutEqualTax(e *entity, tax string) {
	if sameKey(e.tax, tax) {
		e.tax = ""
	}
}

func arabicDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '٠' + r - '0'
		}
		return r
	}, text)
}

func (r *firstRules) rewriteAddress(m *maker, e *entity) {
	if m.chance(25) {
		e.line1, e.postal = "", ""
	}
	e.line1 = strings.NewReplacer("Street", m.one(words("St.|St|Street")), "Road", m.one(words("Rd|Rd.|Road")), "Building", m.one(words("Bldg|Bldg.|Building")),
		"straße", m.one(words("str.|strasse|straße")), "Avenue", m.one(words("Ave|Avenue")), "Boulevard", "Blvd").Replace(e.line1)
	if m.chance(20) {
		e.postal = ""
	}
	if m.chance(20) {
		e.city = ""
	}
}
