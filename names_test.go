package structural_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"structural.app/structural/platform/registry"
)

// mayNamePlatforms are the folders that are about certain platforms, made from what is, or no part of the program.
var mayNamePlatforms = []string{
	"platform", "connector", "simulator", // a folder for each platform
	"store/migrations",       // what has shipped is not changed
	"gen", "sdk", "web/dist", // made from openapi.yaml and web/src
	"bench", "store/storetest", "web/e2e", // measurements and tests
	"docs",
}

// A further platform is a folder and a line in the registry: no other file that is written by hand names one.
func TestNoFileNamesAPlatform(t *testing.T) {
	names := platformNames(t)
	checked := 0
	require.NoError(t, filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (file != "." && strings.HasPrefix(entry.Name(), ".") || slices.Contains(mayNamePlatforms, filepath.ToSlash(file)) ||
			entry.Name() == "node_modules" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case !isSource(file):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		checked++
		for i, line := range strings.Split(string(text), "\n") {
			assert.Empty(t, names.FindString(line), file+":"+strconv.Itoa(i+1))
		}
		return nil
	}))
	assert.Greater(t, checked, 150, "the files of the program are elsewhere")
}

// isSource reports whether a file is one that people write for the program; openapi.yaml has a test of its own.
func isSource(file string) bool {
	switch filepath.Ext(file) {
	case ".go":
		return !strings.HasSuffix(file, "_test.go")
	case ".sql", ".ts", ".tsx", ".css", ".html", ".js", ".mjs", ".sh":
		return true
	}
	return false
}

// The contract names platforms in its examples and descriptions, and in two lists that come from the registry.
func TestTheContractNamesPlatformsInListsOfTheRegistryAlone(t *testing.T) {
	names := platformNames(t)
	text, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &document))

	var listed []string
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		if path == "/components/schemas/Platform/enum" || path == "/components/schemas/PlatformName/x-extensible-enum" {
			for _, word := range n.Content {
				listed = append(listed, word.Value)
			}
			return
		}
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i < len(n.Content); i += 2 {
				key := n.Content[i].Value
				if !slices.Contains([]string{"description", "example", "examples", "summary"}, key) {
					assert.Empty(t, names.FindString(key), "line %d", n.Content[i].Line)
					walk(n.Content[i+1], path+"/"+key)
				}
			}
		case yaml.ScalarNode:
			assert.Empty(t, names.FindString(n.Value), "line %d: %s", n.Line, path)
		default:
			for _, inner := range n.Content {
				walk(inner, path)
			}
		}
	}
	walk(&document, "")

	var registered []string
	for _, d := range registry.Definitions() {
		registered = append(registered, string(d.Name))
	}
	assert.Equal(t, slices.Concat(registered, registered), listed, "make generate")
}

// platformNames finds the name or the title of a platform, or the end of a title, in any case and as a part of a word. That it
// starts a word, or has a capital, tells Sage from message.
func platformNames(t *testing.T) *regexp.Regexp {
	t.Helper()
	var all []string
	for _, d := range registry.Definitions() {
		all = append(all, string(d.Name), d.Title)
		if words := strings.Fields(d.Title); len(words) > 2 {
			all = append(all, strings.Join(words[len(words)-2:], " "))
		}
	}
	for i, name := range all {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(name), " ", `[\W_]?`)
		first := string(unicode.ToUpper(rune(name[0])))
		all[i] = `(?:^|[^A-Za-z])(?i:` + pattern + `)|` + first + `(?i:` + pattern[1:] + `)`
	}
	found, err := regexp.Compile(strings.Join(all, "|"))
	require.NoError(t, err)
	for _, text := range []string{"procore", `"procore"`, "dynamicsCurrency", "fromProcore", "PROCORE_URL", "business central", "BusinessCentral"} {
		require.Regexp(t, found, text)
	}
	require.NotRegexp(t, found, "a message of dynamic usage")
	return found
}
