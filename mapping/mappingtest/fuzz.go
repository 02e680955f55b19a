package mappingtest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// Fuzz reads any JSON whatever as a record of any type: it must be refused, field by field, or keep the laws.
func (s Suite) Fuzz(f *testing.F) {
	types := canonical.EntityTypes()
	mappings := map[canonical.EntityType]*mapping.Mapping{}
	for _, t := range types {
		mappings[t] = s.Mapping(t)
		data, err := os.ReadFile(filepath.Join("testdata", string(t)+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(slices.Index(types, t)), false, "", data)
	}
	for _, form := range s.Forms {
		second := slices.Index(s.Tables[form.Entity].Variants.Words(), form.Context.Variant) > 0
		f.Add(byte(slices.Index(types, form.Entity)), second, form.Context.Currency, []byte(form.Record))
	}
	f.Fuzz(func(t *testing.T, kind byte, second bool, currency string, data []byte) {
		payload, err := jsontext.Parse(data)
		if err != nil {
			return
		}
		entity := types[int(kind)%len(types)]
		ctx := mapping.Context{Currency: currency}
		if words := s.Tables[entity].Variants.Words(); len(words) > 1 && second {
			ctx.Variant = words[1]
		} else if len(words) > 0 {
			ctx.Variant = words[0]
		}
		m := mappings[entity]
		_, report, err := m.ToCanonical(payload, ctx)
		if err != nil {
			var refusal *canonical.TranslationError
			if !errors.As(err, &refusal) || len(refusal.Problems) == 0 {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if err := GetPut(m, payload, ctx); err != nil {
			t.Fatal(err)
		}
		if report.CurrencySource == mapping.CurrencyOfPayload {
			ctx.Currency = "" // else a record made anew is in the currency of the context
		}
		if err := NothingLost(m, payload, ctx); err != nil && ctx.Currency == "" {
			t.Fatal(err)
		}
	})
}

// FuzzDocument writes any JSON whatever as the document of any type, onto any other: it must be refused or written.
func (s Suite) FuzzDocument(f *testing.F) {
	types := canonical.EntityTypes()
	mappings := map[canonical.EntityType]*mapping.Mapping{}
	for _, t := range types {
		mappings[t] = s.Mapping(t)
		for _, name := range []string{".json", ".canonical.json"} {
			document, err := os.ReadFile(filepath.Join("testdata", string(t)+".canonical.json"))
			if err != nil {
				f.Fatal(err)
			}
			onto, err := os.ReadFile(filepath.Join("testdata", string(t)+name))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(byte(slices.Index(types, t)), document, onto)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, document, onto []byte) {
		d, err := jsontext.Parse(document)
		if err != nil {
			return
		}
		o, _ := jsontext.Parse(onto)
		out, _, err := mappings[types[int(kind)%len(types)]].FromCanonical(d, o, mapping.Context{})
		if err != nil {
			var refusal *canonical.TranslationError
			if !errors.As(err, &refusal) || len(refusal.Problems) == 0 {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if again, err := jsontext.Parse(out.Append(nil)); err != nil || !again.Equal(out) {
			t.Fatalf("what is written is not JSON: %s: %v", out, err)
		}
	})
}
