package server_test

import (
	"bytes"
	"encoding/csv"

	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// table is a table as maps of its columns.
func table(t *testing.T, rows [][]string) (list []map[string]string) {
	t.Helper()
	require.NotEmpty(t, rows)
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			if i < len(row) { // a workbook leaves out what is empty at the end
				cells[name] = row[i]
			}
		}
		list = append(list, cells)
	}
	return list
}

func (a *api) csvOf(key, query string) []map[string]string {
	a.t.Helper()
	answer := a.do(get("/reconciliation/differences"+query).as(key).with("Accept", "text/csv"))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assert.Equal(a.t, "text/csv", answer.header.Get("Content-Type"))
	assert.Contains(a.t, answer.header.Values("Vary"), "Accept")
	assertMeetsContract(a.t, "getReconciliationDifferences", answer)
	rows, err := csv.NewReader(bytes.NewReader(answer.body)).ReadAll()
	require.NoError(a.t, err)
	return table(a.t, rows)
}

func (a *api) workbook(key, query string) (book *excelize.File, rows []map[string]string) {
	a.t.Helper()
	answer := a.do(get("/reconciliation/differences"+query).as(key).with("Accept", xlsx))
	require.Equal(a.t, http.StatusOK, answer.status, "%s", answer.body)
	assertMeetsContract(a.t, "getReconciliationDifferences", answer)
	book, err := excelize.OpenReader(bytes.NewReader(answer.body))
	require.NoError(a.t, err)
	cells, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
	require.NoError(a.t, err)
	return book, table(a.t, cells)
}

// The tables say what the list says: a row for each difference, a column for each platform, amounts as numbers that sum up.
func TestGetReconciliationDifferences_200_TablesAreTheList(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	a.propagate(post("/propagate", `{"format":"canonical","canonical_id":"proj_Ol2xnQqR9NIwswl","entity_type":"project","data":{"name":"=1+1"}}`).as(key))
	a.connect(key, "dynamics") // whose project has its name again
	a.accept(key, `{"canonical_id":"`+bankID+`","field":"/amount","note":"-75, kept by the bank"}`)
	list := a.differences(key, "?state=all")
	rows := a.csvOf(key, "?state=all")
	_, cells := a.workbook(key, "?state=all")
	require.Len(t, list, len(sandboxDifferences)+1)
	require.Len(t, rows, len(list))
	require.Len(t, cells, len(list))
	for i, d := range list {
		for _, row := range []map[string]string{rows[i], cells[i]} {
			assert.Equal(t, []string{d.CanonicalID, string(d.EntityType), d.Label, d.Field, d.Kind},
				[]string{row["canonical_id"], row["entity_type"], row["label"], row["field"], row["kind"]})
			if d.Accepted.IsNull() {
				assert.Equal(t, "open", row["state"])
				assert.Empty(t, row["note"])
			} else {
				assert.Equal(t, "accepted", row["state"])
			}
		}
		switch d.Label + d.Field {
		case "CHK-2026-0105/amount":
			assert.Equal(t, []string{"1242000.00", "USD", "4657425.00", "SAR", "-20.00", "USD", "'-75, kept by the bank"}, []string{
				rows[i]["procore"], rows[i]["procore_currency"], rows[i]["dynamics"], rows[i]["dynamics_currency"], rows[i]["difference"],
				rows[i]["difference_currency"], rows[i]["note"]})
			assert.Equal(t, []string{"1242000", "4657425", "-20", "-75, kept by the bank"},
				[]string{cells[i]["procore"], cells[i]["dynamics"], cells[i]["difference"], cells[i]["note"]})
		case "LBT-2025-001/name":
			assert.Equal(t, "'=1+1", rows[i]["procore"], "no formula")
			assert.Equal(t, "=1+1", cells[i]["procore"])
		}
	}
	book, _ := a.workbook(key, "?state=all")
	sheet := book.GetSheetName(0)
	require.NoError(t, book.SetCellFormula(sheet, "A100", "SUM(L2:L99)"))
	sum, err := book.CalcCellValue(sheet, "A100")
	require.NoError(t, err)
	assert.Equal(t, "-20", sum, "the column difference is numbers")
	for row := 2; row < len(cells)+2; row++ {
		formula, err := book.GetCellFormula(sheet, "H"+strconv.Itoa(row))
		require.NoError(t, err)
		assert.Empty(t, formula)
	}
}

// Pages of any size list each difference once.
func TestGetReconciliationDifferences_200_Pages(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	all := a.differences(key, "?limit=1000")
	for _, limit := range []int{1, 3, 9, 10} {
		assert.Equal(t, all, a.differences(key, fmt.Sprintf("?state=all&limit=%d", limit)))
	}
	assert.Equal(t, http.StatusBadRequest, a.do(get("/reconciliation/differences?cursor=cGF5X3g6MA").as(key)).status)
	// An object that is gone ends no list.
	assert.NotEmpty(t, a.differences(key, "?cursor=Y29yXzAwMDAwMDAwMDAwMDAwMDow"))
}

// many makes objects that disagree, more than an answer is kept back for.
func (a *api) many(key string, n int) {
	a.t.Helper()
	difference := `["/description","different",null,null,"stamp",["procore","` + strings.Repeat("a", 200) + `"],["dynamics","b"]]`
	a.db.MustExec(`INSERT INTO canonical_objects (customer_id, id, entity_type, document, version, compared, disagrees, compared_version)
		SELECT $1, 'pay_' || lpad(n::text, 15, '0'), 'payment', '{}', 1, ('{"l":"' || n || '","r":[["procore","",100,"USD"],["dynamics","",100,"USD"]],"d":[' || $2 || ']}')::json, true, 1
		FROM generate_series(1, $3) AS n`, a.customer(key), difference, n)
}

// A long table is sent as it is made, whole; a workbook has all of it, too; and the report counts it.
func TestGetReconciliationDifferences_200_ManyAreStreamed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const n = 12_000
	a.many(key, n)
	answer := a.do(get("/reconciliation/differences").as(key).with("Accept", "text/csv"))
	assert.Empty(t, answer.header.Get("Content-Length"))
	assert.Contains(t, answer.header.Values("Vary"), "Accept")
	rows, err := csv.NewReader(bytes.NewReader(answer.body)).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, n+1)
	_, cells := a.workbook(key, "")
	assert.Len(t, cells, n)
	payments := a.payments(key)
	assert.Equal(t, n, payments.Disagreeing)
	assert.EqualValues(t, n*100, payments.Totals["procore"].Amount)
}

// A table that cannot be finished breaks off: nobody takes the beginning for the whole.
func TestGetReconciliationDifferences_200_BreaksOff(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	a.many(key, 6000)
	a.db.MustExec(`UPDATE canonical_objects SET compared_version = 0 WHERE customer_id = $1 AND id = 'pay_000000000005900'`, a.customer(key))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/reconciliation/differences", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Accept", "text/csv")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Contains(t, string(text), "pay_000000000005000")
	assert.NotContains(t, string(text), "request_id")
	// In a list it is an error as any other.
	assert.Equal(t, http.StatusServiceUnavailable, a.do(get("/reconciliation/differences?cursor=cGF5XzAwMDAwMDAwMDAwNTgwMDow").as(key)).status)
}
