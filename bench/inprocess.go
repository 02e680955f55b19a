package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
)

// call is a request that is handed to a handler again and again without a network, and with next to no cost of its own.
type call struct {
	handler http.Handler
	request *http.Request
	body    []byte
	reader  bytes.Reader
	answer  answer
}

func newCall(handler http.Handler, method, target, body string, headers ...string) *call {
	c := &call{handler: handler, body: []byte(body), answer: answer{header: http.Header{}}}
	c.request = httptest.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body))
	c.request.RemoteAddr = "127.0.0.1:40000"
	if body != "" {
		c.request.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		c.request.Header.Set(name, value)
	}
	return c
}

// do makes the call and returns the status.
func (c *call) do() int {
	// Middleware may have put another body in its place.
	c.reader.Reset(c.body)
	c.request.Body = requestBody{&c.reader}
	c.answer.reset()
	c.handler.ServeHTTP(&c.answer, c.request)
	return c.answer.status
}

type requestBody struct{ *bytes.Reader }

func (requestBody) Close() error { return nil }

// answer is a response that is thrown away.
type answer struct {
	header http.Header
	status int
}

func (a *answer) reset() {
	clear(a.header)
	a.status = 0
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) { return len(b), nil }
