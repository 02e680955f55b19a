package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const settingsPath = "/connections/dynamics/settings"

func setSettings(body string) request {
	return request{method: http.MethodPut, path: settingsPath, body: body}
}

// settings reads or sets settings, which must succeed, and returns what they are then, and their ETag.
func (a *api) settings(r request) (data json.RawMessage, tag string) {
	a.t.Helper()
	answer := a.do(r)
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	operation := "getConnectionSettings"
	if r.method == http.MethodPut {
		operation = "setConnectionSettings"
	}
	assertMeetsContract(a.t, operation, answer)
	var response struct{ Data json.RawMessage }
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data, answer.header.Get("ETag")
}

func TestGetConnectionSettings_200_DefaultsUntilSomebodySetsThem(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	data, tag := a.settings(get(settingsPath).as(a.connected()))
	assert.Equal(t, `{"tax_on":"gross","use_origin_id":false,"projects":null,"posting":[],"writes":"auto","four_eyes":false}`, string(data))
	assert.Equal(t, `"0"`, tag)
}

func TestGetConnectionSettings_200_CSV(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.settings(setSettings(`{"posting":[{"cost_code":"03-*","account":"5010","dimensions":{"DEPARTMENT":"SITE","AREA":"X"}},{"cost_code":"-1","account":"5020"}]}`).as(key))
	for _, accept := range []string{"text/csv", "text/csv, */*;q=0.1", "application/json;q=0.5, TEXT/CSV"} {
		answer := a.do(get(settingsPath).as(key).with("Accept", accept))
		assert.Equal(t, http.StatusOK, answer.status)
		assert.Equal(t, "text/csv", answer.header.Get("Content-Type"))
		assert.Equal(t, `"1"`, answer.header.Get("ETag"))
		assert.Contains(t, answer.header.Values("Vary"), "Accept")
		assert.Equal(t, "cost_code,cost_type,account,tax_code,project_task,dimensions\r\n03-*,,5010,,,AREA=X;DEPARTMENT=SITE\r\n'-1,,5020,,,\r\n", string(answer.body))
		assertMeetsContract(t, "getConnectionSettings", answer)
	}
	for _, accept := range []string{"", "*/*", "text/*", "text/csv;q=0, */*", "application/json, text/csv", "text/csv;q=0.5, application/json;q=0.6", ";;", "text/html"} {
		answer := a.do(get(settingsPath).as(key).with("Accept", accept))
		assert.Equal(t, "application/json", answer.header.Get("Content-Type"), accept)
		assert.Contains(t, answer.header.Values("Vary"), "Accept")
	}
	head := a.do(request{method: http.MethodHead, path: settingsPath, key: key, header: map[string]string{"Accept": "text/csv"}})
	assert.Equal(t, "text/csv", head.header.Get("Content-Type"))
	refused := a.do(get(settingsPath).as("sk_demo_none").with("Accept", "text/csv"))
	assert.Equal(t, http.StatusUnauthorized, refused.status)
	assertMeetsContract(t, "getConnectionSettings", refused)
}

// What GET answers with can be sent back, and nothing is changed by it; each connection and each customer has its own.
func TestSetConnectionSettings_200_ReplacesTheWhole(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, other := a.connected(), a.connected()
	full := `{"local_currency":"QAR","retention_account":"2350","payment_journal":"6f1d9c1e","tax_on":"net","use_origin_id":true,"projects":["341276"],
		"posting":[{"cost_code":"03-*","cost_type":"S","account":"5010","tax_code":"VAT5","dimensions":{"DEPARTMENT":"SITE"},"project_task":"1000"}],"writes":"auto","four_eyes":true}`
	set, tag := a.settings(setSettings(full).as(key))
	assert.JSONEq(t, full, string(set))
	assert.Equal(t, `"1"`, tag)
	read, readTag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, string(set), string(read))
	assert.Equal(t, tag, readTag)
	again, tag := a.settings(setSettings(string(read)).as(key).with("If-Match", readTag))
	assert.Equal(t, string(set), string(again))
	assert.Equal(t, `"2"`, tag)

	defaults, _ := a.settings(setSettings(`{}`).as(key))
	assert.NotContains(t, string(defaults), "5010")
	_, tag = a.settings(get(strings.Replace(settingsPath, "dynamics", "procore", 1)).as(key))
	assert.Equal(t, `"0"`, tag)
	_, tag = a.settings(get(settingsPath).as(other))
	assert.Equal(t, `"0"`, tag)

	a.connect(key, "dynamics")
	_, tag = a.settings(get(settingsPath).as(key))
	assert.Equal(t, `"3"`, tag, "settings stay when the platform is connected again")
}

