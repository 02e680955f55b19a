package app

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// entity is a record on its way to become, or to become part of, a canonical object.
type entity struct {
	record   StoredRecord
	payload  jsontext.Value // the record's, if it need not be read again
	document jsontext.Value
}

// businessKeys are the fields by which records of two platforms are recognised as one, the stronger first. A weaker key
// counts only between records of which at least one lacks the stronger.
var businessKeys = map[canonical.EntityType][]string{
	canonical.Project:  {"number"},
	canonical.Customer: {"tax_id", "name"},
	canonical.Contract: {"number"},
	canonical.Invoice:  {"number"},
	canonical.Payment:  {"check_number"},
}

// reconcile tells which records are the same real-world entity. sides has each platform's records of one type, in order of
// precedence. The result has the records of each entity in that order; every record is in it once.
//
// Two records are one only if the key is on both, and on no other record of either side. There is no guess: what stays in
// doubt stays apart.
func reconcile(t canonical.EntityType, sides [][]*entity) [][]*entity {
	partners := map[*entity][]*entity{} // of a record of the first side that has any
	taken := map[*entity]bool{}
	keys := businessKeys[t]
	for strength, field := range keys {
		unique := make([]map[string]*entity, len(sides))
		for i, side := range sides {
			unique[i] = uniqueBy(side, field)
		}
		for i, side := range sides {
			for _, e := range side {
				key := normalKey(e.document, field)
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
	var entities [][]*entity
	partner := map[*entity]bool{}
	for _, others := range partners {
		for _, other := range others {
			partner[other] = true
		}
	}
	for _, side := range sides {
		for _, e := range side {
			if !partner[e] {
				entities = append(entities, append([]*entity{e}, partners[e]...))
			}
		}
	}
	return entities
}

// uniqueBy finds records by a key, those that share it with another aside.
func uniqueBy(side []*entity, field string) map[string]*entity {
	unique := make(map[string]*entity, len(side))
	for _, e := range side {
		key := normalKey(e.document, field)
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

func bothHave(a, b *entity, fields []string) bool {
	for _, field := range fields {
		if normalKey(a.document, field) != "" && normalKey(b.document, field) != "" {
			return true
		}
	}
	return false
}

// normalKey is a business key as it is compared: in Unicode's NFKC form, case folded, letters and digits alone. Empty if the
// document has none.
func normalKey(document jsontext.Value, field string) string {
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

// plainKey is normalKey for ASCII, which nearly all keys are.
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
