package platform

import (
	"strings"

	"structural.app/structural/jsontext"
)

// HasNoLines says that nothing is left to send of a record that is lines of another one.
const HasNoLines = "no_lines"

// additions are the requests of a record that is further lines of another one: each line by itself, after those that are there. The other
// record is the one that is to be changed, or the one that the record names.
//
//	{"orderId": "7", "purchaseOrderLines": [{"quantity": -1, "directUnitCost": 10}]}
//	POST /companies({companyId})/purchaseOrders(7)/purchaseOrderLines {"quantity": -1, "directUnitCost": 10}
func (r *Resource) additions(record jsontext.Value, intent Intent) []Request {
	of := intent.Update
	if of == "" {
		of = idText(record.Get(r.Extends))
	}
	path := r.Path
	if of != "" {
		path = strings.ReplaceAll(path, "{id}", of)
	}
	intent.Update = "" // every line is a new one
	b := &builder{resource: r, record: record, intent: intent, used: map[string]string{r.Extends: ""}}
	var requests []Request
	noted := map[string]bool{}
	for i, line := range record.Get(r.Lines.Member).Members() {
		request := Request{Method: "POST", Path: path, DependsOn: -1}
		request.Body = jsontext.NewObject(b.members(r.Lines.Fields, line.Value, jsontext.Value{}, "", &request)...)
		r.Lines.omit(line.Value, noted, &request)
		if i == 0 {
			b.omit(&request)
		}
		requests = append(requests, request)
	}
	return requests
}
