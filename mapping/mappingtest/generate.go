package mappingtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Properties checks the laws for every mapping over records as they might come: any subset of the fields, under any of
// their names, in any order, with quoted and bare numbers, zeros that say nothing, nulls, sentinels and members that no row
// knows, in currencies of 0, 2 and 3 digits.
func (s Suite) Properties(t *testing.T) {
	for _, entity := range slices.Sorted(maps.Keys(s.Tables)) {
		m := s.Mapping(entity)
		t.Run(string(entity), rapid.MakeCheck(func(t *rapid.T) {
			record, ctx := s.Record(t, entity)
			if err := Consistent(m, record, ctx); err != nil {
				t.Fatal(err)
			}
			patch := s.patch(t, entity, m, record, &ctx)
			if err := PutGet(m, record, patch, ctx); err != nil {
				t.Fatalf("%v\npatch %s", err, patch)
			}
		}))
	}
}

// Record draws a record of a type and its context.
func (s Suite) Record(t *rapid.T, entity canonical.EntityType) (jsontext.Value, mapping.Context) {
	g := generator{T: t, local: s.Local}
	var ctx mapping.Context
	if words := s.Tables[entity].Variants.Words(); len(words) > 0 {
		ctx.Variant = rapid.SampledFrom(words).Draw(t, "variant")
		g.variant = ctx.Variant
	}
	if g.chance(3) {
		ctx.Currency = g.currency()
		g.local, g.fixed = ctx.Currency, true
	}
	return g.record(s.Tables[entity], g.local, 0), ctx
}

type generator struct {
	*rapid.T
	local   string
	fixed   bool   // no other currency: the context says which
	variant string // the kind of the record, if that matters
	ids     int
	keys    map[int]bool // own keys that are taken: no two records have the same
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return rapid.IntRange(1, n).Draw(g.T, "chance") == 1 }

func (g *generator) currency() string {
	return rapid.SampledFrom([]string{"USD", "QAR", "KWD", "JPY", "BHD"}).Draw(g.T, "currency")
}

