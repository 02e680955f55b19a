package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// errBroken says that a connection broke after a statement was sent: the statement may have been done, or not.
var errBroken = errors.New("the connection broke while the database was at work")

// connectError is a connection that could not be made. No statement has run.
type connectError struct{ error }

func (e connectError) Unwrap() error { return e.error }

// connector makes connections on which every wait has an end: that of the statement's limit, and that of the request. lib/pq
// alone ends a wait by watching the context, which takes two goroutines a statement, and as much time as all the rest.
type connector struct {
	*pq.Connector
	limit  time.Duration // on a statement; 0: none
	pooled bool          // a pooler stands in between: PostgreSQL does not know the limit, and keeps no prepared statement
}

// Connect makes a connection before ctx ends.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	deadline := waitUntil(ctx)
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(context.WithoutCancel(ctx), deadline)
		defer cancel()
	}
	var dialed *answeringConn
	opened, err := c.Connector.Connect(context.WithValue(ctx, dialedKey{}, &dialed))
	if err != nil {
		return nil, connectError{err}
	}
	return &conn{pqConn: opened.(pqConn), net: dialed, limit: c.limit, pooled: c.pooled}, nil
}

// pqConn is what a connection of lib/pq can do.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type conn struct {
	pqConn
	net    *answeringConn
	limit  time.Duration
	pooled bool
	stale  bool // it leads to a server that is of no use
}

// IsValid says whether the connection can be used again.
func (c *conn) IsValid() bool {
	return !c.stale && !c.net.failed.Load() && c.pqConn.IsValid()
}

