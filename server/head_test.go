package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// HEAD is GET without a body (RFC 9110, section 9.3.2): walks the document, and what is served beside it.
func TestHead_IsGetWithoutABody(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withClock(func() time.Time { return time.Unix(1790000000, 0) }))
	key := a.connected()
	base := loadDocument().BasePath()
	paths := []string{
		"/", "/docs", "/docs/", "/docs/page.js", "/docs/swagger-ui.css", "/openapi.yaml", "/openapi.json",
		base + "/objects?platform=procore&entity_type=payment", base + "/objects?limit=0", base + "/objects/pay_000000000000000", "/nothing-here",
	}
	operations := 0
	for _, op := range loadDocument().Operations() {
		if op.Method == http.MethodGet {
			operations++
			paths = append(paths, base+strings.NewReplacer("{canonical_id}", paymentID, "{platform}", "dynamics").Replace(op.Path))
		}
	}
	assert.Equal(t, 13, operations)
	for _, path := range paths {
		for _, accept := range []string{"identity", "gzip"} {
			whole := send(t, a.origin(), request{method: http.MethodGet, path: path, key: key, header: map[string]string{"Accept-Encoding": accept}})
			head := send(t, a.origin(), request{method: http.MethodHead, path: path, key: key, header: map[string]string{"Accept-Encoding": accept}})
			assert.Equal(t, whole.status, head.status, path)
			assert.Empty(t, head.body, path)
			for _, header := range []http.Header{whole.header, head.header} {
				header.Del("Date")
				header.Del("X-Request-Id")
			}
			if _, known := head.header["Content-Length"]; !known {
				require.True(t, accept == "gzip" && (strings.HasPrefix(path, "/docs/") || strings.HasPrefix(path, "/openapi")), "%s: a length is left out", path)
				whole.header.Del("Content-Length")
			}
			assert.Equal(t, whole.header, head.header, "%s, %s", path, accept)
		}
	}
	known := a.do(request{method: http.MethodHead, path: "/objects/" + paymentID, key: key}.with("If-None-Match", "*"))
	assert.Equal(t, http.StatusNotModified, known.status)
	lines := logLines(t, a)
	assert.Equal(t, "HEAD", lines[len(lines)-1]["method"])
	assert.Equal(t, "getObject", lines[len(lines)-1]["operation_id"])
}

func TestHead_405_WhereThereIsNoGet(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	answer := a.do(request{method: http.MethodHead, path: "/propagate"})
	assert.Equal(t, http.StatusMethodNotAllowed, answer.status)
	assert.Empty(t, answer.body)
	assert.ElementsMatch(t, []string{"GET", "HEAD", "OPTIONS"}, strings.Split(a.do(post("/health", "")).header.Get("Allow"), ", "))
}
