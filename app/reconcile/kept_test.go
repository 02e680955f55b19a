package reconcile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

func parse(t *testing.T, text string) jsontext.Value {
	t.Helper()
	value, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	return value
}

// The example of keptFields: a platform that has no word for "planning" reads as active.
func TestKept(t *testing.T) {
	reading := func(status string) []Reading {
		return []Reading{{Platform: "procore", Document: parse(t, `{"status":"`+status+`"}`)}}
	}
	text := Kept(canonical.Project, parse(t, `{"status":"planning"}`), reading("active"), nil)
	assert.JSONEq(t, `{"status":{"value":"planning","written":{"procore":"active"}}}`, string(text))
	assert.Nil(t, Kept(canonical.Project, parse(t, `{"status":"active"}`), reading("active"), nil), "the record says it all")

	kept, err := readKept(text)
	require.NoError(t, err)
	document, applied := kept.applyKept(parse(t, `{"status":"active"}`), reading("active"))
	assert.Equal(t, `{"status":"planning"}`, document.String(), "the record reads as it was written")
	assert.Equal(t, text, applied.text())

	document, applied = kept.applyKept(parse(t, `{"status":"inactive"}`), reading("inactive"))
	assert.Equal(t, `{"status":"inactive"}`, document.String(), "the record was changed since")
	assert.Empty(t, applied)
}

func TestReadKept_RefusesWhatIsNoJSON(t *testing.T) {
	_, err := readKept([]byte(`{`))
	assert.Error(t, err)
	kept, err := readKept(nil)
	assert.NoError(t, err)
	assert.Empty(t, kept)
}

func TestRefersTo(t *testing.T) {
	assert.Equal(t, []string{"cor_1", "cor_2"}, RefersTo(canonical.Payment, parse(t, `{"project_id":"cor_2","contract_id":"cor_1","notes":"cor_3"}`)))
	assert.Equal(t, []string{}, RefersTo(canonical.Payment, parse(t, `{}`)), "not nil")
}
