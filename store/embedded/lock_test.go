package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A program that is killed while it starts a command leaves its lock to that command until it runs.
func TestLockOutlivesItsHolder(t *testing.T) {
	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	for name, holder := range map[string]string{
		"a holder that has gone":            strconv.Itoa(gone.Process.Pid) + "\n",
		"one that has not written its name": "",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, err := os.Create(filepath.Join(dir, "lock"))
			require.NoError(t, err)
			_, err = file.WriteString(holder)
			require.NoError(t, err)
			require.NoError(t, syscall.Flock(int(file.Fd()), syscall.LOCK_EX))
			time.AfterFunc(100*time.Millisecond, func() { _ = file.Close() })

			l, err := acquireLock(dir)
			require.NoError(t, err)
			l.release()
		})
	}
}