// setPosting sets the posting rules by a table.
func setPosting(table string) request { return setSettings(table).with("Content-Type", "text/csv") }

// A table replaces the posting rules, and leaves the other settings; what it answers with is all of them.
func TestSetConnectionSettings_200_PostingByCSV(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.settings(setSettings(`{"local_currency":"QAR","retention_account":"2350","posting":[{"account":"5900"}]}`).as(key))
	set, tag := a.settings(setPosting("\ufeffaccount,cost_code,dimensions\r\n5010,03-*,DEPARTMENT=SITE\r\n5020,'=1,\r\n").as(key))
	assert.JSONEq(t, `{"local_currency":"QAR","retention_account":"2350","tax_on":"gross","use_origin_id":false,"projects":null,"writes":"auto","four_eyes":false,
		"posting":[{"cost_code":"03-*","account":"5010","dimensions":{"DEPARTMENT":"SITE"}},{"cost_code":"=1","account":"5020"}]}`, string(set))
	assert.Equal(t, `"2"`, tag)
	read, readTag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, string(set), string(read))
	assert.Equal(t, tag, readTag)

	// What GET answers with can be sent back.
	table := a.do(get(settingsPath).as(key).with("Accept", "text/csv")).body
	again, _ := a.settings(request{method: http.MethodPut, path: settingsPath, key: key, body: string(table),
		header: map[string]string{"Content-Type": "Text/CSV; charset=utf-8; header=present", "If-Match": readTag}})
	assert.Equal(t, string(set), string(again))

	none, _ := a.settings(setPosting("account\n").as(key))
	assert.Contains(t, string(none), `"posting":[]`)
	assert.Contains(t, string(none), "2350")
}

func TestSetConnectionSettings_412_ByCSV(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	answer := a.do(request{method: http.MethodPut, path: settingsPath, key: key, body: "account\n5010\n",
		header: map[string]string{"Content-Type": "text/csv", "If-Match": `"7"`}})
	assert.Equal(t, http.StatusPreconditionFailed, answer.status)
	assertMeetsContract(t, "setConnectionSettings", answer)
	data, tag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, `"0"`, tag)
	assert.NotContains(t, string(data), "5010")
}

func TestSetConnectionSettings_422_ARowOfATable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for table, message := range map[string]string{
		"cost_code,account\n03-*,5010\n04-*,\n":       "line 3, column account: must have 1 to 20 characters",
		"cost_code,account\n03-*,5010\n\n03-*,5020\n": "line 4: is for the same lines as line 2",
		"code,account\n":    "line 1, column 1: must be one of cost_code, cost_type, account, tax_code, project_task, dimensions",
		"account\n1\n\"2\n": `line 3: is not CSV: extraneous or missing " in quoted-field`,
	} {
		answer := a.do(setPosting(table).as(key))
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
		assert.Equal(t, "SETTINGS_ERROR", answer.error(t).Type)
		assert.Equal(t, message, answer.error(t).Message)
		assertMeetsContract(t, "setConnectionSettings", answer)
	}
	_, tag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, `"0"`, tag, "nothing was written")
}

