package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
	"structural.app/structural/store"
)

const (
	bankID = "pay_aV4hMoBcGZ2ntuW"
	// acceptBank accepts what the bank kept of a payment.
	acceptBank   = `{"canonical_id":"` + bankID + `","field":"/amount","note":"The bank kept 75 riyals"}`
	noAcceptance = "/reconciliation/accepted/0b8f6a51-0c63-4d5c-9b0e-5f3f0f4d8c11"

	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func (a *api) accept(key, body string) gen.AcceptedDifference {
	a.t.Helper()
	answer := a.do(post("/reconciliation/accepted", body).as(key))
	require.Equal(a.t, http.StatusCreated, answer.status, "%s", answer.body)
	var response gen.DifferenceResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data.Accepted.MustGet()
}

// payments is what the report says of the payments.
func (a *api) payments(key string) gen.ReconciledEntity {
	a.t.Helper()
	report := a.reconciliation(key, "?entity_type=payment")
	require.Len(a.t, report.Entities, 1)
	return report.Entities[0]
}

const bankKept = "CHK-2026-0105 /amount different"

// An accepted difference leaves the list, stays in the report, outlives a reload, and is back once a value moves; it is accepted again when
// the values are again what they were.
func TestAcceptDifference_201_UntilAValueMoves(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	was := a.payments(key)
	require.Equal(t, []int{7, 2, 0}, []int{was.Matched, was.Disagreeing, was.Accepted})

	accepted := a.accept(key, acceptBank)
	assert.Equal(t, "The bank kept 75 riyals", accepted.Note.MustGet())
	isAccepted := func() {
		t.Helper()
		assert.NotContains(t, fieldsOf(a.differences(key, "")), bankKept)
		list := a.differences(key, "?state=accepted")
		require.Equal(t, []string{bankKept}, fieldsOf(list))
		assert.Equal(t, accepted, list[0].Accepted.MustGet())
		assert.Len(t, a.differences(key, "?state=all"), len(sandboxDifferences))
		now := a.payments(key)
		assert.Equal(t, []int{7, 1, 1}, []int{now.Matched, now.Disagreeing, now.Accepted})
		assert.Equal(t, was.Totals, now.Totals, "accepting changes no figure")
	}
	isAccepted()
	for _, platform := range platforms {
		a.connect(key, platform)
		isAccepted()
	}

	// Both records move, and agree; back on the old amount of one side they agree still.
	change := func(format string) {
		t.Helper()
		answer := a.do(post("/propagate", format).as(key))
		require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	}
	change(`{"format":"canonical","canonical_id":"` + bankID + `","entity_type":"payment","data":{"amount":{"amount":124198000,"currency":"USD"}}}`)
	assert.NotContains(t, fieldsOf(a.differences(key, "?state=all")), bankKept, "there is no difference to accept")
	a.connect(key, "dynamics") // whose record is as it was, and the other one's is not
	assert.NotContains(t, fieldsOf(a.differences(key, "?state=all")), bankKept)
	a.connect(key, "procore")
	isAccepted()

	// The site's amount moves by itself: only its record is connected, and the other one comes back to it as it was.
	a.db.MustExec(`UPDATE platform_objects SET payload = replace(payload::text, '"1242000.00"', '"1243000.00"')::json
		WHERE customer_id = $1 AND platform = 'procore' AND entity_type = 'payment'`, a.customer(key))
	a.connect(key, "dynamics")
	assert.Contains(t, fieldsOf(a.differences(key, "")), bankKept, "it is open again")
	assert.Empty(t, a.differences(key, "?state=accepted"))
	again := a.accept(key, `{"canonical_id":"`+bankID+`","field":"/amount"}`)
	assert.True(t, again.Note.IsNull())
	assert.NotContains(t, fieldsOf(a.differences(key, "")), bankKept)
}

func TestDeleteAcceptedDifference_204_ItIsOpenAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	accepted := a.accept(key, acceptBank)
	assert.Equal(t, http.StatusNoContent, a.do(del("/reconciliation/accepted/"+accepted.ID, key)).status)
	assert.Contains(t, fieldsOf(a.differences(key, "")), bankKept)
	assert.Equal(t, http.StatusNotFound, a.do(del("/reconciliation/accepted/"+accepted.ID, key)).status)
}

// The id of an object with records of both platforms is that of one; any of its ids will do.
func TestAcceptDifference_201_ByAnyID(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.accept(key, `{"canonical_id":"pay_7mSfqA1YAsyke7e","field":"/amount"}`)
	assert.NotContains(t, fieldsOf(a.differences(key, "")), bankKept)
}

// What is one customer's is nobody else's.
func TestReconciliation_AnotherCustomersIsNotThere(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, other := a.connected(), a.issuedKey(store.ModeTest)
	accepted := a.accept(key, acceptBank)
	assert.Equal(t, http.StatusNotFound, a.do(post("/reconciliation/accepted", acceptBank).as(other)).status)
	assert.Equal(t, http.StatusNotFound, a.do(del("/reconciliation/accepted/"+accepted.ID, other)).status)
	report := a.reconciliation(other, "")
	assert.Empty(t, report.Entities)
	assert.True(t, report.Currency.IsNull())
	assert.Empty(t, a.differences(other, "?state=all"))
	for _, platform := range platforms {
		a.connect(other, platform)
	}
	assert.ElementsMatch(t, sandboxDifferences, fieldsOf(a.differences(other, "")), "the other one's difference is open")
}
