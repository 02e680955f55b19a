//go:build payloads

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
)

// TestTransform_PublishedPayloads holds the command to the API on the payloads that the platforms' vendors publish and that
// tenants have answered, in the directory STRUCTURAL_PAYLOADS. Payloads that are no record are refused by both, in the same
// words.
func TestTransform_PublishedPayloads(t *testing.T) {
	root := os.Getenv("STRUCTURAL_PAYLOADS")
	require.NotEmpty(t, root, "STRUCTURAL_PAYLOADS must name the directory of the payloads")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	require.NoError(t, err)
	p := start(t, "DATA_DIR="+dataDir(t))
	_, key := p.createSession(1)

	records, answers, translated := 0, 0, 0
	for _, file := range files {
		from, entityType := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".json")
		if _, ok := canonical.ParseEntityType(entityType); !ok {
			t.Logf("left out: %s/%s: not the records of an entity", from, entityType)
			continue
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var samples struct {
			Samples []struct {
				ID   string
				Body json.RawMessage
			}
		}
		require.NoError(t, json.Unmarshal(content, &samples))
		for _, sample := range samples.Samples {
			t.Run(from+"/"+entityType+"/"+sample.ID, func(t *testing.T) {
				bodies := recordsOf(t, sample.Body)
				records += len(bodies)
				for _, to := range []string{"procore", "dynamics"} {
					for _, currency := range []string{"", "AED"} {
						answers += len(bodies)
						translated += assertSameAsAPI(t, p, key, from, to, entityType, currency, bodies...)
					}
				}
			})
		}
	}
	t.Logf("%d records, %d answers, %d of them translations", records, answers, translated)
	assert.Greater(t, translated, answers/2, "most payloads are records")
}

// recordsOf returns the elements of a body that is an array, else the body itself, as they are written.
func recordsOf(t *testing.T, body json.RawMessage) []string {
	t.Helper()
	if body[0] != '[' {
		return []string{string(body)}
	}
	var elements []json.RawMessage
	require.NoError(t, json.Unmarshal(body, &elements))
	var records []string
	for _, element := range elements {
		records = append(records, string(element))
	}
	return records
}