func TestSetConnectionSettings_400_ATableThatIsNoText(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for table, message := range map[string]string{
		"account\n\xff\n": "request body is not UTF-8", "account\n\x00\n": "request body holds U+0000, which cannot be stored", "": "request body is required",
	} {
		answer := a.do(setPosting(table).as(key))
		assert.Equal(t, http.StatusBadRequest, answer.status)
		assert.Equal(t, message, answer.error(t).Message)
	}
}

func TestSetConnectionSettings_413_ATable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	assert.Equal(t, http.StatusRequestEntityTooLarge, a.do(setPosting("account\n"+strings.Repeat("\n", 1<<20)).as(a.connected())).status)
}

// The other operations take JSON alone.
func TestConnectPlatform_415_CSV(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	answer := a.do(post("/connect", "account\n").as(key).with("Content-Type", "text/csv"))
	assert.Equal(t, http.StatusUnsupportedMediaType, answer.status)
	assert.Equal(t, "A request body must be sent with Content-Type: application/json", answer.error(t).Message)
	answer = a.do(setSettings("account\n").as(key).with("Content-Type", "text/plain"))
	assert.Equal(t, http.StatusUnsupportedMediaType, answer.status)
	assert.Equal(t, "A request body must be sent with Content-Type: application/json or text/csv", answer.error(t).Message)
}

func TestSetConnectionSettings_422_WritesOfASandbox(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	answer := a.do(setSettings(`{"writes":"off"}`).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Equal(t, "/writes: must be auto: this connection is a sandbox", answer.error(t).Message)
	_, tag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, `"0"`, tag, "nothing was written")
}

// Of many who set the settings that they read at the same time, one does. Without If-Match all do.
func TestSetConnectionSettings_412_OneOfManyAtATime(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	many := func(ifMatch string) (done int) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		for i := range 4 {
			wg.Go(func() {
				r := setSettings(fmt.Sprintf(`{"posting":[{"account":"%d"}]}`, i)).as(key)
				if ifMatch != "" {
					r = r.with("If-Match", ifMatch)
				}
				answer := a.do(r)
				mu.Lock()
				defer mu.Unlock()
				if answer.status == http.StatusOK {
					done++
				} else {
					assert.Equal(t, http.StatusPreconditionFailed, answer.status, "%s", answer.body)
				}
			})
		}
		wg.Wait()
		return done
	}
	assert.Equal(t, 1, many(`"0"`))
	assert.Equal(t, 4, many(""))
	_, tag := a.settings(get(settingsPath).as(key))
	assert.Equal(t, `"5"`, tag)
}

// A change answers with requests by the settings of each platform's connection. It touches what it names alone: no line that is stored
// is posted anew.
func TestPropagateChange_200_RequestsBySettings(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	amount := func() string {
		requests := a.propagate(post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment",
			"data":{"amount":"1750000.00"},"dry_run":true}`).as(key)).Propagated["dynamics"].Requests
		text, err := json.Marshal(requests)
		require.NoError(t, err)
		return string(text)
	}
	assert.Contains(t, amount(), `"amount":-6370000`)
	a.settings(setSettings(`{"local_currency":"EUR"}`).as(key))
	assert.NotContains(t, amount(), "6370000", "riyals are not sent as if they were euros")

	a.settings(setSettings(`{"posting":[{"account":"5010","tax_code":"VAT5"}]}`).as(key))
	invoice := a.objects(key, "procore", "invoice")[0]
	requests, err := json.Marshal(a.propagate(post("/propagate", fmt.Sprintf(`{"format":"canonical","canonical_id":%q,"entity_type":"invoice",
		"data":{"due_date":"2026-05-05"},"dry_run":true}`, invoice.CanonicalID)).as(key)).Propagated["dynamics"].Requests)
	require.NoError(t, err)
	assert.Contains(t, string(requests), "2026-05-05")
	assert.NotContains(t, string(requests), "5010")
	assert.NotContains(t, string(requests), "VAT5")
}
