package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

// sandboxInvoice is INV-2025-0061: posted in Business Central, synced in Procore.
const (
	sandboxInvoice           = "inv_f3pLxgDlEbVptQ2"
	sandboxInvoiceOnProcore  = "10061"
	sandboxInvoiceOnDynamics = "cc140346-1bf3-46c2-9a7f-c19e9f041e75"
)

func invoiceChange(data string) request {
	return post("/propagate", `{"format":"canonical","canonical_id":"`+sandboxInvoice+`","entity_type":"invoice","data":`+data+`}`)
}

func TestPropagateChange_422_RecordClosed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	const moved = `{"invoice_date":"2026-12-24"}`
	r := invoiceChange(moved).as(key)
	for _, header := range []map[string]string{nil, {"Prefer": "handling=strict"}, {"Idempotency-Key": "closed"}, {"Idempotency-Key": "closed"}} {
		r.header = header
		answer := a.do(r)
		require.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
		assertMeetsContract(t, "propagateChange", answer)
		assert.EqualValues(t, "RECORD_CLOSED", answer.error(t).Type)
		assert.Equal(t, "/data/invoice_date: expected no change: procore has closed this record; "+
			"/data/invoice_date: expected no change: dynamics has closed this record", answer.error(t).Message)
		assert.Equal(t, header["Prefer"], answer.header.Get("Preference-Applied"))
	}
	assert.Equal(t, before, a.everything(key))

	answer := a.do(invoiceChange(`{"due_date":"2026-12-24"}`).as(key))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(t, "propagateChange", answer)
	assert.Equal(t, `"2026-12-24"`, member(t, answer.body, "data", "propagated", "dynamics", "data", "dueDate"))

	answer = a.do(invoiceChange(moved).as(key).with("Prefer", "handling=lenient"))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(t, "propagateChange", answer)
	for _, platform := range []string{"procore", "dynamics"} {
		assert.JSONEq(t, `[{"field":"/invoice_date","reason":"closed"}]`, member(t, answer.body, "data", "propagated", platform, "lost"))
	}
}

// What happened on one platform is stored; the other's closed record stays to the byte.
func TestPropagateChange_200_TheOtherPlatformsClosedRecordStays(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	document, err := jsontext.Parse(a.do(get("/objects/" + sandboxInvoice).as(key)).body)
	require.NoError(t, err)
	books := document.At("data", "platform_data", "dynamics").String()
	answer := a.do(post("/propagate", `{"format":"platform","platform":"procore","platform_id":"`+sandboxInvoiceOnProcore+`",
		"entity_type":"invoice","data":{"billing_date":"2026-12-24"}}`).as(key))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(t, "propagateChange", answer)
	assert.Equal(t, `"2026-12-24"`, member(t, answer.body, "data", "propagated", "procore", "data", "billing_date"))
	assert.Equal(t, `"2026-12-24"`, member(t, answer.body, "data", "canonical", "data", "invoice_date"))
	assert.JSONEq(t, `[{"field":"/invoice_date","reason":"closed"}]`, member(t, answer.body, "data", "propagated", "dynamics", "lost"))
	assert.Equal(t, "[]", member(t, answer.body, "data", "propagated", "dynamics", "requests"))
	assert.Equal(t, sandboxInvoiceOnDynamics, document.At("data", "platform_data", "dynamics", "id").Text())

	a.connect(key, "dynamics")
	after, err := jsontext.Parse(a.do(get("/objects/" + sandboxInvoice).as(key)).body)
	require.NoError(t, err)
	assert.Equal(t, books, after.At("data", "platform_data", "dynamics").String())
	assert.Equal(t, "2026-12-24", after.At("data", "data", "invoice_date").Text(), "%s", after)
}
