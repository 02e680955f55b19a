// Package store keeps everything in PostgreSQL, through sqlx and lib/pq: migrations, named queries, transactions.
//
// Every query that touches what a customer owns takes the customer's id. Errors are of two kinds: [ErrUnavailable] when
// the database did not answer, [ErrNotFound] when there is no such row; all others are faults of this program.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

const (
	// maxConns is small on purpose: PostgreSQL is fastest with a few busy connections, and replicas share its limit.
	maxConns = 20
	// statementTimeout is PostgreSQL's own limit on a statement.
	statementTimeout = 5 * time.Second
	// Loading all of a platform's records takes longer, and has a few connections of its own so that nobody waits for it.
	loadingStatementTimeout = 25 * time.Second
	maxLoadingConns         = 8
	// answerMargin beyond the statement's limit is how long we wait for a server that has stopped answering altogether, and
	// so can't apply its own limit: a frozen machine, a cut network.
	answerMargin = time.Second
)

// Store is a pool of connections to one migrated database. Safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	loading  *sqlx.DB
	openPool func(driver.Connector) *sql.DB
	slots    chan struct{} // one for each connection of db that a statement has, or is about to take

	demoCustomers demoCounter

	// The hot statements, prepared once a connection.
	insertCustomer *sqlx.Stmt
	selectKey      *sqlx.Stmt
	listObjects    *sqlx.Stmt
	selectObject   *sqlx.Stmt
	updateObject   *sqlx.Stmt
	listReferents  *sqlx.Stmt
}

// An Option of [Open].
type Option func(*Store)

// WithPools has the pools made by open instead of [sql.OpenDB]. It can see the statements that pass.
func WithPools(open func(driver.Connector) *sql.DB) Option {
	return func(s *Store) { s.openPool = open }
}

// Open connects to dsn (a postgres:// URL or lib/pq keyword/value string), applies pending migrations and prepares the hot
// statements. Replicas may do so at the same time: one migrates, the others wait.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	s := &Store{openPool: sql.OpenDB, slots: make(chan struct{}, maxConns)}
	for _, option := range options {
		option(s)
	}
	if err := migrate(ctx, dsn); err != nil {
		return nil, err
	}
	var err error
	if s.db, err = s.connect(dsn, statementTimeout, maxConns); err != nil {
		return nil, err
	}
	if s.loading, err = s.connect(dsn, loadingStatementTimeout, maxLoadingConns); err != nil {
		return nil, err
	}
	for statement, query := range map[**sqlx.Stmt]string{
		&s.insertCustomer: insertCustomerSQL,
		&s.selectKey:      selectKeySQL,
		&s.listObjects:    listObjectsSQL,
		&s.selectObject:   findObjectSQL,
		&s.updateObject:   saveChangeSQL,
		&s.listReferents:  selectReferentsSQL,
	} {
		if *statement, err = s.db.PreparexContext(ctx, query); err != nil {
			s.db.Close()
			return nil, fmt.Errorf("prepare statements: %w", classify(err))
		}
	}
	return s, nil
}

// Close closes the pool. In-flight queries finish first. That a connection was broken already is no error.
func (s *Store) Close() error {
	if err := errors.Join(s.db.Close(), s.loading.Close()); !isConnectionFailure(err) {
		return err
	}
	return nil
}

// Pools returns the pools of connections for their statistics: for requests, and for loading platforms' records.
func (s *Store) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"requests": s.db.DB, "loading": s.loading.DB}
}

// Ping asks the database for an answer, until ctx ends. The error is [ErrUnavailable].
func (s *Store) Ping(ctx context.Context) error {
	// lib/pq waits for a silent server past the context's end, so the wait happens beside us. It ends with the time-out of the connection.
	answered := make(chan error, 1)
	go func() { answered <- s.db.PingContext(ctx) }()
	select {
	case err := <-answered:
		return classify(err)
	case <-ctx.Done():
		return classify(ctx.Err())
	}
}

// connect opens a pool of so many connections, on each of which a statement may take so long.
func (s *Store) connect(dsn string, statement time.Duration, conns int) (*sqlx.DB, error) {
	connector, err := newConnector(dsn, statement)
	if err != nil {
		return nil, err
	}
	connector.Dialer(answeringDialer{timeout: statement + answerMargin})
	db := sqlx.NewDb(s.openPool(connector), "postgres")
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(30 * time.Minute)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// newConnector reads dsn. statement is PostgreSQL's limit on one statement; 0 is none.
func newConnector(dsn string, statement time.Duration) (*pq.Connector, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		// lib/pq's own text may hold the password.
		return nil, errors.New("DATABASE_URL is not a PostgreSQL connection string (postgres://user:password@host:5432/database)")
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = statementTimeout
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "structural"
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	if _, set := cfg.Runtime["statement_timeout"]; !set {
		cfg.Runtime["statement_timeout"] = fmt.Sprint(statement.Milliseconds())
	}
	return pq.NewConnectorConfig(cfg)
}

// answeringDialer makes connections on which a read fails after so much silence.
type answeringDialer struct {
	net.Dialer
	timeout time.Duration
}

func (d answeringDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d answeringDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d answeringDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return answeringConn{conn, d.timeout}, nil
}

type answeringConn struct {
	net.Conn
	timeout time.Duration
}

func (c answeringConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}
