package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runClient runs a command that calls a server.
func runClient(t *testing.T, url, key, input string, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = []string{"STRUCTURAL_URL=" + url, "STRUCTURAL_API_KEY=" + key}
	cmd.Stdin = strings.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// runImport runs the import, and returns what it printed and how it ended.
func runImport(t *testing.T, url, key, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	got := runClient(t, url, key, input, append([]string{"import"}, args...)...)
	return got.output, got.messages, got.code
}

func TestImport(t *testing.T) {
	t.Parallel()
	p := start(t, "DATA_DIR="+dataDir(t), "IMPORT_BYTES=1MB")
	_, key := p.createSession(1)
	payments := []string{"--platform", "procore", "--entity", "payment"}
	stdout, stderr, code := runImport(t, p.url, key, "{\"id\":1,\"amount\":\"1.00\"}\n{\"id\":2}\n", payments...)
	assert.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, `"received":2,"applied":2,"rejected":0,"errors":[]`)
	assert.Equal(t, "2 lines, 0.0 MB sent\n", stderr)

	file := filepath.Join(t.TempDir(), "contracts.ndjson")
	require.NoError(t, os.WriteFile(file, []byte("{\"id\":1,\"contract_date\":\"soon\"}\n{\"id\":2}"), 0o600))
	stdout, stderr, code = runImport(t, strings.TrimSuffix(p.url, "/api/v1"), key, "", "--platform", "procore", "--entity", "contract", "--commitment-type", "WorkOrderContract",
		"--ledger", "receivable", file)
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, `"received":2,"applied":1,"rejected":1`)
	assert.Contains(t, stderr, "structural: line 1: /contract_date: expected a date (YYYY-MM-DD)\n")

	_, stderr, code = runImport(t, p.url, key, strings.Repeat(`{"id":1}`+"\n", 200_000), payments...)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "PAYLOAD_TOO_LARGE: Request body is larger than 1 MiB; the records before stay imported")

	_, stderr, code = runImport(t, p.url, "sk_demo_no", `{"id":1}`, payments...)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "AUTHENTICATION_ERROR")
	for _, wrong := range [][]string{{"--platform", "procore"}, {"--platform", "procore", "--entity", "employee"}, append([]string{"--server", "nowhere"}, payments...)} {
		_, stderr, code = runImport(t, p.url, key, "", wrong...)
		assert.Equal(t, 2, code, stderr)
	}
	_, stderr, code = runImport(t, p.url, "", "", payments...)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "STRUCTURAL_API_KEY must be set")

	status, body := p.call(http.MethodGet, "/connections", key)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"imports":[`)
}
