package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"structural.app/structural/gen"
	"structural.app/structural/server/openapi"
)

const (
	maxErrorBytes    = 128 << 10
	maxProblems      = 50
	maxName          = 64        // bytes of a name that an error repeats
	maxRequestMemory = 512 << 20 // allocated for one request in all, not at once
	maxHeapGrowth    = 48 << 20  // in use after the garbage collection, over a whole run
)

// keyPattern finds an API key.
var keyPattern = regexp.MustCompile(`sk_(demo|test|live)_[A-Za-z0-9]{30,}`)

// longNames are runs of a letter that the fuzzer has in its names only.
var longNames = regexp.MustCompile(fmt.Sprintf(`k{%d}|n{%[1]d}`, maxName+1))

// judge says which laws an answer breaks.
func (w *fuzzWorld) judge(r fuzzRequest, a fuzzAnswer) (broken []string) {
	if a.err != nil && a.reached {
		return []string{"no answer: " + a.err.Error()}
	}
	if !a.reached {
		return nil
	}
	law := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	op := routed(r)
	switch {
	case a.status >= 500 && !(a.status == http.StatusServiceUnavailable && strings.Contains(string(a.body), `"OVERLOADED"`)):
		law("status %d", a.status)
	case r.method == http.MethodHead:
		w.judgeHead(r, a, law)
	case op != nil && (r.plain || !isNoRoute(a.status)):
		if err := op.CheckResponse(a.status, a.header, a.body, nil); err != nil {
			law("an answer outside the document: %v", err)
		}
	case !isNoRoute(a.status) && (r.method != http.MethodOptions || a.status != http.StatusNoContent):
		law("status %d for what is no operation", a.status)
	}
	if a.status >= 400 && r.method != http.MethodHead {
		judgeError(a, law)
	}
	w.judgeSecrets(r, a, law)
	if a.allocated > maxRequestMemory {
		law("a request that allocates %d MB", a.allocated>>20)
	}
	if op != nil && r.caller != nil && !r.caller.gone && a.status < 300 && r.method != http.MethodGet {
		w.judgeChange(r, a, law)
	}
	return broken
}

// routed is the operation that a request is for by its path and method, nil if there is none.
func routed(r fuzzRequest) *openapi.Operation {
	for _, op := range loadDocument().Operations() {
		if op.Path == r.operation.path && op.Method == r.method {
			return op
		}
	}
	return nil
}

// isNoRoute says whether a status is one that a path without an operation may have.
func isNoRoute(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusBadRequest
}

// judgeHead holds the answer to a HEAD to that of the GET (RFC 9110, section 9.3.2).
func (w *fuzzWorld) judgeHead(r fuzzRequest, a fuzzAnswer, law func(string, ...any)) {
	r.method = http.MethodGet
	op := routed(r)
	if len(a.body) > 0 {
		law("HEAD has a body")
	}
	if op == nil || !r.plain {
		if op == nil && !isNoRoute(a.status) {
			law("status %d for HEAD of what has no GET", a.status)
		}
		return
	}
	r.body = nil
	got := w.send(r)
	if got.status != a.status {
		law("HEAD is %d, GET is %d", a.status, got.status)
		return
	}
	if err := op.CheckResponse(a.status, a.header, got.body, nil); err != nil {
		law("HEAD outside the document: %v", err)
	}
}

func judgeError(a fuzzAnswer, law func(string, ...any)) {
	if len(a.body) > maxErrorBytes {
		law("an error of %d bytes", len(a.body))
	}
	var envelope gen.ErrorResponse
	if err := json.Unmarshal(a.body, &envelope); err != nil {
		law("an error without its envelope: %v", err)
		return
	}
	e := envelope.Error
	if e.Type == "" || e.Message == "" || e.RequestID == "" || e.RequestID != a.header.Get("X-Request-ID") {
		law("an envelope without type, message or the id of the request: %.200s", a.body)
	}
	if n := strings.Count(e.Message, "; "); n > maxProblems {
		law("%d problems in one error", n+1)
	}
	if name := longNames.FindString(e.Message); name != "" {
		law("an error repeats more than %d bytes of a name", maxName)
	}
}

// judgeSecrets finds what must be in no answer: a key, what a header had, what another customer has.
func (w *fuzzWorld) judgeSecrets(r fuzzRequest, a fuzzAnswer, law func(string, ...any)) {
	var headers strings.Builder
	if err := a.header.Write(&headers); err != nil {
		law("headers: %v", err)
	}
	body := string(a.body)
	for _, key := range append(w.keys(), w.deleted) {
		if strings.Contains(headers.String(), key) || a.status >= 400 && strings.Contains(body, key) {
			law("an answer repeats an API key")
		}
	}
	if strings.Contains(headers.String(), headerCanary) || strings.Contains(body, headerCanary) {
		law("an answer repeats the value of a header")
	}
	for _, c := range []*fuzzCustomer{w.first, w.second} {
		if c != r.caller && strings.Contains(body, c.canary) {
			law("an answer with what another customer has")
		}
	}
}

