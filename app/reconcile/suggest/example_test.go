package suggest_test

import (
	"context"
	"fmt"

	"structural.app/structural/app/reconcile/suggest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// The example of the package comment.
func ExampleSuggest() {
	record := func(platform, id, document string) suggest.Record {
		value, err := jsontext.Parse([]byte(document))
		if err != nil {
			panic(err)
		}
		return suggest.Record{Platform: platform, PlatformID: id, Document: value}
	}
	found, err := suggest.Suggest(context.Background(), canonical.Customer, []suggest.Record{
		record("procore", "1", `{"name": "Müller Facade Systems GmbH", "tax_id": "DE123475289", "phone": "+49 30 5557 1234"}`),
		record("procore", "2", `{"name": "Schäfer Facade Systems GmbH"}`),
		record("dynamics", "V10", `{"name": "Mueller Façade Systems", "tax_id": "123475289", "address": {"city": "Berlin"}}`),
	}, suggest.Known{})
	if err != nil {
		panic(err)
	}
	for _, s := range found {
		fmt.Printf("records %d and %d: %.4f\n", s.Left, s.Right, s.Score)
		for _, f := range s.Features {
			fmt.Printf("%s %.2g (%+.2g bits)\n", f.Name, f.Value, f.Bits)
		}
	}
	// Output:
	// records 0 and 2: 0.9999
	// name 0.9 (+6.5 bits)
	// tax_id 1 (+16 bits)
}
