package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lock keeps a data directory for one program. The kernel drops it however the program ends, and child processes do
// not inherit it.
type lock struct {
	file *os.File
}

// acquireLock takes the lock at once or fails with an error that names the holder.
func acquireLock(dataDir string) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dataDir, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, explainPermission(dataDir, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder, _ := io.ReadAll(io.LimitReader(file, 20))
		file.Close()
		who := ""
		if pid := strings.TrimSpace(string(holder)); pid != "" {
			who = fmt.Sprintf(" (pid %s)", pid)
		}
		return nil, fmt.Errorf("another structural is already using %s%s; stop it or set DATA_DIR", dataDir, who)
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintf(file, "%d\n", os.Getpid())
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("locking %s: %w", dataDir, err)
	}
	return &lock{file: file}, nil
}

// release lets the next program in. The file stays: removing it would let two programs lock two files of one name.
func (l *lock) release() {
	_ = l.file.Truncate(0)
	_ = l.file.Close()
}
