package mapping

import (
	"fmt"
	"slices"
	"strings"

	"structural.app/structural/jsontext"
)

// Variants are the kinds of records that a table is for, where a record does not say of itself which it is: reading one needs
// Context.Variant. The zero value has none.
type Variants struct {
	Field string    // the canonical field that says which
	Kinds []Variant // the first is written where nobody says which
}

// Variant is a kind of record.
type Variant struct {
	Word      string // the platform's own, which Context.Variant has
	Canonical string // the word of the canonical field
}

// Words lists the platform's words.
func (v Variants) Words() []string {
	words := make([]string, len(v.Kinds))
	for i, kind := range v.Kinds {
		words[i] = kind.Word
	}
	return words
}

// ByCanonical has the platform's words by the canonical ones.
func (v Variants) ByCanonical() map[string]string {
	words := map[string]string{}
	for _, kind := range v.Kinds {
		words[kind.Canonical] = kind.Word
	}
	return words
}

// index finds a platform's word, or the first of all.
func (v Variants) index(word string) int {
	return max(0, slices.IndexFunc(v.Kinds, func(kind Variant) bool { return kind.Word == word }))
}

// canonical is the canonical word for a platform's; empty for none.
func (v Variants) canonical(word string) string {
	for _, kind := range v.Kinds {
		if kind.Word == word {
			return kind.Canonical
		}
	}
	return ""
}

// word is the platform's word for a canonical one, or the first of all.
func (v Variants) word(canonical string) string {
	for _, kind := range v.Kinds {
		if kind.Canonical == canonical {
			return kind.Word
		}
	}
	return v.Kinds[0].Word
}

func (v Variants) expected() string { return "one of " + strings.Join(v.Words(), ", ") }

// addVariants checks the kinds of records against the canonical field that says which.
func (m *Mapping) addVariants(slots map[string]int) error {
	if len(m.table.Variants.Kinds) == 0 {
		return nil
	}
	slot, ok := slots[m.table.Variants.Field]
	if !ok || m.rowOf[slot] < 0 {
		return fmt.Errorf("variants: no canonical field %s, or no row has it", m.table.Variants.Field)
	}
	for _, kind := range m.table.Variants.Kinds {
		if _, ok := m.fields[slot].Normal(jsontext.NewString(kind.Canonical)); !ok {
			return fmt.Errorf("variants: %q is no word of %s", kind.Canonical, m.table.Variants.Field)
		}
	}
	m.variant = slot
	return nil
}

// readVariant takes the kind of the record from the context; a record that says it too must agree.
func (m *Mapping) readVariant(f *frame, s *Scope) {
	word := m.table.Variants.canonical(s.variant)
	if stated := f.slots[m.variant]; !stated.IsAbsent() && word != "" && stated.Text() != word {
		r := &m.rows[m.rowOf[m.variant]]
		s.refusePayload(m.leaves[r.leaves[0]].pointer, s.variant+", as the context says")
	}
	if word != "" {
		f.slots[m.variant] = jsontext.NewString(word)
	}
}

// writeVariant settles which kind the record is: the context's, else the document's.
func (m *Mapping) writeVariant(f *frame, s *Scope) {
	word := f.slots[m.variant].Text()
	switch own := m.table.Variants.canonical(s.variant); {
	case s.variant == "":
		s.variant = m.table.Variants.word(word)
	case word != "" && word != own:
		s.refuseDocument(m.pointers[m.variant], own+", as the context says")
	}
}

// ByVariant makes a codec that is one of several, by the kind of the record: one for each kind, in their order.
func ByVariant(variants Variants, codecs ...Codec) Codec {
	pick := func(word string) *Codec { return &codecs[variants.index(word)] }
	c := codecs[0]
	c.Name += " by variant"
	c.Decode = func(s *Scope, in jsontext.Value) (jsontext.Value, string) { return pick(s.variant).Decode(s, in) }
	c.Encode = func(s *Scope, v, prev jsontext.Value) (jsontext.Value, Reason) {
		return pick(s.variant).Encode(s, v, prev)
	}
	c.spokenBy = func(word string) []jsontext.Value { return pick(word).Spoken }
	c.words, c.Spoken, c.Exact = slices.Clone(c.words), slices.Clone(c.Spoken), slices.Clone(c.Exact)
	for _, other := range codecs[1:] {
		c.words = append(c.words, other.words...)
		c.Spoken = append(c.Spoken, other.Spoken...)
		c.Exact = slices.DeleteFunc(c.Exact, func(w string) bool { return !slices.Contains(other.Exact, w) })
	}
	return c
}

// SpokenBy lists the words that an enumeration can read in records of a kind.
func (c Codec) SpokenBy(variant string) []jsontext.Value {
	if c.spokenBy != nil {
		return c.spokenBy(variant)
	}
	return c.Spoken
}
