package reconcile

import (
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// MaxDifferences is how many differences of one object are listed. Of the others it is known how many they are.
const MaxDifferences = 200

// DifferenceKind says how a value differs.
type DifferenceKind string

// The kinds of differences.
const (
	// Different: the platforms say different things.
	Different DifferenceKind = "different"
	// Approximated: one platform has no word for what the other says, and has the closest one; or it has a line as one unit at its amount.
	Approximated DifferenceKind = "approximated"
	// Incomparable: amounts in two currencies between which there is no rate of exchange.
	Incomparable DifferenceKind = "incomparable"
)

// Comparison is where the records of one object disagree.
type Comparison struct {
	Differences []Difference
	More        int // differences beyond the first [MaxDifferences]
}

// Difference is a field of which two platforms say different things.
type Difference struct {
	Field  string // JSON pointer into the object; of the tax of one code: /tax_amount/<code>
	Kind   DifferenceKind
	Values []Said // of each platform that says something, in order of precedence
	// Amount is what the second platform says less what the first says, in the first one's currency; nil: it is no money, or there is no rate.
	Amount *canonical.Money
}

// Said is what a platform says of a field.
type Said struct {
	Platform string
	Value    jsontext.Value
}

// Comparer compares the records of objects. Safe for concurrent use.
type Comparer struct {
	platforms *platform.Registry
	rates     canonical.Rates
	words     sync.Map // string by closestWord
}

// NewComparer makes a comparer that exchanges money at the given rates, unless a record says its own.
func NewComparer(platforms *platform.Registry, rates canonical.Rates) *Comparer {
	return &Comparer{platforms: platforms, rates: rates}
}

// Compare finds the fields of which the records of one object say different things. readings are in order of precedence, and refer to
// objects; a reference to a record that was never loaded is left out before.
//
// What only one record says is no difference. Names and other free texts differ if their [NormalizedKey] does; numbers, codes and all
// other values if they are not the same. Amounts in two currencies are converted, at the rate that a record says, else at the comparer's:
// they agree if, in one of the two currencies, they are at most one minor unit apart, since either may have been rounded.
func (c *Comparer) Compare(t canonical.EntityType, readings []Reading) Comparison {
	if len(readings) < 2 {
		return Comparison{}
	}
	d := &differing{comparer: c, entityType: t, readings: readings, rates: ratesOf(readings, c.rates)}
	for _, f := range comparedFields()[t] {
		d.compareField(f)
	}
	d.compareLines()
	return d.found
}

// ratesOf are the rates where a record says one itself: what a unit of its currency costs in its base currency.
func ratesOf(readings []Reading, rates canonical.Rates) canonical.Rates {
	if own, ok := ownRateOf(readings); ok {
		return own.In(rates)
	}
	return rates
}

// OwnRate is the rate of exchange that a record says: units of To for one of From, as a decimal.
type OwnRate struct{ From, To, Rate string }

// In are the rates in which this one comes before all others; the zero value changes nothing.
func (o OwnRate) In(rates canonical.Rates) canonical.Rates {
	if rate, ok := canonical.ParseRate(o.Rate); ok {
		return rates.WithOwn(o.From, o.To, rate)
	}
	return rates
}

func ownRateOf(readings []Reading) (OwnRate, bool) {
	for _, r := range readings {
		own := OwnRate{r.Document.Get("currency").Text(), r.Document.Get("base_currency").Text(), r.Document.Get("exchange_rate").Text()}
		if _, ok := canonical.ParseRate(own.Rate); ok && own.From != "" && own.To != "" && own.From != own.To {
			return own, true
		}
	}
	return OwnRate{}, false
}

// differing is a comparison in progress.
type differing struct {
	comparer   *Comparer
	entityType canonical.EntityType
	readings   []Reading
	rates      canonical.Rates
	found      Comparison
}

// said is what one of the readings says of a field.
type said struct {
	reading *Reading
	value   jsontext.Value
}

// compareField compares what the first platform that says something says with what each of the others does.
func (d *differing) compareField(f *comparedField) {
	var room [2]said
	all := room[:0]
	for i := range d.readings {
		if v := d.readings[i].Document.At(f.path...); !v.IsNone() {
			all = append(all, said{&d.readings[i], v})
		}
	}
	if len(all) < 2 {
		return
	}
	found := Difference{Field: f.pointer}
	for _, other := range all[1:] {
		kind, amount := d.differs(f, all[0], other)
		if kind == "" {
			continue
		}
		if found.Kind == "" {
			found.Amount = amount
		}
		if found.Kind == "" || kind != Approximated {
			found.Kind = kind
		}
	}
	if found.Kind != "" {
		d.add(found, all)
	}
}

func (d *differing) add(found Difference, all []said) {
	if len(d.found.Differences) == MaxDifferences {
		d.found.More++
		return
	}
	for _, s := range all {
		found.Values = append(found.Values, Said{s.reading.Platform, s.value})
	}
	d.found.Differences = append(d.found.Differences, found)
}

// differs says how two values of a field differ; empty: they do not. amount is by how much, of money.
func (d *differing) differs(f *comparedField, a, b said) (kind DifferenceKind, amount *canonical.Money) {
	switch f.Type {
	case canonical.MoneyType:
		one, _ := canonical.MoneyOf(a.value)
		other, _ := canonical.MoneyOf(b.value)
		return differAmounts(one, other, 1, d.rates)
	case canonical.TextType:
		if f.same(a.value.Text(), b.value.Text()) {
			return "", nil
		}
	case canonical.WordType:
		if a.value.Equal(b.value) {
			return "", nil
		}
		if d.comparer.isClosest(d.entityType, f, a, b) || d.comparer.isClosest(d.entityType, f, b, a) {
			return Approximated, nil
		}
	default:
		if a.value.Equal(b.value) {
			return "", nil
		}
	}
	return Different, nil
}

// differAmounts says how two amounts differ, and by how much, in the currency of the first. In two currencies they may be so many minor units
// apart, in one of the two.
func differAmounts(a, b canonical.Money, rounding int64, rates canonical.Rates) (DifferenceKind, *canonical.Money) {
	if a.Currency == b.Currency {
		if a == b {
			return "", nil
		}
		return Different, less(b, a)
	}
	there, _, err := rates.Convert(b, a.Currency)
	if err != nil {
		return Incomparable, nil
	}
	by := less(there, a)
	if by != nil && abs(by.AmountMinor) <= rounding {
		return "", nil
	}
	if back, _, err := rates.Convert(a, b.Currency); err == nil {
		if other := less(back, b); other != nil && abs(other.AmountMinor) <= rounding {
			return "", nil
		}
	}
	return Different, by
}

// less is a less b, of one currency; nil: it is beyond 64 bits.
func less(a, b canonical.Money) *canonical.Money {
	by := a.AmountMinor - b.AmountMinor
	if (b.AmountMinor > 0) != (by < a.AmountMinor) && b.AmountMinor != 0 {
		return nil
	}
	return &canonical.Money{AmountMinor: by, Currency: a.Currency}
}

func abs(i int64) int64 {
	if i < 0 {
		return -i
	}
	return i
}

// closestWord is a word on its way to another platform.
type closestWord struct {
	platform, variant string
	entityType        canonical.EntityType
	field, word       string
}

// isClosest says whether what a platform has is the closest that it can say to the other's word: written to the platform's table and read
// back, the word is this one.
func (c *Comparer) isClosest(t canonical.EntityType, f *comparedField, word, has said) bool {
	key := closestWord{has.reading.Platform, has.reading.Variant, t, f.pointer, word.value.Text()}
	closest, ok := c.words.Load(key)
	if !ok {
		closest = c.writtenAndRead(key, f)
		c.words.Store(key, closest)
	}
	return closest != "" && closest == has.value.Text()
}

// writtenAndRead is the word that a platform's record reads as once a word is written to it; empty: it has no such field, or the word is
// none that it takes.
func (c *Comparer) writtenAndRead(word closestWord, f *comparedField) string {
	p, ok := c.platforms.Get(platform.Name(word.platform))
	if !ok {
		return ""
	}
	document := SetField(jsontext.NewObject(), f.path, jsontext.NewString(word.word))
	context := mapping.Context{Variant: word.variant, Rates: c.rates, Lenient: true}
	record, _, err := p.FromCanonical(word.entityType, document, jsontext.Value{}, context)
	if err != nil {
		return ""
	}
	read, _, err := p.ToCanonical(word.entityType, record, context)
	if err != nil {
		return ""
	}
	return read.At(f.path...).Text()
}
