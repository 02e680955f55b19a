package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is large goes compressed to whoever takes that, and is the same then.
func TestCompression(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	with := func(r request, accept string) request {
		r.header = map[string]string{"Accept-Encoding": accept}
		return r
	}
	for operation, r := range map[string]request{
		"getObjects":      get("/objects?platform=procore&entity_type=payment").as(key),
		"getObject":       get("/objects/" + paymentID).as(key),
		"propagateChange": payment(`{"notes":"Substructure progress payment #1"}`).as(key), // changes nothing
	} {
		plain := a.do(with(r, "identity"))
		require.Greater(t, len(plain.body), 1<<10, operation)
		assert.Empty(t, plain.header.Get("Content-Encoding"), operation)
		assert.Equal(t, "Accept-Encoding", plain.header.Get("Vary"), operation)
		for _, accept := range []string{"gzip", "br, gzip;q=0.5", "*"} {
			answer := a.do(with(r, accept))
			assert.Equal(t, "gzip", answer.header.Get("Content-Encoding"), "%s: %s", operation, accept)
			assert.Equal(t, "Accept-Encoding", answer.header.Get("Vary"), operation)
			assert.Equal(t, strconv.Itoa(len(answer.body)), answer.header.Get("Content-Length"), operation)
			assert.Equal(t, plain.header.Get("ETag"), answer.header.Get("ETag"), "the version, to be sent as If-Match")
			assert.Less(t, len(answer.body), len(plain.body), operation)
			reader, err := gzip.NewReader(bytes.NewReader(answer.body))
			require.NoError(t, err)
			body, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.Equal(t, string(plain.body), string(body), operation)
		}
		for _, accept := range []string{"br", "gzip;q=0", "*;q=0"} {
			assert.Empty(t, a.do(with(r, accept)).header.Get("Content-Encoding"), "%s: %s", operation, accept)
		}
		again := a.do(r) // Go's client asks for gzip and hides it
		assert.Equal(t, string(plain.body), string(again.body), operation)
		assertMeetsContract(t, operation, again)
	}
}

func TestCompression_NotOfWhatIsSmallOrHasAKeyInIt(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for status, r := range map[int]request{http.StatusOK: get("/health"), http.StatusCreated: post("/demo/session", ""), http.StatusUnauthorized: get("/connections")} {
		answer := a.do(r.with("Accept-Encoding", "gzip"))
		assert.Equal(t, status, answer.status)
		assert.Empty(t, answer.header.Get("Content-Encoding"))
		assert.Empty(t, answer.header.Get("Vary"))
	}
}
