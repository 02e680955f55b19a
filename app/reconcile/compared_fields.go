package reconcile

import (
	"strings"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// comparedField is a field of which two platforms may say different things.
type comparedField struct {
	canonical.Field
	path    jsontext.Path
	pointer string
	same    func(a, b string) bool // of a TextType
}

// comparedFields are those of each type, in the document's order, but for the lines, which are compared by themselves.
var comparedFields = sync.OnceValue(func() map[canonical.EntityType][]*comparedField {
	all := map[canonical.EntityType][]*comparedField{}
	for _, t := range canonical.EntityTypes() {
		references := map[string]bool{}
		for _, f := range canonical.Fields(t) {
			references[f.Path] = f.Type == canonical.ReferenceType
		}
		for _, f := range canonical.Fields(t) {
			if f.Type != canonical.LinesType && whyUncompared(f, references) == "" {
				all[t] = append(all[t], &comparedField{f, f.Keys(), f.Pointer(), sameText(f.Path)})
			}
		}
	}
	return all
})

// uncompared are fields that each platform keeps in its own way, by the last part of their path, with the reason.
var uncompared = map[string]string{
	"created_by":          "each platform has its own users",
	"display_name":        "the platform makes it of other fields",
	"company":             "the platform makes it of other fields",
	"external_payment_id": "the id of a payment service",
	"journal":             "the books' own order",
	"line_number":         "the books' own order",
	"exchange_rate":       "it belongs to the currency of the platform's record",
	"state":               "each platform has its own codes of states and regions",
	"time_zone":           "each platform has its own names of time zones",
	"timesheet_status":    "a word of the platform's own",
	"type":                "a word of the platform's own",
}

// whyUncompared is the reason why a field is not compared; empty: it is. references are the fields of its document that refer to records.
func whyUncompared(f canonical.Field, references map[string]bool) string {
	if f.IsReadOnly() {
		return "each platform keeps it for itself, or it is made of other fields: times, the currency of the record, its kind"
	}
	for _, suffix := range []string{"_name", "_number"} {
		if stem, ok := strings.CutSuffix(f.Path, suffix); ok && references[stem+"_id"] {
			return "a copy of what the record says that the field beside it refers to"
		}
	}
	if f.Type == canonical.WordType {
		return "" // in the words of the canonical form
	}
	return uncompared[f.Path[strings.LastIndexByte(f.Path, '.')+1:]]
}

// sameText says how two texts of a field are compared. Numbers, codes and addresses on the net are what they are to the letter; names
// and all that people write are not.
func sameText(path string) func(a, b string) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if name == "tax_id" { // as when records are matched by it: people put separators in as they like
		return func(a, b string) bool { return a == b || taxKey(a) == taxKey(b) && taxKey(a) != "" }
	}
	for _, code := range []string{"number", "code", "email", "website", "country", "reference", "unit", "tax_area", "login"} {
		if name == code || strings.HasSuffix(name, "_"+code) {
			return func(a, b string) bool { return a == b }
		}
	}
	return func(a, b string) bool {
		if a == b {
			return true
		}
		key := NormalizedKey(a)
		return key != "" && key == NormalizedKey(b)
	}
}

func taxKey(text string) string { return strings.ReplaceAll(NormalizedKey(text), "-", "") }
