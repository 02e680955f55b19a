package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// halfWrittenLimit is how long a pid file without a number may stay one.
const halfWrittenLimit = 200 * time.Millisecond

// endStray ends a postmaster that still runs in the cluster, whose guard was killed or has not finished, and waits for
// it. The caller holds the lock, so no program needs that postmaster. If another process has the number in the pid file
// by now, which happens in containers, where numbers are small, the file is removed: PostgreSQL would take that process
// for a running server.
func endStray(ctx context.Context, cluster string) error {
	began := time.Now()
	var sent syscall.Signal
	for {
		pid, err := readPIDFile(cluster)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case pid == 0 && time.Since(began) < halfWrittenLimit:
			// A postmaster that starts right now has created the file and will write it.
		case pid == 0:
			return removePIDFile(cluster)
		case errors.Is(syscall.Kill(pid, 0), syscall.ESRCH):
			return nil // PostgreSQL deals with the file itself, and uses it to find backends that are left
		case !isPostmaster(pid, cluster):
			return removePIDFile(cluster)
		default:
			if err := stepUp(pid, &sent, time.Since(began)); err != nil {
				return fmt.Errorf("stopping the PostgreSQL that still runs in %s (pid %d): %w", cluster, pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for an earlier PostgreSQL (pid %d) to stop: %w", pid, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stepUp sends the signal that is due after some time of waiting, each one once. The steps are the guard's.
func stepUp(pid int, sent *syscall.Signal, waited time.Duration) error {
	signal := syscall.SIGINT
	switch {
	case waited > stopLimit:
		return errors.New("it does not react, not even to SIGKILL")
	case waited > 15*time.Second:
		signal = syscall.SIGKILL
	case waited > 10*time.Second:
		signal = syscall.SIGQUIT
	}
	if signal == *sent {
		return nil
	}
	*sent = signal
	if err := syscall.Kill(pid, signal); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

func pidFile(cluster string) string {
	return filepath.Join(cluster, "postmaster.pid")
}

func removePIDFile(cluster string) error {
	if err := os.Remove(pidFile(cluster)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// readPIDFile gives the process id in the pid file, or 0 if there is none in it yet. That of a server in single-user mode has
// a minus sign there.
func readPIDFile(cluster string) (int, error) {
	text, err := os.ReadFile(pidFile(cluster))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(first), "-"))
	if err == nil && pid > 1 {
		return pid, nil
	}
	return 0, nil
}

// isPostmaster tells whether a process is alive and a postgres of this cluster, not one that got its number since.
func isPostmaster(pid int, cluster string) bool {
	command := commandLine(pid)
	if len(command) == 0 || filepath.Base(command[0]) != "postgres" {
		return false
	}
	if slices.Contains(command, cluster) || strings.Contains(strings.Join(command, " "), " -D "+cluster+" ") {
		return true
	}
	// Started by hand, perhaps with another spelling of the path: a postmaster works in its data directory.
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && dir == cluster
}

// commandLine gives the arguments of a process, or nothing if it is gone or a zombie. Without /proc the arguments are
// split at spaces.
func commandLine(pid int) []string {
	if _, err := os.Stat("/proc/self/cmdline"); err == nil {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return strings.FieldsFunc(string(text), func(r rune) bool { return r == 0 })
	}
	text, _ := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return strings.Fields(string(text))
}
