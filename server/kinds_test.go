package server

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	structural "structural.app/structural"
)

// The document names every type of error, and its status in a table; the server knows no other.
func TestKindsAreTheDocuments(t *testing.T) {
	var document struct {
		Components struct {
			Schemas struct {
				ErrorType struct {
					Description string
					Types       []string `yaml:"x-extensible-enum"`
				} `yaml:"ErrorType"`
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(structural.OpenAPI, &document))
	documented := map[string]int{}
	for _, row := range regexp.MustCompile("`([A-Z_]+)` \\| (\\d+)").FindAllStringSubmatch(document.Components.Schemas.ErrorType.Description, -1) {
		status, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		documented[row[1]] = status
		assert.True(t, slices.Contains(document.Components.Schemas.ErrorType.Types, row[1]), row[1])
	}
	assert.Len(t, document.Components.Schemas.ErrorType.Types, len(documented))
	for _, kind := range kinds {
		assert.Equal(t, documented[kind.errorType], kind.status, kind.errorType)
		assert.NotEmpty(t, http.StatusText(kind.status))
		assert.NotEmpty(t, kind.message)
	}
}
