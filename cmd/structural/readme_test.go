package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README's commands do what it says: each one is run as printed, and its output is the printed one but for what is new
// each time.
func TestREADME_CommandsDoWhatItSays(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	dir := dataDir(t)
	p := start(t, "DATA_DIR="+dir)
	ours := strings.NewReplacer(
		"http://localhost:8080/api/v1", p.url,
		"bin/structural", binary,
	)
	variable := regexp.MustCompile(`sk_(demo|test|live)_[0-9A-Za-z]{36}|req_[a-z0-9]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|` +
		`\d{4}-\d{2}-\d{2}T[0-9:.]+Z|Date: .*|;t=\d+`)

	// One shell for all, so that variables live on; a line of dashes ends each output.
	const end = "----------"
	var script strings.Builder
	var commands, outputs []string
	blocks := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(readme), -1)
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
	require.GreaterOrEqual(t, len(commands), 5)

	shell := exec.Command("sh", "-e")
	shell.Stdin = strings.NewReader(script.String())
	shell.Env = append(os.Environ(), "DATA_DIR="+dir)
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
