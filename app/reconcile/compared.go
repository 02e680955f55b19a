package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Compared is what the report needs of an object. It is stored beside the object, so that no document is read again.
type Compared struct {
	Label      string // the business key as it is written, else the name
	ProjectID  string // of an object of type project: its own; so with the others
	CustomerID string
	ContractID string
	Date       string // YYYY-MM-DD, by which periods are; empty: it has none
	Status     string
	Records    []ComparedRecord // in order of precedence
	Rate       OwnRate          // that a record says; zero: none
	Retainage  *Retainage       // of an invoice that says it
	Comparison
}

// ComparedRecord is what the report needs of a record.
type ComparedRecord struct {
	Platform  string
	ChangedAt string           // when the platform changed it last, RFC 3339; empty: it does not say
	Amount    *canonical.Money // what it is about: the sum of a contract, an invoice, a payment, the value of a project; nil: it has none
}

// Retainage is what an invoice says of its period.
type Retainage struct{ Gross, Retained, Released canonical.Money }

// Disagrees says whether there is any difference.
func (c *Compared) Disagrees() bool { return len(c.Differences) > 0 }

// Summarize makes what the report needs of an object with this document and these records, in order of precedence. objects maps ids that
// records have on their own to those of the objects that they are; a reference that is not in there leads nowhere.
func (c *Comparer) Summarize(t canonical.EntityType, id string, document jsontext.Value, readings []Reading, objects map[string]string) Compared {
	s := Compared{
		Label: labelOf(t, document), Date: dateOf(t, document), Status: document.Get("status").Text(),
		ProjectID: ownOr(t, canonical.Project, id, document), CustomerID: ownOr(t, canonical.Customer, id, document),
		ContractID: ownOr(t, canonical.Contract, id, document), Retainage: retainageOf(t, document),
	}
	s.Rate, _ = ownRateOf(readings)
	resolved := make([]Reading, len(readings))
	for i, r := range readings {
		record := ComparedRecord{Platform: r.Platform, ChangedAt: r.Document.Get("updated_at").Text()}
		if amount, ok := canonical.MoneyOf(r.Document.Get(mainAmounts[t])); ok {
			record.Amount = &amount
		}
		s.Records = append(s.Records, record)
		resolved[i] = r
		resolved[i].Document = knownReferences(t, r.Document, objects)
	}
	s.Comparison = c.Compare(t, resolved)
	return s
}

// mainAmounts are the fields that say what a record is about.
var mainAmounts = map[canonical.EntityType]string{
	canonical.Project: "total_value", canonical.Contract: "amount", canonical.Invoice: "amount", canonical.Payment: "amount",
	canonical.ChangeOrder: "amount", canonical.BudgetLineItem: "amount",
}

// HasAmount says whether records of a type are about an amount of money.
func HasAmount(t canonical.EntityType) bool { return mainAmounts[t] != "" }

// Label is what people know an object by: the first that it has of its number or name, as it is written; else its id.
func Label(t canonical.EntityType, document jsontext.Value, id string) string {
	if label := labelOf(t, document); label != "" {
		return label
	}
	return id
}

// labelOf is how people know a record: the first that it has of its number or name.
func labelOf(t canonical.EntityType, document jsontext.Value) string {
	const longest = 200
	fields := []string{"number", "check_number", "name", "title"}
	if t == canonical.Customer { // its number is the books' own
		fields = []string{"name", "number"}
	}
	for _, field := range fields {
		if text := document.Get(field).Text(); text != "" {
			return jsontext.Cut(text, longest)
		}
	}
	return ""
}

// dates are the days by which a record is in a period; the first that it has.
var dates = map[canonical.EntityType][]string{
	canonical.Project:     {"start_date", "actual_start_date"},
	canonical.Contract:    {"contract_date", "execution_date", "posting_date", "start_date"},
	canonical.Invoice:     {"invoice_date", "posting_date"},
	canonical.Payment:     {"date"},
	canonical.TimeEntry:   {"date"},
	canonical.ChangeOrder: {"order_date", "posting_date"},
}

func dateOf(t canonical.EntityType, document jsontext.Value) string {
	for _, field := range dates[t] {
		if text := document.Get(field).Text(); text != "" {
			return text
		}
	}
	return ""
}

