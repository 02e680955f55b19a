package structural_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
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
		if dir := path.Base(path.Dir(filepath.ToSlash(file))); dir == "storetest" || dir == "mappingtest" {
			return nil // for tests
		}
		seen[room] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
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
