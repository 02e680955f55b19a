package storetest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"
)

// Link stands between a store and its real server like a network: it can be cut and restored, anywhere in an answer too, it
// can go silent, and it counts the round trips.
type Link struct {
	server     string // the real socket
	listener   net.Listener
	roundTrips atomic.Int64
	statements atomic.Int64

	cutAfter atomic.Int64 // so many bytes of answers, plus one; 0: never

	mu     sync.Mutex
	cut    bool
	silent *sync.RWMutex // held while nothing passes
	conns  map[net.Conn]bool
}

// NewLink makes a link to the server of dsn, and returns the connection string that leads through it.
func NewLink(t testing.TB, dsn string) (*Link, string) {
	t.Helper()
	cfg, err := pq.NewConfig(dsn)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "structural-link-") // short: a socket's path has 107 bytes
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := fmt.Sprintf(".s.PGSQL.%d", cfg.Port)
	l := &Link{server: filepath.Join(cfg.Host, file), silent: new(sync.RWMutex), conns: map[net.Conn]bool{}}
	l.listener, err = net.Listen("unix", filepath.Join(dir, file))
	require.NoError(t, err)
	t.Cleanup(func() { l.listener.Close(); l.Cut() })
	go l.accept()
	return l, fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=disable", dir, cfg.Port, cfg.User, cfg.Password, cfg.Database)
}

// Cut breaks all connections, and refuses new ones until Restore.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for conn := range l.conns {
		conn.Close()
	}
}

// CutAfter cuts when so many more bytes of answers have passed.
func (l *Link) CutAfter(n int64) { l.cutAfter.Store(n + 1) }

// Restore lets connections through again.
func (l *Link) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
	l.cutAfter.Store(0)
}

// answers passes on what a server answers, up to the byte at which the link is cut.
type answers struct {
	link *Link
	to   io.Writer
}

func (a answers) Write(b []byte) (int, error) {
	if a.link.cutAfter.Load() == 0 {
		return a.to.Write(b)
	}
	left := a.link.cutAfter.Add(-int64(len(b)))
	if left > 0 {
		return a.to.Write(b)
	}
	n, _ := a.to.Write(b[:max(0, int64(len(b))+left-1)])
	a.link.Cut()
	return n, net.ErrClosed
}

// Silence holds back all that is sent, without breaking a connection, until the returned function is called.
func (l *Link) Silence() (restore func()) {
	l.silent.Lock()
	return sync.OnceFunc(l.silent.Unlock)
}

// RoundTrips counts how often a client has waited for the server since the link was made.
func (l *Link) RoundTrips() int64 { return l.roundTrips.Load() }

// Statements counts the statements that clients have had executed since the link was made, BEGIN and COMMIT included.
func (l *Link) Statements() int64 { return l.statements.Load() }

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.serve(client)
	}
}

func (l *Link) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", l.server)
	if err != nil {
		return
	}
	defer server.Close()

	l.mu.Lock()
	if l.cut {
		l.mu.Unlock()
		return
	}
	l.conns[client] = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, client)
	}()

	go func() {
		defer client.Close()
		l.copy(answers{l, client}, server)
	}()
	counter := &messageCounter{to: server, roundTrips: &l.roundTrips, statements: &l.statements}
	l.copy(counter, client)
}

func (l *Link) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		l.silent.RLock()
		_, err = to.Write(buffer[:n])
		l.silent.RUnlock()
		if err != nil {
			return
		}
	}
}

// messageCounter counts a client's messages (PostgreSQL documentation, Message Formats): Query and Sync, after which it waits,
// and Query and Execute, which run a statement. The first message of a connection has no type byte.
type messageCounter struct {
	to         io.Writer
	roundTrips *atomic.Int64
	statements *atomic.Int64
	started    bool
	header     []byte // of the message that begins, as far as it is here
	body       int    // bytes of the message's body still to come
}

func (c *messageCounter) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		if c.body > 0 {
			n := min(c.body, len(rest))
			c.body, rest = c.body-n, rest[n:]
			continue
		}
		c.header, rest = append(c.header, rest[0]), rest[1:]
		size := 5
		if !c.started {
			size = 4
		}
		if len(c.header) < size {
			continue
		}
		c.body = int(binary.BigEndian.Uint32(c.header[size-4:])) - 4
		if c.started {
			switch c.header[0] {
			case 'Q':
				c.roundTrips.Add(1)
				c.statements.Add(1)
			case 'S':
				c.roundTrips.Add(1)
			case 'E':
				c.statements.Add(1)
			}
		}
		c.started, c.header = true, c.header[:0]
	}
	return c.to.Write(b)
}