// record draws one in the currency of the record that it is part of, unless it names another. Its id is the n-th, if not 0.
func (g *generator) record(table mapping.Table, currency string, n int) jsontext.Value {
	tree := &branch{}
	order := make([]int, len(table.Rows))
	for i := range order {
		order[i] = i
	}
	order = rapid.Permutation(order).Draw(g.T, "order")
	stated := ""
	for _, row := range table.Rows {
		if row.Codec.OfRecord && g.chance(2) {
			if !g.fixed {
				currency = g.currency()
			}
			stated = currency
		}
	}
	for _, i := range order {
		row := table.Rows[i]
		switch {
		case row.Codec.OfRecord:
			if stated != "" {
				tree.set(row.Platform[0], jsontext.NewString(stated))
			}
			continue
		case row.Canonical == mapping.ExternalID && n != 0:
			tree.set(row.Platform[0], row.Codec.Keys(n)[0])
			continue
		case table.Variants.Field != "" && row.Canonical == table.Variants.Field:
			if g.chance(3) {
				tree.set(row.Platform[0], jsontext.NewString(g.variant))
			}
			continue
		case g.chance(3):
			continue
		}
		tree.set(row.Platform[0], g.value(row, currency))
		for _, other := range row.Platform[1:] {
			if g.chance(4) {
				tree.set(other, g.value(row, currency))
			}
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(g.T, "others") {
		tree.set("unknown_"+strconv.Itoa(i), g.anything(2))
	}
	for _, inner := range tree.branches() {
		if g.chance(4) {
			inner.set("unknown", g.anything(1))
		}
	}
	return tree.value()
}

// value draws what the platform may have for a row.
func (g *generator) value(row mapping.Row, currency string) jsontext.Value {
	if g.chance(12) {
		return jsontext.NullValue
	}
	c := row.Codec
	if g.chance(12) && c.Blank.Kind() == jsontext.String {
		return c.Blank
	}
	if c.OwnCurrency {
		currency = g.local
	}
	switch c.Type {
	case canonical.TextType:
		if row.Canonical == mapping.ExternalID {
			return g.ownKey(c)
		}
		if g.chance(8) {
			return jsontext.NewNumber(g.decimal(3))
		}
		return jsontext.NewString(g.text())
	case canonical.MoneyType:
		exponent, _ := canonical.Exponent(currency)
		return g.number(g.decimal(exponent))
	case canonical.DecimalType, canonical.PriceType:
		d := g.decimal(5)
		if c.PercentSign && g.chance(3) {
			return jsontext.NewString(d + "%")
		}
		return g.number(d)
	case canonical.IntegerType:
		return g.number(strconv.Itoa(rapid.IntRange(-3, 100000).Draw(g.T, "integer")))
	case canonical.BooleanType:
		return jsontext.NewBool(g.chance(2))
	case canonical.DateType:
		if g.chance(6) {
			return jsontext.NewString(g.moment())
		}
		return jsontext.NewString(g.date())
	case canonical.DateTimeType:
		return jsontext.NewString(g.moment())
	case canonical.ClockType:
		if g.chance(2) {
			return jsontext.NewString("08:0" + strconv.Itoa(rapid.IntRange(0, 9).Draw(g.T, "minute")))
		}
		return jsontext.NewString(g.moment())
	case canonical.CurrencyType:
		return jsontext.NewString(g.currency())
	case canonical.WordType:
		word := rapid.SampledFrom(c.SpokenBy(g.variant)).Draw(g.T, "word")
		if word.Kind() == jsontext.String && g.chance(6) {
			return jsontext.NewString(strings.ToLower(word.Text()))
		}
		return word
	case canonical.ReferenceType:
		return g.key(c)
	case canonical.LinesType:
		return g.someLines(c, currency)
	}
	panic("no generator for " + c.Name)
}

// someLines draws up to three lines: all of them with an id, or none.
func (g *generator) someLines(c mapping.Codec, currency string) jsontext.Value {
	withIDs := !g.chance(4)
	var lines []jsontext.Value
	for range rapid.IntRange(0, 3).Draw(g.T, "lines") {
		id := 0
		if withIDs {
			g.ids++
			id = g.ids
		}
		lines = append(lines, g.record(*c.SubTable(), currency, id))
	}
	return jsontext.NewArray(lines...)
}

// ownKey draws a key that no other record has.
func (g *generator) ownKey(c mapping.Codec) jsontext.Value {
	n := rapid.IntRange(1, 1<<40).Draw(g.T, "own key")
	for g.keys[n] {
		n++
	}
	if g.keys == nil {
		g.keys = map[int]bool{}
	}
	g.keys[n] = true
	return rapid.SampledFrom(c.Keys(n)).Draw(g.T, "spelling")
}

func (g *generator) key(c mapping.Codec) jsontext.Value {
	return rapid.SampledFrom(c.Keys(rapid.IntRange(1, 1<<40).Draw(g.T, "key"))).Draw(g.T, "spelling")
}

// number quotes a number or not.
func (g *generator) number(s string) jsontext.Value {
	if g.chance(2) {
		return jsontext.NewString(s)
	}
	return jsontext.NewNumber(s)
}

func (g *generator) decimal(scale int) string {
	n := rapid.Int64Range(-1e9, 1e12).Draw(g.T, "decimal")
	if scale = rapid.IntRange(0, scale).Draw(g.T, "scale"); scale == 0 {
		return strconv.FormatInt(n, 10)
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", scale+1, n)
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

func (g *generator) text() string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "C-LEX-001", "<p>رافت</p>", "a\"b\\c", "12.50", "null", "_x0020_", "Doha", "line\nbreak", "\u2028", "😀"}),
		rapid.StringN(0, 12, 40),
	).Draw(g.T, "text")
}

func (g *generator) date() string {
	return fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1950, 2100).Draw(g.T, "year"),
		rapid.IntRange(1, 12).Draw(g.T, "month"), rapid.IntRange(1, 28).Draw(g.T, "day"))
}

func (g *generator) moment() string {
	return g.date() + rapid.SampledFrom([]string{
		"T00:00:00Z", "T23:59:59Z", "T08:30:15.5Z", "T08:30:15.120Z", "T02:00:00+03:00", "T22:00:00-07:00", "T11:05:33.057Z",
	}).Draw(g.T, "time")
}

func (g *generator) anything(depth int) jsontext.Value {
	switch n := rapid.IntRange(0, 6).Draw(g.T, "anything"); {
	case n == 0:
		return jsontext.NullValue
	case n == 1:
		return jsontext.NewNumber(rapid.SampledFrom([]string{"1.50", "-0", "1e3", "12345678901234567890", "20000.0"}).Draw(g.T, "number"))
	case n == 2:
		return jsontext.NewBool(true)
	case n <= 4 || depth == 0:
		return jsontext.NewString(g.text())
	case n == 5:
		return jsontext.NewArray(g.anything(depth-1), g.anything(depth-1))
	}
	return jsontext.NewObject(jsontext.Member{Key: "b", Value: g.anything(depth - 1)}, jsontext.Member{Key: "a", Value: g.anything(depth - 1)})
}

// patch draws new values for some fields of the record's document.
func (s Suite) patch(t *rapid.T, entity canonical.EntityType, m Translator, record jsontext.Value, ctx *mapping.Context) jsontext.Value {
	document, report, err := m.ToCanonical(record, *ctx)
	if err != nil {
		t.Fatal(err)
	}
	g := generator{T: t, local: s.Local}
	if ctx.Currency != "" {
		g.local = ctx.Currency
	}
	ctx.References = map[string]string{}
	return g.patch(string(s.Name), s.Tables[entity], document, report.Currency, ctx.References)
}

