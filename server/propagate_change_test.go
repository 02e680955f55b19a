package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/store/storetest"
)

const (
	paymentID         = "pay_NvmMc888X6CLDxl"
	paymentOnDynamics = "a34e74db-53c7-4368-8fe7-bb87c83c7902"

	canonicalExample = `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment",
		"data":{"amount":{"amount":175000000,"currency":"USD"},"notes":"Updated payment amount"}}`
	platformExample = `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment",
		"data":{"amount":"1750000.00","notes":"Updated payment amount"}}`
	backAgain = `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment",
		"data":{"amount":"1700000.00","notes":"Substructure progress payment #1"}}`
)

// connected is a session with both platforms.
func (a *api) connected() (key string) {
	a.t.Helper()
	key, _ = a.demoSession()
	a.connect(key, "procore")
	a.connect(key, "dynamics")
	return key
}

// connecting holds, for the rest of the test, what a request holds that connects a platform of a key's customer.
func (a *api) connecting(key string) {
	a.t.Helper()
	tx, err := a.db.Begin()
	require.NoError(a.t, err)
	a.t.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.Exec(`SELECT FROM customers WHERE id = $1 FOR NO KEY UPDATE`, a.customer(key))
	require.NoError(a.t, err)
}

// propagate makes a change, which must succeed.
func (a *api) propagate(r request) gen.PropagateResponse_Data {
	a.t.Helper()
	answer := a.do(r)
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "propagateChange", answer)
	var response gen.PropagateResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

