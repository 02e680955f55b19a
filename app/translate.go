package app

import (
	"fmt"

	"structural.app/structural/app/plan"
	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Translator translates between the platforms of a registry. Safe for concurrent use.
type Translator struct {
	platforms *platform.Registry
	rates     canonical.Rates
	planner   *plan.Planner
}

// New makes a translator that exchanges money at the given rates; the zero value of them is the pegs.
func New(platforms *platform.Registry, rates canonical.Rates) *Translator {
	return &Translator{platforms: platforms, rates: rates, planner: plan.New(platforms, rates)}
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

// Derive says what is stored next to an object's document, as [plan.Planner.Derive] does.
func (t *Translator) Derive(object StoredObject, records []StoredRecord, objects map[string]string) (StoredObject, error) {
	return t.planner.Derive(object, records, objects)
}

// Rates says at which rates of exchange it translates and compares, as [canonical.Rates.String] does.
func (t *Translator) Rates() string { return t.rates.String() }

// Compare sets what the report needs of an object, as [plan.Planner.Compare] does.
func (t *Translator) Compare(object StoredObject, records []StoredRecord, objects map[string]string) (StoredObject, []string, error) {
	return t.planner.Compare(object, records, objects)
}
