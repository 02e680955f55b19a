package mapping

import (
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Field is a canonical field, and where a platform's records have it. Of a list of lines, Lines has the fields of each line; their
// paths begin at the line.
type Field struct {
	canonical.Field
	Document jsontext.Path   // in the canonical document
	Record   []jsontext.Path // in the platform's record: the one that is written, then what is read as well; none if it has no such field
	Codec    string          // how the two are translated, for people; empty if the record has no such field
	Identity bool            // the record's own id or number, which cannot be changed
	Lines    []Field
}

// NamedField is a field as documents for people name it, in dotted words.
type NamedField struct {
	Field
	Name    string   // "external_ids.<platform>.id"; of a field of lines "lines[].quantity"
	Records []string // Record, likewise: "line_items[].quantity"
}

// Named lists fields for people. Those of lines follow their list.
func Named(fields []Field) []NamedField { return named(fields, "", "") }

func named(fields []Field, documentList, recordList string) (list []NamedField) {
	for _, f := range fields {
		own := NamedField{Field: f, Name: documentList + strings.Join(f.Document, ".")}
		for _, path := range f.Record {
			own.Records = append(own.Records, recordList+strings.Join(path, "."))
		}
		list = append(list, own)
		if f.Type == canonical.LinesType {
			of := ""
			if len(own.Records) > 0 {
				of = own.Records[0] + "[]."
			}
			list = append(list, named(f.Lines, own.Name+"[].", of)...)
		}
	}
	return list
}
