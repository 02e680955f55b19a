package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	socketFile       = ".s.PGSQL." + port
	tempSocketPrefix = "structural-"
	tempSocketRecord = "socket-dir" // in the data directory: the temporary socket directory in use
)

// socketDir is the directory of the server's unix socket, closed to everyone but the server's user.
type socketDir struct {
	path   string
	record string // the file that names a temporary directory; empty if path is in the data directory
}

// openSocketDir makes the directory next to the cluster or, where the socket's path would not fit, in a temporary directory. One that a killed run has left is removed.
func openSocketDir(p place) (socketDir, error) {
	record := filepath.Join(p.dataDir, tempSocketRecord)
	if left, err := os.ReadFile(record); err == nil {
		socketDir{path: string(left), record: record}.close()
	}
	dir := filepath.Join(p.home, "socket")
	if socketFits(dir) {
		if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
			return socketDir{}, explainPermission(p.home, err)
		}
		return socketDir{path: dir}, explainPermission(dir, p.account.take(dir))
	}
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(base, tempSocketPrefix)
		if err != nil {
			continue
		}
		s := socketDir{path: dir, record: record}
		if err := os.WriteFile(record, []byte(dir), 0o644); err != nil {
			s.close()
			return socketDir{}, explainPermission(p.dataDir, err)
		}
		if socketFits(dir) && p.account.take(dir) == nil && p.account.canReach(dir) {
			return s, nil
		}
		s.close()
	}
	return socketDir{}, fmt.Errorf("no place for a socket: the path %s is too long (or has a comma), and no temporary directory can be used; set DATA_DIR to a shorter one", dir)
}

// socketFits tells whether the socket's path fits into a sockaddr_un, whose size includes a closing NUL, and into a
// connection string, where a comma separates hosts.
func socketFits(dir string) bool {
	size := 108
	if runtime.GOOS != "linux" {
		size = 104
	}
	return len(filepath.Join(dir, socketFile)) < size && !strings.Contains(dir, ",")
}

// clear removes what a killed server has left. Its lock file would stop the next one if its process id is in use again.
func (s socketDir) clear() error {
	for _, name := range []string{socketFile, socketFile + ".lock"} {
		if err := os.Remove(filepath.Join(s.path, name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// close removes a temporary directory. What to remove is read from a file, hence the care: never more than a socket
// and its lock file in a directory of the right name.
func (s socketDir) close() {
	if s.record == "" {
		return
	}
	if strings.HasPrefix(filepath.Base(s.path), tempSocketPrefix) && s.clear() == nil {
		_ = os.Remove(s.path)
	}
	_ = os.Remove(s.record)
}
