package registry

import (
	"context"

	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// Sandbox gives the made-up records of a platform.
type Sandbox func() ([]platform.Record, error)

// Records returns all of them.
func (s Sandbox) Records(context.Context) ([]platform.Record, error) { return s() }

// Sandboxes has one for each platform, by its name.
func Sandboxes() map[string]Sandbox {
	return map[string]Sandbox{
		string(procore.Name):  procore.Sandbox,
		string(dynamics.Name): dynamics.Sandbox,
	}
}
