package main

import (
	"encoding/json"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	var b build
	asJSON := run(t, "", "version", "--output", "json")
	require.NoError(t, json.Unmarshal([]byte(asJSON.output), &b))
	assert.NotEmpty(t, b.Version)
	assert.Equal(t, runtime.Version(), b.Go)
	assert.Equal(t, runtime.GOOS+"/"+runtime.GOARCH, b.Platform)

	text := run(t, "", "version")
	assert.Equal(t, 0, text.code)
	assert.Contains(t, text.output, "structural "+b.Version+"\n")
	assert.Contains(t, text.output, "built with "+b.Go+" for "+b.Platform+"\n")
	assert.Equal(t, "structural version "+b.Version+"\n", run(t, "", "--version").output)
}

// What the Go command leaves in a program is told: a release, a working copy, a copy without version control.
func TestVersion_BuildInfo(t *testing.T) {
	t.Parallel()
	here := build{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	released, working, exported := here, here, here
	released.Version = "v1.2.3"
	assert.Equal(t, released, buildOf(&debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}))
	working.Version, working.Revision, working.Time, working.Modified = "v0.0.0-20261121", "f395b88c", "2026-11-21T22:47:00Z", true
	assert.Equal(t, working, buildOf(&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261121"}, Settings: []debug.BuildSetting{
		{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "f395b88c"}, {Key: "vcs.time", Value: "2026-11-21T22:47:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}))
	exported.Version = "(devel)"
	assert.Equal(t, exported, buildOf(&debug.BuildInfo{}))
}
