package mappingtest

import (
	"fmt"
	"strings"
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// full checks that a record sets every field that the table maps, and that no two values of a kind are equal: a mistaken
// pair of fields must show.
func (s Suite) full(t canonical.EntityType, record jsontext.Value) error {
	return fullTable(string(s.Name)+" "+string(t), s.Tables[t], record)
}

func fullTable(name string, table mapping.Table, record jsontext.Value) error {
	seen := map[string]string{}
	for _, row := range table.Rows {
		v := record.At(strings.Split(row.Platform[0], ".")...)
		if v.IsNone() {
			return fmt.Errorf("%s: %s is not set", name, row.Platform[0])
		}
		if sub := row.Codec.SubTable(); sub != nil {
			if err := fullTable(name+" "+row.Platform[0], *sub, v.Members()[0].Value); err != nil {
				return err
			}
			continue
		}
		if row.Codec.Type == canonical.BooleanType || row.Codec.Type == canonical.CurrencyType || row.Codec.Type == canonical.WordType {
			continue // these are told apart by forms
		}
		kind := string(row.Codec.Type) + string(row.Codec.Refers) + " " + v.Literal()
		if other, ok := seen[kind]; ok {
			return fmt.Errorf("%s: %s and %s have the same value", name, other, row.Platform[0])
		}
		seen[kind] = row.Platform[0]
	}
	return nil
}

// Covered checks that the forms speak every word of every enumeration and set every flag, of lines too.
func (s Suite) Covered(t *testing.T) {
	spoken := map[string]bool{}
	for _, form := range s.Forms {
		record, err := jsontext.Parse([]byte(form.Record))
		if err != nil {
			t.Fatalf("%s: %v", form.Record, err)
		}
		note(spoken, string(form.Entity), record)
	}
	var need func(t *testing.T, at string, table mapping.Table)
	need = func(t *testing.T, at string, table mapping.Table) {
		for _, row := range table.Rows {
			path := at + "." + row.Platform[0]
			if sub := row.Codec.SubTable(); sub != nil {
				need(t, path+"[]", *sub)
			}
			words := row.Codec.Spoken
			if row.Codec.Type == canonical.BooleanType {
				words = []jsontext.Value{jsontext.True, jsontext.False}
			}
			for _, w := range words {
				if key := path + " " + w.Literal(); !spoken[key] {
					t.Errorf("no form says %s", key)
				}
			}
		}
	}
	for entity, table := range s.Tables {
		need(t, string(entity), table)
	}
}

func note(spoken map[string]bool, at string, v jsontext.Value) {
	switch v.Kind() {
	case jsontext.Object:
		for _, m := range v.Members() {
			note(spoken, at+"."+m.Key, m.Value)
		}
	case jsontext.Array:
		for _, m := range v.Members() {
			note(spoken, at+"[]", m.Value)
		}
	default:
		spoken[at+" "+v.Literal()] = true
	}
}
