package app_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/registry"
	"structural.app/structural/store"
	"structural.app/structural/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// world is a customer in a database of its own, and the use cases over it.
type world struct {
	t          *testing.T
	store      *store.Store
	translator *app.Translator
	connecter  *app.Connecter
	changer    *app.Changer
	customer   string
	actor      app.Actor
}

func newWorld(t *testing.T, mode app.Mode, quotas app.Quotas) *world {
	t.Helper()
	platforms := registry.New()
	db := storetest.Open(t, storetest.NewDatabase(t), store.WithPrecedence(platforms.Names()))
	customer, err := db.CreateCustomer(t.Context(), mode, "", [32]byte{1})
	require.NoError(t, err)
	sandboxes := map[string]app.Source{}
	for name, sandbox := range registry.Sandboxes() {
		sandboxes[name] = sandbox
	}
	translator := app.New(platforms, canonical.Rates{})
	w := &world{t: t, store: db, translator: translator, customer: customer, actor: app.Actor{Kind: app.ActorKey, KeyID: customer, Mode: mode}}
	w.connecter = app.NewConnecter(translator, db, sandboxes, quotas)
	w.setQuotas(quotas)
	return w
}

// setQuotas sets what the customer may store with its changes.
func (w *world) setQuotas(quotas app.Quotas) {
	w.changer = app.NewChanger(w.translator, w.store, quotas)
}

func (w *world) connect(platform string) (map[canonical.EntityType]int, error) {
	return w.connecter.Connect(w.t.Context(), app.ConnectRequest{Actor: w.actor, CustomerID: w.customer, Platform: platform})
}

// connectBoth connects both platforms, which must succeed.
func (w *world) connectBoth() {
	w.t.Helper()
	for _, name := range []string{"procore", "dynamics"} {
		_, err := w.connect(name)
		require.NoError(w.t, err)
	}
}

// thePayment is a payment that both sandboxes have, by its id at Procore.
var thePayment = canonical.MintID("procore", canonical.Payment, "1823456")

func (w *world) payment() app.ObjectQuery {
	return app.ObjectQuery{CustomerID: w.customer, CanonicalID: thePayment}
}

// change asks for a change of the payment in canonical fields.
func (w *world) change(patch string) app.ChangeRequest {
	w.t.Helper()
	fields, err := jsontext.Parse([]byte(patch))
	require.NoError(w.t, err)
	r := app.ChangeRequest{Actor: w.actor, RequestID: "req_000000000001", Query: w.payment()}
	r.Patch.Fields = fields
	return r
}

// isA reports whether an error is of a type.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// is reports whether an error is another; nil: whether there is none.
func is(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}