// begin sets the time limit of a statement. Behind a pooler, lib/pq has to cancel what takes too long.
func (c *conn) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := waitUntil(ctx)
	c.net.until(deadline)
	c.net.written.Store(false)
	if !c.pooled || c.limit == 0 {
		return ctx, func() {}
	}
	limit := c.limit
	if !deadline.IsZero() {
		limit = min(limit, time.Until(deadline)*9/10)
	}
	if ctx.Done() == nil {
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

// ended looks at how a statement ended. database/sql runs a statement again after [driver.ErrBadConn]: that is right only if
// the server has not seen it. lib/pq has words of its own for an answer that breaks off: whatever it says then, the connection
// is broken.
func (c *conn) ended(err error) error {
	if err == nil {
		return nil
	}
	if isStale(err) {
		c.stale = true
	}
	if errors.Is(err, driver.ErrBadConn) {
		if c.net.written.Load() {
			return errBroken
		}
		return err
	}
	if _, answered := errors.AsType[*pq.Error](err); !answered && !c.IsValid() {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return err
}

// answerRows are the rows of an answer, which may break off.
type answerRows struct {
	driver.Rows
	conn *conn
}

func (r answerRows) Next(values []driver.Value) error {
	err := r.Rows.Next(values)
	if err == nil || err == io.EOF { //nolint:errorlint // io.EOF itself is the end of the rows
		return err
	}
	return r.conn.ended(err)
}

func (r answerRows) Close() error { return r.conn.ended(r.Rows.Close()) }

// BeginTx begins a transaction. lib/pq's own would ask for one that writes, which a standby refuses as not supported: that it
// is read-only is then told by the first statement that writes.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (tx driver.Tx, err error) {
	c.net.until(waitUntil(ctx))
	if options == (driver.TxOptions{}) {
		tx, err = c.pqConn.Begin() //nolint:staticcheck // that it does not take the context is as it should be
	} else {
		tx, err = c.pqConn.BeginTx(ctx, options)
	}
	if err != nil && isStale(err) {
		c.stale = true
	}
	return tx, err
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, cancel := c.begin(ctx)
	defer cancel()
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, c.ended(err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, cancel := c.begin(ctx)
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	if err != nil {
		cancel()
		return nil, c.ended(err)
	}
	if c.pooled {
		return limitedRows{answerRows{rows, c}, cancel}, nil
	}
	return answerRows{rows, c}, nil
}

// limitedRows are rows that must be read before a context ends.
type limitedRows struct {
	driver.Rows
	cancel context.CancelFunc
}

func (r limitedRows) Close() error {
	defer r.cancel()
	return r.Rows.Close()
}

// PrepareContext prepares a statement. A pooler may have another server for each transaction: the statement is sent anew each time.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	isCopy := strings.HasPrefix(query, "COPY ")
	if c.pooled && !isCopy {
		return textStmt{c, query}, nil
	}
	c.net.until(waitUntil(ctx))
	prepared, err := c.pqConn.PrepareContext(ctx, query)
	if err != nil || isCopy {
		if err != nil && isStale(err) {
			c.stale = true
		}
		return prepared, err
	}
	return &stmt{prepared.(pqStmt), c}, nil
}

// textStmt is a statement that is not prepared.
type textStmt struct {
	conn  *conn
	query string
}

func (textStmt) Close() error  { return nil }
func (textStmt) NumInput() int { return -1 } // not known

func (s textStmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (s textStmt) Query([]driver.Value) (driver.Rows, error)  { return nil, driver.ErrSkip }

func (s textStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

func (s textStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

// pqStmt is what a prepared statement of lib/pq can do.
type pqStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type stmt struct {
	pqStmt
	conn *conn
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	ctx, _ = s.conn.begin(ctx) // there is nothing to cancel: a prepared statement has no pooler in between
	result, err := s.pqStmt.ExecContext(ctx, args)
	return result, s.conn.ended(err)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	ctx, _ = s.conn.begin(ctx)
	rows, err := s.pqStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, s.conn.ended(err)
	}
	return answerRows{rows, s.conn}, nil
}

// isStale says whether a connection leads to a server that does not write any more, or not to the one that it did: the
// statement has not run there, and runs on another connection.
func isStale(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	switch pqErr.Code {
	case "25006", // read-only transaction: a standby, or a primary that hands over
		"26000", // the prepared statement does not exist
		"42P05": // the prepared statement exists already
		return true
	}
	return false
}

// waitUntil is when a wait for the database must end, for a request that ends with ctx to be answered in time: a tenth of
// what is left is kept for that. Zero: ctx has no end.
func waitUntil(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-time.Until(deadline) / 10)
}

// timerPrecision is how much too early a wait may end.
const timerPrecision = 250 * time.Millisecond

// unwatched is a context that tells when it ends, but whose end cannot be waited for.
type unwatched struct{ context.Context }

func (unwatched) Done() <-chan struct{} { return nil }
func (unwatched) Err() error            { return nil }

// dialedKey is the key under which a context has the place for the connection that is dialed.
type dialedKey struct{}

// answeringDialer makes connections on which a wait fails after so much silence.
type answeringDialer struct {
	net.Dialer
	timeout time.Duration
}

// Dial is part of [pq.Dialer].
func (d answeringDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is part of [pq.Dialer].
func (d answeringDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext is part of [pq.DialerContext].
func (d answeringDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	plain, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &answeringConn{Conn: plain, timeout: d.timeout}
	if deadline, ok := ctx.Deadline(); ok {
		c.until(deadline)
	}
	if dialed, ok := ctx.Value(dialedKey{}).(**answeringConn); ok {
		*dialed = c
	}
	return c, nil
}

// answeringConn fails when the other side is silent for too long, or the request has no more time. COPY reads and writes at
// the same time.
type answeringConn struct {
	net.Conn
	timeout   time.Duration // of silence
	request   atomic.Int64  // nanoseconds since 1970 at which the request has no more time; 0: there is no such time
	handshake atomic.Int64  // likewise, while the connection is made
	set       atomic.Int64  // likewise, when what waits fails
	written   atomic.Bool   // since the statement began
	failed    atomic.Bool   // what comes next is not the answer to what is asked
}

func (c *answeringConn) until(deadline time.Time) { c.request.Store(nanoseconds(deadline)) }

// SetDeadline is lib/pq's, for the time in which a connection is made.
func (c *answeringConn) SetDeadline(deadline time.Time) error {
	c.handshake.Store(nanoseconds(deadline))
	return nil
}

// limit sets when a read or write that begins now fails. To set a timer for each would take longer than to read what is
// there: one that is a little early will do.
func (c *answeringConn) limit() error {
	at := time.Now().Add(c.timeout).UnixNano()
	if n := c.request.Load(); n != 0 {
		at = min(at, n)
	}
	if n := c.handshake.Load(); n != 0 {
		at = min(at, n)
	}
	if set := c.set.Load(); set <= at && at-set < int64(timerPrecision) {
		return nil
	}
	c.set.Store(at)
	return c.Conn.SetDeadline(time.Unix(0, at))
}

func (c *answeringConn) Read(b []byte) (n int, err error) {
	if err = c.limit(); err == nil {
		n, err = c.Conn.Read(b)
	}
	if err != nil {
		c.failed.Store(true)
	}
	return n, err
}

func (c *answeringConn) Write(b []byte) (n int, err error) {
	if err = c.limit(); err == nil {
		n, err = c.Conn.Write(b)
	}
	if n > 0 {
		c.written.Store(true)
	}
	if err != nil {
		c.failed.Store(true)
	}
	return n, err
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
