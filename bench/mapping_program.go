package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// A program is a mapping written out in another language, from the same tables as ours and row by row, so that it stays the
// same mapping. Its input is a platform's record; its output {"canonical": …, "data": …}, where data is the other platform's.
//
// It is meant to be what somebody who knows the language would write for speed. What it leaves out is to its advantage:
//
//   - Ids are not hashed, but looked up in a table that is made beforehand; so are the target's ids of other records.
//   - Amounts are floating-point numbers: exact for the records here, not for every amount. As a text they are written right
//     from one major unit on, in currencies that have minor units.
//   - Nothing is checked: texts are taken at any length, dates as they are, booleans without a look.
//   - Nothing is brought to a normal form: date-times are in UTC already, decimals have no zeros that say nothing, words are
//     written as the platform writes them.
//   - What means none on a platform (0, "", 0001-01-01, the zero GUID) is not looked for; null is, only not in JSONata.
//   - Which members travel in provider_metadata is a fixed list; ours finds out what writing would not give back.
//   - A contract line that counts by amount alone is not made one unit at that price.
//   - There is no report of what was lost, unmapped, unresolved or converted, and no pointer to what is wrong.
type program struct {
	source string
	tables map[string]any // what it looks things up in, by the name of a variable
}

// tables of both platforms.
var tables = map[platform.Name]map[canonical.EntityType]mapping.Table{
	procore.Name:  procore.Tables(),
	dynamics.Name: dynamics.Tables(),
}

// kind is how a value is translated. The tables have more codecs: those that only check more are plain here.
type kind string

const (
	plain         kind = "as it is"
	numberKey     kind = "an id that is a number"
	numberDecimal kind = "a decimal that is a number"
	quotedMoney   kind = "money as a text"
	numberMoney   kind = "money as a number"
	creditMoney   kind = "money as a number below zero"
	word          kind = "a word"
	reference     kind = "a reference"
)

// kindOf finds the kind by what the codec writes.
func kindOf(row mapping.Row) kind {
	write := func(v jsontext.Value) jsontext.Value {
		out, _ := row.Codec.Encode(&mapping.Scope{}, v, jsontext.Value{})
		return out
	}
	switch row.Codec.Type {
	case canonical.WordType:
		return word
	case canonical.ReferenceType:
		return reference
	case canonical.MoneyType:
		out := write(canonical.Money{AmountMinor: 100, Currency: "USD"}.Value())
		switch {
		case out.Kind() == jsontext.String:
			return quotedMoney
		case strings.HasPrefix(out.Literal(), "-"):
			return creditMoney
		}
		return numberMoney
	case canonical.DecimalType, canonical.PriceType:
		if write(jsontext.NewString("1")).Kind() == jsontext.Number {
			return numberDecimal
		}
	case canonical.TextType:
		if row.Canonical == mapping.ExternalID && write(jsontext.NewString("1")).Kind() == jsontext.Number {
			return numberKey
		}
	}
	return plain
}

// form is how a kind is read and written in a language: an expression in which IN stands for the value and TABLE for the
// variable with the table to look it up in. Other variables are currency, scale (how many minor units make one), digits (of the
// minor unit), ids (canonical ones, by the source's) and keys (the target's, by canonical ones).
type form struct{ read, write string }

// dialect is a language. An expression that has no value must leave the member of an object out.
type dialect struct {
	forms map[kind]form
	// path is the value there in a record or a document.
	path func(string) string
	// or is the one value, or the other if there is none.
	or func(string, string) string
	// text is a constant.
	text func(string) string
	// object makes an object of its members; an inner one that has none is no value.
	object func(members []member, inner bool) string
	// rest is the record without what is mapped, which is a list of paths.
	rest func(w *programWriter, mapped []string) string
	// each makes an array of an array.
	each func(array, do string) string
	// withCurrency binds the variables of a currency for an expression.
	withCurrency func(currency, expression string) string
	// both is the result, of the document and of what makes the target's record of it.
	both func(document, data string) string
}

// member of an object: an expression, or further members.
type member struct {
	key   string
	value string
	kids  []member
}

// put puts an expression at a dotted path.
func put(members []member, path, value string) []member {
	key, rest, inner := strings.Cut(path, ".")
	i := slices.IndexFunc(members, func(m member) bool { return m.key == key })
	if i < 0 {
		i, members = len(members), append(members, member{key: key})
	}
	if inner {
		members[i].kids = put(members[i].kids, rest, value)
	} else {
		members[i].value = value
	}
	return members
}

// programWriter writes one program.
type programWriter struct {
	dialect
	from, to platform.Name
	tables   map[string]any
}

// newProgram writes the mapping of a record in a language.
func newProgram(d dialect, r record, ctx mapping.Context) (program, error) {
	w := &programWriter{dialect: d, from: r.from.Name(), to: r.to.Name(), tables: map[string]any{}}
	if err := w.addIDs(r, ctx); err != nil {
		return program{}, err
	}
	scales, exponents := map[string]any{}, map[string]any{}
	for _, code := range canonical.Currencies() {
		exponent, _ := canonical.Exponent(code)
		scales[code], exponents[code] = int(math.Pow10(exponent)), exponent
	}
	w.tables["scales"], w.tables["exponents"] = scales, exponents

	table := tables[w.from][r.entity]
	document := w.read(table, []member{
		{key: "id", value: w.translate(w.forms[reference].read, w.path("id"), "")},
		{key: "object", value: w.text(string(r.entity))},
	})
	data := w.write(tables[w.to][r.entity], canonical.Fields(r.entity))
	local := map[platform.Name]string{procore.Name: procore.Currency, dynamics.Name: dynamics.LocalCurrency}
	return program{w.withCurrency(w.currency(table, w.text(local[w.from])), w.both(document, data)), w.tables}, nil
}