// ownOr is the id of an object that is of a type, else that which it refers to.
func ownOr(t, wanted canonical.EntityType, id string, document jsontext.Value) string {
	if t == wanted {
		return id
	}
	return document.Get(string(wanted) + "_id").Text()
}

func retainageOf(t canonical.EntityType, document jsontext.Value) *Retainage {
	if t != canonical.Invoice {
		return nil
	}
	gross, ok := canonical.MoneyOf(document.Get("gross_amount"))
	retained, says := canonical.MoneyOf(document.At("retainage", "retained_amount"))
	released, does := canonical.MoneyOf(document.At("retainage", "released_amount"))
	if !ok || !says || !does || retained.Currency != gross.Currency || released.Currency != gross.Currency {
		return nil
	}
	return &Retainage{gross, retained, released}
}

// knownReferences has a document refer to objects, and to nothing where it refers to a record that was never loaded: whether two such are
// one is not known.
func knownReferences(t canonical.EntityType, document jsontext.Value, objects map[string]string) jsontext.Value {
	for _, r := range canonical.References(t, document) {
		id, ok := objects[r.ID]
		switch {
		case !ok:
			document = SetField(document, r.Path, jsontext.NullValue)
		case id != r.ID:
			document = SetField(document, r.Path, jsontext.NewString(id))
		}
	}
	return document
}

