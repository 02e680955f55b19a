package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	// passwordFile is in the cluster, so that whoever has the one has the other.
	passwordFile   = "structural.password"
	passwordSuffix = ".password"

	// passwordRules is pg_hba.conf: the password, however a connection is made.
	passwordRules = `# TYPE  DATABASE     USER  ADDRESS  METHOD
local   all          all            scram-sha-256
host    all          all   all      scram-sha-256
local   replication  all            scram-sha-256
host    replication  all   all      scram-sha-256
`
)

func passwordPath(cluster string) string { return filepath.Join(cluster, passwordFile) }

func rulesPath(cluster string) string { return filepath.Join(cluster, "pg_hba.conf") }

// secure gives a cluster a password if it has none, as that of an earlier version, which trusted everybody who could open the
// socket. Whenever that is interrupted, the next start does it again: only when the role has the password is it kept in its
// file, and only then are the rules changed.
func (s *Server) secure(ctx context.Context) error {
	cluster := s.place.cluster()
	password, err := readPassword(cluster)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	trusting, err := trusts(cluster)
	if err != nil {
		return err
	}
	if missing {
		password = newPassword()
	}
	s.password = password
	if !missing && !trusting {
		return nil
	}
	s.logger.Info("the database gets a password, which is kept in a file that only its user can read", "file", passwordPath(cluster))
	if err := s.setPassword(ctx, password); err != nil {
		return err
	}
	if missing {
		if err := replacePrivate(s.place.account, passwordPath(cluster), password); err != nil {
			return err
		}
	}
	if trusting {
		return replacePrivate(s.place.account, rulesPath(cluster), passwordRules)
	}
	return nil
}

// setPassword sets the role's password while no server runs: PostgreSQL's single-user mode asks for none.
func (s *Server) setPassword(ctx context.Context, password string) error {
	output := &tailWriter{}
	single := exec.CommandContext(ctx, s.binaries.path("postgres"), "--single", "-D", s.place.cluster(),
		"-c", "password_encryption=scram-sha-256", "-c", "log_min_error_statement=panic", "postgres")
	single.Stdin = strings.NewReader(fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'\n", superuser, password))
	single.Stdout, single.Stderr = output, output
	single.Dir = "/"
	single.Env = environment()
	single.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.place.account.credential()}
	single.Cancel = func() error { return single.Process.Signal(syscall.SIGTERM) }
	single.WaitDelay = stopLimit
	err := single.Run()
	text := strings.ReplaceAll(output.String(), password, "(password)")
	if ctx.Err() != nil {
		return fmt.Errorf("starting PostgreSQL: %w", ctx.Err())
	}
	// Single-user mode ends well whatever became of its statements.
	if err == nil && strings.Contains(text, "ERROR:") {
		err = errors.New("exit status 0")
	}
	if err != nil {
		return explainStart(fmt.Errorf("the database's password cannot be set (%w): %s", err, text), text)
	}
	return nil
}

func newPassword() string { return rand.Text() }

func readPassword(cluster string) (string, error) {
	file, err := os.OpenFile(passwordPath(cluster), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 1024))
	if err != nil {
		return "", err
	}
	password := strings.TrimSpace(string(text))
	if password == "" {
		return "", fs.ErrNotExist
	}
	return password, nil
}

// trusts tells whether a rule of pg_hba.conf lets somebody in without a password.
func trusts(cluster string) (bool, error) {
	text, err := os.ReadFile(rulesPath(cluster))
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(text)) {
		rule, _, _ := strings.Cut(line, "#")
		for _, field := range strings.Fields(rule) {
			if field == "trust" {
				return true, nil
			}
		}
	}
	return false, nil
}

// replacePrivate makes a file as writePrivate does, in place of the one that has its name, at once and for good.
func replacePrivate(owner account, path, text string) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writePrivate(owner, next, text); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// writePrivate makes a file that only the account can read, and writes it to disk.
func writePrivate(owner account, path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return explainPermission(filepath.Dir(path), err)
	}
	_, err = io.WriteString(file, text)
	if err == nil && owner.switched {
		err = file.Chown(int(owner.uid), int(owner.gid))
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
