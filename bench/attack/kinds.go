package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"structural.app/structural/server/apikey"
)

// kinds are the requests that were found to cost most for their size.
func kinds() []kind {
	const payment = "/objects/pay_NvmMc888X6CLDxl"
	large := func(value string) request {
		return platformChange("1823456", `{"origin_data":{"k":{`+strings.ReplaceAll(members(40_000), ":1", ":"+value)+`}}}`)
	}
	attachments := func(list string) request { return platformChange("1823456", `{"attachments":[`+list+`]}`) }
	below := func(length int, value string) request {
		return platformChange("1823456", `{"origin_data":{"`+strings.Repeat("k", length)+`":`+value+`}}`)
	}
	return []kind{
		{name: "nested arrays", loop: []request{
			post("/transform", strings.Repeat("[", 1<<20-1)),
			transform("payment", `{"id":1,"a":[`+times("["+strings.Repeat("[", 240)+strings.Repeat("]", 240)+"]", 2100)+`]}`),
			transform("payment", `{"id":1,"a":[`+times("[]", 340_000)+`]}`),
			transform("payment", `{"id":1,"a":`+strings.Repeat("[", 500)+strings.Repeat("]", 500)+`}`),
		}},
		{name: "tiny lines", loop: []request{transform("invoice", `{"id":1,"items":[`+times("1", 500_000)+`]}`)}},
		{name: "empty lines", loop: []request{transform("invoice", `{"id":1,"items":[`+times("{}", 340_000)+`]}`)}},
		{name: "wrong lines", loop: []request{transform("invoice", `{"id":1,"items":[`+times(`{"id":"x"}`, 80_000)+`]}`)}},
		{name: "lines with names of their own", loop: []request{transform("invoice", `{"id":1,"items":[`+namedLines(40_000)+`]}`)}},
		{name: "propagate many lines", newKeys: true, loop: []request{post("/propagate",
			`{"format":"platform","platform":"procore","platform_id":"10061","entity_type":"invoice","data":{"items":[`+times(`{"id":1}`, 100_000)+`]}}`)}},
		{name: "a long name of <", newKeys: true, loop: []request{canonicalChange(`{"` + strings.Repeat("<", 950<<10) + `":1}`)}},
		{name: "a long name around many", newKeys: true, loop: []request{
			below(400<<10, "{}"), below(400<<10, "{"+members(45_000)+"}"), below(40_000, "{}"), below(40_000, "{"+members(45_000)+"}"),
		}},
		{name: "a long name around numbers", newKeys: true, loop: []request{below(40_000, "["+times("1", 10_001)+"]"), below(40_000, "["+times("2", 10_001)+"]")}},
		{name: "unknown fields, kept", newKeys: true, loop: []request{withIdempotencyKey(canonicalChange("{" + members(85_000) + "}"))}},
		{name: "127 bytes on a large record", newKeys: true, loop: []request{platformChange("1823456", `{"origin_data":{"k":{"0":%d}}}`)}, prepare: []request{large("1")}},
		{name: "all of a large record", newKeys: true, loop: []request{large("1"), large("2")}},
		{name: "hundreds of thousands of objects", newKeys: true, loop: []request{attachments(times("{}", 340_000)), attachments(times("1", 500_000))}},
		{name: "118 bytes on many objects", newKeys: true, prepare: []request{attachments(times("{}", 340_000))},
			loop: []request{platformChange("1823456", `{"check_number":"CHK-%d"}`), get(payment)}},
		{name: "growing history", newKeys: true, loop: []request{withIdempotencyKey(randomChange)}},
		{name: "pages of a long history", prepare: slices.Repeat([]request{randomChange}, 20), loop: []request{get(payment + "/history?limit=1000")}},
		{name: "list of large records", prepare: []request{randomChange}, loop: []request{get("/objects?platform=procore&entity_type=payment&limit=1000")}},
		{name: "query parameters", loop: []request{get("/connections?" + strings.NewReplacer(`"`, "", ":", "=", ",", "&").Replace(members(2000)))}},
		{name: "keys that are none", loop: []request{func(int) (string, string, string, map[string]string) {
			return http.MethodGet, "/connections", "", bearer(apikey.New("demo"))
		}}},
		{name: "connect", loop: []request{post("/connect", `{"platform":"procore"}`), post("/connect", `{"platform":"dynamics"}`)}},
		{name: "sessions", client: manySessions},
		{name: "slow bodies", client: slowBodies},
		{name: "idle connections", client: idleConnections},
	}
}

func namedLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":%d,"k%d":1},`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// members are so many members of an object.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%x":1,`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// times is a list of so many of the same.
func times(element string, n int) string {
	return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
}

// random is text that does not compress; it is base64 of a URL.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func get(path string) request {
	return func(int) (string, string, string, map[string]string) { return http.MethodGet, path, "", nil }
}

// post sends a body; %d in it is the number of the request.
func post(path, body string) request {
	numbered := strings.Contains(body, "%d")
	return func(n int) (string, string, string, map[string]string) {
		if numbered {
			return http.MethodPost, path, strings.ReplaceAll(body, "%d", fmt.Sprint(n)), nil
		}
		return http.MethodPost, path, body, nil
	}
}

func transform(entityType, data string) request {
	return post("/transform", `{"source":"procore","target":"dynamics","entity_type":"`+entityType+`","data":`+data+`}`)
}

func platformChange(id, data string) request {
	return post("/propagate", `{"format":"platform","platform":"procore","platform_id":"`+id+`","entity_type":"payment","data":`+data+`}`)
}

func canonicalChange(data string) request {
	return post("/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":`+data+`}`)
}

// randomChange is a change of most of a megabyte that no compression makes small, in texts that are just short enough to be stored.
func randomChange(n int) (string, string, string, map[string]string) {
	var texts strings.Builder
	for i := range 14 {
		fmt.Fprintf(&texts, `,"t%d":"%s"`, i, random(48_000))
	}
	return platformChange("1823456", `{"origin_data":{`+texts.String()[1:]+`}}`)(n)
}

func withIdempotencyKey(r request) request {
	return func(n int) (string, string, string, map[string]string) {
		method, path, body, _ := r(n)
		return method, path, body, map[string]string{"Idempotency-Key": random(16)}
	}
}

// manySessions makes sessions, each from an address of its own, and connects both platforms in each.
func manySessions(ctx context.Context, a *attack) {
	for ctx.Err() == nil {
		_, status, err := newSession(ctx, a.url, true)
		a.count(status, err)
		if status != http.StatusCreated {
			pause(ctx, 100*time.Millisecond)
		}
	}
}

// slowBodies keeps 25 requests open whose bodies come byte by byte.
func slowBodies(ctx context.Context, a *attack) {
	key := a.session(ctx)
	open := make(chan struct{}, 25)
	for ctx.Err() == nil {
		open <- struct{}{}
		go func() {
			defer func() { <-open }()
			a.slowBody(ctx, key)
		}()
	}
}

func (a *attack) slowBody(ctx context.Context, key string) {
	c, err := a.dial(ctx)
	if err != nil {
		a.count(0, err)
		pause(ctx, 100*time.Millisecond)
		return
	}
	defer c.Close()
	_, err = fmt.Fprintf(c, "POST /api/v1/transform HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", key, 1<<20)
	for n := 0; err == nil && ctx.Err() == nil; n++ {
		_, err = c.Write([]byte(" "))
		pause(ctx, 500*time.Millisecond)
	}
	a.count(0, err)
}

// idleConnections opens 125 connections that send nothing, and opens anew those that are closed.
func idleConnections(ctx context.Context, a *attack) {
	open := make(chan struct{}, 125)
	for ctx.Err() == nil {
		open <- struct{}{}
		go func() {
			defer func() { <-open }()
			c, err := a.dial(ctx)
			if err != nil {
				a.count(0, err)
				pause(ctx, 100*time.Millisecond)
				return
			}
			defer c.Close()
			stop := context.AfterFunc(ctx, func() { c.Close() })
			defer stop()
			_, err = c.Read(make([]byte, 1)) // until it is closed
			a.count(0, err)
		}()
	}
}

func (a *attack) dial(ctx context.Context) (net.Conn, error) {
	u, err := url.Parse(a.url)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, "tcp", u.Host)
}
