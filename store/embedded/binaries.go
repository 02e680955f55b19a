package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// oldestMajor is the oldest PostgreSQL that the driver supports.
const oldestMajor = 14

// binaryPatterns are the places where packages put PostgreSQL's server binaries. scripts/install-postgres.sh looks in
// the same ones.
var binaryPatterns = []string{
	"/usr/lib/postgresql/*/bin",                               // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                        // PGDG on Fedora, RHEL
	"/opt/homebrew/opt/postgresql*/bin",                       // Homebrew, Apple silicon
	"/usr/local/opt/postgresql*/bin",                          // Homebrew, Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",          // Homebrew, Linux
	"/Applications/Postgres.app/Contents/Versions/[0-9]*/bin", // Postgres.app
}

const howToInstall = "Debian/Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; " +
	"macOS: brew install postgresql@17"

// binaries is a directory with postgres and initdb of one version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string {
	return filepath.Join(b.dir, name)
}

// chooseBinaries gives the newest PostgreSQL installed or, if the cluster exists, the version that made it.
func chooseBinaries(cluster string) (binaries, error) {
	installed, refused := findBinaries()
	if len(installed) == 0 {
		return binaries{}, errors.Join(append(refused, fmt.Errorf("PostgreSQL %d or newer is not installed: install it (%s) or set DATABASE_URL",
			oldestMajor, howToInstall))...)
	}
	major, err := clusterMajor(cluster)
	if errors.Is(err, fs.ErrNotExist) {
		return installed[0], nil
	}
	if err != nil {
		return binaries{}, err
	}
	for _, b := range installed {
		if b.major == major {
			return b, nil
		}
	}
	remedy := fmt.Sprintf("install PostgreSQL %d (Debian/Ubuntu: apt-get install postgresql-%d; macOS: brew install postgresql@%d)",
		major, major, major)
	if major < oldestMajor {
		remedy = fmt.Sprintf("only %d and newer are supported, so move the data with pg_dump", oldestMajor)
	}
	return binaries{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, but only %s is installed: %s, or remove that directory to begin with an empty database",
		cluster, major, listMajors(installed), remedy)
}

// clusterMajor is the major version that made a cluster; fs.ErrNotExist if there is none.
func clusterMajor(cluster string) (int, error) {
	file := filepath.Join(cluster, "PG_VERSION")
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	major, _, _ := strings.Cut(strings.TrimSpace(string(text)), ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0, fmt.Errorf("%s does not hold a PostgreSQL version: %q", file, text)
	}
	return n, nil
}

// findBinaries lists what is installed, newest first; of one version, in the order of binaryPatterns. What must not be run is
// not looked at any closer: refused says why.
func findBinaries() (found []binaries, refused []error) {
	var dirs []string
	for _, pattern := range binaryPatterns {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	if inPath, err := exec.LookPath("postgres"); err == nil {
		// What is in PATH is often a link; initdb looks for its files next to the real one.
		if real, err := filepath.EvalSymlinks(inPath); err == nil && filepath.IsAbs(real) {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, dir := range dirs {
		if err := mayRun(dir); err != nil {
			refused = append(refused, err)
		} else if b, ok := inspect(dir); ok {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return found, refused
}

// mayRun refuses binaries that root would run for somebody else: those that another user owns or can replace.
func mayRun(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "initdb"} {
		real, err := filepath.EvalSymlinks(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for at := real; err == nil; at = filepath.Dir(at) {
			if err = onlyRoots(at); at == filepath.Dir(at) {
				break
			}
		}
		if err != nil {
			return fmt.Errorf("the PostgreSQL in %s is not used, since root runs only what nobody else can change: %w", dir, err)
		}
	}
	return nil
}

// onlyRoots tells whether a file or directory is root's, and only root's to change. In a sticky directory, such as /tmp, what
// belongs to root can only be replaced by root.
func onlyRoots(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	stat, mode := info.Sys().(*syscall.Stat_t), info.Mode()
	writable := mode&0o002 != 0 || mode&0o020 != 0 && stat.Gid != 0
	switch {
	case stat.Uid != 0:
		return fmt.Errorf("%s belongs to %s", path, accountName(stat.Uid))
	case writable && !(info.IsDir() && mode&fs.ModeSticky != 0):
		return fmt.Errorf("%s can be written to by others", path)
	}
	return nil
}

var versionOutput = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(dir string) (binaries, bool) {
	b := binaries{dir: dir}
	if _, err := exec.LookPath(b.path("initdb")); err != nil {
		return b, false
	}
	output, err := exec.Command(b.path("postgres"), "--version").Output()
	if err != nil {
		return b, false
	}
	match := versionOutput.FindSubmatch(output)
	if match == nil {
		return b, false
	}
	b.major, err = strconv.Atoi(string(match[1]))
	return b, err == nil && b.major >= oldestMajor
}

func listMajors(installed []binaries) string {
	var majors []string
	for _, b := range installed {
		majors = append(majors, strconv.Itoa(b.major))
	}
	return strings.Join(slices.Compact(majors), ", ")
}
