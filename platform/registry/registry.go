// Package registry names the platforms that the product speaks.
package registry

import (
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/procore"
)

// New lists every platform, in order of precedence. A further platform is a folder of its own and one more line here.
// The currency is that of the Business Central company, "" for the usual one.
func New(dynamicsCurrency string) *platform.Registry {
	return platform.NewRegistry(
		procore.New(),
		dynamics.New(dynamicsCurrency),
	)
}