// Stamp is what both platforms say, as one text: it is another one once either says something else.
func (d *Difference) Stamp() string {
	text := []byte(d.Field)
	for _, s := range d.Values {
		text = append(append(text, 0), s.Platform...)
		text = s.Value.Append(append(text, 0))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

const (
	// maxValueChars is how long a text is that is listed as a value; of a longer one, the beginning is.
	maxValueChars = 200
	// maxDifferencesBytes is how long the differences of an object are together. Those beyond are counted, as those beyond MaxDifferences are.
	maxDifferencesBytes = 64 << 10
)

// The texts below are short, since there is one for each object. An absent member says nothing.
//
//	{"l":"INV-1","p":"proj_…","c":"cust_…","k":"cor_…","t":"2026-01-31","s":"approved","r":[["site","2026-02-01T00:00:00Z",100,"USD"],…],
//	 "x":["USD","QAR","3.64"],"g":[100,10,0,"USD"],"d":[["/status","different",null,null,stamp,["site","approved"],…],…],"m":3}

// Text writes what is compared as JSON.
func (c *Compared) Text() []byte {
	var members []jsontext.Member
	text := func(key, value string) {
		if value != "" {
			members = append(members, jsontext.Member{Key: key, Value: jsontext.NewString(value)})
		}
	}
	array := func(key string, values []jsontext.Value) {
		if len(values) > 0 {
			members = append(members, jsontext.Member{Key: key, Value: jsontext.NewArray(values...)})
		}
	}
	text("l", c.Label)
	text("p", c.ProjectID)
	text("c", c.CustomerID)
	text("k", c.ContractID)
	text("t", c.Date)
	text("s", c.Status)
	var records, differences []jsontext.Value
	for _, r := range c.Records {
		records = append(records, jsontext.NewArray(append([]jsontext.Value{jsontext.NewString(r.Platform), jsontext.NewString(r.ChangedAt)}, moneyPair(r.Amount)...)...))
	}
	array("r", records)
	if c.Rate != (OwnRate{}) {
		array("x", []jsontext.Value{jsontext.NewString(c.Rate.From), jsontext.NewString(c.Rate.To), jsontext.NewString(c.Rate.Rate)})
	}
	if g := c.Retainage; g != nil {
		array("g", []jsontext.Value{jsontext.NewInt(g.Gross.AmountMinor), jsontext.NewInt(g.Retained.AmountMinor), jsontext.NewInt(g.Released.AmountMinor), jsontext.NewString(g.Gross.Currency)})
	}
	more, bytes := c.More, 0
	for i := range c.Differences {
		value := c.Differences[i].value()
		if bytes += len(value.Append(nil)); bytes > maxDifferencesBytes && i > 0 {
			more += len(c.Differences) - i
			break
		}
		differences = append(differences, value)
	}
	array("d", differences)
	if more > 0 {
		members = append(members, jsontext.Member{Key: "m", Value: jsontext.NewInt(int64(more))})
	}
	return jsontext.NewObject(members...).Append(nil)
}

func moneyPair(m *canonical.Money) []jsontext.Value {
	if m == nil {
		return []jsontext.Value{jsontext.NullValue, jsontext.NullValue}
	}
	return []jsontext.Value{jsontext.NewInt(m.AmountMinor), jsontext.NewString(m.Currency)}
}

func (d *Difference) value() jsontext.Value {
	list := append([]jsontext.Value{jsontext.NewString(d.Field), jsontext.NewString(string(d.Kind))}, moneyPair(d.Amount)...)
	list = append(list, jsontext.NewString(d.Stamp()))
	for _, s := range d.Values {
		value := s.Value
		if value.Kind() == jsontext.String {
			if whole := value.Text(); len(whole) > maxValueChars {
				value = jsontext.NewString(jsontext.Cut(whole, maxValueChars))
			}
		}
		list = append(list, jsontext.NewArray(jsontext.NewString(s.Platform), value))
	}
	return jsontext.NewArray(list...)
}

// StoredDifference is a difference as it is stored: its values are cut where they are long.
type StoredDifference struct {
	Difference
	Stamp string // of the whole values: see [Difference.Stamp]
}

// StoredCompared is what [Compared.Text] wrote.
type StoredCompared struct {
	Compared
	Differences []StoredDifference // in place of those of Compared
}

// ParseCompared is the opposite of [Compared.Text].
func ParseCompared(text []byte) (StoredCompared, error) {
	var c StoredCompared
	object, err := jsontext.Parse(text)
	if err != nil {
		return c, fmt.Errorf("compared: %w", err)
	}
	for _, m := range object.Members() {
		list := m.Value.Members()
		switch m.Key {
		case "l":
			c.Label = m.Value.Text()
		case "p":
			c.ProjectID = m.Value.Text()
		case "c":
			c.CustomerID = m.Value.Text()
		case "k":
			c.ContractID = m.Value.Text()
		case "t":
			c.Date = m.Value.Text()
		case "s":
			c.Status = m.Value.Text()
		case "r":
			for _, r := range list {
				of := r.Value.Members()
				c.Records = append(c.Records, ComparedRecord{at(of, 0).Text(), at(of, 1).Text(), moneyOf(at(of, 2), at(of, 3))})
			}
		case "x":
			c.Rate = OwnRate{at(list, 0).Text(), at(list, 1).Text(), at(list, 2).Text()}
		case "g":
			gross, retained, released := moneyOf(at(list, 0), at(list, 3)), moneyOf(at(list, 1), at(list, 3)), moneyOf(at(list, 2), at(list, 3))
			if gross != nil && retained != nil && released != nil {
				c.Retainage = &Retainage{*gross, *retained, *released}
			}
		case "d":
			for _, d := range list {
				c.Differences = append(c.Differences, differenceOf(d.Value.Members()))
			}
		case "m":
			more, _ := m.Value.Int()
			c.More = int(more)
		}
	}
	return c, nil
}

func moneyOf(amount, currency jsontext.Value) *canonical.Money {
	minor, ok := amount.Int()
	if !ok {
		return nil
	}
	return &canonical.Money{AmountMinor: minor, Currency: currency.Text()}
}

func differenceOf(list []jsontext.Member) StoredDifference {
	d := StoredDifference{Stamp: at(list, 4).Text()}
	d.Field, d.Kind, d.Amount = at(list, 0).Text(), DifferenceKind(at(list, 1).Text()), moneyOf(at(list, 2), at(list, 3))
	for i := 5; i < len(list); i++ {
		of := list[i].Value.Members()
		d.Values = append(d.Values, Said{at(of, 0).Text(), at(of, 1)})
	}
	return d
}

// at is an element of an array; absent behind its end.
func at(list []jsontext.Member, i int) jsontext.Value {
	if i >= len(list) {
		return jsontext.Value{}
	}
	return list[i].Value
}
