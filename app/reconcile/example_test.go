package reconcile_test

import (
	"fmt"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
)

// The example of the package comment.
func ExampleMatch() {
	candidate := func(name, id, document string) *reconcile.Candidate {
		value, err := jsontext.Parse([]byte(document))
		if err != nil {
			panic(err)
		}
		return &reconcile.Candidate{
			Record:   reconcile.Record{Platform: name, EntityType: canonical.Contract, PlatformID: id, MintedID: id},
			Document: value,
		}
	}
	matches, err := reconcile.Match([]*reconcile.Candidate{
		candidate("procore", "1", `{"number":"C-LEX-001","title":"Tower","status":"approved"}`),
		candidate("dynamics", "2", `{"number":"c lex001","status":"approved","currency":"QAR"}`),
		candidate("dynamics", "3", `{"number":"C-LEX-002"}`),
	}, []platform.Name{"procore", "dynamics"}, nil, nil)
	if err != nil {
		panic(err)
	}
	for i := range matches.Len() {
		fmt.Printf("%s %s\n", matches.Object(i).ID, matches.Object(i).Document)
	}
	// Output:
	// 1 {"number":"C-LEX-001","title":"Tower","status":"approved","currency":"QAR"}
	// 3 {"number":"C-LEX-002"}
}
