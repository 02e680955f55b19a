//go:build ignore

// The program behind docs/fields.md and the schemas of canonical objects in openapi.yaml: go run platform/coverage/generate.go
package main

import (
	"bytes"
	"log"
	"os"

	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

func main() {
	all := coverage.All(registry.New())
	var fields bytes.Buffer
	check(all.WriteMarkdown(&fields))
	check(os.WriteFile("docs/fields.md", fields.Bytes(), 0o644))

	document, err := os.ReadFile("openapi.yaml")
	check(err)
	document, err = all.WriteSchemas(document)
	check(err)
	check(os.WriteFile("openapi.yaml", document, 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
