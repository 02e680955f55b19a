package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
)

// posted is what a request says of the first line of a commitment, and what it misses there, with these lines and settings.
func (a *api) posted(key, line, settings string) (number, taxCode string, missing []string) {
	a.t.Helper()
	response := a.transform(key, fmt.Sprintf(`{"source":"procore","target":"dynamics","entity_type":"contract","data":{"id":1,"title":"Lifts","line_items":[%s]},
		"context":{"commitmentType":"WorkOrderContract","settings":%s}}`, line, settings))
	require.Len(a.t, response.Metadata.Requests, 1)
	var body, data struct {
		Lines []struct{ LineType, LineObjectNumber, TaxCode string } `json:"salesOrderLines"`
	}
	text, err := json.Marshal(response.Metadata.Requests[0].Body)
	require.NoError(a.t, err)
	require.NoError(a.t, json.Unmarshal(text, &body))
	require.NoError(a.t, json.Unmarshal(response.Data, &data))
	require.Equal(a.t, data, body)
	if body.Lines[0].LineObjectNumber != "" {
		require.Equal(a.t, "Account", body.Lines[0].LineType)
	}
	for _, note := range response.Metadata.Requests[0].Missing {
		if strings.HasPrefix(note.Field, "/salesOrderLines/") {
			missing = append(missing, note.Field+" "+note.Reason)
		}
	}
	return body.Lines[0].LineObjectNumber, body.Lines[0].TaxCode, missing
}

func TestTransformData_200_SettingsGiveEachLineItsAccount(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	settings := `{"posting":[{"cost_code":"03-*","cost_type":"S","account":"5010","tax_code":"VAT5"},{"cost_code":"03-310","account":"5020"}]}`
	for line, want := range map[string]string{
		`{"id":2,"amount":"10.00","wbs_code":{"flat_code":"03-330.S"}}`:                              "5010 VAT5 []",
		`{"id":2,"amount":"10.00","cost_code":{"full_code":"03-330"},"line_item_type":{"name":"S"}}`: "5010 VAT5 []",
		`{"id":2,"amount":"10.00","wbs_code":{"flat_code":"03-310.M"}}`:                              "5020  []",
		`{"id":2,"amount":"10.00","wbs_code":{"flat_code":"04-310.S"}}`:                              "  [/salesOrderLines/0/lineObjectNumber not_in_settings]",
		`{"id":2,"amount":"10.00"}`: "  [/salesOrderLines/0/lineObjectNumber not_in_settings]",
	} {
		number, taxCode, missing := a.posted(key, line, settings)
		assert.Equal(t, want, fmt.Sprintf("%s %s %v", number, taxCode, missing), line)
	}
}

func TestTransformData_200_SettingsNameTheJournalAndTheCurrency(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	request := func(settings string) gen.PlatformRequest {
		t.Helper()
		response := a.transform(key, `{"source":"procore","target":"dynamics","entity_type":"payment",
			"data":{"id":1,"amount":"100.00","currency_configuration":{"currency_iso_code":"EUR"}},"context":{"currency":"EUR","settings":`+settings+`}}`)
		require.Len(t, response.Metadata.Requests, 1)
		return response.Metadata.Requests[0]
	}
	text := func(v any) string {
		out, err := json.Marshal(v)
		require.NoError(t, err)
		return string(out)
	}
	bare := request(`{}`)
	assert.Contains(t, text(bare.Missing), "/journalId")
	assert.Contains(t, text(bare.Missing), "/amount")
	given := request(`{"payment_journal":"6f1d9c1e-0000-4000-8000-000000000001","local_currency":"EUR"}`)
	assert.NotContains(t, text(given.Missing), "/journalId")
	assert.NotContains(t, text(given.Missing), "/amount")
	assert.Contains(t, text(given.Body), `"journalId":"6f1d9c1e-0000-4000-8000-000000000001"`)
	assert.Contains(t, text(given.Body), `"amount":-100`)
}

// Each kind of record takes the same settings, and those that have no use for them are not changed by them.
func TestTransformData_200_EveryKindTakesSettings(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	for _, entityType := range entityTypes(t) {
		body := fmt.Sprintf(`{"source":"dynamics","target":"procore","entity_type":%q,"data":%s,"context":{"commitmentType":"WorkOrderContract"%%s}}`,
			entityType, recordOf(t, "dynamics", entityType))
		assert.Equal(t, a.transform(key, fmt.Sprintf(body, "")).Data, a.transform(key, fmt.Sprintf(body, `,"settings":{"posting":[{"account":"1"}]}`)).Data, entityType)
	}
}

func TestTransformData_422_SettingsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	answer := a.do(post("/transform", `{"source":"procore","target":"dynamics","entity_type":"payment","data":{"id":1},
		"context":{"settings":{"posting":[{"cost_code":"03-*","account":"1"},{"cost_code":"03-*","account":"2"}]}}}`).as(key))
	assert.Equal(t, http.StatusUnprocessableEntity, answer.status)
	assert.Equal(t, "/context/settings/posting/1: is for the same lines as /posting/0", answer.error(t).Message)
	assertMeetsContract(t, "transformData", answer)
}

// recordOf is a platform's record of a type with all of its fields.
func recordOf(t *testing.T, platform, entityType string) string {
	t.Helper()
	record, err := os.ReadFile(filepath.Join("../platform", platform, "testdata", entityType+".json"))
	require.NoError(t, err)
	return string(record)
}
