package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFields_Table(t *testing.T) {
	t.Parallel()
	all := run(t, "", "fields")
	assert.Equal(t, 0, all.code)
	for _, entityType := range entityTypeNames() {
		var fields, procore, dynamics, both int
		_, summary, _ := strings.Cut(all.output, "\n"+entityType+": ")
		if entityType == "project" { // the first
			summary = strings.TrimPrefix(all.output, "project: ")
		}
		_, err := fmt.Sscanf(summary, "%d fields, %d on procore, %d on dynamics, %d on all\n", &fields, &procore, &dynamics, &both)
		require.NoError(t, err, entityType)
		assert.Equal(t, fields, procore+dynamics-both, entityType)
		assert.NotZero(t, both, entityType)
	}
	assert.Regexp(t, `(?m)^FIELD +TYPE +PROCORE +DYNAMICS$`, all.output)

	payment := run(t, "", "fields", "--entity", "payment").output
	assert.Regexp(t, `(?m)^amount +money +amount +amount$`, payment)
	assert.Regexp(t, `(?m)^contract_id +reference +contract_id \(\+2\) +orderId$`, payment)
	assert.Regexp(t, `(?m)^payment_number +integer +payment_number +-$`, payment)
	assert.NotContains(t, payment, "contract: ")

	booked := run(t, "", "fields", "--entity", "payment", "--platform", "dynamics").output
	assert.Regexp(t, `(?m)^FIELD +TYPE +DYNAMICS +CODEC$`, booked)
	assert.Regexp(t, `(?m)^amount +money +amount +money, booked as a credit \(negative\)$`, booked)
	assert.Regexp(t, `(?m)^project_id +reference +jobId, projectId +reference by GUID$`, booked)
	assert.NotContains(t, booked, "payment_number", "Business Central has none")
}

// The other forms say the same as docs/fields.md.
func TestFields_MarkdownAndJSON(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../../docs/fields.md")
	require.NoError(t, err)
	assert.Equal(t, string(documentation), run(t, "", "fields", "--output", "markdown").output)

	var entities []struct {
		EntityType string `json:"entity_type"`
		Fields     []struct {
			Field, Type, Meaning string
			Words                []string
			Platforms            map[string]struct {
				Fields []string
				Codec  string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run(t, "", "fields", "--output", "json").output), &entities))
	var rows []string
	for _, e := range entities {
		rows = append(rows, "## "+e.EntityType)
		for _, f := range e.Fields {
			meaning := f.Meaning
			if f.Words != nil {
				meaning += " One of `" + strings.Join(f.Words, "`, `") + "`."
			}
			row := "| `" + f.Field + "` | " + f.Type + " | " + meaning + " |"
			for _, name := range []string{"procore", "dynamics"} {
				if p, ok := f.Platforms[name]; ok {
					row += " `" + strings.Join(p.Fields, "`, `") + "` | " + p.Codec + " |"
				} else {
					row += " – | – |"
				}
			}
			rows = append(rows, row)
		}
	}
	var want []string
	for line := range strings.Lines(string(documentation)) {
		if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "| `") {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
	}
	assert.Equal(t, want, rows)
}
