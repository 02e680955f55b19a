// Package registry names the platforms that the product speaks.
package registry

import (
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// Definitions lists every platform, in order of precedence. A further platform is a folder of its own and one more line here.
func Definitions() []platform.Definition {
	return []platform.Definition{
		procore.Definition(),
		dynamics.Definition(),
	}
}

// New makes every platform.
func New() *platform.Registry {
	platforms := make([]platform.Platform, 0, len(Definitions()))
	for _, d := range Definitions() {
		platforms = append(platforms, platform.New(d))
	}
	return platform.NewRegistry(platforms...)
}

// Sandboxes has one for each platform that has one, by its name.
func Sandboxes() map[string]platform.Sandbox {
	sandboxes := map[string]platform.Sandbox{}
	for _, d := range Definitions() {
		if d.Sandbox != nil {
			sandboxes[string(d.Name)] = d.Sandbox
		}
	}
	return sandboxes
}
