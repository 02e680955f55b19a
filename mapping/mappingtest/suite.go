package mappingtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

// Suite is what the mappings of a platform are tested by: for each entity type a full record in testdata/<type>.json, in
// which every mapped field is set and no two of a kind are equal, with the document that it is
// (testdata/<type>.canonical.json) and the record that the document alone is (testdata/<type>.written.json); and small
// records in the other forms that the platform speaks.
type Suite struct {
	Name   platform.Name
	Local  string // the platform's own currency
	Tables map[canonical.EntityType]mapping.Table
	Forms  []Form
	Dir    string // below testdata, of the records; empty: testdata itself
}

// Mapping compiles the table of a type.
func (s Suite) Mapping(t canonical.EntityType) *mapping.Mapping {
	m, err := mapping.Compile(s.Name, s.Local, t, s.Tables[t])
	if err != nil {
		panic(err)
	}
	return m
}

// context is that of a full record: its kind, and the platform's ids of all that it refers to.
func (s Suite) context(t canonical.EntityType, record jsontext.Value) mapping.Context {
	ctx := mapping.Context{References: map[string]string{}}
	if words := s.Tables[t].Variants.Words(); len(words) > 0 {
		ctx.Variant = words[0]
	}
	for _, row := range s.Tables[t].Rows {
		in := record.At(strings.Split(row.Platform[0], ".")...)
		if row.Codec.Type != canonical.ReferenceType || in.IsNone() {
			continue
		}
		key := in.Text()
		if in.Kind() == jsontext.Number {
			key = in.Literal()
		}
		ctx.References[canonical.MintID(string(s.Name), row.Codec.Refers, key)] = key
	}
	return ctx
}

// Load reads a file of testdata; absent if there is none.
func (s Suite) Load(name string) (jsontext.Value, error) {
	data, err := os.ReadFile(filepath.Join("testdata", s.Dir, name))
	if err != nil {
		return jsontext.Value{}, err
	}
	return jsontext.Parse(data)
}

// fixture is a full record and what it must become.
type fixture struct {
	record, document, written jsontext.Value
	ctx                       mapping.Context
}

func (s Suite) fixture(t canonical.EntityType) (fixture, error) {
	var f fixture
	var err error
	if f.record, err = s.Load(string(t) + ".json"); err != nil {
		return f, err
	}
	if f.document, err = s.Load(string(t) + ".canonical.json"); err != nil {
		return f, err
	}
	f.written, err = s.Load(string(t) + ".written.json")
	f.ctx = s.context(t, f.record)
	return f, err
}

// Run tests every mapping of the platform. STRUCTURAL_UPDATE=1 writes the documents and records anew, to be read by eye.
func (s Suite) Run(t *testing.T) {
	for entity := range s.Tables {
		t.Run(string(entity), func(t *testing.T) {
			if os.Getenv("STRUCTURAL_UPDATE") != "" {
				s.update(t, entity)
			}
			f, err := s.fixture(entity)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.full(entity, f.record); err != nil {
				t.Error(err)
			}
			if err := s.check(entity, s.Mapping(entity), f); err != nil {
				t.Error(err)
			}
		})
	}
}

