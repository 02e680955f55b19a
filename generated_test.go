package structural_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every exported type of gen is one that the program or its tests name, or one that such a type needs. What is generated for
// nothing is left out in oapi-codegen.yaml and its overlay.
func TestGeneratedTypesAreUsed(t *testing.T) {
	declared, types := declarations(t, "gen/api.gen.go")
	used, left := map[string]bool{}, namesOfGen(t)
	require.NotEmpty(t, left)
	for len(left) > 0 {
		name := left[0]
		left = left[1:]
		if !used[name] {
			used[name] = true
			left = append(left, declared[name]...)
		}
	}
	for _, name := range types {
		assert.True(t, used[name] || !ast.IsExported(name), "nothing refers to gen.%s", name)
	}
}

// declarations lists which names each type and function of a file mentions, a type with its methods; and the types.
func declarations(t *testing.T, path string) (declared map[string][]string, types []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	declared = map[string][]string{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					types = append(types, spec.Name.Name)
					declared[spec.Name.Name] = append(declared[spec.Name.Name], mentioned(spec.Type)...)
				}
			}
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = mentioned(d.Recv.List[0].Type)[0]
				d.Recv = nil
			}
			declared[name] = append(declared[name], mentioned(d)...)
		}
	}
	return declared, types
}

func mentioned(n ast.Node) (names []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	return names
}

// namesOfGen lists what hand-written files of the module name of gen.
func namesOfGen(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// bench and sdk/go are modules of their own.
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bench", "gen", "node_modules", "sdk", "web"}, d.Name())) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := selector.X.(*ast.Ident); ok && of.Name == "gen" {
					names = append(names, selector.Sel.Name)
				}
			}
			return true
		})
		return nil
	}))
	return names
}
