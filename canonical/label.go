package canonical

import (
	"strings"
	"unicode"

	"structural.app/structural/jsontext"
)

// shortened are the words of field names that people write in capitals.
var shortened = map[string]string{"iban": "IBAN", "id": "ID", "wbs": "WBS"}

// FieldLabel writes the path of a field as people say it: "Tax ID" for tax_id, "Bill to line 1" for bill_to.line1.
func FieldLabel(p jsontext.Path) string { return label(strings.Join(p, "_")) }

// Label is what people call one record of the type: "Time entry".
func (t EntityType) Label() string { return label(string(t)) }

// Plural is what people call several records of the type: "Time entries".
func (t EntityType) Plural() string {
	one := t.Label()
	if stem, ok := strings.CutSuffix(one, "y"); ok {
		return stem + "ies"
	}
	return one + "s"
}

func label(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if capitals, ok := shortened[word]; ok {
			words[i] = capitals
			continue
		}
		letters := strings.TrimRightFunc(word, unicode.IsDigit)
		words[i] = strings.TrimSpace(letters + " " + word[len(letters):])
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}
