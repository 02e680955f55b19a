// Package store keeps everything in PostgreSQL, through sqlx and lib/pq: migrations, named queries, transactions.
//
// Every query that touches what a customer owns takes the customer's id. Errors are of two kinds: [ErrUnavailable] when
// the database did not answer, [app.ErrNotFound] when there is no such row; all others are faults of this program.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
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
	// migrationTimeout is how long a statement of a migration may take: only a server that does not answer any more takes longer.
	migrationTimeout = time.Hour
)

// Store is a pool of connections to one migrated database. Safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	loading  *sqlx.DB
	openPool func(driver.Connector) *sql.DB
	existing bool          // [Open] creates nothing in an empty database
	pooled   bool          // a pooler such as PgBouncer stands in between
	slots    chan struct{} // one for each connection of db that a statement has, or is about to take: all go through retry or once

	precedence []string // platforms: records are listed in this order

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

// ErrNoData says that a database has no data of this program.
var ErrNoData = errors.New("no Structural data there")

// WithExistingData has [Open] return [ErrNoData] for a database without data, and leave it as it is.
func WithExistingData() Option {
	return func(s *Store) { s.existing = true }
}

// WithPrecedence lists the records of an object in this order of their platforms, those of other platforms last, by name. Without
// it, they are listed by their platforms' names.
func WithPrecedence[Name ~string](platforms []Name) Option {
	return func(s *Store) {
		s.precedence = nil
		for _, name := range platforms {
			s.precedence = append(s.precedence, string(name))
		}
	}
}

// Open connects to dsn (a postgres:// URL or lib/pq keyword/value string; either may list several hosts), applies pending
// migrations and prepares the hot statements. Replicas may do so at the same time: one migrates, the others wait. Nothing is
// left open on an error.
func Open(ctx context.Context, dsn string, options ...Option) (s *Store, err error) {
	s = &Store{openPool: sql.OpenDB, slots: make(chan struct{}, maxConns)}
	for _, option := range options {
		option(s)
	}
	if s.pooled, err = findPooler(ctx, dsn); err != nil {
		return nil, err
	}
	if s.existing {
		if err := findData(ctx, dsn, s.pooled); err != nil {
			return nil, err
		}
	}
	if err := migrate(ctx, dsn, s.pooled); err != nil {
		return nil, err
	}
	if s.db, err = s.connect(dsn, statementTimeout, maxConns); err != nil {
		return nil, err
	}
	if s.loading, err = s.connect(dsn, loadingStatementTimeout, maxLoadingConns); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare statements: %w", classify(err)), s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) (err error) {
	for statement, query := range map[**sqlx.Stmt]string{
		&s.insertCustomer: insertCustomerSQL,
		&s.selectKey:      selectKeySQL,
		&s.listObjects:    listObjectsSQL,
		&s.selectObject:   findObjectSQL,
		&s.updateObject:   saveChangeSQL,
		&s.listReferents:  selectReferentsSQL,
	} {
		if *statement, err = s.db.PreparexContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
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

// Ping asks the database for an answer, and whether it takes writes, until ctx ends. The error is [ErrUnavailable], of which
// [ErrReadOnly] is one kind.
func (s *Store) Ping(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		var readOnly string
		if err := s.retry(ctx, func(ctx context.Context) error {
			return s.db.QueryRowContext(ctx, "SHOW transaction_read_only").Scan(&readOnly)
		}); err != nil {
			return err
		}
		if readOnly != "on" {
			return nil
		}
		// The connections may be to a server that was the primary, and the primary another one now.
		s.dropIdle()
		if attempt == 2 {
			return ErrReadOnly
		}
	}
}

// connect opens a pool of so many connections, on each of which a statement may take so long.
func (s *Store) connect(dsn string, statement time.Duration, conns int) (*sqlx.DB, error) {
	connector, err := newConnector(dsn, statement, s.pooled)
	if err != nil {
		return nil, err
	}
	db := sqlx.NewDb(s.openPool(connector), "postgres")
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(30 * time.Minute)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

const statementTimeoutParameter = "statement_timeout"

// newConnector reads dsn. statement is the limit on one statement; 0 is none. PostgreSQL keeps it, since it is told at the
// start of a connection. A pooler refuses such a parameter, or forgets it: then we keep it.
func newConnector(dsn string, statement time.Duration, pooled bool) (*connector, error) {
	cfg, err := readDSN(dsn)
	if err != nil {
		return nil, err
	}
	if pooled {
		delete(cfg.Runtime, statementTimeoutParameter)
		// Statement and values in one message, and so on one server, without a name that another client's statement may have.
		cfg.BinaryParameters = true
	} else if _, set := cfg.Runtime[statementTimeoutParameter]; !set {
		cfg.Runtime[statementTimeoutParameter] = fmt.Sprint(statement.Milliseconds())
	}
	c, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, errConnectionString
	}
	timeout := statement + answerMargin
	if statement == 0 {
		timeout = migrationTimeout
	}
	c.Dialer(answeringDialer{timeout: timeout})
	return &connector{Connector: c, limit: statement, pooled: pooled}, nil
}

// findPooler says whether a pooler, such as PgBouncer, stands between us and the server: it refuses to set a limit on
// statements, or takes it and does not pass it on.
func findPooler(ctx context.Context, dsn string) (pooled bool, err error) {
	limit := probeLimit()
	connector, err := newConnector(dsn, limit, false)
	if err != nil {
		return false, err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var milliseconds string
	err = db.QueryRowContext(ctx, `SELECT setting FROM pg_settings WHERE name = 'statement_timeout'`).Scan(&milliseconds)
	if pqErr, ok := errors.AsType[*pq.Error](err); ok && pqErr.Code == "08P01" && strings.Contains(pqErr.Message, statementTimeoutParameter) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("connect to the database: %w", classify(err))
	}
	cfg, err := readDSN(dsn)
	_, own := cfg.Runtime[statementTimeoutParameter]
	return !own && milliseconds != fmt.Sprint(limit.Milliseconds()), err
}
