package main

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/store/embedded"
)

func TestREADME_CommandsDoWhatItSays(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	runDocument(t, "../../README.md", 5, start(t, "DATA_DIR="+dir), "DATA_DIR="+dir)
}

func TestOperations_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := start(t, "DATA_DIR="+dir)
	dsn, ok, err := embedded.RunningDSN(dir, embedded.Database)
	require.NoError(t, err)
	require.True(t, ok)
	db, err := sql.Open("postgres", dsn)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE DATABASE restored")
	require.NoError(t, err)
	restored, _, err := embedded.RunningDSN(dir, "restored")
	require.NoError(t, err)
	status, _ := p.createSession(1)
	require.Equal(t, 201, status)

	runDocument(t, "../../docs/operations.md", 4, p, "DATABASE_URL="+dsn, "EMPTY_DATABASE_URL="+restored,
		"PATH="+postgresBinaries(t, dir)+string(os.PathListSeparator)+os.Getenv("PATH"))
	copied, err := sql.Open("postgres", restored)
	require.NoError(t, err)
	defer copied.Close()
	var customers int
	require.NoError(t, copied.QueryRow("SELECT count(*) FROM customers").Scan(&customers))
	assert.Equal(t, 1, customers, "the backup has what was there")
}

// runDocument runs a document's commands as printed, at least so many blocks of them, against a program: the output of each is
// the printed one but for what is new each time. Commands for make are left out.
func runDocument(t *testing.T, path string, atLeast int, p *program, environment ...string) {
	t.Helper()
	runDocumentIn(t, t.TempDir(), path, atLeast, p, environment...)
}

// runDocumentIn is runDocument in a directory.
func runDocumentIn(t *testing.T, dir, path string, atLeast int, p *program, environment ...string) {
	t.Helper()
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	ours := strings.NewReplacer(
		"http://localhost:8080", strings.TrimSuffix(p.url, "/api/v1"),
		"bin/structural", binary,
	)
	variable := regexp.MustCompile(`sk_(demo|test|live)_[0-9A-Za-z]{36}|(req|imp)_[a-z0-9]{12}|dec_[0-9A-Za-z]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|` +
		`\d{4}-\d{2}-\d{2}T[0-9:.]+Z|Date: .*|;t=\d+|Retry-After: \d+|"version":\d+`)

	// One shell for all, so that variables live on; a line of dashes ends each output.
	const end = "----------"
	var script strings.Builder
	var commands, outputs []string
	blocks := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(document), -1)
	for i, block := range blocks {
		if block[1] != "sh" || strings.HasPrefix(block[2], "make ") {
			continue
		}
		script.WriteString(ours.Replace(block[2]) + "echo; echo " + end + "\n")
		commands = append(commands, block[2])
		output := ""
		if i+1 < len(blocks) && slices.Contains([]string{"http", "json", "text"}, blocks[i+1][1]) {
			output = blocks[i+1][2]
		}
		outputs = append(outputs, output)
	}
	require.GreaterOrEqual(t, len(commands), atLeast)

	shell := exec.Command("sh", "-e")
	shell.Dir = dir
	shell.Stdin = strings.NewReader(script.String())
	shell.Env = append(os.Environ(), environment...)
	shell.Stderr = os.Stderr
	printed, err := shell.Output()
	require.NoError(t, err)
	got := strings.Split(strings.ReplaceAll(string(printed), "\r", ""), end+"\n")
	for i, want := range outputs {
		if want != "" {
			assert.Equal(t, variable.ReplaceAllString(strings.TrimSpace(want), "…"), variable.ReplaceAllString(strings.TrimSpace(got[i]), "…"), commands[i])
		}
	}
}

// postgresBinaries is the directory of the server that runs on the data in dir, and so of the client programs that fit it.
func postgresBinaries(t *testing.T, dir string) string {
	t.Helper()
	running := servers(t, dir)
	require.NotEmpty(t, running)
	command, _, _ := strings.Cut(running[0], " ")
	return filepath.Dir(command)
}