// addIDs adds the tables of ids.
func (w *programWriter) addIDs(r record, ctx mapping.Context) error {
	data, err := jsontext.Parse(r.data)
	if err != nil {
		return err
	}
	ids, keys := map[string]any{}, map[string]any{}
	add := func(entity canonical.EntityType, path string) {
		if id := data.At(strings.Split(path, ".")...); !id.IsNone() {
			key := strings.Trim(id.Literal(), `"`)
			ids[key] = canonical.MintID(string(w.from), entity, key)
		}
	}
	add(r.entity, "id")
	for _, row := range tables[w.from][r.entity].Rows {
		if row.Codec.Type == canonical.ReferenceType {
			for _, path := range row.Platform {
				add(row.Codec.Refers, path)
			}
		}
	}
	for id, key := range ctx.References {
		if number, err := strconv.Atoi(key); err == nil {
			keys[id] = number
		} else {
			keys[id] = key
		}
	}
	w.tables["ids"], w.tables["keys"] = ids, keys
	return nil
}

// currency is that of a record.
func (w *programWriter) currency(table mapping.Table, otherwise string) string {
	for _, row := range table.Rows {
		if row.Canonical == "currency" {
			return w.or(w.get(row.Platform), otherwise)
		}
	}
	return otherwise
}

// get is the value at the first of some paths that has one.
func (w *programWriter) get(paths []string) string {
	value := w.path(paths[0])
	for _, path := range paths[1:] {
		value = w.or(value, w.path(path))
	}
	return value
}

func (w *programWriter) translate(form, in, table string) string {
	return strings.NewReplacer("IN", in, "TABLE", table).Replace(form)
}

// read writes the expression that makes a document, or a line of one, of a record.
func (w *programWriter) read(table mapping.Table, members []member) string {
	var ids, mapped []string
	for _, row := range table.Rows {
		paths := row.Platform
		for _, other := range table.Rows {
			if row.Fallback != "" && other.Canonical == row.Fallback {
				paths = slices.Concat(paths, other.Platform)
			}
		}
		value := ""
		if lines := row.Codec.SubTable(); lines != nil {
			line := w.read(*lines, nil)
			if currency := w.currency(*lines, "$currency"); currency != "$currency" {
				line = w.withCurrency(currency, line)
			}
			value = w.each(w.path(paths[0]), line)
		} else {
			value = w.translate(w.forms[kindOf(row)].read, w.get(paths), w.readWords(row))
		}
		if name, own := strings.CutPrefix(row.Canonical, "external_ids."); own {
			ids = append(ids, fmt.Sprintf("%q: %s", name, value))
		} else {
			members = put(members, row.Canonical, value)
		}
		// What only the platform can tell stays in its metadata.
		if row.Codec.Type != canonical.ReferenceType && row.Canonical != "commitment_type" {
			mapped = append(mapped, row.Platform...)
		}
	}
	// These are never empty here, so that nobody needs to look.
	members = append(members,
		member{key: "external_ids", value: fmt.Sprintf("{%q: {%s}}", w.from, strings.Join(ids, ", "))},
		member{key: "provider_metadata", value: fmt.Sprintf("{%q: %s}", w.from, w.rest(w, mapped))})
	return w.object(members, false)
}

// write writes the expression that makes a record, or a line of one, of a document.
func (w *programWriter) write(table mapping.Table, fields []canonical.Field) string {
	var members []member
	for _, row := range table.Rows {
		i := slices.IndexFunc(fields, func(f canonical.Field) bool { return f.Path == row.Canonical })
		path := strings.Replace(row.Canonical, "external_ids", "external_ids."+string(w.to), 1)
		value := ""
		if lines := row.Codec.SubTable(); lines != nil {
			value = w.each(w.path(path), w.write(*lines, fields[i].Lines))
		} else if row.Canonical == "commitment_type" {
			continue // whoever writes a commitment says by its address which kind it is
		} else {
			value = w.translate(w.forms[kindOf(row)].write, w.path(path), w.writtenWords(row, fields))
		}
		members = put(members, row.Platform[0], value)
	}
	return w.object(members, false)
}

// readWords adds the table of an enumeration's words, and returns its variable.
func (w *programWriter) readWords(row mapping.Row) string {
	words := map[string]any{}
	for _, spoken := range row.Codec.Spoken {
		if v, expected := row.Codec.Decode(&mapping.Scope{}, spoken); expected == "" && !v.IsAbsent() {
			words[spoken.Text()] = v.Text()
		}
	}
	return w.addWords("read_"+row.Canonical, words)
}

// writtenWords adds the table of the platform's words, and returns its variable.
func (w *programWriter) writtenWords(row mapping.Row, fields []canonical.Field) string {
	words := map[string]any{}
	for _, f := range fields {
		for _, word := range f.Words {
			if f.Path != row.Canonical {
				continue
			}
			if v, _ := row.Codec.Encode(&mapping.Scope{}, jsontext.NewString(word), jsontext.Value{}); !v.IsAbsent() {
				words[word] = v.Text()
			}
		}
	}
	return w.addWords("written_"+row.Canonical, words)
}

func (w *programWriter) addWords(name string, words map[string]any) string {
	if len(words) > 0 {
		w.tables[name] = words
	}
	return "$" + name
}
