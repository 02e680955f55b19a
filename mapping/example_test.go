package mapping_test

import (
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

func ExampleMapping() {
	toy, err := mapping.Compile("toy", "USD", canonical.Payment, mapping.Table{Rows: []mapping.Row{
		mapping.Map(mapping.ExternalID, mapping.NumberKeys.Key(), "ref"),
		mapping.Map("amount", mapping.Style{}.Money(), "gross"),
	}})
	if err != nil {
		panic(err)
	}
	record, _ := jsontext.Parse([]byte(`{"ref":7,"gross":12.5,"memo":"x"}`))
	document, read, err := toy.ToCanonical(record, mapping.Context{})
	if err != nil {
		panic(err)
	}
	fmt.Println(document.Get("amount"), document.Get("provider_metadata"), read.Unmapped)

	document = document.With("check_number", jsontext.NewString("CHK-1"))
	back, written, err := toy.FromCanonical(document, record, mapping.Context{})
	if err != nil {
		panic(err)
	}
	fmt.Println(back, written.Lost)
	// Output:
	// {"amount":1250,"currency":"USD"} {"toy":{"memo":"x"}} [/memo]
	// {"ref":7,"gross":12.5,"memo":"x"} [{/check_number no_field}]
}
