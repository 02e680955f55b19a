package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
)

var (
	// ErrUnavailable wraps every failure of the database to answer: no connection, no answer in time, no resources left.
	// The same request may succeed later.
	ErrUnavailable = errors.New("database unavailable")
	// ErrNotFound says that there is no such row for this customer.
	ErrNotFound = errors.New("not found")
	// ErrBusy says that another request is changing the same thing at this moment.
	ErrBusy = errors.New("busy")
	// ErrChanged says that what was read has changed since, so that nothing was written: read it again.
	ErrChanged = errors.New("changed in the meantime")
	// ErrQuota says that the customer would store more than it may. Nothing was written.
	ErrQuota = errors.New("quota exceeded")
)

// classify tells the database's failures from this program's: the first are wrapped in [ErrUnavailable].
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows), isCustomerGone(err):
		return ErrNotFound
	case isConnectionFailure(err), isTimeout(err):
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
	var pqErr *pq.Error
	if errors.As(err, &pqErr) {
		switch pqErr.Code.Class() {
		case "08", // connection exception
			"53": // insufficient resources: too many connections, disk full, out of memory
			return true
		}
		switch pqErr.Code {
		case "57P01", // admin shutdown
			"57P02", // crash shutdown
			"57P03", // cannot connect now: starting up or shutting down
			"57P05": // idle session time-out
			return true
		}
		return false
	}
	var netErr *net.OpError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &netErr)
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

// retry runs a statement that may safely run twice. When its connection turns out to be broken, as all idle ones are after
// the database restarted, it drops the idle connections and runs the statement once more on a new one.
func (s *Store) retry(ctx context.Context, statement func(context.Context) error) error {
	err := s.once(ctx, statement)
	if err != nil && isConnectionFailure(err) && !isTimeout(err) && ctx.Err() == nil {
		s.db.SetMaxIdleConns(0)
		s.db.SetMaxIdleConns(maxConns)
		err = s.once(ctx, statement)
	}
	return classify(err)
}

// once runs a statement when there is a connection for it, if that is before ctx ends. The statement itself ends with its own
// time limits, and not with ctx: to watch for that takes the driver two goroutines, and as much time as all the rest.
func (s *Store) once(ctx context.Context, statement func(context.Context) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return statement(context.WithoutCancel(ctx))
}
