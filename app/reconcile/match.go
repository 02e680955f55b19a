package reconcile

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// businessKeys are the fields by which records of two platforms are recognised as one, the stronger first. A weaker key
// counts only between records of which at least one lacks the stronger.
var businessKeys = map[canonical.EntityType][]string{
	canonical.Project:  {"number"},
	canonical.Customer: {"tax_id", "name"},
	canonical.Contract: {"number"},
	canonical.Invoice:  {"number"},
	canonical.Payment:  {"check_number"},
}

// match tells which records are the same real-world entity. sides has each platform's records of one type, in order of
// precedence. The result has the records of each entity in that order; every record is in it once.
//
// Two records are one only if the key is on both, and on no other record of either side. There is no guess: what stays in
// doubt stays apart.
func match(t canonical.EntityType, sides [][]*Candidate) [][]*Candidate {
	partners := map[*Candidate][]*Candidate{} // of a record of the first side that has any
	taken := map[*Candidate]bool{}
	keys := businessKeys[t]
	for strength, field := range keys {
		unique := make([]map[string]*Candidate, len(sides))
		for i, side := range sides {
			unique[i] = uniqueBy(side, field)
		}
		for i, side := range sides {
			for _, e := range side {
				key := NormalizedKey(e.Document, field)
				if key == "" || unique[i][key] != e || taken[e] {
					continue
				}
				for j := i + 1; j < len(sides); j++ {
					other := unique[j][key]
					if other == nil || taken[other] || bothHave(e, other, keys[:strength]) {
						continue
					}
					partners[e] = append(partners[e], other)
					taken[other] = true
				}
				if len(partners[e]) > 0 {
					taken[e] = true
				}
			}
		}
	}
	var entities [][]*Candidate
	partner := map[*Candidate]bool{}
	for _, others := range partners {
		for _, other := range others {
			partner[other] = true
		}
	}
	for _, side := range sides {
		for _, e := range side {
			if !partner[e] {
				entities = append(entities, append([]*Candidate{e}, partners[e]...))
			}
		}
	}
	return entities
}

// uniqueBy finds records by a key, those that share it with another aside.
func uniqueBy(side []*Candidate, field string) map[string]*Candidate {
	unique := make(map[string]*Candidate, len(side))
	for _, e := range side {
		key := NormalizedKey(e.Document, field)
		if key == "" {
			continue
		}
		if _, twice := unique[key]; twice {
			unique[key] = nil
			continue
		}
		unique[key] = e
	}
	return unique
}

func bothHave(a, b *Candidate, fields []string) bool {
	for _, field := range fields {
		if NormalizedKey(a.Document, field) != "" && NormalizedKey(b.Document, field) != "" {
			return true
		}
	}
	return false
}

// NormalizedKey is a text field of a document, such as a number, as it is compared: in Unicode's NFKC form, case folded, letters and digits alone. Empty if the
// document has none, or nothing but punctuation.
//
// Example: "C-LEX-001" and "c lex001" are both "clex001".
func NormalizedKey(document jsontext.Value, field string) string {
	value := document.Get(field)
	if value.Kind() != jsontext.String {
		return ""
	}
	text := value.Text()
	if plain, ok := plainKey(text); ok {
		return plain
	}
	// Folding can undo the normal form, and so it is made twice.
	text = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// plainKey is NormalizedKey for ASCII, which nearly all keys are.
func plainKey(text string) (string, bool) {
	var room [64]byte
	key := room[:0]
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 0x80:
			return "", false
		case 'A' <= c && c <= 'Z':
			key = append(key, c+'a'-'A')
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			key = append(key, c)
		}
	}
	return string(key), true
}
