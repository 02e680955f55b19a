package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lock keeps a data directory for one program. The kernel drops it however the program ends, and child processes do
// not inherit it.
type lock struct {
	file *os.File
}

// lingerLimit is how long a killed holder's lock may outlive it: a command that the holder was about to run has its files
// open until it runs.
const lingerLimit = 2 * time.Second

// acquireLock takes the lock or fails with an error that names the holder, at once if that is alive.
func acquireLock(dataDir string) (*lock, error) {
	file, err := openLock(dataDir, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for deadline := time.Now().Add(lingerLimit); errors.Is(err, syscall.EWOULDBLOCK); {
		pid, _ := readHolder(file)
		if !alive(pid) && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			continue
		}
		file.Close()
		who := ""
		if pid != "" {
			who = fmt.Sprintf(" (pid %s)", pid)
		}
		return nil, fmt.Errorf("another structural is already using %s%s; stop it or set DATA_DIR", dataDir, who)
	}
	if err == nil {
		err = file.Chmod(0o600) // earlier versions let everybody read it
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

// openLock opens the lock file. It is written to, perhaps by root in a directory of somebody else, who must not choose the
// file: a link is refused.
func openLock(dataDir string, flags int) (*os.File, error) {
	path := filepath.Join(dataDir, "lock")
	file, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a symbolic link: remove it", path)
	}
	if err != nil {
		return nil, explainPermission(dataDir, err)
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Sys().(*syscall.Stat_t).Nlink > 1) {
		err = fmt.Errorf("%s is not a file with one name: remove it", path)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// alive tells whether a process id in text form is one of a process that runs here.
func alive(pid string) bool {
	number, err := strconv.Atoi(pid)
	return err == nil && !errors.Is(syscall.Kill(number, 0), syscall.ESRCH)
}

// announce tells other programs where the server of the lock's holder listens.
func (l *lock) announce(socketDir string) error {
	_, err := fmt.Fprintln(l.file, socketDir)
	return err
}

// readHolder reads what the holder has written: its process id and, once its server runs, the server's socket directory.
func readHolder(file *os.File) (pid, socketDir string) {
	text, _ := io.ReadAll(io.NewSectionReader(file, 0, 4096))
	pid, rest, _ := strings.Cut(string(text), "\n")
	socketDir, _, _ = strings.Cut(rest, "\n")
	return pid, socketDir
}

// RunningDSN is the connection string, password included, of a database of the server that another program runs on dataDir
// at this moment. ok is false if none does. The error says whose server it is, if that is somebody else's: only who may read
// its password, its user and root, may use it.
func RunningDSN(dataDir, database string) (dsn string, ok bool, err error) {
	file, err := openLock(dataDir, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	_, socketDir := readHolder(file)
	if !errors.Is(err, syscall.EWOULDBLOCK) || socketDir == "" {
		return "", false, nil
	}
	dataDir, err = filepath.Abs(dataDir)
	if err != nil {
		return "", false, err
	}
	if real, err := filepath.EvalSymlinks(dataDir); err == nil {
		dataDir = real
	}
	for _, home := range []string{dataDir, fallbackHome(dataDir)} {
		cluster := place{home: home}.cluster()
		if err = reachable(cluster); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var password string
		if err == nil {
			password, err = readPassword(cluster)
		}
		if err != nil {
			return "", false, fmt.Errorf("the password of the running server: %w", explainPermission(cluster, err))
		}
		return dsnOf(socketDir, password, database), true, nil
	}
	return "", false, fmt.Errorf("the password of the running server: %w", err)
}

func reachable(dir string) error {
	_, err := os.Stat(dir)
	return err
}

// release lets the next program in. The file stays: removing it would let two programs lock two files of one name.
func (l *lock) release() {
	_ = l.file.Truncate(0)
	_ = l.file.Close()
}