func (a *api) history(key, id string) []gen.Change {
	a.t.Helper()
	answer := a.do(get("/objects/" + id + "/history").as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "getObjectHistory", answer)
	var response gen.HistoryResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// replica is another server of the same database, as after a restart.
func (a *api) replica(options ...func(*server.Config)) *api {
	a.t.Helper()
	cfg := server.Config{Store: a.store, Translator: app.New(registry.New(), canonical.Rates{}), Sandboxes: sandboxes()}
	for _, option := range options {
		option(&cfg)
	}
	s, err := server.New(cfg)
	require.NoError(a.t, err)
	listener := httptest.NewServer(s)
	a.t.Cleanup(listener.Close)
	other := *a
	other.url = listener.URL + loadDocument().BasePath()
	return &other
}

func member(t *testing.T, document []byte, path ...string) string {
	t.Helper()
	v, err := jsontext.Parse(document)
	require.NoError(t, err)
	return v.At(path...).String()
}

// payment is the part of a change request that names the payment; data is the patch.
func payment(data string) request {
	return post("/propagate", fmt.Sprintf(`{"format":"canonical","canonical_id":%q,"entity_type":"payment","data":%s}`, paymentID, data))
}

// The two examples of the documentation, which mean the same.
func TestPropagateChange_200_BothPlatformsSayTheSame(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for format, example := range map[string]string{"canonical": canonicalExample, "platform": platformExample} {
		t.Run(format, func(t *testing.T) {
			key := a.connected()
			got := a.propagate(post("/propagate", example).as(key))
			assert.Equal(t, paymentID, got.Canonical.ID)
			assert.Equal(t, []string{"amount", "notes"}, got.Canonical.UpdatedFields)
			assert.Equal(t, `{"amount":175000000,"currency":"USD"}`, member(t, got.Canonical.Data, "amount"))

			procore, dynamics := got.Propagated["procore"], got.Propagated["dynamics"]
			assert.Equal(t, "1823456", procore.PlatformID)
			assert.Equal(t, []string{"amount", "notes"}, procore.UpdatedFields)
			assert.Equal(t, `"1750000.00"`, member(t, procore.Data, "amount"))
			assert.Empty(t, procore.Conversions)
			assert.Equal(t, paymentOnDynamics, dynamics.PlatformID)
			assert.Equal(t, []string{"amount", "comment"}, dynamics.UpdatedFields)
			assert.Equal(t, `-6370000`, member(t, dynamics.Data, "amount"))
			assert.Equal(t, `"QAR"`, member(t, dynamics.Data, "currencyCode"))
			assert.Equal(t, []gen.Conversion{{From: "USD", To: "QAR", Rate: "3.64", Source: "pegged"}}, dynamics.Conversions)
			assert.Empty(t, got.Skipped)
			assert.Len(t, got.References.Resolved, 8, "four on each platform")
			assert.Empty(t, got.References.Unresolved)

			for _, platform := range platforms {
				for _, o := range a.objects(key, platform, "payment") {
					if o.CanonicalID == paymentID {
						assert.Equal(t, string(got.Canonical.Data), string(o.Data))
						assert.Equal(t, string(got.Propagated[platform].Data), string(o.PlatformData))
					}
				}
			}

			history := a.history(key, paymentID)
			require.Len(t, history, 1)
			assert.EqualValues(t, format, history[0].Format)
			assert.Equal(t, []gen.FieldChange{
				{Field: "/amount", From: map[string]any{"amount": 170000000.0, "currency": "USD"}, To: map[string]any{"amount": 175000000.0, "currency": "USD"}},
				{Field: "/notes", From: "Substructure progress payment #1", To: "Updated payment amount"},
			}, history[0].Changes)
			require.Len(t, history[0].Platforms, 2)
			assert.Equal(t, gen.FieldChange{Field: "/amount", From: -6188000.0, To: -6370000.0}, history[0].Platforms[1].Changes[0])
		})
	}
}

// A payment that the two systems disagree about.
func TestPropagateChange_200_AFieldThatIsNotNamedStaysAsItIs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	named := func(data string) request {
		return post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823480","entity_type":"payment","data":`+data+`}`).as(key)
	}
	got := a.propagate(named(`{"notes":"checked"}`))
	assert.Equal(t, []string{"notes"}, got.Canonical.UpdatedFields)
	assert.Equal(t, []string{"comment"}, got.Propagated["dynamics"].UpdatedFields)
	procoreSays, dynamicsSays := member(t, got.Propagated["procore"].Data, "amount"), member(t, got.Propagated["dynamics"].Data, "amount")

	// Naming it settles it, even with the value that the object has already.
	got = a.propagate(named(`{"amount":` + procoreSays + `}`))
	assert.Empty(t, got.Canonical.UpdatedFields)
	assert.Empty(t, got.Propagated["procore"].UpdatedFields)
	assert.Equal(t, []string{"amount"}, got.Propagated["dynamics"].UpdatedFields)
	assert.NotEqual(t, dynamicsSays, member(t, got.Propagated["dynamics"].Data, "amount"))
}

func TestPropagateChange_200_WhatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.do(get("/objects/" + paymentID).as(key))
	got := a.propagate(payment(`{"amount":{"amount":618800000,"currency":"QAR"},"id":"` + paymentID + `"}`).as(key))
	assert.Empty(t, got.Canonical.UpdatedFields)
	assert.Empty(t, got.Propagated["procore"].UpdatedFields)
	assert.Empty(t, got.Propagated["dynamics"].UpdatedFields)
	assert.Equal(t, before.body, a.do(get("/objects/"+paymentID).as(key)).body)
	assert.Empty(t, a.history(key, paymentID))
}

// Where one platform alone has the object.
func TestPropagateChange_200_WithoutARecordOnAPlatform(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for _, o := range a.objects(key, "procore", "contract") {
		if len(o.Mappings) == 2 {
			continue
		}
		got := a.propagate(post("/propagate", fmt.Sprintf(`{"format":"platform","platform":"procore","platform_id":%q,"entity_type":"contract",
			"data":{"title":"Renamed"}}`, o.ID)).as(key))
		assert.Equal(t, []gen.SkippedPlatform{{Platform: "dynamics", Reason: "no_record"}}, got.Skipped)
		assert.Len(t, got.Propagated, 1)
		return
	}
	require.Fail(t, "the sandbox has no such contract")
}