func (g *generator) patch(name string, table mapping.Table, document jsontext.Value, currency string, ids map[string]string) jsontext.Value {
	speaksForAnother := func(field string) bool {
		return slices.ContainsFunc(table.Rows, func(r mapping.Row) bool { return r.Fallback == field })
	}
	var members []jsontext.Member
	for _, row := range table.Rows {
		if strings.HasPrefix(row.Canonical, "external_ids.") || speaksForAnother(row.Canonical) || row.Canonical == table.Variants.Field ||
			row.Codec.OfRecord || !g.chance(4) {
			continue
		}
		key, rest, nested := strings.Cut(row.Canonical, ".")
		var v jsontext.Value
		switch {
		case row.Codec.Type == canonical.LinesType:
			lines := document.Get(row.Canonical)
			if lines.IsNone() {
				continue
			}
			v = g.lines(name, *row.Codec.SubTable(), lines, currency, ids)
		case g.chance(6) && row.Fallback == "" && canBeEmptied(row.Codec):
			v = jsontext.NullValue
		default:
			v = g.canonical(name, row.Codec, currency, ids)
		}
		if nested { // what a document has in an object stays there
			object := document.Get(key)
			if i := slices.IndexFunc(members, func(m jsontext.Member) bool { return m.Key == key }); i >= 0 {
				object = members[i].Value
				members = slices.Delete(members, i, i+1)
			}
			v = object.With(rest, v)
		}
		members = append(members, jsontext.Member{Key: key, Value: v})
	}
	return withoutOtherUnits(table, document, jsontext.NewObject(members...))
}

func canBeEmptied(c mapping.Codec) bool {
	switch c.Type {
	case canonical.TextType, canonical.DateType, canonical.DateTimeType, canonical.ReferenceType:
		return !c.Blank.IsAbsent()
	}
	return false
}

func (g *generator) lines(name string, table mapping.Table, lines jsontext.Value, currency string, ids map[string]string) jsontext.Value {
	var result []jsontext.Value
	byID := !slices.ContainsFunc(lines.Members(), func(m jsontext.Member) bool { return m.Value.Get("external_ids").IsNone() })
	for _, m := range lines.Members() {
		line := m.Value
		if byID && g.chance(5) { // a line without an id is known by its place, so that none may go
			continue
		}
		of := currency
		if own := line.Get("currency").Text(); own != "" {
			of = own
		}
		result = append(result, canonical.Patch(line, g.patch(name, table, line, of, ids)))
	}
	if g.chance(3) {
		result = append(result, g.patch(name, table, jsontext.NewObject(), currency, ids))
	}
	return jsontext.NewArray(result...)
}

// canonical draws a value that the codec can write and read again.
func (g *generator) canonical(name string, c mapping.Codec, currency string, ids map[string]string) jsontext.Value {
	switch c.Type {
	case canonical.TextType:
		return jsontext.NewString(rapid.SampledFrom([]string{"x", "Lusail", "س", "C-7", "a b"}).Draw(g.T, "text"))
	case canonical.MoneyType:
		if c.OwnCurrency {
			currency = g.local
		}
		return canonical.Money{AmountMinor: rapid.Int64Range(-1<<40, 1<<50).Draw(g.T, "minor"), Currency: currency}.Value()
	case canonical.DecimalType, canonical.PriceType:
		n, _ := jsontext.NormalDecimal(strconv.Itoa(rapid.IntRange(1, 1e6).Draw(g.T, "decimal")) + "." + strconv.Itoa(rapid.IntRange(0, 99).Draw(g.T, "fraction")))
		return jsontext.NewString(n)
	case canonical.IntegerType:
		return jsontext.NewInt(rapid.Int64Range(1, 1<<40).Draw(g.T, "integer"))
	case canonical.BooleanType:
		return jsontext.NewBool(g.chance(2))
	case canonical.DateType:
		return jsontext.NewString(g.date())
	case canonical.DateTimeType, canonical.ClockType:
		return jsontext.NewString(g.date() + "T10:20:30Z")
	case canonical.CurrencyType:
		return jsontext.NewString(g.currency())
	case canonical.WordType:
		return jsontext.NewString(rapid.SampledFrom(c.Exact).Draw(g.T, "word"))
	case canonical.ReferenceType:
		written := c.Keys(rapid.IntRange(1, 1<<40).Draw(g.T, "key"))[0]
		key := written.Text()
		if written.Kind() == jsontext.Number {
			key = written.Literal()
		}
		id := canonical.MintID(name, c.Refers, key)
		ids[id] = key
		return jsontext.NewString(id)
	}
	panic("no generator for " + c.Name)
}
