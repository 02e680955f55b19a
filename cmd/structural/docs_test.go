package main

import (
	"crypto/sha256"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
	"structural.app/structural/platform/dynamics"
	"structural.app/structural/platform/example"
	"structural.app/structural/platform/procore"
	"structural.app/structural/store"
	"structural.app/structural/store/embedded"
	"structural.app/structural/store/storetest"
)

func TestTour_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t))
	runDocument(t, "../../docs/tour.md", 24, p)
	document, err := os.ReadFile("../../docs/tour.md")
	require.NoError(t, err)
	for _, page := range regexp.MustCompile(`<http://localhost:8080(/[^>]*)>`).FindAllStringSubmatch(string(document), -1) {
		response, err := client.Get(strings.TrimSuffix(p.url, "/api/v1") + page[1])
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, http.StatusOK, response.StatusCode, page[1])
	}
}

func TestReconciliation_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	runDocument(t, "../../docs/reconciliation.md", 16, start(t, "DATA_DIR="+dataDir(t)))
}

func TestAddingAPlatform_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	runDocumentIn(t, "../..", "../../docs/adding-a-platform.md", 3, new(program)) // none of them needs a server, or writes
}

func TestAddingAPlatform_ShowsTheExampleAsItIs(t *testing.T) {
	t.Parallel()
	var sources strings.Builder
	files, err := filepath.Glob("../../platform/example/*.go")
	require.NoError(t, err)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		sources.Write(source)
	}
	document, err := os.ReadFile("../../docs/adding-a-platform.md")
	require.NoError(t, err)
	shown := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(document), -1)
	require.Len(t, shown, 4)
	for _, code := range shown {
		assert.Contains(t, sources.String(), code[1])
	}
}

// A third platform is connected, reconciled, changed and stored by what is there: it brings its tables and its records alone.
func TestAddingAPlatform_AThirdOneNeedsNothingElse(t *testing.T) {
	t.Parallel()
	server, stop, err := storetest.StartServer()
	require.NoError(t, err)
	t.Cleanup(stop)
	platforms := platform.NewRegistry(platform.New(procore.Definition()), platform.New(dynamics.Definition()), platform.New(example.Definition()))
	db := storetest.Open(t, server.DSN(embedded.Database), store.WithPrecedence(platforms.Names()))
	ctx := t.Context()
	customer, err := db.CreateCustomer(ctx, store.ModeDemo, "", sha256.Sum256([]byte("key")))
	require.NoError(t, err)

	translator := app.New(platforms, canonical.Rates{})
	actor := app.Actor{Kind: app.ActorKey, KeyID: customer, Mode: app.ModeDemo}
	connecter := app.NewConnecter(translator, db, map[string]app.Source{
		string(example.Name): platform.Sandbox(example.Sandbox), string(dynamics.Name): platform.Sandbox(dynamics.Sandbox), string(procore.Name): platform.Sandbox(procore.Sandbox),
	}, app.Quotas{})
	for _, name := range []platform.Name{example.Name, dynamics.Name, procore.Name} {
		_, err := connecter.Connect(ctx, app.ConnectRequest{Actor: actor, CustomerID: customer, Platform: string(name)})
		require.NoError(t, err)
	}

	// The payment that all three have is one object, with the id of the first of them.
	payment := app.ObjectQuery{CustomerID: customer, CanonicalID: canonical.MintID(string(example.Name), canonical.Payment, "9001")}
	found, err := db.FindObject(ctx, payment)
	require.NoError(t, err)
	assert.Equal(t, canonical.MintID("procore", canonical.Payment, "1823456"), found.ID)
	assert.Equal(t, []string{"procore 1700000.00", "dynamics -6188000", "sage 6243250.00"}, amounts(t, found.Records))

	// A change in its words reaches the other two, in their currencies.
	patch, err := jsontext.Parse([]byte(`{"gross":3672500,"state":"Reconciled"}`))
	require.NoError(t, err)
	_, err = app.NewChanger(translator, db, app.Quotas{}).Change(ctx, app.ChangeRequest{
		Actor: actor, RequestID: "req_000000000001", Query: payment, Patch: plan.Patch{Platform: string(example.Name), Fields: patch},
	})
	require.NoError(t, err)
	changed, err := db.FindObject(ctx, payment)
	require.NoError(t, err)
	assert.Equal(t, []string{"procore 1000000.00", "dynamics -3640000", "sage 3672500"}, amounts(t, changed.Records))
	assert.Contains(t, string(changed.Document), `"status":"paid"`)
}

// amounts are what payments are of, each after its platform.
func amounts(t *testing.T, records []app.StoredRecord) (list []string) {
	t.Helper()
	for _, r := range records {
		payload, err := jsontext.Parse(r.Payload)
		require.NoError(t, err)
		amount := payload.Get("amount")
		if amount.IsNone() {
			amount = payload.Get("gross")
		}
		list = append(list, r.Platform+" "+strings.Trim(amount.Literal(), `"`))
	}
	return list
}

// A link from one file of the repository to another leads to one that is there.
func TestDocuments_LinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	documents = append(documents, "../../README.md", "../../CONTRIBUTING.md")
	links := 0
	for _, document := range documents {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			links++
			_, err := os.Stat(filepath.Join(filepath.Dir(document), link[1]))
			assert.NoError(t, err, document)
		}
	}
	assert.Greater(t, links, 20)
}
