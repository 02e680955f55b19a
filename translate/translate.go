// Package translate has the use cases: what the API does with records of platforms and canonical documents. No HTTP, no SQL.
package translate

import (
	"fmt"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

// Translator translates between the platforms of a registry. Safe for concurrent use.
type Translator struct {
	platforms *platform.Registry
	rates     canonical.Rates
}

// New makes a translator that exchanges money at the given rates; the zero value of them is the pegs.
func New(platforms *platform.Registry, rates canonical.Rates) *Translator {
	return &Translator{platforms, rates}
}

func (t *Translator) platform(name string) (platform.Platform, error) {
	p, ok := t.platforms.Get(platform.Name(name))
	if !ok {
		return nil, fmt.Errorf("no platform %q", name)
	}
	return p, nil
}
