package platform

import (
	"slices"

	"structural.app/structural/canonical"
)

// Registry holds the platforms in order of precedence: where two of them disagree about a record, the earlier one stands.
type Registry struct{ platforms []Platform }

// NewRegistry makes a registry.
func NewRegistry(platforms ...Platform) *Registry { return &Registry{platforms} }

// Get returns the platform of a name.
func (r *Registry) Get(name Name) (Platform, bool) {
	for _, p := range r.platforms {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// Names lists the platforms in order of precedence.
func (r *Registry) Names() []Name {
	names := make([]Name, len(r.platforms))
	for i, p := range r.platforms {
		names[i] = p.Name()
	}
	return names
}

// Variants lists the words of all platforms for what a record does not say of itself: see Definition.Variants.
func (r *Registry) Variants() []string {
	var words []string
	for _, p := range r.platforms {
		for _, t := range canonical.EntityTypes() {
			for _, word := range p.Definition().Variants(t) {
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
		}
	}
	return words
}
