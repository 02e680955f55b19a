// Package app has the use cases: what the API does with records of platforms and canonical documents. No HTTP, no SQL.
package app

import (
	"fmt"
	"sync"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Translator translates between the platforms of a registry. Safe for concurrent use.
type Translator struct {
	platforms *platform.Registry
	rates     canonical.Rates
	shapes    sync.Map // of records: *recordShape by shapeOf
}

type shapeOf struct {
	platform   platform.Name
	entityType canonical.EntityType
}

// New makes a translator that exchanges money at the given rates; the zero value of them is the pegs.
func New(platforms *platform.Registry, rates canonical.Rates) *Translator {
	return &Translator{platforms: platforms, rates: rates}
}

// Platforms are those that it translates between.
func (t *Translator) Platforms() *platform.Registry { return t.platforms }

func (t *Translator) platform(name string) (platform.Platform, error) {
	p, ok := t.platforms.Get(platform.Name(name))
	if !ok {
		return nil, fmt.Errorf("no platform %q", name)
	}
	return p, nil
}

func (t *Translator) shape(p platform.Platform, entityType canonical.EntityType) *recordShape {
	key := shapeOf{p.Name(), entityType}
	shape, ok := t.shapes.Load(key)
	if !ok {
		shape, _ = t.shapes.LoadOrStore(key, newRecordShape(p, entityType))
	}
	return shape.(*recordShape)
}
