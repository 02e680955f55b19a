// Package embedded runs a private PostgreSQL server for a program that was given no database of its own.
//
// The server comes from binaries installed on the machine, keeps its data in a directory of the program, listens on
// a unix socket that only its user can open, and lives exactly as long as the program: it is stopped when the
// program ends for whatever reason, SIGKILL included, and started again if it dies before. It works as root (the
// server then runs as an ordinary user) and as an ordinary user, on Linux and macOS.
//
// One concept per file: binaries.go finds PostgreSQL, lock.go keeps a second program out, place.go and account.go
// decide where the cluster lives and which user runs it, cluster.go makes it, socket.go finds a short path,
// password.go keeps others out, settings.go has the server's settings, guard.go ties a process to the program's life, stray.go ends what a killed run
// has left, log.go forwards messages.
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// Database is the name of the database that exists once Start has returned.
const Database = "structural"

const (
	port      = "5432"       // only part of the socket's file name: nothing listens on a network
	superuser = "structural" // the one role of the cluster

	firstRestartDelay = 100 * time.Millisecond
	lastRestartDelay  = 5 * time.Second
	readyInterval     = 10 * time.Millisecond
)

// Config says where and how the private server runs.
type Config struct {
	// DataDir holds the lock file and the cluster (in DataDir/postgres). It is created if missing. When the program
	// runs as root and the server's user cannot reach DataDir, the cluster lives in
	// /var/lib/structural/<base>-<hash of DataDir> instead, which is logged.
	DataDir string

	// Fast trades safety for speed: no fsync, no autovacuum. For tests whose data may be lost, nothing else.
	// A test that runs as root should make its DataDir passable for others (chmod 0755): what t.TempDir and
	// os.MkdirTemp give is not, and the cluster would end up in /var/lib/structural.
	Fast bool

	// Logger gets PostgreSQL's own messages: warnings at Warn, worse at Error, the rest at Debug. The texts that
	// clients cause are left out, since they can quote row values. Nil means slog.Default().
	Logger *slog.Logger
}

// Server is a private PostgreSQL that runs until Stop is called or the program ends. Its methods may be called from
// several goroutines.
type Server struct {
	place    place
	binaries binaries
	socket   socketDir
	lock     *lock
	password string // of the one role
	logger   *slog.Logger
	fast     bool

	pid      atomic.Int64
	quit     context.Context
	askStop  context.CancelFunc
	done     chan struct{} // closed when the supervisor has ended; stopErr is set by then
	stopErr  error
	stopOnce sync.Once
}

// Start starts the server of cfg.DataDir and returns when it accepts connections and the database named by Database
// exists. The first run creates the cluster, which takes a second or two and is logged at Info.
//
// A server that dies later is started again until Stop is called. ctx limits the start only, which has no other time
// limit (recovery after a crash can take a while): when it ends first, whatever was started is stopped and its error is
// returned.
//
// The error is one line for the user: no PostgreSQL installed, or not the version that the data needs; another program
// uses DataDir; DataDir belongs to another user; or the server does not start, with the last lines of its output.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	logger := cfg.Logger
	if logger == nil {
		logger = slog.Default()
	}
	dataDir, err := prepareDataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	lock, err := acquireLock(dataDir)
	if err != nil {
		return nil, err
	}
	s := &Server{lock: lock, logger: logger, fast: cfg.Fast, done: make(chan struct{})}
	if err := s.start(ctx, dataDir); err != nil {
		s.socket.close()
		lock.release()
		return nil, err
	}
	return s, nil
}

// start does what is left of Start once the lock is held.
func (s *Server) start(ctx context.Context, dataDir string) error {
	var err error
	if s.place, err = choosePlace(dataDir); err != nil {
		return err
	}
	if s.place.home != dataDir {
		s.logger.Info("the user that runs PostgreSQL cannot reach the data directory; the data is kept elsewhere",
			"user", s.place.account.name, "data_dir", dataDir, "kept_in", s.place.home)
	}
	if s.binaries, err = chooseBinaries(s.place.cluster()); err != nil {
		return err
	}
	if err := s.ensureCluster(ctx); err != nil {
		return err
	}
	if s.socket, err = openSocketDir(s.place); err != nil {
		return err
	}
	if err := s.lock.announce(s.socket.path); err != nil {
		return err
	}
	server, err := s.launchPatiently(ctx)
	if err != nil {
		return err
	}
	s.quit, s.askStop = context.WithCancel(context.Background())
	go s.supervise(server)
	return nil
}

// DSN is the lib/pq connection string of a database of this server, in keyword/value form, with the password. It stays valid for the
// life of the Server, restarts included; a later Start on the same DataDir may give another one.
func (s *Server) DSN(database string) string {
	return dsnOf(s.socket.path, s.password, database)
}

func dsnOf(socketDir, password, database string) string {
	return fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable",
		quoteDSN(socketDir), port, superuser, quoteDSN(password), quoteDSN(database))
}

