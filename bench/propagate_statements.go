package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// propagateStatements is pgbench with the statements of a propagated change, one after the other as the product runs them: each
// is its own transaction, and only the last one writes.
type propagateStatements struct {
	*pgbench
	db *sql.DB
}

// A client of pgbench cannot choose among texts, and so finds those of its object here, once.
const createPropagatedSQL = `
CREATE TABLE propagated AS
SELECT row_number() OVER () - 1 AS n, k.hash, o.customer_id, o.entity_type, o.id AS canonical_id, o.document, r.*,
    c.request_id, c.key_id, c.mode, c.platform, c.changes, c.platforms AS platform_changes,
    i.fingerprint, i.status AS answer_status, i.answer AS answer_body
FROM changes c
JOIN api_keys k ON k.id = c.key_id
JOIN canonical_objects o ON (o.customer_id, o.id, o.version) = (c.customer_id, c.canonical_id, c.version)
JOIN idempotency_keys i ON (i.customer_id, i.version) = (c.customer_id, c.version) AND strpos(i.answer, c.canonical_id) > 0
CROSS JOIN LATERAL (
    SELECT array_agg(p.platform) AS platforms, array_agg(p.payload::text) AS payloads
    FROM platform_objects p JOIN entity_mappings m USING (customer_id, platform, entity_type, platform_id)
    WHERE p.customer_id = o.customer_id AND m.canonical_id = o.id
) AS r`

// The arguments of the statements, in order.
var (
	selectKeyArguments  = []string{":own_hash::bytea"}
	findObjectArguments = []string{":own_customer_id::uuid", ":own_entity_type::text", ":own_canonical_id::text", "''", "''", ":key::text", "'{procore,dynamics}'", "true"}
	saveChangeArguments = []string{":own_customer_id::uuid", ":own_canonical_id::text", ":found_version::bigint", ":own_document::text",
		":own_platforms::text[]", ":own_payloads::text[]",
		":own_request_id::text", ":own_key_id::uuid", ":own_mode::text", ":own_platform::text", ":own_changes::text", ":own_platform_changes::text",
		":key::text", ":own_fingerprint::bytea", ":own_answer_status::smallint", ":own_answer_body::text",
		"octet_length(:own_document::text)", "0::bigint", "0::bigint", "0::bigint", "ARRAY[]::text[]", "NULL::text", "'key'", "''",
		"NULL::text", "false"}
)

func (b *bench) newPropagateStatements(ctx context.Context) (*propagateStatements, error) {
	constants, err := constantsOf("../store")
	if err != nil {
		return nil, err
	}
	selectKey, err := constants.statement("selectKeySQL", selectKeyArguments)
	if err != nil {
		return nil, err
	}
	findObject, err := constants.statement("findObjectSQL", findObjectArguments)
	if err != nil {
		return nil, err
	}
	saveChange, err := constants.statement("saveChangeSQL", saveChangeArguments)
	if err != nil {
		return nil, err
	}
	const version = "o.version,"
	if !strings.Contains(findObject, version) {
		return nil, fmt.Errorf("findObjectSQL does not select %q", version)
	}
	findObject = strings.Replace(findObject, version, "o.version AS found_version,", 1)
	script := `
\if :begun = 0
SELECT * FROM propagated WHERE n = :client_id::int % :objects::int
\gset own_
\set begun 1
\endif
\set key random(1, 9223372036854775806)
` + selectKey + ";\n" + findObject + "\n\\aset\n" + saveChange + ";\n"

	s := &propagateStatements{}
	if s.db, err = sql.Open("postgres", b.dsn); err != nil {
		return nil, err
	}
	if _, err = s.db.ExecContext(ctx, createPropagatedSQL); err == nil {
		s.pgbench, err = b.newPgbench(ctx, script, "-D", "begun=0")
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *propagateStatements) close() error {
	_, err := s.db.Exec(`DROP TABLE IF EXISTS propagated`)
	return errors.Join(err, s.db.Close())
}

// ofSecondHalfSQL is the rate of the changes of the last so many seconds.
const ofSecondHalfSQL = `
SELECT count(*) / $1::float8 FROM changes
WHERE changed_at > (SELECT max(changed_at) FROM changes) - make_interval(secs => $1::float8)`

// run returns the changes saved per second by so many clients on so many objects. Where clients share an object, a change whose
// version is not the present one any more is not saved, and does not count. Neither does the first half, in which each
// connection prepares and plans the statements: the product's connections have done that long before.
func (s *propagateStatements) run(ctx context.Context, clients, objects int, duration time.Duration) (rate float64, err error) {
	p := *s.pgbench
	p.args = append([]string{"-D", "objects=" + strconv.Itoa(objects)}, p.args...)
	if _, err := p.run(ctx, clients, 2*duration); err != nil {
		return 0, err
	}
	return rate, s.db.QueryRowContext(ctx, ofSecondHalfSQL, duration.Seconds()).Scan(&rate)
}

// constants are those of a package. Both sides run the same statements whatever becomes of them.
type constants struct{ scope *types.Scope }

func constantsOf(dir string) (constants, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return constants{}, err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return constants{}, err
		}
		files = append(files, file)
	}
	// What is imported is not known here, and not needed.
	config := types.Config{Error: func(error) {}}
	checked, _ := config.Check(dir, set, files, nil)
	return constants{checked.Scope()}, nil
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// statement is a statement with arguments in place of its parameters.
func (c constants) statement(name string, arguments []string) (string, error) {
	value, ok := c.scope.Lookup(name).(*types.Const)
	if !ok {
		return "", fmt.Errorf("no constant %s: run in the directory bench", name)
	}
	most := 0
	statement := parameter.ReplaceAllStringFunc(constant.StringVal(value.Val()), func(p string) string {
		n, _ := strconv.Atoi(p[1:])
		most = max(most, n)
		if n > len(arguments) {
			return p
		}
		return arguments[n-1]
	})
	if most != len(arguments) {
		return "", fmt.Errorf("%s has %d parameters, and not the %d that are known here", name, most, len(arguments))
	}
	return strings.TrimSpace(statement), nil
}
