package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changeOf is a change of the payment in Procore's own words.
func changeOf(data string) request {
	return post("/propagate", `{"format":"platform","platform":"procore","platform_id":"1823456","entity_type":"payment","data":`+data+`}`)
}

func TestPropagateChange_Prefer_StrictRefusesAllThatWouldBeLost(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	before := a.everything(key)
	for _, test := range []struct {
		request request
		message string
	}{
		{payment(`{"payment_number":25,"journal":"GULF-2"}`),
			"/data/journal: expected no value: procore has no such field; /data/payment_number: expected no value: dynamics has no such field"},
		{payment(`{"contract_id":"cor_h6j30kM59J6q3el"}`), "/data/contract_id: expected a reference to an object that is on dynamics"},
		{payment(`{"notes":"` + strings.Repeat("x", 251) + `"}`), "/data/notes: expected a text that is not too long for dynamics"},
		{changeOf(`{"notes":"` + strings.Repeat("x", 251) + `"}`), "/data/notes: expected a text that is not too long for dynamics"},
		{changeOf(`{"payment_number":25}`), "/data/payment_number: expected no value: dynamics has no such field"},
	} {
		answer := a.do(test.request.as(key).with("Prefer", "handling=strict"))
		require.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
		assertMeetsContract(t, "propagateChange", answer)
		assert.Equal(t, "handling=strict", answer.header.Get("Preference-Applied"))
		assert.Equal(t, test.message, answer.error(t).Message)
	}
	assert.Equal(t, before, a.everything(key))
	answer := a.do(payment(`{"notes":"Fits"}`).as(key).with("Prefer", "handling=strict"))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assert.Equal(t, "handling=strict", answer.header.Get("Preference-Applied"))
	answer = a.do(payment(`{"notse":1}`).as(key).with("Prefer", "handling=strict"))
	assert.Equal(t, http.StatusBadRequest, answer.status)
	assert.Empty(t, answer.header.Get("Preference-Applied"), "nothing has come of it")
}

func TestPropagateChange_Prefer_LenientDoesTheRest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	long := strings.Repeat("x", 251)
	asked := payment(`{"notes":"` + long + `","date":"2026-02-05"}`).as(key)
	assert.Equal(t, http.StatusUnprocessableEntity, a.do(asked).status)
	answer := a.do(asked.with("Prefer", "handling=lenient"))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(t, "propagateChange", answer)
	assert.Equal(t, "handling=lenient", answer.header.Get("Preference-Applied"))
	assert.JSONEq(t, `[{"field":"/notes","reason":"too_long"}]`, member(t, answer.body, "data", "propagated", "dynamics", "lost"))
	assert.Equal(t, `"2026-02-05"`, member(t, answer.body, "data", "propagated", "dynamics", "data", "postingDate"))
	assert.Equal(t, `"`+long+`"`, member(t, answer.body, "data", "propagated", "procore", "data", "notes"))

	read := a.do(get("/objects/" + paymentID).as(key))
	assert.Contains(t, string(read.body), long, "the object has it")
}

// A strict translation is refused for what the target has no field for, what its API does not take, and what nobody knows.
func TestTransformData_422_StrictRefusesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const record = `{"source":"procore","target":%q,"entity_type":"payment","data":{"amount":"10.0","check_number":"A-1"%s}}`
	strict := func(target, members string) answer {
		answer := a.do(post("/transform", fmt.Sprintf(record, target, members)).as(key).with("Prefer", "handling=strict"))
		assertMeetsContract(t, "transformData", answer)
		return answer
	}
	answer := strict("dynamics", `,"payment_method":"check","colour":"red"`)
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Equal(t, "/data/colour: expected no value: dynamics has no such field; canonical /currency: expected no value: dynamics has no such field; "+
		"canonical /method: expected no value: dynamics has no such field", answer.error(t).Message)
	assert.Equal(t, http.StatusOK, strict("procore", `,"payment_method":"check"`).status)
}