func quoteDSN(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// PID is the process id of the running postmaster, or 0 while the server is down. It lets tests kill the server;
// a SIGSTOP to it blocks new connections only, since every open one is served by a process of its own.
func (s *Server) PID() int {
	return int(s.pid.Load())
}

// Stop shuts the server down: open transactions are rolled back, connections closed, everything committed is on disk.
// It waits until the server is gone, which takes some 20 ms; one that does not react is killed after 15 seconds. The
// error says that the server did not end cleanly; no committed data is lost then either, the next start recovers it.
// Calling Stop again does nothing and gives the same error.
func (s *Server) Stop() error {
	s.stopOnce.Do(s.askStop)
	<-s.done
	return s.stopErr
}

// supervise starts the server again whenever it dies, and stops it when asked to.
func (s *Server) supervise(server *process) {
	defer close(s.done)
	defer s.lock.release()
	defer s.socket.close()
	delay := firstRestartDelay
	for {
		up := time.Now()
		select {
		case <-s.quit.Done():
			s.pid.Store(0)
			s.stopErr = s.end(server)
			return
		case <-server.exited:
		}
		s.pid.Store(0)
		s.logger.Error("PostgreSQL ended unexpectedly and is started again", "reason", server.reason())
		if time.Since(up) > lastRestartDelay {
			delay = firstRestartDelay
		}
		if server = s.relaunch(&delay); server == nil {
			s.stopErr = s.end(nil)
			return
		}
		s.logger.Info("PostgreSQL is back", "pid", s.PID())
	}
}

// relaunch tries until the server runs, waiting *delay before each try, longer every time. It gives nil when asked to
// stop.
func (s *Server) relaunch(delay *time.Duration) *process {
	for {
		select {
		case <-s.quit.Done():
			return nil
		case <-time.After(*delay):
		}
		*delay = min(2**delay, lastRestartDelay)
		server, err := s.launch(s.quit)
		if err == nil {
			return server
		}
		if s.quit.Err() == nil {
			s.logger.Error("PostgreSQL does not start; trying again", "error", err, "in", *delay)
		}
	}
}

// end stops the server, and a postmaster that outlived its guard.
func (s *Server) end(server *process) error {
	var err error
	if server != nil {
		err = server.stop()
	}
	return errors.Join(err, endStray(context.Background(), s.place.cluster()))
}

// launchPatiently is launch, repeated while what is left of a killed server stands in the way: its backends need a
// moment to notice that it is gone.
func (s *Server) launchPatiently(ctx context.Context) (*process, error) {
	deadline := time.Now().Add(2 * lastRestartDelay)
	for {
		server, err := s.launch(ctx)
		if err == nil || !errors.Is(err, errStillInUse) || time.Now().After(deadline) {
			return server, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("starting PostgreSQL: %w", ctx.Err())
		case <-time.After(firstRestartDelay):
		}
	}
}

// launch starts the server once and returns when it accepts connections.
func (s *Server) launch(ctx context.Context) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	if err := endStray(ctx, s.place.cluster()); err != nil {
		return nil, err
	}
	if err := s.socket.clear(); err != nil {
		return nil, err
	}
	if s.password == "" { // at the first start; others read the password from then on
		if err := s.secure(ctx); err != nil {
			return nil, err
		}
	}
	output := &serverLog{logger: s.logger}
	server, err := startGuarded(s.place.account, output, s.binaries.path("postgres"), s.settings()...)
	if err != nil {
		return nil, err
	}
	if err := s.awaitReady(ctx, server); err != nil {
		select {
		case <-server.exited:
			return nil, startError(server, output)
		default:
			return nil, errors.Join(err, s.end(server))
		}
	}
	pid, err := readPIDFile(s.place.cluster())
	if err != nil {
		return nil, errors.Join(err, s.end(server))
	}
	s.pid.Store(int64(pid))
	return server, nil
}

// awaitReady connects until it succeeds, then makes sure that the database exists. It gives up when the server exits or
// ctx ends.
func (s *Server) awaitReady(ctx context.Context, server *process) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-server.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	db, err := sql.Open("postgres", s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			break
		}
		if pqErr, ok := errors.AsType[*pq.Error](err); ok && pqErr.Code.Class() == "28" { // invalid authorization
			return fmt.Errorf("the password in %s is not the server's: remove that file, and the next start makes another", passwordPath(s.place.cluster()))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL: %w", ctx.Err())
		case <-time.After(readyInterval):
		}
	}
	return ensureDatabase(ctx, db)
}

func ensureDatabase(ctx context.Context, db *sql.DB) error {
	var exists bool
	err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", Database).Scan(&exists)
	if err == nil && !exists {
		_, err = db.ExecContext(ctx, "CREATE DATABASE "+Database)
	}
	if err != nil {
		return fmt.Errorf("creating the database %s: %w", Database, err)
	}
	return nil
}

// errStillInUse marks a start that failed because of what is left of an earlier server, and may succeed in a moment.
var errStillInUse = errors.New("a server that was killed is still going away")

func startError(server *process, output *serverLog) error {
	text := output.tail()
	return explainStart(fmt.Errorf("PostgreSQL does not start (%s): %s", server.reason(), text), text)
}

// explainStart marks an error with errStillInUse if PostgreSQL's text says so.
func explainStart(err error, text string) error {
	if strings.Contains(text, "pre-existing shared memory block") || strings.Contains(text, `lock file "postmaster.pid"`) {
		err = fmt.Errorf("%w: %w", errStillInUse, err)
	}
	return err
}
