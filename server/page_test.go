package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The page is asked for again each time, and lets nothing in that is not its own.
func TestPage_Index(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	page := a.asset(http.MethodGet, "/")
	require.Equal(t, http.StatusOK, page.status)
	assert.NotRegexp(t, `<script>|<style|style=|\son\w+=|https?://`, string(page.body), "nothing inline, nothing of another host")
	for name, value := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "Content-Security-Policy": pagePolicy,
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Api-Version": "1.0",
	} {
		assert.Equal(t, value, page.header.Get(name), name)
	}
	tag := page.header.Get("ETag")
	assert.Regexp(t, `^"[0-9a-f]{16}"$`, tag)
	again := a.asset(http.MethodGet, "/", "If-None-Match", tag)
	assert.Equal(t, http.StatusNotModified, again.status)
	assert.Empty(t, again.body)
	assert.Equal(t, pagePolicy, again.header.Get("Content-Security-Policy"))
	head := a.asset(http.MethodHead, "/")
	assert.Equal(t, http.StatusOK, head.status)
	assert.Empty(t, head.body)
	assert.Equal(t, tag, head.header.Get("ETag"))
}

// What the page is made of has names that change with the content, may be kept for ever, and is small.
func TestPage_Assets(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	contentTypes := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	names := regexp.MustCompile(`(?:src|href)="(/assets/\w+-[0-9A-Z]{8}\.(\w+))"`).FindAllStringSubmatch(string(a.asset(http.MethodGet, "/").body), -1)
	require.Len(t, names, len(contentTypes))
	compressed := 0
	for _, name := range names {
		path, extension := name[1], name[2]
		plain := a.asset(http.MethodGet, path)
		require.Equal(t, http.StatusOK, plain.status, path)
		for name, value := range map[string]string{
			"Content-Type": contentTypes[extension], "Cache-Control": "public, max-age=31536000, immutable", "Content-Security-Policy": pagePolicy,
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Encoding": "", "Vary": "Accept-Encoding",
		} {
			assert.Equal(t, value, plain.header.Get(name), "%s %s", path, name)
		}
		assert.NotContains(t, string(plain.body), "sourceMappingURL", path)

		gzipped := a.asset(http.MethodGet, path, "Accept-Encoding", "gzip")
		require.Equal(t, "gzip", gzipped.header.Get("Content-Encoding"), path)
		compressed += len(gzipped.body)
		reader, err := gzip.NewReader(bytes.NewReader(gzipped.body))
		require.NoError(t, err)
		body, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, string(plain.body), string(body), path)

		head := a.asset(http.MethodHead, path)
		assert.Equal(t, http.StatusOK, head.status, path)
		assert.Empty(t, head.body, path)
		assert.Equal(t, http.StatusMethodNotAllowed, a.asset(http.MethodPost, path).status, path)
	}
	assert.Less(t, compressed, 60<<10, "bytes on the wire")
}

func TestPage_WhatIsNotThere(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, path := range []string{"/index.html", "/assets", "/assets/", "/assets/main.js", "/assets/../web.go", "/payments", "/main.js"} {
		answer := a.asset(http.MethodGet, path)
		assert.Equal(t, http.StatusNotFound, answer.status, path)
		assert.Equal(t, "NOT_FOUND", answer.error(t).Type, path)
	}
	answer := a.asset(http.MethodPost, "/")
	assert.Equal(t, http.StatusMethodNotAllowed, answer.status)
	assert.True(t, strings.Contains(answer.header.Get("Allow"), http.MethodGet))
}