// What a platform says has happened there: it is stored without any header, and stays after the other platform is loaded again.
func TestPropagateChange_200_APlatformsOwnWordIsStored(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	long := strings.Repeat("x", 251)
	answer := a.do(changeOf(`{"notes":"` + long + `"}`).as(key))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(t, "propagateChange", answer)
	assert.Empty(t, answer.header.Get("Preference-Applied"))
	assert.JSONEq(t, `[{"field":"/notes","reason":"too_long"}]`, member(t, answer.body, "data", "propagated", "dynamics", "lost"))
	a.connect(key, "dynamics")
	assert.Equal(t, 2, strings.Count(string(a.do(get("/objects/"+paymentID).as(key)).body), long), "the object and Procore's record")
}

// RFC 7240: several preferences and lines, quoted values, the first of several; what is unknown is ignored.
func TestPropagateChange_Prefer_IsReadAsTheStandardSays(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	for header, applied := range map[string]string{
		`handling=strict, wait=5`:                  "handling=strict",
		`wait=5,handling="lenient"; x="a;b,c"`:     "handling=lenient",
		"wait=5\nHandling = strict":                "handling=strict",
		`handling=lenient, handling=strict`:        "handling=lenient",
		`handling=whatever, handling=strict`:       "",
		`note="a, handling=strict", respond-async`: "",
		`note="\", handling=strict`:                "",
		`handling`:                                 "",
		`handling="strict`:                         "",
		``:                                         "",
		`,;=,`:                                     "",
	} {
		asked := payment(`{"notes":"Read"}`).as(key)
		raw, err := http.NewRequest(asked.method, a.url+asked.path, strings.NewReader(asked.body))
		require.NoError(t, err)
		raw.Header.Set("Authorization", "Bearer "+key)
		raw.Header.Set("Content-Type", "application/json")
		raw.Header["Prefer"] = strings.Split(header, "\n")
		response, err := http.DefaultClient.Do(raw)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusOK, response.StatusCode, header)
		assert.Equal(t, applied, response.Header.Get("Preference-Applied"), header)
	}
}

// Another handling is another request.
func TestIdempotency_ThePreferenceIsPartOfTheRequest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	send := func(prefer string) answer {
		r := payment(`{"payment_number":25}`).as(key)
		r.header = map[string]string{"Idempotency-Key": "handled", "Prefer": prefer}
		return a.do(r)
	}
	for range 2 {
		answer := send("handling=strict")
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
		assert.EqualValues(t, "TRANSFORM_ERROR", answer.error(t).Type)
		assert.Equal(t, "handling=strict", answer.header.Get("Preference-Applied"))
	}
	answer := send("handling=lenient")
	assert.EqualValues(t, "IDEMPOTENCY_ERROR", answer.error(t).Type)
	assert.EqualValues(t, "IDEMPOTENCY_ERROR", send("").error(t).Type)
	assert.Equal(t, http.StatusUnprocessableEntity, send("wait=5, handling=strict").status)
	assert.EqualValues(t, "TRANSFORM_ERROR", send("wait=5, handling=strict").error(t).Type, "the same handling")
}

func TestTransformData_Prefer(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	asked := func(data string) request {
		return post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":`+data+`,"context":{"currency":"QAR"}}`).as(key)
	}
	const data = `{"id":1823456,"amount":"1700000.00","payment_number":25,"project_id":341276}`
	answer := a.do(asked(data).with("Prefer", "handling=strict"))
	require.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s", answer.body)
	assertMeetsContract(t, "transformData", answer)
	assert.Equal(t, "handling=strict", answer.header.Get("Preference-Applied"))
	assert.Equal(t, "canonical /payment_number: expected no value: dynamics has no such field; "+
		"canonical /project_id: expected a reference whose id on dynamics the context has", answer.error(t).Message)
	for _, prefer := range []string{"handling=lenient", "wait=5"} {
		answer = a.do(asked(data).with("Prefer", prefer))
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
		assertMeetsContract(t, "transformData", answer)
		assert.JSONEq(t, `[{"field":"/payment_number","reason":"no_field"}]`, member(t, answer.body, "metadata", "lost"))
	}
	answer = a.do(asked(`{"id":1823456,"amount":"1700000.00"}`).with("Prefer", "handling=strict"))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	assert.Equal(t, "handling=strict", answer.header.Get("Preference-Applied"))
}
