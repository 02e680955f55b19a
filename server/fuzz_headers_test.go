package server_test

import (
	"bytes"
	"compress/gzip"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

func (a *author) writeHeaders(r *fuzzRequest) {
	a.authorize(r)
	if r.body != nil {
		r.header.Set("Content-Type", "application/json")
		if r.operation.lines {
			r.header.Set("Content-Type", "application/x-ndjson")
		}
		if a.chance(5) {
			r.header["Content-Type"] = pick(a.choices, nil, []string{"application/json", "application/json"}, []string{"text/plain", "application/json"},
				[]string{"application/json; charset=utf-16"}, []string{"text/json"}, []string{"text/csv"}, []string{""}, []string{"application/x-www-form-urlencoded"}, []string{";;"}, []string{"application/*"})
		}
		r.chunked = a.chance(5)
		if a.chance(3) {
			r.header.Set("Content-Encoding", pick(a.choices, "gzip", "br", "identity"))
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(r.body)
			w.Close()
			r.body = b.Bytes()
		}
	}
	for _, p := range r.operation.parameters {
		if p.In == openapi3.ParameterInHeader && a.chance(25) {
			r.header.Set(p.Name, a.headerValue(p))
		}
	}
	if a.chance(8) {
		r.header.Set(pick(a.choices, "If-None-Match", "Prefer", "Accept", "Accept-Encoding", "Origin", "X-HTTP-Method-Override", "X-Request-ID", "Range", "Transfer-Encoding", "X-Forwarded-For"),
			pick(a.choices, "*", "gzip", `"1"`, "handling=strict", "handling=lenient, wait=5", "wait=31", "text/html", "text/csv", "https://evil.example", "DELETE", "bytes=0-1", "req_canary", "::", "gzip;q=0"))
	}
	r.header.Set("X-Canary", headerCanary)
	r.header.Set("User-Agent", headerCanary)
}

func (a *author) headerValue(p *openapi3.Parameter) string {
	switch p.Name {
	case "Idempotency-Key":
		return pick(a.choices, "key-1", "key-1", "key-1", "key-2", `"key-1"`, headerCanary, strings.Repeat("k", 256), `"`, "é", " ")
	case "Prefer":
		return pick(a.choices, "handling=strict", "handling=lenient", `handling="strict", wait=5`, "handling=strict;a, handling=lenient", `handling="`, "", ",;=", headerCanary)
	case "If-Match", "If-None-Match":
		last := `"1"`
		if len(a.versions) > 0 {
			last = pick(a.choices, a.versions...)
		}
		return pick(a.choices, last, last, last, "*", "*", `"1"`, "W/"+last, `"0", `+last, last+last, `"`+headerCanary+`"`, headerCanary, `"\"`, "", strings.Repeat(`"",`, 400)+`""`, `"99999999999999999999"`)
	}
	if a.chance(20) {
		return pick(a.choices, "", headerCanary, strings.Repeat("v", 9000), "a, b")
	}
	return a.parameter(p)
}

func (a *author) authorize(r *fuzzRequest) {
	r.caller = a.world.first
	if a.chance(15) {
		r.caller = a.world.second
	}
	authorization := "Bearer " + r.caller.key
	if a.chance(5) {
		r.caller = nil
		key := a.world.first.key
		authorization = pick(a.choices, "", "Bearer "+key[:len(key)-1], "Bearer "+key+"x", "Basic "+key, key, "Bearer", "Bearer "+strings.ToUpper(key), "Bearer "+key+" "+key,
			"Bearer "+a.world.deleted, "Bearer "+strings.Repeat("x", 9000))
	}
	if authorization != "" {
		r.header.Set("Authorization", authorization)
	}
}
