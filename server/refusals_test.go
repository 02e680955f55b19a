package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	mostRefusal = 128 << 10 // bytes of a refusal's body
	mostLogLine = 32 << 10  // of the line that the server hands to the log, whose own bound cmd/structural sets
)

// members makes an object of n members, each name with a number behind it.
func members(n int, name string) string {
	b := []byte("{")
	for i := range n {
		b = fmt.Appendf(b, `"%s%d":1,`, name, i)
	}
	return string(append(b[:len(b)-1], '}'))
}

// A caller is told of 50 problems and how many more there are, whoever finds them: the contract, the patch, the translation.
func TestRefusalsListFiftyProblemsAndHowManyMore(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	lines := func(line string, n int) string { return "[" + strings.Repeat(line+",", n-1) + line + "]" }
	for name, test := range map[string]struct {
		r            request
		status       int
		first, after string
	}{
		"contract": {post("/connect", `{"platform":"procore",`+members(100, "x")[1:]), 400, "/x0: unknown property; /x1: ", "; and 50 more"},
		"contract, more than are counted": {post("/connect", `{"platform":"procore",`+members(90_000, "x")[1:]), 400,
			"/x0: unknown property; /x1: ", "; and more"},
		"parameters": {get("/connections?" + strings.Repeat("x=1&", 3) + manyParameters(200)), 400, "query.", "; and 151 more"},
		"patch":      {payment(members(60_000, "x")), 400, "/data/x0: unknown field; /data/x1: unknown field; ", "; and 59950 more"},
		"a platform's patch": {post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment","data":`+
			members(60_000, "x")+`}`), 400, "/data/x0: unknown field; /data/x1: unknown field; ", "; and 59950 more"},
		"translation": {post("/transform", `{"source":"procore","target":"dynamics","entity_type":"contract","context":{"commitmentType":"WorkOrderContract"},
			"data":{"id":1,"line_items":`+lines(`{"id":1,"amount":"much"}`, 9000)+`}}`), 422, "/data/line_items/0/amount: expected an amount", "; and 8950 more"},
	} {
		answer := a.do(test.r.as(key).with("Idempotency-Key", "refusal-"+strings.ReplaceAll(name, " ", "-")))
		require.Equal(t, test.status, answer.status, "%s: %.300s", name, answer.body)
		message := answer.error(t).Message
		assert.True(t, strings.HasPrefix(message, test.first), "%s: %.200s", name, message)
		assert.True(t, strings.HasSuffix(message, test.after), "%s: %s", name, message[max(0, len(message)-100):])
		assert.Len(t, strings.Split(message, "; "), 51, name)
		assert.Less(t, len(answer.body), mostRefusal)
	}
	for line := range strings.Lines(a.log.String()) {
		assert.Less(t, len(line), mostLogLine)
	}
	var kept int
	require.NoError(t, a.db.Get(&kept, `SELECT max(length(answer)) FROM idempotency_keys WHERE customer_id = $1`, a.customer(key)))
	assert.Less(t, kept, mostRefusal, "a refusal that is kept")
	assert.Positive(t, kept)
}

func manyParameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d=1&", i)
	}
	return b.String()
}

// A name that a caller made up appears once, cut, however many members lie below it.
func TestRefusalsCutNamesAndPointers(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, c := range []string{"n", "ä", "🏗", "~0", "~1", "/", "<"} {
		long := strings.Repeat(c, 300)
		for _, r := range []request{
			post("/connect", `{"platform":"procore","`+long+`":1}`), payment(`{"` + long + `":1}`),
			post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1},"context":{"`+long+`":1}}`),
		} {
			answer := a.do(r.as(key))
			require.Equal(t, http.StatusBadRequest, answer.status, "%s", answer.body)
			message := answer.error(t).Message
			pointer, _, _ := strings.Cut(message, ": ")
			assert.True(t, strings.HasSuffix(pointer, "…"), message)
			assert.LessOrEqual(t, len([]rune(pointer)), 2+len("/context/")+2*64, message)
			assert.NotContains(t, message, "\ufffd")
			assert.Equal(t, strings.Count(pointer, "~"), strings.Count(pointer, "~0")+strings.Count(pointer, "~1"), message)
		}
	}
}

// The first request puts an object with a long name into a record; the second names thousands of members of it. Each of
// them, told with the whole pointer, would take 2 GB, and five times that where a record holds them.
func TestPropagateChange_TwoRequestsDoNotEndTheProcess(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	long := strings.Repeat("n", 400_000)
	change := func(data string) request {
		return post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment","data":`+data+`}`).as(key)
	}
	first := a.do(change(`{"attachments":{"` + long + `":{}}}`))
	second := a.do(change(`{"attachments":{"` + long + `":` + members(5_000, "x") + `}}`))
	third := a.do(change(`{"attachments":{"` + long + `":{"m":1}}}`))
	fourth := a.do(change(`{"attachments":{"` + long + `":` + members(5_000, "x") + `}}`))
	for i, answer := range []answer{first, second, third, fourth} {
		t.Logf("%d: %d, %d bytes: %.150s", i, answer.status, len(answer.body), answer.body)
		if answer.status >= 400 {
			assert.Less(t, len(answer.body), mostRefusal)
		}
		assert.Less(t, len(answer.body), 8<<20)
		assertMeetsContract(t, "propagateChange", answer)
	}
	for line := range strings.Lines(a.log.String()) {
		assert.Less(t, len(line), mostLogLine)
	}
}
