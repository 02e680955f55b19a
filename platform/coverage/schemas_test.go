package coverage_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/platform/coverage"
	"structural.app/structural/platform/registry"
)

// The schemas of openapi.yaml are what the mapping tables say, and what stands around them is not touched.
func TestWriteSchemas(t *testing.T) {
	document, err := os.ReadFile("../../openapi.yaml")
	require.NoError(t, err)
	all := coverage.All(registry.New())

	written, err := all.WriteSchemas(document)
	require.NoError(t, err)
	require.True(t, bytes.Equal(document, written), "openapi.yaml is stale: make generate")

	stale := bytes.Replace(document, []byte("A construction project."), []byte("A bridge."), 1)
	stale = bytes.ReplaceAll(stale, []byte("      - "+string(registry.New().Names()[0])+"\n"), nil)
	require.Equal(t, 2, bytes.Count(document, []byte("\n"))-bytes.Count(stale, []byte("\n")), "requests and answers have a list of platforms each")
	written, err = all.WriteSchemas(stale)
	require.NoError(t, err)
	require.True(t, bytes.Equal(document, written))

	_, err = all.WriteSchemas([]byte("components: {}\n"))
	require.ErrorContains(t, err, "lacks the lines")
}
