package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
)

func TestConnecter_ConnectReconcilesWithTheOtherPlatforms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	for name, want := range map[string]int{"procore": 8, "dynamics": 8} {
		counts, err := w.connect(name)
		require.NoError(t, err)
		assert.Equal(t, want, counts[canonical.Payment], name)
	}
	found, err := w.store.FindObject(t.Context(), w.payment())
	require.NoError(t, err)
	require.Len(t, found.Records, 2)
	assert.Equal(t, []string{"procore", "dynamics"}, []string{found.Records[0].Platform, found.Records[1].Platform})
}

func TestConnecter_ConnectRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode     app.Mode
		quotas   app.Quotas
		platform string
		refused  func(error) bool
	}{
		"a live customer without credentials": {app.ModeLive, app.Quotas{}, "procore", is(app.ErrNoCredentials)},
		"a platform without a sandbox":        {app.ModeTest, app.Quotas{}, "nowhere", is(app.ErrNoSandbox)},
		"more than a demo customer may store": {app.ModeDemo, app.Quotas{Demo: 1000}, "procore", isA[*app.QuotaError]},
		"more than a customer may store":      {app.ModeTest, app.Quotas{Customer: 1000}, "procore", isA[*app.QuotaError]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.mode, test.quotas)
			_, err := w.connect(test.platform)
			assert.True(t, test.refused(err), "%v", err)
			connections, err := w.store.ListConnections(t.Context(), w.customer)
			require.NoError(t, err)
			assert.Empty(t, connections)
		})
	}
}

func TestConnecter_ConnectKnowsNoDeletedCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.ModeDemo, app.Quotas{})
	require.NoError(t, w.store.DeleteCustomer(t.Context(), w.customer))
	_, err := w.connect("procore")
	assert.ErrorIs(t, err, app.ErrNotFound)
}
