package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// sandbox starts a server, and connects a demo session to both platforms.
func sandbox(t *testing.T) (p *program, key string) {
	t.Helper()
	p = start(t, "DATA_DIR="+dataDir(t))
	_, key = p.createSession(1)
	for _, platform := range []string{"procore", "dynamics"} {
		status, body := p.post("/connect", key, `{"platform":"`+platform+`"}`)
		require.Equal(t, http.StatusOK, status, body)
	}
	return p, key
}

func TestReport_IsATableOrTheAnswer(t *testing.T) {
	t.Parallel()
	p, key := sandbox(t)
	got := runClient(t, p.url, key, "", "report")
	require.Equal(t, 0, got.code, got.messages)
	assert.Regexp(t, `(?m)^          MATCHED +AGREEING +DISAGREEING +ACCEPTED +SUGGESTED +AMBIGUOUS +PROCORE ALONE +DYNAMICS ALONE$`, got.output)
	assert.Regexp(t, `(?m)^payment +7 +5 +2 +0 +0 +0 +1 +1$`, got.output)
	assert.Regexp(t, `(?m)^USD +PROCORE +DYNAMICS +DIFFERENCE$`, got.output)
	assert.Regexp(t, `(?m)^payment +7616000.00 +7182738.24 +-433261.76$`, got.output)

	got = runClient(t, p.url, key, "", "report", "--entity", "payment", "--currency", "QAR", "--project", "proj_qP89EhRlUOXnlOk")
	assert.Regexp(t, `^ +MATCHED .*\npayment +1 +0 +1 +0 .*\n\nQAR .*\npayment +4520880.00 +4520807.20 +-72.80\n$`, got.output)
	got = runClient(t, p.url, key, "", "report", "--entity", "customer")
	assert.NotContains(t, got.output, "DIFFERENCE", "customers have no amounts")

	_, body := p.call(http.MethodGet, "/reconciliation?entity_type=invoice&from=2025-01-01&to=2025-12-31", key)
	got = runClient(t, p.url, key, "", "report", "--format", "json", "--entity", "invoice", "--from", "2025-01-01", "--to", "2025-12-31")
	assert.JSONEq(t, body, got.output)
	assert.True(t, strings.HasSuffix(got.output, "}\n"))

	got = runClient(t, p.url, key, `{"id":"00000000-0000-0000-0000-000000000001","amount":-5,"currencyCode":"KWD"}`, "import", "--platform", "dynamics", "--entity", "payment")
	require.Equal(t, 0, got.code, got.messages)
	got = runClient(t, p.url, key, "", "report")
	assert.True(t, strings.HasSuffix(got.output, "\nNot in the totals, as there is no rate: 5.000 KWD, dynamics payment, records: 1\n"), got.output)
}

func TestReport_ListsDifferences(t *testing.T) {
	t.Parallel()
	p, key := sandbox(t)
	got := runClient(t, p.url, key, "", "report", "--differences", "--entity", "payment")
	assert.Regexp(t, `^ENTITY +LABEL +FIELD +PROCORE +DYNAMICS +DIFFERENCE +KIND\n`+
		`payment +CHK-2026-0102 +/date +2026-02-10 +2026-02-12 +- +different\n`+
		`payment +CHK-2026-0105 +/amount +1242000.00 USD +4657425.00 SAR +-20.00 USD +different\n$`, got.output)

	_, table := p.call(http.MethodGet, "/reconciliation/differences", key, "Accept", "text/csv")
	got = runClient(t, p.url, key, "", "report", "--format", "csv")
	assert.Equal(t, table, got.output)

	file := filepath.Join(t.TempDir(), "differences.xlsx")
	require.NoError(t, os.WriteFile(file, []byte("the one of last month"), 0o600))
	got = runClient(t, p.url, "sk_demo_no", "", "report", "--format", "xlsx", "--output", file)
	assert.Equal(t, exitFailure, got.code)
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "the one of last month", string(kept), "a failure leaves the file as it is")
	got = runClient(t, p.url, key, "", "report", "--format", "xlsx", "--output", file)
	assert.Equal(t, result{}, got)
	book, err := excelize.OpenFile(file)
	require.NoError(t, err)
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	require.NoError(t, err)
	assert.Len(t, rows, strings.Count(table, "\n"))
	files, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing else is left")

	got = runClient(t, p.url, key, "", "report", "--format", "csv", "--output", "/dev/stdout")
	assert.Equal(t, table, got.output)
}