// judgeChange holds what an accepted change has left to be readable, and to be its caller's alone.
func (w *fuzzWorld) judgeChange(r fuzzRequest, a fuzzAnswer, law func(string, ...any)) {
	c := r.caller
	if r.method == http.MethodDelete {
		c.gone = true
		return
	}
	if r.operation.id == "transformData" || r.operation.id == "createDemoSession" {
		return // they store nothing of the caller's
	}
	c.touched = true
	var changed struct {
		Data struct {
			Canonical struct {
				ID string `json:"id"`
			} `json:"canonical"`
		} `json:"data"`
	}
	if json.Unmarshal(a.body, &changed) != nil || changed.Data.Canonical.ID == "" {
		w.judgeLists(c, "payment", platformNames(), law)
		return
	}
	id := changed.Data.Canonical.ID
	w.judgeObject(c, id, law)
	other := w.first
	if c == w.first {
		other = w.second
	}
	if !other.touched && !other.gone && id != paymentID { // as new, but for its canary: then nobody has ever changed this
		history := w.simple(http.MethodGet, "/objects/"+url.PathEscape(id)+"/history", other.key, "")
		if history.status == http.StatusOK && strings.Contains(string(history.body), a.header.Get("X-Request-ID")) {
			law("a change is in the history of another customer")
		}
	}
}

func (w *fuzzWorld) judgeObject(c *fuzzCustomer, id string, law func(string, ...any)) {
	path := "/objects/" + url.PathEscape(id)
	object := w.read(c, "getObject", path, law)
	w.pages(c, "getObjectHistory", path+"/history?limit=3", law)
	var found gen.ObjectResponse
	if json.Unmarshal(object.body, &found) != nil || object.status != http.StatusOK {
		return
	}
	if version := found.Data.Version; version < c.highest[id] {
		law("the version of an object fell from %d to %d", c.highest[id], version)
	} else {
		c.highest[id] = version
	}
	var platforms []string
	for _, m := range found.Data.Mappings {
		platforms = append(platforms, string(m.Platform))
	}
	w.judgeLists(c, string(found.Data.EntityType), slices.Compact(platforms), law)
}

func (w *fuzzWorld) judgeLists(c *fuzzCustomer, entityType string, platforms []string, law func(string, ...any)) {
	for _, platform := range platforms {
		path := "/objects?platform=" + platform + "&entity_type=" + entityType
		whole := w.pages(c, "getObjects", path, law)
		if inPages := w.pages(c, "getObjects", path+"&limit=4", law); !slices.Equal(whole, inPages) {
			law("a list is %d objects at once, and %d in pages", len(whole), len(inPages))
		}
	}
}

// nextPage finds the target of a Link header, without the base path.
var nextPage = regexp.MustCompile(`<[^>]*?(/objects[^>]*)>; rel="next"`)

// pages reads a list from page to page, and returns the ids in it.
func (w *fuzzWorld) pages(c *fuzzCustomer, operationID, path string, law func(string, ...any)) (ids []string) {
	for range 100 {
		a := w.read(c, operationID, path, law)
		var list struct{ Data []struct{ ID string } }
		if a.status == http.StatusOK && json.Unmarshal(a.body, &list) != nil {
			law("a list that is none: %.200s", a.body)
		}
		for _, item := range list.Data {
			ids = append(ids, item.ID)
		}
		next := nextPage.FindStringSubmatch(a.header.Get("Link"))
		if next == nil {
			return ids
		}
		path = next[1]
	}
	law("%s has no last page", operationID)
	return ids
}

// read reads what must be readable.
func (w *fuzzWorld) read(c *fuzzCustomer, operationID, path string, law func(string, ...any)) fuzzAnswer {
	a := w.simple(http.MethodGet, path, c.key, "")
	switch {
	case a.err != nil:
		law("after a change %s has no answer: %v", operationID, a.err)
	case a.status != http.StatusOK:
		law("after a change %s is %d: %.200s", operationID, a.status, a.body)
	default:
		if err := loadDocument().Operation(operationID).CheckResponse(a.status, a.header, a.body, nil); err != nil {
			law("after a change %s is outside the document: %v", operationID, err)
		}
	}
	return a
}

// end looks at what a run leaves behind in memory, now and then.
func (w *fuzzWorld) end() []string {
	if w.runs%100 != 0 {
		return nil
	}
	w.report.write()
	heap := heapInUse()
	if w.heap == 0 || w.runs <= 300 { // Go's own fuzzing takes 100 MB with the first mutation, which comes behind the seeds
		w.heap = heap
	}
	if heap > w.heap+maxHeapGrowth {
		return []string{fmt.Sprintf("memory in use grew from %d to %d MB", w.heap>>20, heap>>20)}
	}
	return nil
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // what the first one has taken from the pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
