package structural_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
)

func TestEveryOperationHasAMethod(t *testing.T) {
	document, err := os.ReadFile("../../openapi.yaml")
	require.NoError(t, err)
	operations := regexp.MustCompile(`\n +operationId: (\w+)`).FindAllSubmatch(document, -1)
	require.NotEmpty(t, operations)
	client := reflect.TypeFor[*structural.Client]()
	for _, operation := range operations {
		name := string(operation[1])
		_, found := client.MethodByName(strings.ToUpper(name[:1]) + name[1:])
		assert.True(t, found, name)
	}
}

func TestGetObject_EscapesTheID(t *testing.T) {
	_, err := newAPI(t).GetObject(t.Context(), "pay/no?such#%")
	require.ErrorContains(t, err, "No such object", "not: no such path")
}

func TestError(t *testing.T) {
	api := newAPI(t)
	for _, test := range []struct {
		status int
		typ    string
		call   func() error
	}{
		{401, "AUTHENTICATION_ERROR", func() error {
			_, err := structural.New(baseURL, structural.WithAPIKey("sk_demo_no")).GetConnections(t.Context())
			return err
		}},
		{401, "AUTHENTICATION_ERROR", func() error {
			return structural.New(baseURL).DeleteDemoSession(t.Context())
		}},
		{404, "NOT_FOUND", func() error {
			_, err := api.GetObject(t.Context(), "pay_no")
			return err
		}},
		{422, "TRANSFORM_ERROR", func() error {
			_, err := api.TransformData(t.Context(), structural.TransformRequest{
				Source: structural.PlatformProcore, Target: structural.PlatformDynamics, EntityType: structural.EntityTypePayment,
				Data: json.RawMessage(`{"amount": "much"}`),
			})
			return err
		}},
	} {
		err := test.call()
		var failure *structural.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, test.status, failure.StatusCode)
		assert.Equal(t, test.typ, failure.Type)
		assert.NotEmpty(t, failure.Message)
		assert.Regexp(t, `^req_[a-z0-9]{12}$`, failure.RequestID)
		assert.Zero(t, failure.RetryAfter)
		assert.Contains(t, err.Error(), failure.RequestID)
		assert.Contains(t, err.Error(), failure.Message)
	}
}

func TestError_429(t *testing.T) {
	api := structural.New(baseURL, fromElsewhere())
	for range 5 {
		_, err := api.CreateDemoSession(t.Context())
		require.NoError(t, err)
	}
	_, err := api.CreateDemoSession(t.Context())
	var failure *structural.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, http.StatusTooManyRequests, failure.StatusCode)
	assert.Equal(t, "RATE_LIMIT_ERROR", failure.Type)
	assert.Positive(t, failure.RetryAfter)
}

func TestError_OfAProxy(t *testing.T) {
	proxy := &http.Client{Transport: handler(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, `<h1>Bad Gateway</h1>`)
	})}
	_, err := structural.New("http://proxy", structural.WithHTTPClient(proxy)).GetHealth(t.Context())
	var failure *structural.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, structural.Error{StatusCode: 502, Message: "Bad Gateway", Body: []byte(`<h1>Bad Gateway</h1>`)}, *failure)
}

func TestGetHealth(t *testing.T) {
	health, err := structural.New(baseURL + "/").GetHealth(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "ok", health.Status)
	assert.Equal(t, "ok", health.Checks.Database)

	answer := `{"data":{"status":"degraded","timestamp":"2026-02-01T10:00:00.000Z","checks":{"database":"error"}}}`
	unwell := structural.New("http://unwell", structural.WithRetry(1), structural.WithHTTPClient(&http.Client{
		Transport: handler(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, answer)
		}),
	}))
	health, err = unwell.GetHealth(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "degraded", health.Status)
	assert.Equal(t, "error", health.Checks.Database)

	answer = `{"message":"a proxy speaks"}`
	_, err = unwell.GetHealth(t.Context())
	require.ErrorContains(t, err, "503")
}

func TestGetPlatforms(t *testing.T) {
	platforms, err := structural.New(baseURL).GetPlatforms(t.Context())
	require.NoError(t, err)
	require.Len(t, platforms.Platforms, 2)
	assert.Equal(t, structural.PlatformProcore, platforms.Platforms[0].Name)
	assert.Equal(t, "Procore", platforms.Platforms[0].Title)
	assert.Contains(t, platforms.Currencies, structural.CurrencyInfo{Code: "IQD", Digits: 3})
}

func TestGetConnections(t *testing.T) {
	connections, err := newAPI(t).GetConnections(t.Context())
	require.NoError(t, err)
	require.Len(t, connections.Connections, 2)
	assert.Equal(t, structural.PlatformDynamics, connections.Connections[0].Platform)
	assert.Equal(t, 36, connections.Connections[0].EntitiesSynced)
}

func TestConnectionSettings(t *testing.T) {
	api := newAPI(t)
	read, err := api.GetConnectionSettings(t.Context(), structural.PlatformDynamics)
	require.NoError(t, err)
	require.Zero(t, read.Version)
	read.Posting = []structural.PostingRule{{CostCode: "03-*", Account: "5010"}}
	set, err := api.ReplaceConnectionSettings(t.Context(), structural.PlatformDynamics, read.PostingSettings, read.Version)
	require.NoError(t, err)
	assert.EqualValues(t, 1, set.Version)
	assert.Equal(t, "5010", set.Posting[0].Account)
	_, err = api.ReplaceConnectionSettings(t.Context(), structural.PlatformDynamics, read.PostingSettings, read.Version)
	var failure *structural.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 412, failure.StatusCode)
	again, err := api.SetConnectionSettings(t.Context(), structural.PlatformDynamics, set.PostingSettings)
	require.NoError(t, err)
	assert.Equal(t, set.PostingSettings, again.PostingSettings)

	coverage, err := api.GetConnectionSettingsCoverage(t.Context(), structural.PlatformDynamics)
	require.NoError(t, err)
	assert.Positive(t, coverage.Covered.Lines)
	assert.NotEmpty(t, coverage.Codes)
}

func TestImportRecords(t *testing.T) {
	api := newAPI(t)
	imported, err := api.ImportRecords(t.Context(), structural.PlatformProcore, structural.StoredEntityTypeContract,
		io.MultiReader(strings.NewReader(`{"id":1,"number":"C-1"}`+"\n"), strings.NewReader(`{"id":2,"contract_date":"soon"}`)),
		structural.ImportOptions{CommitmentType: "WorkOrderContract", Ledger: structural.LedgerReceivable})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 1, 1}, []int{imported.Received, imported.Applied, imported.Rejected})
	assert.Equal(t, []structural.ImportError{{Line: 2, Message: "/contract_date: expected a date (YYYY-MM-DD)"}}, imported.Errors)
	connections, err := api.GetConnections(t.Context())
	require.NoError(t, err)
	assert.Equal(t, structural.PlatformProcore, connections.Connections[1].Platform)
	assert.Equal(t, []structural.Import{*imported}, connections.Connections[1].Imports)
}
