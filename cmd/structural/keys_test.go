package main

import (
	"database/sql"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

// runWith runs the program with these variables (NAME=value), and nobody at its standard input.
func runWith(t *testing.T, environment []string, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdin = strings.NewReader("")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // its exit code is in the result
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// rowOf is the line of a table that has the text, by column.
func rowOf(t *testing.T, table, text string) []string {
	t.Helper()
	for line := range strings.Lines(table) {
		if strings.Contains(line, text) {
			return strings.Fields(line)
		}
	}
	require.Fail(t, "no line has "+text, table)
	return nil
}

// Keys are managed while the program serves, in its own private database.
func TestKeys(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	keys := func(args ...string) result {
		return runWith(t, []string{"DATA_DIR=" + dir}, append([]string{"keys"}, args...)...)
	}
	p := start(t, "DATA_DIR="+dir)
	works := func(key string) bool {
		status, _ := p.call(http.MethodGet, "/connections", key)
		return status == http.StatusOK
	}

	created := keys("create", "--mode", "live", "--name", "Doha")
	require.Zero(t, created.code, created.messages)
	key := strings.TrimSpace(created.output)
	assert.Regexp(t, `^sk_live_[0-9A-Za-z]{36}$`, key, "the key alone on standard output")
	assert.Contains(t, created.messages, "shown only now")
	status, _ := p.call(http.MethodDelete, "/demo/session", key)
	assert.Equal(t, http.StatusForbidden, status, "a good key that may not do this")

	list := keys("list")
	require.Zero(t, list.code, list.messages)
	assert.NotContains(t, list.output, key)
	row := rowOf(t, list.output, "Doha") // id, mode, name, customer, created, revoked
	require.Len(t, row, 6, list.output)
	id, customer := row[0], row[3]
	assert.Equal(t, []string{"live", "Doha", "-"}, []string{row[1], row[2], row[5]})

	// Another key of the same customer.
	added := keys("create", "--customer", customer, "--name", "Payroll")
	require.Zero(t, added.code, added.messages)
	payroll := strings.TrimSpace(added.output)
	assert.Regexp(t, `^sk_live_`, payroll, "the customer's mode")
	assert.Equal(t, []string{"live", "Payroll", customer}, rowOf(t, keys("list").output, "Payroll")[1:4])
	unnamed := keys("create", "--customer", customer, "--mode", "live")
	require.Zero(t, unnamed.code, unnamed.messages)
	assert.Contains(t, unnamed.messages, `"Doha"`, "without a name, the customer's")
	assert.True(t, works(key) && works(payroll) && works(strings.TrimSpace(unnamed.output)))

	// A new key in the place of an old one.
	rotated := keys("rotate", rowOf(t, keys("list").output, "Payroll")[0])
	require.Zero(t, rotated.code, rotated.messages)
	fresh := strings.TrimSpace(rotated.output)
	assert.Regexp(t, `^sk_live_[0-9A-Za-z]{36}$`, fresh)
	assert.True(t, works(fresh))
	assert.False(t, works(payroll), "the one before is useless at once")
	assert.True(t, works(key), "no other key is touched")
	again := keys("rotate", rowOf(t, keys("list").output, "Payroll")[0])
	assert.Equal(t, exitFailure, again.code, "the one before is revoked")
	assert.Empty(t, again.output)
	assert.Contains(t, again.messages, "keys list")

	revoked := keys("revoke", id)
	require.Zero(t, revoked.code, revoked.messages)
	assert.False(t, works(key))
	assert.NotEqual(t, "-", rowOf(t, keys("list").output, id)[5])
	revoked = keys("revoke", id)
	assert.Equal(t, exitFailure, revoked.code)
	assert.Contains(t, revoked.messages, "keys list")
	for _, secret := range []string{key, payroll, fresh} {
		assert.NotContains(t, p.log(), secret)
	}

	_, demo := p.createSession(1)
	demoCustomer := rowOf(t, runWith(t, []string{"DATA_DIR=" + dir}, "customers", "list", "--mode", "demo").output, "demo")[0]
	require.NotEmpty(t, demo)
	for message, args := range map[string][]string{
		"--mode must be":                {"create", "--mode", "demo", "--name", "x"},
		"--name must say":               {"create", "--mode", "test", "--name", " "},
		"no control characters":         {"create", "--mode", "test", "--name", "a\nb"},
		"at most 100 characters":        {"create", "--mode", "test", "--name", strings.Repeat("x", 101)},
		"its keys are live keys":        {"create", "--customer", customer, "--mode", "test"},
		"is a demo session":             {"create", "--customer", demoCustomer},
		"no customer has the id nobody": {"create", "--customer", "nobody"},
		"no customer has the id ;":      {"create", "--customer", ""},
		"no unrevoked key has the id x": {"rotate", "x"},
	} {
		got := keys(args...)
		assert.NotZero(t, got.code, args)
		assert.Empty(t, got.output, args)
		assert.Contains(t, got.messages, message, args)
	}

	// And while it does not.
	p.stop()
	list = keys("list")
	require.Zero(t, list.code, list.messages)
	assert.Contains(t, list.output, id)
}

// A command for operators in a wrong folder says so, and leaves the folder as it is.
func TestKeys_InAFolderWithoutDataNothingIsCreated(t *testing.T) {
	t.Parallel()
	empty := dataDir(t)
	for _, dir := range []string{empty, filepath.Join(empty, "missing")} {
		for _, args := range [][]string{{"keys", "list"}, {"keys", "create", "--mode", "test", "--name", "x"}, {"customers", "list"}} {
			got := runWith(t, []string{"DATABASE_URL=", "DATA_DIR=" + dir}, args...)
			assert.Equal(t, exitFailure, got.code, args)
			assert.Empty(t, got.output, args)
			assert.Equal(t, "structural: "+dir+" (DATA_DIR): no Structural data there; run this in the folder where `structural serve` runs, "+
				"set DATA_DIR or DATABASE_URL as it has them, or start `structural serve` first\n", got.messages, args)
		}
	}
	entries, err := os.ReadDir(empty)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// Nor does it migrate a database without data, or show where that is.
func TestKeys_AnEmptyDatabaseIsNotMigrated(t *testing.T) {
	t.Parallel()
	server := startDatabase(t, dataDir(t))
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	dsn := server.DSN(embedded.Database)
	got := runWith(t, []string{"DATABASE_URL=" + dsn}, "keys", "create", "--mode", "test", "--name", "x")
	assert.Equal(t, exitFailure, got.code)
	assert.Empty(t, got.output)
	assert.Equal(t, "structural: the database of DATABASE_URL: no Structural data there; start `structural serve` first\n", got.messages)

	db, err := sql.Open("postgres", dsn)
	require.NoError(t, err)
	defer db.Close()
	var tables int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables))
	assert.Zero(t, tables)
}
