package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// initPrefix begins the name of the directory in which a cluster is made before it gets its name.
const initPrefix = "postgres.new-"

// ensureCluster makes the cluster if there is none.
func (s *Server) ensureCluster(ctx context.Context) error {
	home, cluster := s.place.home, s.place.cluster()
	// A run that was killed in the middle of it leaves its attempt behind. If that attempt is still going away, the
	// rest is removed by a later start.
	abandoned, _ := filepath.Glob(filepath.Join(globEscape(home), initPrefix+"*"))
	for _, dir := range abandoned {
		_ = os.RemoveAll(dir)
	}
	_, err := clusterMajor(cluster)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if entries, err := os.ReadDir(cluster); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty and holds no PostgreSQL data: move it away or set DATA_DIR", cluster)
	}
	s.logger.Info("first run: creating the database, which takes a few seconds", "dir", cluster)
	return s.createCluster(ctx)
}

// createCluster runs initdb in a directory beside the cluster and renames it when all is done and on disk.
func (s *Server) createCluster(ctx context.Context) error {
	home := s.place.home
	attempt, err := os.MkdirTemp(home, initPrefix)
	if err != nil {
		return explainPermission(home, err)
	}
	defer os.RemoveAll(attempt)
	if err := s.place.account.take(attempt); err != nil {
		return err
	}
	// initdb wants an empty directory, so that the file with the password waits beside it.
	password := attempt + passwordSuffix
	defer func() { _ = os.Remove(password) }()
	if err := writePrivate(s.place.account, password, newPassword()); err != nil {
		return err
	}
	args := []string{"-D", attempt, "-U", superuser, "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-locale", "--no-instructions"}
	if s.fast {
		args = append(args, "--no-sync")
	}
	output := &tailWriter{}
	initdb, err := startGuarded(s.place.account, output, s.binaries.path("initdb"), args...)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		_ = initdb.stop()
		return fmt.Errorf("creating the database: %w", ctx.Err())
	case <-initdb.exited:
	}
	if initdb.err != nil {
		return fmt.Errorf("creating the database failed (%s): %s", initdb.reason(), output)
	}
	if err := os.Rename(password, filepath.Join(attempt, passwordFile)); err != nil {
		return err
	}
	if err := syncDir(attempt); err != nil {
		return err
	}
	if err := os.Rename(attempt, s.place.cluster()); err != nil {
		return err
	}
	return syncDir(home)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// globEscape makes filepath.Glob take a path literally.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// tailWriter keeps the end of what is written to it.
type tailWriter struct {
	text []byte
}

const tailBytes = 1000

func (w *tailWriter) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	if len(w.text) > tailBytes {
		w.text = w.text[len(w.text)-tailBytes:]
	}
	return len(p), nil
}

// String gives the lines on one line.
func (w *tailWriter) String() string {
	return strings.Join(strings.FieldsFunc(string(w.text), func(r rune) bool { return r == '\n' }), " / ")
}
