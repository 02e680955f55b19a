package compression_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/server/compression"
)

func TestAccepted(t *testing.T) {
	for accept, want := range map[string]bool{
		"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "*": true, "deflate, *;q=0.1": true, "gzip; q=1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip;q=0.000, *": false, "*;q=0": false, "identity": false, "xgzip": false,
	} {
		assert.Equal(t, want, compression.Accepted(http.Header{"Accept-Encoding": {accept}}), accept)
	}
	assert.True(t, compression.Accepted(http.Header{"Accept-Encoding": {"br", "gzip"}}))
	assert.False(t, compression.Accepted(http.Header{}))
}

func TestGzip(t *testing.T) {
	for _, text := range []string{"", "x", strings.Repeat("abc", 1<<18)} {
		var compressed bytes.Buffer
		require.NoError(t, compression.Gzip(&compressed, []byte(text)))
		reader, err := gzip.NewReader(&compressed)
		require.NoError(t, err)
		plain, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, text, string(plain))
	}
}
