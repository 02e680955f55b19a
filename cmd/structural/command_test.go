package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/platform/registry"
)

// result is what a command printed and how it ended.
type result struct {
	output, messages string // standard output, standard error
	code             int
}

// run runs the program with these arguments to its end.
func run(t *testing.T, input string, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	var output, messages strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &output, &messages
	if err := cmd.Run(); err != nil {
		_, ended := errors.AsType[*exec.ExitError](err)
		require.True(t, ended, err)
	}
	return result{output.String(), messages.String(), cmd.ProcessState.ExitCode()}
}

func TestHelp_ListsEveryCommand(t *testing.T) {
	t.Parallel()
	help := run(t, "", "help")
	assert.Equal(t, 0, help.code)
	for _, command := range []string{
		"serve", "health", "keys create", "keys list", "keys rotate", "keys revoke",
		"customers list", "customers delete", "transform", "import", "report", "matches", "decide", "fields", "version", "help", "completion bash", "completion zsh",
	} {
		assert.Regexp(t, `(?m)^  `+command+` +\S`, help.output)
		words := strings.Fields(command)
		own := run(t, "", append(words, "--help")...)
		assert.Equal(t, 0, own.code, command)
		assert.Contains(t, own.output, "Usage:\n  structural "+command, command)
		assert.Equal(t, own.output, run(t, "", append([]string{"help"}, words...)...).output, command)
	}
	for _, args := range [][]string{nil, {"--help"}} {
		assert.Equal(t, help, run(t, "", args...), args)
	}
	assert.Contains(t, run(t, "", "keys").output, "\n  create ")
}

// Whoever calls the program wrongly is told in one line how to mend it.
func TestUsage_IsToldInOneLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"transfor":                `structural has no command "transfor"; did you mean transform?`,
		"bogus":                   `structural has no command "bogus"; structural --help lists those there are`,
		"keys bogus":              `structural keys has no command "bogus"; structural keys --help lists those there are`,
		"help bogus":              `structural has no command "bogus"; structural --help lists those there are`,
		"help keys bogus":         `structural keys has no command "bogus"; structural keys --help lists those there are`,
		"completion nushell":      `structural completion has no command "nushell"; structural completion --help lists those there are`,
		"keys revoke":             `accepts 1 arg(s), received 0; usage: structural keys revoke ID`,
		"keys rotate":             `accepts 1 arg(s), received 0; usage: structural keys rotate ID`,
		"keys create":             `--mode must be test or live (a demo key comes from POST /demo/session)`,
		"customers delete":        `accepts 1 arg(s), received 0; usage: structural customers delete ID [--yes]`,
		"customers delete x":      `nobody can be asked without a terminal: --yes deletes without a question`,
		"customers list --mode x": `invalid argument "x" for "--mode" flag: must be one of all, live, test, demo; see structural customers list --help`,
		"serve now":               `unknown command "now" for "structural serve"; usage: structural serve`,
		"version --json":          `unknown flag: --json; see structural version --help`,
		"version --output":        `flag needs an argument: --output; see structural version --help`,
		"fields --entity x":       `invalid argument "x" for "--entity" flag: must be one of project, customer, contract, invoice, payment, employee, time_entry, change_order, budget_line_item; see structural fields --help`,
		"fields --platform sap":   `invalid argument "sap" for "--platform" flag: must be one of ` + strings.Join(platformNames(registry.New()), ", ") + `; see structural fields --help`,
		"fields --output csv":     `invalid argument "csv" for "--output" flag: must be one of table, markdown, json; see structural fields --help`,
		"transform --to x":        `invalid argument "x" for "--to" flag: must be one of ` + strings.Join(platformNames(registry.New()), ", ") + `; see structural transform --help`,
		"transform --to procore":  `--from, --to and --entity are needed; see structural transform --help`,
	} {
		got := run(t, "", strings.Fields(args)...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Empty(t, got.output, args)
		assert.Equal(t, "structural: "+want+"\n", strings.Replace(got.messages, " [flags]\n", "\n", 1), args)
	}
}

// Shells complete what the flags take.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for args, words := range map[string][]string{
		"transform --from ":            platformNames(registry.New()),
		"transform --to ":              platformNames(registry.New()),
		"transform --commitment-type ": {"WorkOrderContract", "PurchaseOrderContract"},
		"transform --entity ":          entityTypeNames(),
		"transform --output ":          {"all", "data", "canonical"},
		"report --format ":             {"table", "json", "csv", "xlsx"},
		"matches --state ":             {"suggested", "ambiguous", "one_sided", "matched"},
		"decide --entity ":             storedEntityTypeNames(),
		"fields --platform ":           platformNames(registry.New()),
		"fields --entity ":             entityTypeNames(),
		"keys ":                        {"create", "list", "revoke", "rotate"},
		"customers ":                   {"delete", "list"},
		"customers list --mode ":       {"all", "live", "test", "demo"},
	} {
		got := run(t, "", append([]string{"__completeNoDesc"}, strings.Split(args, " ")...)...)
		list, directive, _ := strings.Cut(got.output, ":")
		assert.Equal(t, words, strings.Fields(list), args)
		assert.Equal(t, "4", strings.TrimSpace(directive), "%s: no files", args)
	}
	files := run(t, "", "__completeNoDesc", "transform", "")
	assert.Equal(t, ":0\n", files.output, "files")

	check := exec.Command("bash", "-n")
	check.Stdin = strings.NewReader(run(t, "", "completion", "bash").output)
	message, err := check.CombinedOutput()
	assert.NoError(t, err, "%s", message)
}

func TestCommandLine_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	runDocument(t, "../../docs/command-line.md", 11, start(t, "DATA_DIR="+dataDir(t)))
}

func TestBooks_CommandsDoWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	runDocument(t, "../../docs/books.md", 7, start(t, "DATA_DIR="+dataDir(t)))
}