func (s Suite) update(t *testing.T, entity canonical.EntityType) {
	record, err := s.Load(string(entity) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	m, ctx := s.Mapping(entity), s.context(entity, record)
	document, _, err := m.ToCanonical(record, ctx)
	if err != nil {
		t.Fatal(err)
	}
	written, _, err := m.FromCanonical(bare(document), jsontext.Value{}, ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]jsontext.Value{".canonical.json": document, ".written.json": written} {
		if err := os.WriteFile(filepath.Join("testdata", s.Dir, string(entity)+name), indent(v), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// bare is a document, and its lines, without provider_metadata, and without what follows other fields.
func bare(document jsontext.Value) jsontext.Value {
	if document = document.Without("provider_metadata"); document.Get("object").Text() == string(canonical.Invoice) {
		document = books.Underived(document)
	}
	if lines := document.Get("lines"); lines.Kind() == jsontext.Array {
		var stripped []jsontext.Value
		for _, line := range lines.Members() {
			stripped = append(stripped, line.Value.Without("provider_metadata"))
		}
		document = document.With("lines", jsontext.NewArray(stripped...))
	}
	return document
}

// check runs all that the suite knows about a type over a mapping of it.
func (s Suite) check(t canonical.EntityType, m Translator, f fixture) error {
	document, _, err := m.ToCanonical(f.record, f.ctx)
	if err != nil {
		return err
	}
	if !document.Equal(f.document) {
		return fmt.Errorf("the record is not its document:\n%s\n%s", document, f.document)
	}
	written, _, err := m.FromCanonical(bare(f.document), jsontext.Value{}, f.ctx)
	if err != nil {
		return err
	}
	if !written.Equal(f.written) {
		return fmt.Errorf("the document is not its record:\n%s\n%s", written, f.written)
	}
	if err := Consistent(m, f.record, f.ctx); err != nil {
		return err
	}
	for _, form := range s.Forms {
		if form.Entity == t {
			if err := form.check(m, s.Tables[t].Variants.Field); err != nil {
				return err
			}
		}
	}
	return nil
}

// check reads and writes a form. The field that says which kind of record it is comes of the context, and is not looked at.
func (form Form) check(m Translator, variantField string) error {
	record, err := jsontext.Parse([]byte(form.Record))
	if err != nil {
		return fmt.Errorf("%s: %w", form.Record, err)
	}
	ctx := form.Context
	says, err := form.says(m, variantField)
	if err != nil && form.Refused == "" {
		return fmt.Errorf("%s: %w", form.Record, err)
	}
	document, _, err := m.ToCanonical(record, ctx)
	if form.Refused != "" {
		var refusal *canonical.TranslationError
		if !errors.As(err, &refusal) {
			return fmt.Errorf("%s is read, but should be refused", form.Record)
		}
		var pointers []string
		for _, p := range refusal.Problems {
			pointers = append(pointers, p.Pointer)
		}
		if got := strings.Join(pointers, " "); got != form.Refused {
			return fmt.Errorf("%s is refused at %s, want %s", form.Record, got, form.Refused)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", form.Record, err)
	}
	said := said(document, variantField)
	if form.IDs != "" {
		said = document.Get("external_ids")
	}
	if !said.Equal(says) {
		return fmt.Errorf("%s says %s, want %s", form.Record, said, says)
	}
	if err := Consistent(m, record, ctx); err != nil {
		return err
	}
	if form.OneWay {
		return nil
	}
	written, _, err := m.FromCanonical(says, jsontext.Value{}, ctx)
	if err != nil || !written.Equal(record) {
		return fmt.Errorf("%s is written as %s, want %s: %w", form.Says, written, form.Record, err)
	}
	return nil
}

func (form Form) says(m Translator, variantField string) (jsontext.Value, error) {
	if form.IDs != "" {
		return jsontext.Parse([]byte(form.IDs))
	}
	if form.SameAs == "" {
		return jsontext.Parse([]byte(form.Says))
	}
	other, err := jsontext.Parse([]byte(form.SameAs))
	if err != nil {
		return other, err
	}
	document, _, err := m.ToCanonical(other, form.Context)
	if err == nil && said(document, variantField).Len() == 0 && document.Get("external_ids").IsNone() {
		err = fmt.Errorf("%s says nothing", form.SameAs)
	}
	return said(document, variantField), err
}

// said is a document without its envelope, and without what the context says.
func said(document jsontext.Value, variantField string) jsontext.Value {
	return bare(document).Without("object").Without("id").Without("external_ids").Without(variantField)
}

// Mutants changes every row of every table in every way that a slip of the pen might, and checks that the suite finds it.
func (s Suite) Mutants(t *testing.T) {
	for entity, table := range s.Tables {
		t.Run(string(entity), func(t *testing.T) {
			f, err := s.fixture(entity)
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for name, mutant := range mutants(table) {
				count++
				m, err := mapping.Compile(s.Name, s.Local, entity, mutant)
				if err == nil {
					err = s.check(entity, m, f)
				}
				if err == nil {
					t.Errorf("nothing notices: %s", name)
				}
			}
			t.Logf("%d mutants", count)
		})
	}
}

// mutants makes them, by what was done.
func mutants(table mapping.Table) func(yield func(string, mapping.Table) bool) {
	return func(yield func(string, mapping.Table) bool) {
		with := func(change func(rows []mapping.Row)) mapping.Table {
			mutant := table
			mutant.Rows = slices.Clone(table.Rows)
			change(mutant.Rows)
			return mutant
		}
		settings := table
		settings.Key, settings.Number = nil, ""
		if (table.Key != nil || table.Number != "") && !yield("no key and number", settings) {
			return
		}
		settings = table
		settings.Variants = mapping.Variants{}
		if len(table.Variants.Kinds) > 0 && !yield("no variants", settings) {
			return
		}
		for i, kind := range table.Variants.Kinds[min(1, len(table.Variants.Kinds)):] {
			kinds := slices.Clone(table.Variants.Kinds)
			kinds[0].Canonical, kinds[i+1].Canonical = kind.Canonical, kinds[0].Canonical
			settings.Variants.Field, settings.Variants.Kinds = table.Variants.Field, kinds
			if !yield("take "+kind.Word+" for "+kinds[0].Word, settings) {
				return
			}
		}
		for i, row := range table.Rows {
			dropped := table
			dropped.Rows = slices.Delete(slices.Clone(table.Rows), i, i+1)
			if !yield("drop "+row.Canonical, dropped) {
				return
			}
			for j := i + 1; j < len(table.Rows); j++ {
				swapped := with(func(rows []mapping.Row) { rows[i].Platform, rows[j].Platform = rows[j].Platform, rows[i].Platform })
				if !yield("swap "+row.Canonical+" and "+table.Rows[j].Canonical, swapped) {
					return
				}
			}
			for j := 1; j < len(row.Platform); j++ {
				forgotten := with(func(rows []mapping.Row) { rows[i].Platform = slices.Delete(slices.Clone(row.Platform), j, j+1) })
				if !yield("forget that "+row.Canonical+" is also "+row.Platform[j], forgotten) {
					return
				}
			}
			if row.Fallback != "" && !yield("no fallback for "+row.Canonical, with(func(rows []mapping.Row) { rows[i].Fallback = "" })) {
				return
			}
			for _, word := range row.Codec.Spoken {
				for _, other := range row.Codec.Spoken {
					if word.Equal(other) {
						continue
					}
					broken := with(func(rows []mapping.Row) { rows[i].Codec = mistake(rows[i].Codec, word, other) })
					if !yield("in "+row.Canonical+" read "+word.Literal()+" as "+other.Literal(), broken) {
						return
					}
				}
			}
			if sub := row.Codec.SubTable(); sub != nil {
				for name, mutant := range mutants(*sub) {
					lines := with(func(rows []mapping.Row) { rows[i].Codec = mapping.Lines(mutant) })
					if !yield("in "+row.Canonical+" "+name, lines) {
						return
					}
				}
			}
		}
	}
}

// mistake is a codec that reads a word as another one. Where both mean the same it is no mistake: then it cannot read the
// word at all.
func mistake(c mapping.Codec, word, other jsontext.Value) mapping.Codec {
	decode := c.Decode
	c.Decode = func(s *mapping.Scope, in jsontext.Value) (jsontext.Value, string) {
		v, expected := decode(s, in)
		if !in.Equal(word) {
			return v, expected
		}
		if w, _ := decode(s, other); !w.Equal(v) {
			return w, ""
		}
		return jsontext.Value{}, "another word"
	}
	return c
}

// indent writes a value for people.
func indent(v jsontext.Value) []byte {
	var b strings.Builder
	var write func(v jsontext.Value, margin string)
	write = func(v jsontext.Value, margin string) {
		if v.Len() == 0 || v.Kind() == jsontext.Object && len(v.String()) <= 100 {
			b.WriteString(v.String())
			return
		}
		open, end := "{", "}"
		if v.Kind() == jsontext.Array {
			open, end = "[", "]"
		}
		b.WriteString(open)
		for i, m := range v.Members() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("\n" + margin + "  ")
			if v.Kind() == jsontext.Object {
				b.WriteString(jsontext.NewString(m.Key).Literal() + ": ")
			}
			write(m.Value, margin+"  ")
		}
		b.WriteString("\n" + margin + end)
	}
	write(v, "")
	return append([]byte(b.String()), '\n')
}
