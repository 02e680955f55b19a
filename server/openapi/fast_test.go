package openapi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural"
)

// A schema that is left to the reference costs many times as much, and has no bound on time and memory.
func TestEverySchemaOfTheContractIsFast(t *testing.T) {
	d, err := Load(structural.OpenAPI)
	require.NoError(t, err)
	for _, op := range d.Operations() {
		if op.body != nil && !op.body.lines {
			assert.True(t, op.body.schema.Fast(), "%s: request body", op.ID)
		}
		for _, p := range op.parameters {
			assert.True(t, p.schema.Fast(), "%s: %s", op.ID, p.name)
		}
		for status, r := range op.responses {
			assert.True(t, r.schema == nil || r.schema.Fast(), "%s: %d", op.ID, status)
			for _, h := range r.headers {
				assert.True(t, h.schema.Fast(), "%s: %d: %s", op.ID, status, h.name)
			}
		}
	}
}
