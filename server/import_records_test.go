package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/gen"
	"structural.app/structural/mapping/books"
	"structural.app/structural/server"
	"structural.app/structural/store"
)

const ndjson = "application/x-ndjson"

// importOf asks for an import of payments.
func importPayments(body string) request {
	return post("/connections/procore/records?entity_type=payment", body).with("Content-Type", ndjson)
}

func (a *api) imported(r request) gen.Import {
	a.t.Helper()
	answer := a.do(r)
	require.Equal(a.t, http.StatusAccepted, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "importRecords", answer)
	var body gen.ImportResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &body))
	return body.Data
}

// imports are those that GET /connections tells of the first connection.
func (a *api) imports(key string) []gen.Import {
	a.t.Helper()
	answer := a.do(get("/connections").as(key))
	assertMeetsContract(a.t, "getConnections", answer)
	var body gen.ConnectionsResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &body))
	if len(body.Data.Connections) == 0 {
		return nil
	}
	return body.Data.Connections[0].Imports
}

// stored is all that a customer has of objects and records, but for versions and times.
func (a *api) stored(key string) []string {
	a.t.Helper()
	var rows []string
	require.NoError(a.t, a.db.Select(&rows, `
		SELECT concat_ws(' ', platform, entity_type, platform_id, payload, commitment_type, canonical_id, minted_id) AS r
		FROM platform_objects JOIN entity_mappings USING (customer_id, platform, entity_type, platform_id) WHERE customer_id = $1
		UNION ALL SELECT concat_ws(' ', id, entity_type, document, refers_to, kept) FROM canonical_objects WHERE customer_id = $1
		UNION ALL SELECT concat_ws(' ', platform, entity_type, platform_id, key, scope) FROM record_keys WHERE customer_id = $1
		UNION ALL SELECT concat_ws(' ', platform, entity_type, platform_id, refers_to) FROM record_references WHERE customer_id = $1
		UNION ALL SELECT concat_ws(' ', record_bytes) FROM customer_state WHERE customer_id = $1
		ORDER BY r`, a.customer(key)))
	return rows
}

// sandboxLines are the records of the first two platforms' sandboxes as NDJSON, by the path that imports them.
func sandboxLines(t *testing.T) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for _, name := range platforms {
		records, err := sandboxes()[name].Records(t.Context(), books.Receivable)
		require.NoError(t, err)
		for _, r := range records {
			path := "/connections/" + name + "/records?entity_type=" + string(r.EntityType)
			if r.Context.Variant != "" {
				path += "&commitment_type=" + r.Context.Variant
			}
			lines[path] += string(r.Payload.Append(nil)) + "\n"
		}
	}
	return lines
}

// The order of a map is any: whatever comes first, the objects are those that connecting makes.
func TestImportRecords_202_MakesTheObjectsThatConnectingMakes(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	connected := a.connected()
	for _, mode := range []store.Mode{store.ModeLive, store.ModeTest} {
		key := a.issuedKey(mode)
		for path, lines := range sandboxLines(t) {
			m := a.imported(post(path+"&ledger=receivable", lines).with("Content-Type", ndjson+"; charset=utf-8").as(key))
			assert.Equal(t, gen.ImportStatus("succeeded"), m.Status)
			assert.Equal(t, strings.Count(lines, "\n"), m.Applied, "%+v", m)
		}
		assert.Equal(t, a.stored(connected), a.stored(key))
	}
}

func TestImportRecords_202_OnAConnectedPlatform(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, other := a.connected(), a.connected()
	before, others := a.everything(key), a.everything(other)
	for path, lines := range sandboxLines(t) {
		a.imported(post(path, lines).with("Content-Type", ndjson).as(key))
	}
	assert.Equal(t, before, a.everything(key), "the same records again change nothing, versions included")

	m := a.imported(importPayments(`{"id":1823456,"amount":"1800000.00","status":"pending","check_number":"CHK-2026-0101","date":"2026-02-01"}`).as(key))
	assert.Equal(t, 1, m.Applied)
	answer := a.do(get("/objects/" + paymentID).as(key))
	assert.Equal(t, `180000000`, member(t, answer.body, "data", "data", "amount", "amount"))
	assert.Equal(t, others, a.everything(other), "another customer's")
	assert.Nil(t, a.imports(other))

	// Connecting again is a reset.
	a.connect(key, "procore")
	assert.Equal(t, a.stored(other), a.stored(key))
}

