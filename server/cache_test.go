package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is read with a key is its caller's alone; no browser guesses what anything is.
func TestCaching_WhatIsReadWithAKeyIsPrivate(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, test := range []struct {
		request      request
		cacheControl string
	}{
		{get("/connections").as(key), "private, no-cache"},
		{get("/connections"), "private, no-cache"},
		{get("/objects?platform=procore&entity_type=payment").as(key), "private, no-cache"},
		{get("/objects?limit=0").as(key), "private, no-cache"},
		{get("/objects/" + paymentID).as(key), "private, no-cache"},
		{get("/objects/" + paymentID + "/history").as(key), "private, no-cache"},
		{post("/connect", `{"platform":"procore"}`).as(key), "private, no-cache"},
		{post("/propagate", canonicalExample).as(key), "private, no-cache"},
		{post("/transform", transformPayment).as(key), "private, no-cache"},
		{post("/demo/session", ""), "no-store"},
		{del("/demo/session", key), "private, no-cache"},
		{get("/health"), ""},
		{get("/platforms"), "public, max-age=300"},
		{get("/platforms?verbose=true"), ""},
		{get("/nothing-here"), ""},
	} {
		answer := a.do(test.request)
		assert.Equal(t, test.cacheControl, answer.header.Get("Cache-Control"), "%v", test.request)
		assert.Equal(t, "nosniff", answer.header.Get("X-Content-Type-Options"), "%v", test.request)
	}
	for _, path := range []string{"/", "/docs", "/openapi.yaml"} {
		assert.Equal(t, "nosniff", a.asset(http.MethodGet, path).header.Get("X-Content-Type-Options"), path)
	}
}
