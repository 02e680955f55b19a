package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// origin is the server's address without the base path.
func (a *api) origin() string { return strings.TrimSuffix(a.url, loadDocument().BasePath()) }

// asset asks for a file of the API reference. It does not take gzip unless told so.
func (a *api) asset(method, path string, header ...string) answer {
	a.t.Helper()
	r := request{method: method, path: path, header: map[string]string{"Accept-Encoding": "identity"}}
	for i := 0; i < len(header); i += 2 {
		r.header[header[i]] = header[i+1]
	}
	return send(a.t, a.origin(), r)
}

// The page and every file that it names are there, of the right type, under a strict policy, and can be asked for again.
func TestDocs_EveryFileOfThePage(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	page := a.asset(http.MethodGet, "/docs")
	require.Equal(t, http.StatusOK, page.status)
	assert.NotRegexp(t, `<script>|<style|style=|\son\w+=|https?://`, string(page.body), "nothing inline, nothing of another host")

	contentTypes := map[string]string{
		"/docs":                      "text/html; charset=utf-8",
		"/docs/favicon.png":          "image/png",
		"/docs/page.css":             "text/css; charset=utf-8",
		"/docs/page.js":              "text/javascript; charset=utf-8",
		"/docs/swagger-ui.css":       "text/css; charset=utf-8",
		"/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	}
	named := map[string]bool{"/docs": true}
	base, err := url.Parse(a.origin() + "/docs")
	require.NoError(t, err)
	for _, reference := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(string(page.body), -1) {
		target, err := base.Parse(reference[1])
		require.NoError(t, err)
		named[target.Path] = true
	}
	assert.Equal(t, http.StatusOK, a.asset(http.MethodGet, "/openapi.yaml").status)
	delete(named, "/openapi.yaml")
	for path := range named {
		assert.Contains(t, contentTypes, path, "the page names it")
	}

	for path, contentType := range contentTypes {
		assert.Contains(t, named, path, "nothing names it")
		file := a.asset(http.MethodGet, path)
		require.Equal(t, http.StatusOK, file.status, path)
		assert.NotEmpty(t, file.body, path)
		for name, value := range map[string]string{
			"Content-Type": contentType, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
			"Content-Encoding": "", "Api-Version": "1.0",
			"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			assert.Equal(t, value, file.header.Get(name), "%s %s", path, name)
		}
		assert.Regexp(t, `^req_`, file.header.Get("X-Request-ID"), path)

		again := a.asset(http.MethodGet, path, "If-None-Match", file.header.Get("ETag"))
		assert.Equal(t, http.StatusNotModified, again.status, path)
		assert.Empty(t, again.body, path)
		head := a.asset(http.MethodHead, path)
		assert.Equal(t, http.StatusOK, head.status, path)
		assert.Equal(t, file.header.Get("ETag"), head.header.Get("ETag"), path)
	}
}

// The large files go compressed to whoever takes that (RFC 9110, section 12.5.3), and are the same then.
func TestDocs_Gzip(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	const path = "/docs/swagger-ui-bundle.js"
	plain := a.asset(http.MethodGet, path)
	assert.Contains(t, string(plain.body), "SwaggerUIBundle")
	assert.Equal(t, "Accept-Encoding", plain.header.Get("Vary"))
	for accept, gzipped := range map[string]bool{
		"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "*": true, "deflate, *;q=0.1": true, "gzip; q=1": true,
		"br": false, "gzip;q=0": false, "gzip;q=0.000, *": false, "*;q=0": false, "identity": false, "xgzip": false,
	} {
		answer := a.asset(http.MethodGet, path, "Accept-Encoding", accept)
		require.Equal(t, http.StatusOK, answer.status, accept)
		if !gzipped {
			assert.Empty(t, answer.header.Get("Content-Encoding"), accept)
			assert.Equal(t, plain.header.Get("ETag"), answer.header.Get("ETag"), accept)
			continue
		}
		require.Equal(t, "gzip", answer.header.Get("Content-Encoding"), accept)
		assert.NotEqual(t, plain.header.Get("ETag"), answer.header.Get("ETag"), accept)
		reader, err := gzip.NewReader(bytes.NewReader(answer.body))
		require.NoError(t, err)
		body, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(plain.body, body), accept)
	}
}

func TestDocs_WhatIsNotThere(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, path := range []string{"/docs/swagger-ui.js", "/docs/index.html", "/docs/../go.mod", "/docs/swagger-ui.css.gz"} {
		answer := a.asset(http.MethodGet, path)
		assert.Equal(t, http.StatusNotFound, answer.status, path)
		assert.Equal(t, "NOT_FOUND", answer.error(t).Type, path)
	}
	answer := a.asset(http.MethodPost, "/docs")
	assert.Equal(t, http.StatusMethodNotAllowed, answer.status)
	answer = a.asset(http.MethodGet, "/docs/") // leads to the page
	assert.Equal(t, http.StatusOK, answer.status)
	assert.Contains(t, string(answer.body), "<title>Structural API reference</title>")
}
