package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/lib/pq"

	"structural.app/structural/app"
)

var (
	// ErrUnavailable wraps every failure of the database to answer: no connection, no answer in time, no resources left.
	// The same request may succeed later.
	ErrUnavailable = errors.New("database unavailable")
	// ErrReadOnly is an [ErrUnavailable]: the database answers, but takes no writes. It is a standby, or its default is
	// read-only transactions.
	ErrReadOnly = fmt.Errorf("%w: it is read-only (a standby, or a primary that hands over)", ErrUnavailable)
)

// classify tells the database's failures from this program's: the first are wrapped in [ErrUnavailable].
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows), isCustomerGone(err):
		return app.ErrNotFound
	case isConnectionFailure(err), isTimeout(err), isRolledBack(err), isStale(err), isServerFailure(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// isCustomerGone says whether the customer was deleted between two steps of a request: every foreign key leads to customers.
func isCustomerGone(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && pqErr.Code == "23503" // foreign key violation
}

// isConnectionFailure says whether the connection broke, or could not be made.
func isConnectionFailure(err error) bool {
	if hasNotRun(err) || errors.Is(err, errBroken) {
		return true
	}
	if pqErr, ok := errors.AsType[*pq.Error](err); ok {
		switch pqErr.Code.Class() {
		case "08", // connection exception
			"53": // insufficient resources: too many connections, disk full, out of memory
			return true
		}
		return pqErr.Code == completionUnknown ||
			strings.HasPrefix(string(pqErr.Code), "57P") // the server stops, starts, or has ended the connection
	}
	var netErr *net.OpError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &netErr)
}

// isServerFailure says whether PostgreSQL failed at its own work: its files cannot be read or written, or it found itself in a
// state that it does not know, as it may while it crashes.
func isServerFailure(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && (pqErr.Code.Class() == "58" || pqErr.Code.Class() == "XX")
}

// hasNotRun says whether a statement failed before it ran, for a reason that another connection may not have.
func hasNotRun(err error) bool {
	_, ok := errors.AsType[connectError](err)
	return ok || isStale(err)
}

// completionUnknown is the SQLSTATE of a statement that may have been done, or not.
const completionUnknown = "40003"

// isRolledBack says whether PostgreSQL undid a statement, or its transaction, for others that ran at the same time: a
// serialization failure, a deadlock. Nothing was written.
func isRolledBack(err error) bool {
	pqErr, ok := errors.AsType[*pq.Error](err)
	return ok && pqErr.Code.Class() == "40" && pqErr.Code != completionUnknown
}

func isTimeout(err error) bool {
	var pqErr *pq.Error
	if errors.As(err, &pqErr) {
		return pqErr.Code == "57014" // query canceled, by statement_timeout or our context
	}
	var netErr net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		(errors.As(err, &netErr) && netErr.Timeout())
}

// maxAttempts is how often a statement is tried that PostgreSQL rolls back.
const maxAttempts = 5

// retry runs a statement that may safely run twice. When its connection turns out to be broken, as all idle ones are after
// the database restarted, it drops the idle connections and runs the statement once more on a new one.
func (s *Store) retry(ctx context.Context, statement func(context.Context) error) error {
	return classify(s.run(ctx, statement, true))
}

// once runs a statement that must not run twice: again only if it surely has not, or was rolled back. The error is as the
// driver has it.
func (s *Store) once(ctx context.Context, statement func(context.Context) error) error {
	return s.run(ctx, statement, false)
}

func (s *Store) run(ctx context.Context, statement func(context.Context) error, twice bool) error {
	for attempt, reconnected := 1, false; ; attempt++ {
		err := s.attempt(ctx, statement)
		switch {
		case err == nil:
			return nil
		case isRolledBack(err):
			if attempt == maxAttempts || ctx.Err() != nil {
				return err
			}
			// Those who were in each other's way don't meet again at once.
			time.Sleep(time.Duration(rand.Int64N(int64(5*time.Millisecond) << attempt)))
		case isConnectionFailure(err) && !isTimeout(err):
			s.dropIdle()
			if reconnected || ctx.Err() != nil || !twice && !hasNotRun(err) {
				return err
			}
			reconnected = true
		default:
			return err
		}
	}
}

// dropIdle closes the connections that nobody uses: they may all lead to a server that has gone.
func (s *Store) dropIdle() {
	s.db.SetMaxIdleConns(0)
	s.db.SetMaxIdleConns(maxConns)
}

// attempt runs a statement when there is a connection for it, if that is before ctx ends. The statement itself ends with its
// limit, or in time for the request to be answered.
func (s *Store) attempt(ctx context.Context, statement func(context.Context) error) error {
	if err := s.takeSlot(ctx); err != nil {
		return err
	}
	defer func() { <-s.slots }()
	return statement(unwatched{ctx})
}

func (s *Store) takeSlot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	if deadline := waitUntil(ctx); !deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