func TestReport_SaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	require.NoError(t, writeReport(&text, []byte(`{"data":{"currency":null,"suggestions":{"current":false},"entities":[]}}`)))
	assert.Contains(t, text.String(), "SUGGESTED and AMBIGUOUS are not up to date")

	text.Reset()
	table := newDifferenceTable(&text)
	require.NoError(t, table.add([]byte(`{"data":[
		{"canonical_id":"cor_1","label":"C-1","field":"/name","values":{"procore":"a long name that no column of a table has any room for"},"kind":"different","more":7},
		{"canonical_id":"cor_1","label":"C-1","field":"/lines","values":{"procore":3,"dynamics":5},"kind":"different","more":7}]}`)))
	require.NoError(t, table.end())
	assert.Regexp(t, `C-1 +/name +a long name that no column of a table h… +- +- +different\n`, text.String())
	assert.Regexp(t, `C-1 +/lines +3 +5 +- +different\n`, text.String())
	assert.True(t, strings.HasSuffix(text.String(), "\nNot all differences are listed of objects: 1\n"))
	assert.Error(t, table.add([]byte("<html>")))
}

// A list of more than one page is read to its end.
func TestReport_ReadsEveryPage(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t))
	_, key := p.createSession(1)
	const payments = 1100 // a page has 1,000
	var site, books strings.Builder
	for i := range payments {
		fmt.Fprintf(&site, `{"id":%d,"amount":"2.00","check_number":"CHK-%d"}`+"\n", i+1, i)
		fmt.Fprintf(&books, `{"id":"00000000-0000-0000-0000-%012d","amount":-1,"currencyCode":"USD","externalDocumentNumber":"CHK-%d"}`+"\n", i+1, i)
	}
	for platform, records := range map[string]string{"procore": site.String(), "dynamics": books.String()} {
		got := runClient(t, p.url, key, records, "import", "--platform", platform, "--entity", "payment")
		require.Equal(t, 0, got.code, got.messages)
	}
	got := runClient(t, p.url, key, "", "report", "--differences", "--format", "json")
	listed := map[string]bool{}
	for line := range strings.Lines(got.output) {
		var difference struct{ Label, Field string }
		require.NoError(t, json.Unmarshal([]byte(line), &difference))
		if difference.Field == "/amount" {
			assert.False(t, listed[difference.Label], "twice: "+difference.Label)
			listed[difference.Label] = true
		}
	}
	assert.Len(t, listed, payments)
	got = runClient(t, p.url, key, "", "report", "--differences")
	assert.Equal(t, payments, strings.Count(got.output, "-1.00 USD"))
}

func TestReport_CalledWrongly(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"report", "now"}, {"report", "--format", "pdf"}, {"report", "--entity", "employee"}, {"report", "--server", "nowhere"},
		{"matches", "--state", "sure"}, {"decide", "same", "site:1", "books:2"}, {"decide", "perhaps", "--entity", "customer", "site:1", "books:2"},
		{"decide", "same", "--entity", "customer", "site:1"}, {"decide", "same", "--entity", "customer", "site:1", "books"},
	} {
		assert.Equal(t, exitUsage, runClient(t, "http://localhost:1", "sk_demo_no", "", args...).code, args)
	}
	assert.Equal(t, exitUsage, runClient(t, "http://localhost:1", "", "", "report").code, "no key")

	// A workbook is not printed to a terminal. To the program, a device is one.
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	cmd := exec.Command(binary, "report", "--format", "xlsx")
	var messages strings.Builder
	cmd.Stdout, cmd.Stderr = device, &messages
	assert.Error(t, cmd.Run())
	assert.Equal(t, exitUsage, cmd.ProcessState.ExitCode())
	assert.Contains(t, messages.String(), "name a file with --output")
}

func TestMatches_SuggestAndDecide(t *testing.T) {
	t.Parallel()
	p, key := sandbox(t)
	const books = "dynamics:61629eb5-b9f4-4b19-9fa2-ee5f6037087f"
	got := runClient(t, p.url, key, `{"id":501099,"name":"Souk\u001b Retail Partners","business_phone":"+974 4471 2000","city":"Doha"}`,
		"import", "--platform", "procore", "--entity", "customer")
	require.Equal(t, 0, got.code, got.messages)
	suggested := runClient(t, p.url, key, "", "matches")
	assert.Regexp(t, `^ENTITY +LABEL +RECORD +COULD BE +LABEL +SCORE +WHY\n`+
		`customer +Souk  Retail Partners +procore:501099 +`+books+` +Souq Retail Partners Q.P.S.C. +0.\d\d +similar, name 0.\d+, phone 1, city 1\n$`, suggested.output)

	decide := func(word string) result {
		return runClient(t, p.url, key, "", "decide", word, "--entity", "customer", "--note", "One company", "procore:501099", books)
	}
	got = decide("same")
	assert.Equal(t, 0, got.code, got.messages)
	assert.Contains(t, got.output, `"decision":"same"`)
	assert.Contains(t, got.output, `"note":"One company"`)
	assert.Equal(t, 1, strings.Count(runClient(t, p.url, key, "", "matches").output, "\n"), "no suggestion is left")
	assert.Regexp(t, `(?m)^customer .* procore:501099 `+books+` +- +- +- +decision$`, runClient(t, p.url, key, "", "matches", "--state", "matched", "--entity", "customer").output)
	got = decide("different")
	assert.Equal(t, exitFailure, got.code)
	assert.Contains(t, got.messages, "CONFLICT")
}
