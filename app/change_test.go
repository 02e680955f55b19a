package app_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

func TestChanger_ChangeReachesEveryRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	w.connectBoth()
	before, err := w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	result, err := w.changer.Change(t.Context(), w.change(`{"notes":"second"}`))
	require.NoError(t, err)
	assert.Greater(t, result.Version, before.Version)
	assert.Equal(t, []string{"procore", "dynamics"}, result.Written)
	after, err := w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	assert.Contains(t, string(after.Document), `"notes":"second"`)
	assert.Contains(t, string(after.Records[0].Payload), `"notes":"second"`)
	assert.Contains(t, string(after.Records[1].Payload), `"comment":"second"`)

	again, err := w.changer.Change(t.Context(), w.change(`{"notes":"second"}`))
	require.NoError(t, err)
	assert.Empty(t, again.Written, "it is so already")
	assert.Equal(t, result.Version, again.Version)
}

// A reference may be changed to an object that nobody has looked at before: it is looked up in between.
func TestChanger_ChangeFindsWhatIsReferredTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	w.connectBoth()
	found, err := w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	records, err := registry.Sandboxes()["procore"].Records(t.Context(), books.Receivable)
	require.NoError(t, err)
	var other string // a contract that the payment is not for
	for _, r := range records {
		minted := canonical.MintID("procore", canonical.Contract, r.Payload.Get("id").Literal())
		if r.EntityType == canonical.Contract && !strings.Contains(string(found.Document), minted) {
			other = minted
		}
	}
	require.NotEmpty(t, other)
	_, err = w.changer.Change(t.Context(), w.change(`{"contract_id":"`+other+`"}`))
	require.NoError(t, err)
	found, err = w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	assert.Contains(t, string(found.Document), `"contract_id":"`+other+`"`)
	_, err = w.changer.Change(t.Context(), w.change(`{"contract_id":"cor_000000000000000"}`))
	assert.True(t, isA[*canonical.TranslationError](err), "%v", err)
}

func TestChanger_ChangeWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	w.connectBoth()
	before, err := w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	for name, test := range map[string]struct {
		patch   string
		with    func(*app.ChangeRequest)
		refused func(error) bool
	}{
		"a dry run":               {`{"notes":"x"}`, func(r *app.ChangeRequest) { r.DryRun = true }, is(nil)},
		"another version":         {`{"notes":"x"}`, func(r *app.ChangeRequest) { r.Matches = func(int64) bool { return false } }, is(app.ErrPrecondition)},
		"another customer":        {`{"notes":"x"}`, func(r *app.ChangeRequest) { r.Query.CustomerID = "00000000-0000-4000-8000-000000000000" }, is(app.ErrNotFound)},
		"an unknown field":        {`{"note":"x"}`, nil, isA[*plan.PatchError]},
		"a text that is too long": {`{"notes":"` + strings.Repeat("x", app.MaxTextBytes+1) + `"}`, nil, isA[*app.TextTooLongError]},
	} {
		r := w.change(test.patch)
		if test.with != nil {
			test.with(&r)
		}
		result, err := w.changer.Change(t.Context(), r)
		assert.True(t, test.refused(err), "%s: %v", name, err)
		assert.Empty(t, result.Written, name)
		after, err := w.store.FindObject(t.Context(), w.payment())
		require.NoError(t, err)
		assert.Equal(t, before.Version, after.Version, name)
		assert.Equal(t, string(before.Document), string(after.Document), name)
	}
}

func TestChanger_ChangeHoldsTheCustomerToItsQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	w.connectBoth()
	customer, err := w.store.FindCustomer(t.Context(), w.customer)
	require.NoError(t, err)
	w.setQuotas(app.Quotas{Demo: customer.StoredBytes + 5000})
	_, err = w.changer.Change(t.Context(), w.change(`{"notes":"short"}`))
	require.NoError(t, err)
	for range 20 { // the history grows with each
		if err != nil {
			break
		}
		_, err = w.changer.Change(t.Context(), w.change(`{"notes":"`+rand.Text()+`"}`))
	}
	assert.ErrorIs(t, err, app.ErrQuota)
	assert.True(t, isA[*app.QuotaError](err), "%v", err)
}

func TestChanger_ChangeAnswersAKeyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	w.connectBoth()
	r := w.change(`{"notes":"second"}`)
	r.Query.IdempotencyKey, r.Fingerprint = "k", [32]byte{1}
	r.Answer = func(*app.FoundObject, *plan.Result) ([]byte, error) { return []byte(`{"the":"answer"}`), nil }
	first, err := w.changer.Change(t.Context(), r)
	require.NoError(t, err)
	require.Nil(t, first.Replay)
	second, err := w.changer.Change(t.Context(), r)
	require.NoError(t, err)
	require.NotNil(t, second.Replay)
	assert.Equal(t, app.Answer{Fingerprint: r.Fingerprint, Status: 200, Version: first.Version, Body: []byte(`{"the":"answer"}`)},
		app.Answer{Fingerprint: second.Replay.Fingerprint, Status: second.Replay.Status, Version: second.Replay.Version, Body: second.Replay.Body})
	assert.Empty(t, second.Written)
}
