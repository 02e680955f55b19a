package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGetObject_304_WhileItIsThisVersion(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	read := func(tag string) answer {
		answer := a.do(get("/objects/"+paymentID).as(key).with("If-None-Match", tag))
		assertMeetsContract(t, "getObject", answer)
		return answer
	}
	tag := a.do(get("/objects/" + paymentID).as(key)).header.Get("ETag")
	for _, known := range []string{tag, "W/" + tag, `"1", ` + tag, "*"} {
		answer := read(known)
		assert.Equal(t, http.StatusNotModified, answer.status, known)
		assert.Empty(t, answer.body, known)
		for name, want := range map[string]string{
			"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", "Content-Type": "", "Content-Encoding": "",
		} {
			assert.Equal(t, want, answer.header.Get(name), "%s: %s", known, name)
		}
	}
	assert.Equal(t, http.StatusOK, read(`"1"`).status)
	for _, bad := range []string{"1", `"1`, "\"\xff\"", `"1" "2"`} {
		assert.Equal(t, http.StatusBadRequest, read(bad).status, bad)
	}

	a.propagate(payment(`{"notes":"another"}`).as(key))
	changed := read(tag)
	require.Equal(t, http.StatusOK, changed.status)
	assert.NotEqual(t, tag, changed.header.Get("ETag"))
}

// What is no id by its pattern is refused, and the database is not asked; one that there is not is not found.
func TestGetObject_400_WhatCannotBeAnID(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, id := range []string{
		"%00", "pay_NvmMc888X6CLDx%00", "pay_NvmMc888X6CLDxl%00", "%ff", "pay_NvmMc888X6CLDx%ff", "%ED%A0%80", "pay_NvmMc888X6CLDxl%0A",
		"pay%20NvmMc888X6CLDxl", "%7F", "%F0%9F%98%80", strings.Repeat("x", 256),
	} {
		for operation, path := range map[string]string{"getObject": "/objects/" + id, "getObjectHistory": "/objects/" + id + "/history"} {
			answer := a.do(get(path).as(key))
			assert.Equal(t, http.StatusBadRequest, answer.status, path)
			assert.Contains(t, answer.error(t).Message, "path.canonical_id: ", path)
			assertMeetsContract(t, operation, answer)
		}
	}
	assert.Equal(t, http.StatusOK, a.do(get("/objects/pay%5FNvmMc888X6CLDxl").as(key)).status, "another spelling of the same path")
	for _, id := range []string{"pay_000000000000000", "nope", "pay%2FNvmMc888X6CLDxl", "%2e%2e", strings.Repeat("x", 255)} {
		assert.Equal(t, http.StatusNotFound, a.do(get("/objects/"+id).as(key)).status, id)
	}
}
