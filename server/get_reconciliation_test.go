package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
)

func (a *api) reconciliation(key, query string) gen.Reconciliation {
	a.t.Helper()
	answer := a.do(get("/reconciliation" + query).as(key))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "getReconciliation", answer)
	var response gen.ReconciliationResponse
	require.NoError(a.t, json.Unmarshal(answer.body, &response))
	return response.Data
}

// differences lists all differences, page by page.
func (a *api) differences(key, query string) (all []gen.RecordDifference) {
	a.t.Helper()
	for path := "/reconciliation/differences" + query; path != ""; {
		answer := a.do(get(path).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
		assertMeetsContract(a.t, "getReconciliationDifferences", answer)
		var response gen.DifferencesResponse
		require.NoError(a.t, json.Unmarshal(answer.body, &response))
		all = append(all, response.Data...)
		path = nextOf(answer)
	}
	return all
}

// fieldsOf names differences by label and field.
func fieldsOf(differences []gen.RecordDifference) (fields []string) {
	for _, d := range differences {
		fields = append(fields, d.Label+" "+d.Field+" "+d.Kind)
	}
	return fields
}

// sandboxDifferences are those of the two sandboxes, of either ledger.
var sandboxDifferences = []string{
	"C-HLP-001 /status different",
	"CHK-2026-0102 /date different",
	"CHK-2026-0105 /amount different",
	"Creekline Façade Systems LLC /name different",
	"HLP-2025-002 /description different",
	"INV-2025-0062 /status approximated",
	"JCR-2025-004 /description different",
	"LBT-2025-001 /description different",
	"NMC-2025-006 /description different",
}

func (a *api) connectedWith(ledger string) string {
	a.t.Helper()
	key, _ := a.demoSession()
	for _, platform := range platforms {
		answer := a.do(post("/connect", fmt.Sprintf(`{"platform":%q,"ledger":%q}`, platform, ledger)).as(key))
		require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	}
	return key
}

func TestGetReconciliation_200_Smoke(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, ledger := range []string{"receivable", "payable"} {
		key := a.connectedWith(ledger)
		a.reconciliation(key, "")
		assert.ElementsMatch(t, sandboxDifferences, fieldsOf(a.differences(key, "?limit=2")))
	}
}

// nextOf is the path of the next page, below the base path; empty on the last one.
func nextOf(a answer) string {
	link, _, _ := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	return strings.TrimPrefix(link, loadDocument().BasePath())
}