func TestPropagateChange_200_ReferencesAreResolvedOnEachPlatform(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	both := map[string]gen.Object{} // contracts by number of mappings
	for _, o := range a.objects(key, "procore", "contract") {
		both[fmt.Sprint(len(o.Mappings))] = o
	}
	got := a.propagate(payment(`{"contract_id":"` + both["2"].CanonicalID + `"}`).as(key))
	assert.Equal(t, []string{"contract_id"}, got.Propagated["procore"].UpdatedFields)
	assert.Equal(t, []string{"orderId"}, got.Propagated["dynamics"].UpdatedFields)
	for i, platform := range platforms {
		assert.Contains(t, got.References.Resolved, gen.PropagatedResolvedReference{Platform: gen.Platform(platform), Field: "/contract_id",
			CanonicalID: both["2"].CanonicalID, PlatformID: both["2"].Mappings[i].PlatformID, Injected: true, Reason: "mapped"})
	}

	// One that Business Central does not have, by Procore's id.
	got = a.propagate(post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment",
		"data":{"contract_id":`+both["1"].ID+`}}`).as(key))
	assert.Empty(t, got.Propagated["dynamics"].UpdatedFields)
	assert.Equal(t, `"`+both["1"].CanonicalID+`"`, member(t, got.Canonical.Data, "contract_id"))
	assert.Contains(t, got.References.Resolved, gen.PropagatedResolvedReference{Platform: "procore", Field: "/contract_id",
		CanonicalID: both["1"].CanonicalID, PlatformID: both["1"].ID, Injected: true, Reason: "given"})
	assert.Equal(t, []gen.PropagatedUnresolvedReference{{Platform: "dynamics", Field: "/contract_id", CanonicalID: both["1"].CanonicalID, Reason: "not_on_platform"}},
		got.References.Unresolved)
}

// The id that an object had before the other platform was connected.
func TestPropagateChange_200_AnyIDThatWasEverMintedLeadsToTheObject(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "dynamics")
	var old string
	for _, o := range a.objects(key, "dynamics", "payment") {
		if o.ID == paymentOnDynamics {
			old = o.CanonicalID
		}
	}
	require.NotEqual(t, paymentID, old)
	change := `{"format":"canonical","canonical_id":"` + old + `","entity_type":"payment","data":{"notes":"%s"}}`
	a.propagate(post("/propagate", fmt.Sprintf(change, "alone")).as(key))
	a.connect(key, "procore")
	got := a.propagate(post("/propagate", fmt.Sprintf(change, "together")).as(key))
	assert.Equal(t, paymentID, got.Canonical.ID)
	assert.Len(t, got.Propagated, 2)
	for _, id := range []string{old, paymentID} {
		assert.Len(t, a.history(key, id), 2, "that of the time before, too")
	}
}

func TestPropagateChange_400_And_422_WriteNothing(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	for _, test := range []struct {
		data    string
		status  int
		message string
	}{
		{`{"currency":"QAR"}`, 400, "/data/currency: cannot be changed"},
		{`{"external_ids":{}}`, 400, "/data/external_ids: cannot be changed"},
		{`{"provider_metadata":{"procore":{}}}`, 400, "/data/provider_metadata: cannot be changed"},
		{`{"updated_at":"2030-01-01T00:00:00Z","notes":"x"}`, 400, "/data/updated_at: cannot be changed"},
		{`{"lines":[]}`, 400, "/data/lines: unknown field"},
		{`{}`, 400, "/data: must have at least 1 property"},
		{`{"status":"gone","date":"31.12.2026","payment_number":1.5}`, 422,
			"/data/status: expected one of pending, in_review, approved, processing, paid, failed, void; " +
				"/data/date: expected a date (YYYY-MM-DD); /data/payment_number: expected an integer"},
		{`{"amount":1750000.00}`, 422, "/data/amount: expected an amount: an object with an integer amount in minor units and an ISO 4217 currency"},
		{`{"amount":{"amount":1,"currency":"XAU"}}`, 422, ""},
		{`{"amount":{"amount":9223372036854775807,"currency":"USD"}}`, 422, ""},
		{`{"contract_id":"cor_000000000000000"}`, 422, "/data/contract_id: expected the id of a contract"},
		{`{"contract_id":"` + paymentID + `"}`, 422, "/data/contract_id: expected a canonical id (cor_…)"},
		{`{"notes":"` + strings.Repeat("x", 251) + `"}`, 422, "/data/notes: expected a text that is not too long for dynamics"},
	} {
		answer := a.do(payment(test.data).as(key))
		assert.Equal(t, test.status, answer.status, "%s: %s", test.data, answer.body)
		assertMeetsContract(t, "propagateChange", answer)
		message := answer.error(t).Message
		if test.message != "" {
			assert.Equal(t, test.message, message)
		} else {
			assert.Contains(t, message, "/data/amount: expected", test.data)
		}
	}
	assert.Equal(t, before, a.everything(key))
	assert.Empty(t, a.history(key, paymentID))
}

func TestPropagateChange_409_WhileAPlatformIsConnected(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	a.connecting(key)
	assert.Equal(t, http.StatusConflict, a.do(payment(`{"notes":"x"}`).as(key).with("Idempotency-Key", "k")).status)
	assert.Equal(t, before, a.everything(key))
}

// Two customers have the same sandbox, and so the same ids: what one does, the other does not see.
func TestPropagateChange_404_OfNobodyElse(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, other := a.connected(), a.connected()
	before := a.everything(other)
	a.propagate(payment(`{"notes":"mine"}`).as(key).with("Idempotency-Key", "k"))
	assert.Equal(t, before, a.everything(other))
	assert.Empty(t, a.history(other, paymentID))
	assert.Equal(t, []string{"notes"}, a.propagate(payment(`{"notes":"yours"}`).as(other).with("Idempotency-Key", "k")).Canonical.UpdatedFields,
		"the same idempotency key is another customer's")

	unconnected, _ := a.demoSession()
	for _, path := range []string{"/objects/" + paymentID, "/objects/" + paymentID + "/history"} {
		theirs, nobodys := a.do(get(path).as(unconnected)), a.do(get(strings.ReplaceAll(path, paymentID, "pay_000000000000000")).as(unconnected))
		assert.Equal(t, http.StatusNotFound, theirs.status)
		assert.Equal(t, theirs.error(t).Message, nobodys.error(t).Message)
	}
	assert.Equal(t, http.StatusNotFound, a.do(payment(`{"notes":"x"}`).as(unconnected)).status)
	assert.Equal(t, http.StatusNotFound, a.do(post("/propagate", strings.Replace(canonicalExample, `"entity_type":"payment"`, `"entity_type":"invoice"`, 1)).as(key)).status,
		"it is no invoice")
}

func TestPropagateChange_AtMostFourRoundTrips(t *testing.T) {
	t.Parallel()
	a := newAPILinked(t)
	key := a.connected()
	a.propagate(payment(`{"notes":"connections to the database are open by now"}`).as(key))
	for data, most := range map[string]int64{
		`{"notes":"x"}`:                         3,
		`{"contract_id":"cor_7uxjO3Ky2eCbrdL"}`: 4,
	} {
		before := a.link.RoundTrips()
		a.propagate(payment(data).as(key).with("Idempotency-Key", data))
		assert.Equal(t, most, a.link.RoundTrips()-before, data)
	}
}

func TestPropagateChange_64WritersTakeTurns(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	replicas := []*api{a, a.replica()}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			name := fmt.Sprintf("writer %02d", i)
			answer := replicas[i%2].do(payment(fmt.Sprintf(`{"amount":{"amount":%d,"currency":"USD"},"notes":%q,"method":%q}`, 1000+i, name, name)).as(key))
			assert.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
		})
	}
	wg.Wait()
	history := a.history(key, paymentID)
	require.Len(t, history, 64)
	last := map[string]any{"/notes": "Substructure progress payment #1"}
	writers := map[any]bool{}
	for i := len(history) - 1; i >= 0; i-- {
		for _, c := range history[i].Changes {
			if from, ok := last[c.Field]; ok {
				assert.Equal(t, from, c.From, "each change is made of the one before")
			}
			last[c.Field] = c.To
		}
		writers[last["/notes"]] = true
		assert.Equal(t, last["/notes"], last["/method"], "of one writer")
	}
	assert.Len(t, writers, 64)

	// All that stands there is of the last of them.
	var object gen.ObjectResponse
	require.NoError(t, json.Unmarshal(a.do(get("/objects/"+paymentID).as(key)).body, &object))
	assert.Equal(t, history[0].Version, object.Data.Version)
	name := fmt.Sprintf("%q", last["/notes"])
	assert.Equal(t, name, member(t, object.Data.Data, "notes"))
	assert.Equal(t, name, member(t, object.Data.PlatformData["procore"], "notes"))
	assert.Equal(t, name, member(t, object.Data.PlatformData["dynamics"], "comment"))
	var i int
	_, err := fmt.Sscanf(last["/notes"].(string), "writer %d", &i)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf(`"%d.%02d"`, (1000+i)/100, (1000+i)%100), member(t, object.Data.PlatformData["procore"], "amount"))
}

func TestPropagateChange_412_OneOfEachRoundWins(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	replicas := []*api{a, a.replica()}
	for round := range 8 {
		tag := a.do(get("/objects/" + paymentID).as(key)).header.Get("ETag")
		var mu sync.Mutex
		statuses := map[int]int{}
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				answer := replicas[i%2].do(payment(fmt.Sprintf(`{"notes":"round %d, writer %d"}`, round, i)).as(key).with("If-Match", tag))
				mu.Lock()
				defer mu.Unlock()
				statuses[answer.status]++
				if answer.status == http.StatusOK {
					assert.NotEqual(t, tag, answer.header.Get("ETag"))
				}
			})
		}
		wg.Wait()
		require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 15}, statuses)
	}
	assert.Len(t, a.history(key, paymentID), 8)
}

func TestPropagateChange_412_ByTheRulesOfIfMatch(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	tag := a.do(get("/objects/" + paymentID).as(key)).header.Get("ETag")
	for header, want := range map[string]int{
		tag: 200, "*": 200, `"1", ` + tag: 200, `"1"`: 412, "W/" + tag: 412, `"other"`: 412, "1": 400, `"`: 400,
	} {
		answer := a.do(post("/propagate", strings.Replace(canonicalExample, `"data"`, `"dry_run":true,"data"`, 1)).as(key).with("If-Match", header))
		assert.Equal(t, want, answer.status, "%s: %s", header, answer.body)
	}

	// A platform that is connected anew has other objects, even if they look the same.
	a.connect(key, "procore")
	assert.Equal(t, http.StatusPreconditionFailed, a.do(payment(`{"notes":"x"}`).as(key).with("If-Match", tag)).status)
}