func TestImportRecords_202_RejectsLinesAndGoesOn(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.issuedKey(store.ModeLive)
	m := a.imported(importPayments(strings.Join([]string{
		`{"id":1,"amount":"1.00"}`, ``, `{"id":2,"amount":"much","date":"soon"}`, `{"id":3`, `[]`, `{"amount":"1.00"}`, `{"id":4,"notes":"\u0000"}`,
		`{"id":"` + strings.Repeat("9", 300) + `"}`, "{\"id\":5,\"notes\":\"\xff\"}", `{"id":6,"notes":"` + strings.Repeat("x", 1<<20) + `"}`,
		`{"value":[{"id":7}]}`, `  {"id":8} ` + "\r", `{"id":8,"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, `{"id":9,"amount":"z"}`, `{"id":10,"amount":"z"}`, `{"id":11,"amount":"z"}`, `{"id":12}`,
	}, "\n")).as(key))
	assert.Equal(t, []int{16, 4, 12}, []int{m.Received, m.Applied, m.Rejected})
	require.Len(t, m.Errors, 10)
	for i, want := range []struct {
		line    int
		message string
	}{
		{3, "/amount: expected an amount as a decimal number; /date: expected a date (YYYY-MM-DD)"}, {4, "malformed JSON at line 1, column 8"}, {5, "expected a record, as a JSON object"},
		{6, "expected a record with an id of its own"}, {7, "U+0000"}, {8, "expected"}, {9, "UTF-8"}, {10, "expected a line of at most 1 MiB"}, {13, "nested deeper"}, {14, "/amount"},
	} {
		assert.Equal(t, want.line, m.Errors[i].Line)
		assert.Contains(t, m.Errors[i].Message, want.message, "line %d", want.line)
	}
	assert.Equal(t, []gen.Import{m}, a.imports(key))
	assert.Len(t, a.objects(key, "procore", "payment"), 4)

	contracts := post("/connections/procore/records?entity_type=contract", `{"id":1,"number":"C-1"}`).with("Content-Type", ndjson).as(key)
	m = a.imported(contracts)
	require.Len(t, m.Errors, 1)
	assert.Equal(t, "query.commitment_type: expected one of WorkOrderContract, PurchaseOrderContract", m.Errors[0].Message)
}

func TestImportRecords_400(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.issuedKey(store.ModeTest)
	for path, message := range map[string]string{
		"/connections/procore/records":                                                         "entity_type query param required",
		"/connections/nowhere/records?entity_type=payment":                                     "path.platform: must be one of " + quotedPlatforms(),
		"/connections/procore/records?entity_type=employee":                                    "query.entity_type: must be one of",
		"/connections/procore/records?entity_type=contract&commitment_type=Lease":              "query.commitment_type: must be one of 'WorkOrderContract', 'PurchaseOrderContract'",
		"/connections/dynamics/records?entity_type=contract&commitment_type=WorkOrderContract": "query.commitment_type: this platform's records need none",
		"/connections/procore/records?entity_type=payment&variant=x":                           "query.variant: unknown parameter",
	} {
		answer := a.do(post(path, `{"id":1}`).with("Content-Type", ndjson).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status, "%s: %s", path, answer.body)
		assert.Contains(t, answer.error(t).Message, message)
		assertMeetsContract(t, "importRecords", answer)
	}
	answer := a.do(importPayments("\n\n \n").as(key))
	assert.Equal(t, "request body has no records", answer.error(t).Message)
	answer = a.do(request{method: http.MethodPost, path: "/connections/procore/records?entity_type=payment", key: key})
	assert.Equal(t, "request body is required", answer.error(t).Message)
	assert.Equal(t, "[]", member(t, a.do(get("/connections").as(key)).body, "data", "connections"))
}

// lines are n payments.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"id\":%d,\"amount\":\"1.00\",\"check_number\":\"CHK-%d\"}\n", i+1, i+1)
	}
	return b.String()
}

func TestImportRecords_413_WhatWasAppliedStays(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(cfg *server.Config) { cfg.ImportBytes = 1 << 20 })
	key := a.issuedKey(store.ModeTest)
	body := lines(30_000)
	answer := a.do(importPayments(body).as(key))
	assert.Equal(t, http.StatusRequestEntityTooLarge, answer.status)
	assert.Nil(t, a.imports(key), "it was known before anything was read")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/connections/procore/records?entity_type=payment", io.MultiReader(strings.NewReader(body)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", ndjson)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	imports := a.imports(key)
	require.Len(t, imports, 1)
	assert.Equal(t, gen.ImportStatus("failed"), imports[0].Status)
	assert.Greater(t, imports[0].Applied, 10_000)
	assert.Equal(t, "Request body is larger than 1 MiB; the records before stay imported", errorMessage(t, resp.Body))
}

func errorMessage(t *testing.T, body io.Reader) string {
	var envelope gen.ErrorResponse
	require.NoError(t, json.NewDecoder(body).Decode(&envelope))
	return envelope.Error.Message
}

func TestImportRecords_422_Quota(t *testing.T) {
	t.Parallel()
	a := newAPI(t, withQuotas(app.Quotas{Demo: 2 << 20}))
	key, _ := a.demoSession()
	answer := a.do(importPayments(lines(5000)).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
	assertMeetsContract(t, "importRecords", answer)
	imports := a.imports(key)
	require.Len(t, imports, 1)
	assert.Equal(t, gen.ImportStatus("failed"), imports[0].Status)
	assert.Equal(t, 0, imports[0].Applied%500)
	var records int
	require.NoError(t, a.db.Get(&records, `SELECT count(*) FROM platform_objects WHERE customer_id = $1`, a.customer(key)))
	assert.Equal(t, imports[0].Applied, records)
	assert.Positive(t, records)
}

// slowImport begins an import of payments whose body comes as it is written.
type slowImport struct {
	conn net.Conn
	t    *testing.T
}

func (a *api) beginImport(key string) slowImport {
	a.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.origin(), "http://"))
	require.NoError(a.t, err)
	a.t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /api/v1/connections/procore/records?entity_type=payment HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n", key)
	require.NoError(a.t, err)
	return slowImport{conn, a.t}
}

func (s slowImport) write(text string) {
	s.t.Helper()
	_, err := fmt.Fprintf(s.conn, "%x\r\n%s\r\n", len(text), text)
	require.NoError(s.t, err)
}

func (s slowImport) answer() *http.Response {
	s.t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(s.conn), nil)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// While one runs, its progress is told, and the platform can be neither connected nor imported by another request; others can.
func TestImportRecords_202_WhileItRuns(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	running := a.beginImport(key)
	running.write(lines(500))
	require.Eventually(t, func() bool { m := a.imports(key); return len(m) == 1 && m[0].Applied == 500 }, 10*time.Second, 10*time.Millisecond)
	assert.Equal(t, gen.ImportStatus("running"), a.imports(key)[0].Status)
	for operation, r := range map[string]request{"importRecords": importPayments(lines(1)), "connectPlatform": post("/connect", `{"platform":"procore"}`)} {
		answer := a.do(r.as(key))
		assert.Equal(t, http.StatusConflict, answer.status, "%s: %s", operation, answer.body)
		assertMeetsContract(t, operation, answer)
	}
	a.connect(key, "dynamics")
	a.imported(post("/connections/dynamics/records?entity_type=project", `{"id":"3f061051-d375-4722-8203-d0cabd7d8cec","number":"X"}`).with("Content-Type", ndjson).as(key))
	other, _ := a.demoSession()
	a.connect(other, "procore")

	running.write(`{"id":1000}` + "\n")
	_, err := fmt.Fprint(running.conn, "0\r\n\r\n")
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, running.answer().StatusCode)
	assert.Len(t, a.objects(key, "procore", "payment"), 501)
	a.connect(key, "procore")
}

func TestImportRecords_400_WhatWasAppliedOfABrokenBodyStays(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(cfg *server.Config) { cfg.ImportIdle = 300 * time.Millisecond })
	key := a.issuedKey(store.ModeLive)
	idle := a.beginImport(key)
	idle.write(lines(700) + `{"id":`)
	answer := idle.answer()
	assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
	assert.Equal(t, "request body has sent nothing for 300ms; the records before stay imported", errorMessage(t, answer.Body))
	imports := a.imports(key)
	require.Len(t, imports, 1)
	assert.Equal(t, []any{gen.ImportStatus("failed"), 700, 700}, []any{imports[0].Status, imports[0].Received, imports[0].Applied})

	broken := a.beginImport(key)
	broken.write(lines(800))
	broken.conn.Close()
	require.Eventually(t, func() bool { m := a.imports(key); return len(m) == 2 && m[0].Status == "failed" }, 10*time.Second, 10*time.Millisecond)
	assert.GreaterOrEqual(t, a.imports(key)[0].Applied, 500)
	a.imported(importPayments(lines(800)).as(key))
	assert.Len(t, a.objects(key, "procore", "payment"), 800)
}

// An import of a program that has ended is told as failed, and stands in nobody's way.
func TestImportRecords_202_AfterOneThatWasAbandoned(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	running := a.beginImport(key)
	running.write(lines(500))
	require.Eventually(t, func() bool { m := a.imports(key); return len(m) == 1 && m[0].Applied == 500 }, 10*time.Second, 10*time.Millisecond)
	a.db.MustExec(`UPDATE imports SET updated_at = now() - interval '3 minutes' WHERE customer_id = $1`, a.customer(key))
	assert.Equal(t, gen.ImportStatus("failed"), a.imports(key)[0].Status)
	a.connect(key, "procore")
	a.imported(importPayments(lines(1)).as(key))
	running.write(lines(501))
	answer := running.answer()
	assert.Equal(t, http.StatusConflict, answer.StatusCode)
	assert.Len(t, a.objects(key, "procore", "payment"), 9, "the one that was given up writes nothing any more")
}

func TestImportRecords_409_AnotherLedger(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	answer := a.do(post("/connections/procore/records?entity_type=payment&ledger=payable", `{"id":1}`).with("Content-Type", ndjson).as(key))
	assert.Equal(t, http.StatusConflict, answer.status, "%s", answer.body)
	assertMeetsContract(t, "importRecords", answer)
	live := a.issuedKey(store.ModeLive)
	a.imported(post("/connections/dynamics/records?entity_type=customer", `{"id":"3f061051-d375-4722-8203-d0cabd7d8cec","number":"V1","displayName":"Vendor"}`).with("Content-Type", ndjson).as(live))
	assert.Contains(t, string(a.do(get("/connections").as(live)).body), `"ledger":"payable"`)
}

// Only the last imports are kept.
func TestImportRecords_202_TellsTheLastTen(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for i := range 13 {
		a.imported(importPayments(fmt.Sprintf(`{"id":%d}`, i+1)).as(key))
	}
	assert.Len(t, a.imports(key), 10)
}
