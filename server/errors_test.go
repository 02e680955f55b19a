package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
	"structural.app/structural/server"
)

func TestErrorsOfTheTransportAreInTheEnvelope(t *testing.T) {
	t.Parallel()
	a := newAPI(t, trustLoopback) // a client address for each request, past the limit
	for i, test := range []struct {
		request   request
		status    int
		errorType gen.ErrorType
		message   string
	}{
		{get("/nothing-here"), 404, "NOT_FOUND", "No such path"},
		{get("/"), 404, "NOT_FOUND", "No such path"},
		{request{method: "PUT", path: "/health"}, 405, "METHOD_NOT_ALLOWED", "Allow header"},
		{request{method: "HEAD", path: "/demo/session"}, 405, "", ""},
		{get("/demo/session"), 405, "METHOD_NOT_ALLOWED", "Allow header"},
		{post("/demo/session", twoMiB), 413, "PAYLOAD_TOO_LARGE", "larger than 1 MiB"},
		{post("/demo/session", `{"a":`), 400, "VALIDATION_ERROR", "not valid JSON"},
		{post("/demo/session", `{} {}`), 400, "VALIDATION_ERROR", "not valid JSON"},
		{post("/demo/session", `{"a":1,"a":2}`), 400, "VALIDATION_ERROR", "not valid JSON"},
		{post("/demo/session", "{\"a\":\"\xff\"}"), 400, "VALIDATION_ERROR", "not valid JSON"},
		{post("/demo/session", `[]`), 400, "VALIDATION_ERROR", "takes no request body"},
		{post("/demo/session", `<xml/>`).with("Content-Type", "application/xml"), 415, "UNSUPPORTED_MEDIA_TYPE", "application/json"},
		{get("/health?verbose=1&x=%zz"), 400, "VALIDATION_ERROR", "query string"},
		{get("/health?b=1&a=2"), 400, "VALIDATION_ERROR", "query.a: unknown parameter; query.b: unknown parameter"},
	} {
		r := test.request
		if r.header == nil {
			r = r.with("X-Forwarded-For", "203.0.113."+string(rune('0'+i%10)))
		}
		answer := a.do(r)
		assert.Equal(t, test.status, answer.status, "%v", r)
		assert.Regexp(t, `^req_[a-z0-9]{12}$`, answer.header.Get("X-Request-ID"))
		assert.Equal(t, "1.0", answer.header.Get("API-Version"))
		if test.status == http.StatusMethodNotAllowed {
			assert.NotEmpty(t, answer.header.Get("Allow"), "%v", r)
		}
		if r.method == http.MethodHead {
			continue
		}
		e := answer.error(t)
		assert.Equal(t, test.errorType, e.Type, "%v", r)
		assert.Contains(t, e.Message, test.message, "%v", r)
		assert.Equal(t, answer.header.Get("X-Request-ID"), e.RequestID)
	}
}

func TestAllowListsTheMethodsOfThePath(t *testing.T) {
	t.Parallel()
	allow := newAPI(t).do(get("/demo/session")).header.Get("Allow")
	assert.ElementsMatch(t, []string{"DELETE", "OPTIONS", "POST"}, strings.Split(allow, ", "))
}

func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	root := strings.TrimSuffix(a.url, loadDocument().BasePath())
	asYAML := send(t, root, get("/openapi.yaml"))
	assert.Equal(t, http.StatusOK, asYAML.status)
	assert.Equal(t, "application/yaml", asYAML.header.Get("Content-Type"))
	assert.Equal(t, string(loadDocument().YAML()), string(asYAML.body), "byte for byte")
	for path, contentType := range map[string]string{"/openapi.yaml": "application/yaml", "/openapi.json": "application/json"} {
		for accept, encoding := range map[string]string{"identity": "", "gzip": "gzip"} {
			file := a.asset(http.MethodGet, path, "Accept-Encoding", accept)
			assert.Equal(t, contentType, file.header.Get("Content-Type"))
			assert.Equal(t, "no-cache", file.header.Get("Cache-Control"))
			assert.Equal(t, "nosniff", file.header.Get("X-Content-Type-Options"))
			assert.Equal(t, "Accept-Encoding", file.header.Get("Vary"))
			assert.Equal(t, encoding, file.header.Get("Content-Encoding"))
			tag := file.header.Get("ETag")
			assert.NotEmpty(t, tag)
			again := a.asset(http.MethodGet, path, "Accept-Encoding", accept, "If-None-Match", tag)
			assert.Equal(t, http.StatusNotModified, again.status)
			assert.Empty(t, again.body)
			head := a.asset(http.MethodHead, path, "Accept-Encoding", accept)
			assert.Equal(t, http.StatusOK, head.status)
			assert.Equal(t, tag, head.header.Get("ETag"))
			assert.Empty(t, head.body)
		}
	}
	asJSON := send(t, root, get("/openapi.json"))
	var document struct{ OpenAPI string }
	require.NoError(t, json.Unmarshal(asJSON.body, &document))
	assert.Equal(t, "3.1.0", document.OpenAPI)
}

func TestCORS(t *testing.T) {
	t.Parallel()
	preflight := func(origin string) request {
		return request{method: http.MethodOptions, path: "/demo/session", header: map[string]string{
			"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type",
		}}
	}
	allowed := newAPI(t, func(cfg *server.Config) { cfg.CORSOrigins = []string{"https://app.example.com"} })

	answer := allowed.do(preflight("https://app.example.com"))
	assert.Equal(t, http.StatusNoContent, answer.status)
	assert.Equal(t, "https://app.example.com", answer.header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "GET,HEAD,POST,DELETE", answer.header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "Authorization,Content-Type,Idempotency-Key,If-Match,If-None-Match,Prefer", answer.header.Get("Access-Control-Allow-Headers"))
	assert.NotEmpty(t, answer.header.Get("X-Request-ID"))
	assert.Empty(t, allowed.do(preflight("https://evil.example.com")).header.Get("Access-Control-Allow-Origin"))
	assert.Empty(t, newAPI(t).do(preflight("https://app.example.com")).header.Get("Access-Control-Allow-Origin"), "none by default")

	// A page can read an error, too, and its headers.
	answer = allowed.do(del("/demo/session", "").with("Origin", "https://app.example.com"))
	assert.Equal(t, http.StatusUnauthorized, answer.status)
	assert.Equal(t, "https://app.example.com", answer.header.Get("Access-Control-Allow-Origin"))
	assert.Contains(t, answer.header.Get("Access-Control-Expose-Headers"), "X-Request-ID")
}

func TestAPanicIsAnErrorLikeOthers(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withClock(brokenClock))
	answer := a.do(get("/health"))
	assertMeetsContract(t, "getHealth", answer)
	assert.Equal(t, "INTERNAL_ERROR", answer.error(t).Type)
	assert.NotContains(t, string(answer.body), "no time")
	assert.Contains(t, a.log.String(), "no time")
}
