package jsonschema_test

import (
	"fmt"

	"structural.app/structural/jsonschema"
)

func Example() {
	const document = `{"openapi": "3.1.0", "components": {"schemas": {"Line": {
		"type": "object", "required": ["sku"], "additionalProperties": false,
		"properties": {"sku": {"type": "string", "minLength": 3}, "quantity": {"type": "integer", "minimum": 1}}
	}}}}`
	compiler, err := jsonschema.NewCompiler([]byte(document))
	if err != nil {
		panic(err)
	}
	line, err := compiler.Compile("/components/schemas/Line")
	if err != nil {
		panic(err)
	}
	fmt.Println(line.Validate([]byte(`{"sku": "STEEL-0012", "quantity": 1.20e2}`)))
	fmt.Println(line.Validate([]byte(`{"quantity": 0, "price": 5}`)))
	fmt.Println(line.Validate([]byte(`{"sku": }`)))
	// Output:
	// <nil>
	// /quantity: must be at least 1; /price: unknown property; /sku: is required
	// malformed JSON at line 1, column 9: want a value
}
