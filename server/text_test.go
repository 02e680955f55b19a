package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
	"structural.app/structural/server"
)

// Text that PostgreSQL cannot read is refused, whichever way it comes, and the message says what stands where.
func TestTextThatCannotBeStored_400(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	for escape, holds := range map[string]string{
		`\u0000`: jsontext.HoldsNUL, `\ud800`: jsontext.HoldsHalfSurrogate, `\uDE00\ud83d`: jsontext.HoldsHalfSurrogate, `\ud83dx`: jsontext.HoldsHalfSurrogate,
	} {
		for _, test := range []struct {
			path, body, place string
		}{
			{"/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":{"notes":"a%s"}}`, "/data/notes: "},
			{"/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":{"notes%s":"a"}}`, "/data: property name "},
			{"/propagate", `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl%s","entity_type":"payment","data":{"notes":"a"}}`, "/canonical_id: "},
			{"/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456%s","entity_type":"payment","data":{"notes":"a"}}`, "/platform_id: "},
			{"/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment","data":{"notes":"%s"}}`, "/data/notes: "},
			{"/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1,"lines":[{},{"x":"%s"}]}}`, "/data/lines/1/x: "},
			{"/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{},"context":{"references":{"a":"%s"}}}`, "/context/references/a: "},
			{"/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{},"context":{"references":{"%s":"a"}}}`, "/context/references: property name "},
			{"/connect", `{"platform":"%s"}`, "/platform: "},
			{"/demo/session", `{"%s":1}`, "property name "},
		} {
			body := fmt.Sprintf(test.body, escape)
			answer := a.do(post(test.path, body).as(key))
			assert.Equal(t, http.StatusBadRequest, answer.status, body)
			assert.Equal(t, test.place+holds, answer.error(t).Message, body)
		}
	}
	assert.Equal(t, before, a.everything(key))
}

// An escaped backslash, and a whole pair, are text as any other.
func TestTextThatLooksLikeIt_200(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, notes := range []string{`\\u0000`, `\\ud800`, `\\\\u0000\\\"`, `\ud83d\ude00`, `\u0001\uffff`, `\ufffd`} {
		a.propagate(payment(`{"notes":"` + notes + `"}`).as(key))
		for _, path := range []string{"/objects/" + paymentID, "/objects/" + paymentID + "/history", "/objects?platform=dynamics&entity_type=payment"} {
			assert.Equal(t, http.StatusOK, a.do(get(path).as(key)).status, notes)
		}
	}
}

// platform_id may be any text that can be stored: one that no record has is not found.
func TestPropagateChange_404_AnyTextIsAPlatformID(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, id := range []string{`é😀`, `\u0001`, `\ufffd`, `'; --`, `%00`, `\\u0000`} {
		answer := a.do(post("/propagate", `{"format":"platform","platform":"procore","platform_id":"`+id+`","entity_type":"payment","data":{"notes":"a"}}`).as(key))
		assert.Equal(t, http.StatusNotFound, answer.status, "%s: %s", id, answer.body)
	}
}

func TestHeadersThatAreNoText_400(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, name := range []string{"Idempotency-Key", "If-Match"} {
		for _, value := range []string{"\xff", "é", "\"a\tb\"", `"` + strings.Repeat("x", 2000) + `"`} {
			answer := a.do(post("/propagate", canonicalExample).as(key).with(name, value))
			assert.Equal(t, http.StatusBadRequest, answer.status, "%s: %q", name, value)
			assert.Contains(t, answer.error(t).Message, "header."+name+": ")
			assertMeetsContract(t, "propagateChange", answer)
		}
	}
}

// Arrays and objects nest to one depth, in whatever comes in: walks the border for each operation with a body.
func TestDepth_400_BeyondTheBorder(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	bodies := map[string][2]string{ // what stands around the value that nests: how deep that is, counts its braces
		"connectPlatform":          {`{"platform":"procore","x":`, `}`},
		"createDemoSession":        {`{"x":`, `}`},
		"deleteDemoSession":        {`{"x":`, `}`},
		"setConnectionSettings":    {`{"x":`, `}`},
		"createMatchDecision":      {`{"x":`, `}`},
		"deleteMatchDecision":      {`{"x":`, `}`},
		"acceptDifference":         {`{"canonical_id":"pay_NvmMc888X6CLDxl","field":"/amount","x":`, `}`},
		"deleteAcceptedDifference": {`{"x":`, `}`},
		"propagateChange":          {`{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment","data":{"notes":`, `}}`},
		"transformData":            {`{"source":"procore","target":"procore","entity_type":"payment","data":{"id":1,"x":`, `}}`},
	}
	within := map[string]int{"connectPlatform": 400, "createDemoSession": 400, "deleteDemoSession": 400, "setConnectionSettings": 400, "createMatchDecision": 400, "deleteMatchDecision": 400, "acceptDifference": 400, "deleteAcceptedDifference": 400, "propagateChange": 422, "transformData": 200}
	for _, op := range loadDocument().Operations() {
		if op.Method == http.MethodGet || op.ID == "importRecords" { // which rejects lines, and has a test of its own
			continue
		}
		around, ok := bodies[op.ID]
		require.True(t, ok, op.ID)
		for _, form := range [][2]string{{`[`, `]`}, {`{"a":`, `}`}} {
			for _, depth := range []int{3, 200, jsontext.MaxInputDepth - 1, jsontext.MaxInputDepth, jsontext.MaxInputDepth + 1, 300, 400, 512, 513, 600, 100_000} {
				n := depth - strings.Count(around[0], "{")
				answer := a.do(request{
					method: op.Method, path: strings.NewReplacer("{platform}", "dynamics", "{accepted_id}", strings.TrimPrefix(noAcceptance, "/reconciliation/accepted/")).Replace(op.Path), key: key, body: around[0] + strings.Repeat(form[0], n) + `""` + strings.Repeat(form[1], n) + around[1],
				})
				if op.ID == "createDemoSession" && answer.status == http.StatusTooManyRequests {
					continue // five a minute
				}
				assertMeetsContract(t, op.ID, answer)
				tooDeep := strings.Contains(string(answer.body), "nested deeper than")
				if depth > jsontext.MaxInputDepth {
					assert.Equal(t, http.StatusBadRequest, answer.status, "%s: %d: %s", op.ID, depth, answer.body)
					assert.True(t, tooDeep || op.ID == "createDemoSession" || op.Method == http.MethodDelete, "%s: %d: %s", op.ID, depth, answer.body)
					continue
				}
				assert.Equal(t, within[op.ID], answer.status, "%s: %d: %s", op.ID, depth, answer.body)
				assert.False(t, tooDeep, "%s: %d", op.ID, depth)
			}
		}
	}
}

// What nests as deep as anything may that comes in is stored, read back, changed, and in every answer.
func TestDepth_200_WhatIsStoredIsInEveryAnswer(t *testing.T) {
	t.Parallel()
	deep := func(at int, open, end string) string {
		return strings.Repeat(open, jsontext.MaxInputDepth-at) + `"deep"` + strings.Repeat(end, jsontext.MaxInputDepth-at)
	}
	record := fmt.Sprintf(`{"id":1823456,"amount":"1700000.00","status":"pending","check_number":"CHK-2026-0101","notes":"x","x":%s,"y":%s}`,
		deep(1, `[`, `]`), deep(1, `{"a":`, `}`))
	contract := fmt.Sprintf(`{"id":1945782,"number":"C-LEX-001","title":"Substructure Package","status":"Approved","line_items":[{"id":1,"description":"a","amount":"1.00","x":%s}]}`,
		deep(3, `[`, `]`))
	a := newAPI(t, func(cfg *server.Config) {
		cfg.Sandboxes = map[string]app.Source{"dynamics": cfg.Sandboxes["dynamics"], "procore": source{
			canonical.Payment: record, canonical.Contract: contract,
		}}
	})
	key := a.connected()
	objects := a.objects(key, "procore", "payment")
	require.Len(t, objects, 1)
	contracts := a.objects(key, "procore", "contract")
	require.Len(t, contracts, 1)
	change := payment(`{"notes":"changed"}`).as(key).with("Idempotency-Key", "k")
	for range 2 {
		a.propagate(change)
	}
	a.propagate(payment(`{"notes":"again"}`).as(key))
	a.propagate(post("/propagate", `{"format":"canonical","canonical_id":"`+contracts[0].CanonicalID+`","entity_type":"contract","data":{"title":"b"}}`).as(key))
	for operation, path := range map[string]string{
		"getObject": "/objects/" + paymentID, "getObjects": "/objects?platform=dynamics&entity_type=payment", "getObjectHistory": "/objects/" + paymentID + "/history",
	} {
		answer := a.do(get(path).as(key))
		assert.Equal(t, http.StatusOK, answer.status, "%s", operation)
		assertMeetsContract(t, operation, answer)
	}
	assert.Contains(t, string(a.do(get("/objects/"+paymentID).as(key)).body), `"deep"`)
	// In a request it stands one level deeper.
	assert.Equal(t, http.StatusBadRequest, a.do(post("/transform", `{"source":"procore","target":"procore","entity_type":"payment","data":`+record+`}`).as(key)).status)
}

// source is a platform with one record of each type.
type source map[canonical.EntityType]string

func (s source) Records(context.Context, books.LedgerSide) ([]platform.Record, error) {
	var records []platform.Record
	for entityType, text := range s {
		payload, err := jsontext.ParseInput([]byte(text))
		if err != nil {
			return nil, err
		}
		record := platform.Record{EntityType: entityType, Payload: payload}
		if entityType == canonical.Contract {
			record.Context.Variant = "WorkOrderContract"
		}
		records = append(records, record)
	}
	return records, nil
}
