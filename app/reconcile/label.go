package reconcile

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// labels are the fields by which people know an object, the first that it has.
var labels = map[canonical.EntityType][]string{
	canonical.Project:  {"number", "name"},
	canonical.Customer: {"name", "number"},
	canonical.Contract: {"number", "title"},
	canonical.Invoice:  {"number"},
	canonical.Payment:  {"check_number", "number"},
}

// Label is what people know an object by: its number, check number or name, as it is written; else its id.
func Label(t canonical.EntityType, document jsontext.Value, id string) string {
	for _, field := range labels[t] {
		if text := document.Get(field).Text(); text != "" {
			return text
		}
	}
	return id
}
