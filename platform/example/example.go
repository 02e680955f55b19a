// Package example is a platform as small as one can be: an imaginary system of accounts called sage that keeps payments and
// nothing else. docs/adding-a-platform.md goes through it. It is in no registry, and so in no program.
package example

import (
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

// Name of the platform.
const Name platform.Name = "sage"

// Title is what people call it.
const Title = "Sage"

// Currency in which the amounts are: the records name none.
const Currency = "AED"

// Definition is what the platform is.
func Definition() platform.Definition {
	return platform.Definition{Name: Name, Title: Title, Currency: Currency, Tables: Tables(), Sandbox: Sandbox}
}

// Tables are the mappings by entity type.
func Tables() map[canonical.EntityType]mapping.Table {
	return map[canonical.EntityType]mapping.Table{canonical.Payment: payment}
}