func TestPropagateChange_200_HistoryComesInPages(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for i := range 5 {
		a.propagate(payment(fmt.Sprintf(`{"notes":"%d"}`, i)).as(key))
	}
	var pages []gen.Change
	path := "/objects/" + paymentID + "/history?limit=2"
	for range 3 {
		answer := a.do(get(path).as(key))
		assertMeetsContract(t, "getObjectHistory", answer)
		var page gen.HistoryResponse
		require.NoError(t, json.Unmarshal(answer.body, &page))
		pages = append(pages, page.Data...)
		link, _, _ := strings.Cut(strings.TrimPrefix(answer.header.Get("Link"), "<"), ">")
		path = strings.TrimPrefix(link, loadDocument().BasePath())
	}
	assert.Empty(t, path, "the last page has no next")
	assert.Equal(t, a.history(key, paymentID), pages)
	assert.Len(t, pages, 5)
}

// A session that is deleted while it is changed: nothing is left, and nothing breaks.
func TestPropagateChange_WhileTheSessionIsDeleted(t *testing.T) {
	t.Parallel()
	a := newAPIAlone(t, trustLoopback)
	var wg sync.WaitGroup
	for i := range 8 {
		answer := a.do(post("/demo/session", "").with("X-Forwarded-For", fmt.Sprintf("10.3.0.%d", i)))
		var created gen.CreateDemoSession201JSONResponseBody
		require.NoError(t, json.Unmarshal(answer.body, &created))
		key := created.Data.APIKey
		a.connect(key, "procore")
		for n := range 8 {
			wg.Go(func() {
				status := a.do(payment(fmt.Sprintf(`{"notes":"%d"}`, n)).as(key).with("Idempotency-Key", fmt.Sprint(n))).status
				assert.Contains(t, []int{200, 401, 404, 409}, status)
			})
		}
		wg.Go(func() { assert.Equal(t, http.StatusNoContent, a.do(del("/demo/session", key)).status) })
	}
	wg.Wait()
	_, err := a.store.PurgeDeleted(t.Context())
	require.NoError(t, err)
	for _, table := range storetest.CustomerTables(t, a.db) {
		var rows int
		require.NoError(t, a.db.Get(&rows, `SELECT count(*) FROM `+table))
		assert.Zero(t, rows, table)
	}
}

