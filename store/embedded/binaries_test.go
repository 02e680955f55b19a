package embedded

import (
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
	all := findBinaries()
	require.NotEmpty(t, all)
	patterns := binaryPatterns
	t.Cleanup(func() { binaryPatterns = patterns })
	binaryPatterns = nil
	links := t.TempDir()
	require.NoError(t, os.Symlink(all[0].path("postgres"), filepath.Join(links, "postgres")))
	t.Setenv("PATH", links)
	found := findBinaries()
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
	for _, b := range findBinaries() {
		majors = append(majors, b.major)
	}
	require.Equal(t, []int{18, 14}, majors)
}
