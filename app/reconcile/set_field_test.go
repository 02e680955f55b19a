package reconcile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

func TestSetField(t *testing.T) {
	for name, test := range map[string]struct {
		document string
		path     jsontext.Path
		value    string
		want     string
	}{
		"a field that is there":        {`{"a":1,"b":2}`, jsontext.Path{"a"}, `3`, `{"a":3,"b":2}`},
		"a new field before metadata":  {`{"a":1,"provider_metadata":{}}`, jsontext.Path{"b"}, `2`, `{"a":1,"b":2,"provider_metadata":{}}`},
		"a field of a group":           {`{"a":{"x":1}}`, jsontext.Path{"a", "y"}, `2`, `{"a":{"x":1,"y":2}}`},
		"a group that is not there":    {`{}`, jsontext.Path{"a", "x"}, `1`, `{"a":{"x":1}}`},
		"null takes a field away":      {`{"a":1,"b":2}`, jsontext.Path{"a"}, `null`, `{"b":2}`},
		"and the group that it was of": {`{"a":{"x":1},"b":2}`, jsontext.Path{"a", "x"}, `null`, `{"b":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := jsontext.Parse([]byte(test.document))
			require.NoError(t, err)
			value, err := jsontext.Parse([]byte(test.value))
			require.NoError(t, err)
			assert.Equal(t, test.want, SetField(document, test.path, value).String())
		})
	}
}
