package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClusterOfAnotherVersion(t *testing.T) {
	for version, remedy := range map[string]string{
		"9.6": "only 14 and newer are supported",
		"13":  "only 14 and newer are supported",
		"99":  "install PostgreSQL 99",
	} {
		dir := newDataDir(t, "data")
		cluster := filepath.Join(dir, "postgres")
		require.NoError(t, os.MkdirAll(cluster, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte(version+"\n"), 0o600))
		giveToServant(t, cluster)
		_, err := Start(t.Context(), Config{DataDir: dir})
		require.ErrorContains(t, err, "the data in "+cluster+" was made by PostgreSQL ")
		require.ErrorContains(t, err, remedy)
		require.ErrorContains(t, err, "or remove that directory")
	}
}

func TestDirectoryThatIsNoCluster(t *testing.T) {
	dir := newDataDir(t, "data")
	cluster := filepath.Join(dir, "postgres")
	require.NoError(t, os.MkdirAll(cluster, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(cluster, "letter.txt"), []byte("mine"), 0o600))
	giveToServant(t, cluster)
	_, err := Start(t.Context(), Config{DataDir: dir})
	require.ErrorContains(t, err, "is not empty and holds no PostgreSQL data")
	require.FileExists(t, filepath.Join(cluster, "letter.txt"))
}

func giveToServant(t *testing.T, dir string) {
	t.Helper()
	if asRoot() {
		servant, err := servantAccount()
		require.NoError(t, err)
		require.NoError(t, servant.take(dir))
	}
}

func TestNoBinaries(t *testing.T) {
	patterns := binaryPatterns
	t.Cleanup(func() { binaryPatterns = patterns })
	binaryPatterns = nil
	t.Setenv("PATH", "")
	_, err := Start(t.Context(), Config{DataDir: newDataDir(t, "data")})
	require.EqualError(t, err, "PostgreSQL 14 or newer is not installed: install it (Debian/Ubuntu: apt-get install postgresql; "+
		"Fedora: dnf install postgresql-server; macOS: brew install postgresql@17) or set DATABASE_URL")
}

func TestBinariesAreFoundThroughALinkInPath(t *testing.T) {
	all, _ := findBinaries()
	require.NotEmpty(t, all)
	patterns := binaryPatterns
	t.Cleanup(func() { binaryPatterns = patterns })
	binaryPatterns = nil
	links := t.TempDir()
	require.NoError(t, os.Symlink(all[0].path("postgres"), filepath.Join(links, "postgres")))
	t.Setenv("PATH", links)
	found, _ := findBinaries()
	require.Len(t, found, 1)
	require.Equal(t, all[0].major, found[0].major)
}

func TestNewestVersionIsChosen(t *testing.T) {
	patterns := binaryPatterns
	t.Cleanup(func() { binaryPatterns = patterns })
	root := t.TempDir()
	binaryPatterns = []string{filepath.Join(root, "*", "bin")}
	t.Setenv("PATH", "")
	for _, version := range []string{"9.6.24", "13.9", "14.1", "18beta1", "17.2"} {
		bin := filepath.Join(root, version, "bin")
		require.NoError(t, os.MkdirAll(bin, 0o755))
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Debian)'\n"
		for _, name := range []string{"postgres", "initdb"} {
			require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
		}
	}
	require.NoError(t, os.Remove(filepath.Join(root, "17.2", "bin", "initdb")), "client packages have no initdb")
	var majors []int
	found, _ := findBinaries()
	for _, b := range found {
		majors = append(majors, b.major)
	}
	require.Equal(t, []int{18, 14}, majors)
}

func TestRootRunsNoBinariesOfOthers(t *testing.T) {
	if !asRoot() {
		t.Skip("for root only")
	}
	patterns := binaryPatterns
	t.Cleanup(func() { binaryPatterns = patterns })
	for name, expose := range map[string]func(dir string) error{
		"a directory of another":           func(dir string) error { return os.Chown(dir, 65534, 65534) },
		"a directory for everybody":        func(dir string) error { return os.Chmod(dir, 0o777) },
		"a directory for a group":          func(dir string) error { return errors.Join(os.Chown(dir, 0, 65534), os.Chmod(dir, 0o775)) },
		"a binary of another":              func(dir string) error { return os.Chown(filepath.Join(dir, "postgres"), 65534, 65534) },
		"a binary for everybody":           func(dir string) error { return os.Chmod(filepath.Join(dir, "initdb"), 0o777) },
		"a directory above, for everybody": func(dir string) error { return os.Chmod(filepath.Dir(dir), 0o777) },
	} {
		for _, inPath := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in PATH %v", name, inPath), func(t *testing.T) {
				bin := filepath.Join(t.TempDir(), "above", "bin")
				require.NoError(t, os.MkdirAll(bin, 0o755))
				ran := filepath.Join(t.TempDir(), "ran")
				for _, name := range []string{"postgres", "initdb"} {
					script := "#!/bin/sh\n: >" + ran + "\necho 'postgres (PostgreSQL) 17.1'\n"
					require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
				}
				binaryPatterns = []string{bin}
				t.Setenv("PATH", "/nowhere")
				if inPath {
					binaryPatterns = nil
					t.Setenv("PATH", bin)
				}
				found, refused := findBinaries()
				require.Len(t, found, 1)
				require.Empty(t, refused)
				require.NoError(t, os.Remove(ran))

				require.NoError(t, expose(bin))
				found, refused = findBinaries()
				require.Empty(t, found)
				require.Len(t, refused, 1)
				require.NoFileExists(t, ran)
				_, err := chooseBinaries(t.TempDir())
				require.ErrorContains(t, err, "root runs only what nobody else can change")
			})
		}
	}
}
