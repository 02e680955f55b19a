// Package coverage writes down which field of each platform is which canonical field.
package coverage

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Coverage is what the mapping tables of some entity types and platforms say.
type Coverage struct {
	platforms []platform.Name
	entities  []entity
}

type entity struct {
	entityType canonical.EntityType
	rows       []row
}

// row is a canonical field, and what it is on each platform that has it.
type row struct {
	canonical.Field
	name string
	on   map[platform.Name]platform.NamedField
}

// Of reads the mapping tables. It lists the fields that at least one of the platforms has.
func Of(platforms *platform.Registry, names []platform.Name, entityTypes []canonical.EntityType) Coverage {
	c := Coverage{platforms: names}
	for _, entityType := range entityTypes {
		e := entity{entityType: entityType}
		for _, name := range names {
			p, _ := platforms.Get(name)
			for _, field := range platform.Named(p.Fields(entityType)) {
				i := slices.IndexFunc(e.rows, func(r row) bool { return r.name == field.Name })
				if i < 0 {
					i = len(e.rows)
					e.rows = append(e.rows, row{field.Field.Field, field.Name, map[platform.Name]platform.NamedField{}})
				}
				if len(field.Records) > 0 {
					e.rows[i].on[name] = field
				}
			}
		}
		e.rows = slices.DeleteFunc(e.rows, func(r row) bool { return len(r.on) == 0 })
		c.entities = append(c.entities, e)
	}
	return c
}

// All reads every mapping table.
func All(platforms *platform.Registry) Coverage {
	return Of(platforms, platforms.Names(), canonical.EntityTypes())
}
