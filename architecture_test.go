package structural_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "structural.app/structural/"

// below says what each room may import of this module, itself and rooms inside it aside.
var below = map[string][]string{
	"jsontext":   {},
	"jsonschema": {"jsontext"},
	"canonical":  {"jsontext"},
	"mapping":    {"canonical", "jsontext"},
	"platform":   {"mapping", "canonical", "jsontext"},
	"app":        {"platform", "mapping", "canonical", "jsontext"},
	"store":      {"app", "canonical", "jsontext"},
	"telemetry":  {},
}

// purePackages do not know what time it is, nor who asks, and reach nothing outside the program: what goes in decides what comes
// out. They may import these rooms, their own, and what is in pureLibrary.
var purePackages = map[string][]string{
	"mapping/books": {"canonical", "jsontext"},
	"app/reconcile": {"canonical", "mapping", "mapping/books", "platform", "jsontext"},
	"app/plan":      {"app/reconcile", "canonical", "mapping", "mapping/books", "platform", "jsontext"},
}

// pureLibrary are the packages from outside that a pure package may import. A prefix that ends with / is all below it.
var pureLibrary = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/base64", "errors", "fmt", "maps", "math/big", "slices", "strconv", "strings", "sync", "unicode", "golang.org/x/text/",
}

func TestPurePackagesImportOnlyWhatIsPure(t *testing.T) {
	for dir, rooms := range purePackages {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "%s is gone", dir)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, imported := range importsOf(t, file) {
				inside, own := strings.CutPrefix(imported, module)
				allowed := slices.ContainsFunc(pureLibrary, func(name string) bool {
					return imported == name || strings.HasSuffix(name, "/") && strings.HasPrefix(imported, name)
				})
				assert.True(t, own && slices.Contains(rooms, inside) || !own && allowed, "%s imports %s", file, imported)
			}
		}
	}
}

// importsOf lists what a file imports.
func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		paths = append(paths, imported)
	}
	return paths
}

// A room imports only what is below it, so that no arrow leads up and there is no cycle. Tests may use more.
func TestRoomsImportOnlyWhatIsBelow(t *testing.T) {
	seen := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		room, _, _ := strings.Cut(filepath.ToSlash(file), "/")
		allowed, checked := below[room]
		if err != nil || !checked || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		if dir := path.Base(path.Dir(filepath.ToSlash(file))); dir == "storetest" || dir == "mappingtest" || dir == "apptest" {
			return nil // for tests
		}
		seen[room] = true
		for _, imported := range importsOf(t, file) {
			inside, own := strings.CutPrefix(imported, module)
			if !own || inside == room || strings.HasPrefix(inside, room+"/") {
				continue
			}
			permitted := false
			for _, name := range allowed {
				permitted = permitted || inside == name || strings.HasPrefix(inside, name+"/")
			}
			assert.True(t, permitted, "%s imports %s", file, inside)
		}
		return nil
	}))
	for room := range below {
		assert.True(t, seen[room], "%s is gone: a room is checked that there is not", room)
	}
}
