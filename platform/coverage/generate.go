//go:build ignore

// The program behind docs/fields.md: go run platform/coverage/generate.go
package main

import (
	"log"
	"os"

	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

func main() {
	if err := coverage.All(registry.New("")).WriteMarkdown(os.Stdout); err != nil {
		log.Fatal(err)
	}
}