// What breaks the object's schema is never stored, whoever brought it in.
func TestPropagateChange_500_NothingIsStoredThatCouldNotBeAnswered(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	customerID := a.customer(key)
	a.db.MustExec(`UPDATE canonical_objects SET document = jsonb_set(document::jsonb, '{status}', '"lost"')::json WHERE customer_id = $1 AND id = $2`, customerID, paymentID)
	answer := a.do(payment(`{"notes":"x"}`).as(key).with("Idempotency-Key", "k"))
	assert.Equal(t, http.StatusInternalServerError, answer.status, "%s", answer.body)
	assert.Empty(t, a.history(key, paymentID))
	var comment string
	require.NoError(t, a.db.Get(&comment, `SELECT payload->>'comment' FROM platform_objects WHERE customer_id = $1 AND platform_id = $2`, customerID, paymentOnDynamics))
	assert.Equal(t, "Substructure progress payment #1", comment)

	// It is mended by the change itself.
	a.propagate(payment(`{"status":"paid"}`).as(key).with("Idempotency-Key", "k2"))
}

// What to send to each platform stands with its record, whether anything is written or not.
func TestPropagateChange_200_Requests(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.connect(key, "procore")
	a.connect(key, "dynamics")
	const body = `{"format":"canonical","canonical_id":"pay_NvmMc888X6CLDxl","entity_type":"payment","data":{"notes":"released"},"dry_run":%t}`
	for _, dry := range []bool{true, false} {
		records := a.propagate(post("/propagate", fmt.Sprintf(body, dry)).as(key)).Propagated
		site, books := records["procore"].Requests, records["dynamics"].Requests
		require.Len(t, site, 1)
		assert.Equal(t, "PATCH /rest/v1.0/contract_payments/1823456", string(site[0].Method)+" "+site[0].Path)
		assert.JSONEq(t, `{"project_id":341276,"contract_id":1945782,"contract_payment":{"notes":"released"}}`, string(site[0].Body))
		require.Len(t, books, 1)
		assert.Regexp(t, `^/companies\(\{companyId\}\)/customerPayments\([0-9a-f-]{36}\)$`, books[0].Path)
		assert.JSONEq(t, `{"comment":"released"}`, string(books[0].Body))
	}
	again := a.propagate(post("/propagate", fmt.Sprintf(body, false)).as(key)).Propagated
	assert.Empty(t, again["procore"].Requests, "the record is this one already")
}
