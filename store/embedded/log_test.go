package embedded

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServerLogLevels(t *testing.T) {
	for line, want := range map[string]string{
		"postmaster|00000|LOG:  database system is ready":                "level=DEBUG",
		"checkpointer|53100|ERROR:  could not write to file: no space":   "level=ERROR",
		"checkpointer|01000|WARNING:  could not remove file":             "level=WARN",
		"postmaster|F0000|FATAL:  configuration file contains errors":    "level=ERROR",
		"autovacuum worker|57P01|FATAL:  terminating autovacuum process": "level=DEBUG",
		"autovacuum worker|22012|ERROR:  division by zero":               "level=ERROR",
		"client backend|23505|ERROR:  duplicate key":                     "level=DEBUG",
		"client backend|53100|PANIC:  could not write to file":           "level=ERROR",
		"postgres: error while loading shared libraries":                 "level=WARN",
	} {
		var log logBuffer
		w := &serverLog{logger: log.logger(slog.LevelDebug)}
		// In two pieces, as a pipe may deliver them.
		_, _ = w.Write([]byte(line[:9]))
		require.Empty(t, log.String())
		_, _ = w.Write([]byte(line[9:] + "\n\tcontinued\n"))
		require.Contains(t, log.String(), want, line)
		require.NotContains(t, log.String(), "continued")
	}
}

func TestRowValuesAndStatementsAreNotLogged(t *testing.T) {
	var log logBuffer
	s := start(t, Config{DataDir: newDataDir(t, "data"), Logger: log.logger(slog.LevelDebug)})
	db := open(t, s.DSN(Database))
	_, err := db.Exec("CREATE TABLE t (id text PRIMARY KEY CHECK (id <> 'hush-check')); INSERT INTO t VALUES ('hush-key')")
	require.NoError(t, err)
	for _, statement := range []string{
		"SELECT 'hush-uuid'::uuid",
		"INSERT INTO t VALUES ('hush-key')",
		"INSERT INTO t VALUES ('hush-check')",
		"DO $$ BEGIN RAISE WARNING 'hush-warning'; RAISE LOG 'hush-log'; RAISE EXCEPTION E'first line\\nhush-line'; END $$",
		"SELECT 'hush-syntax' FORM t",
	} {
		_, err := db.Exec(statement)
		require.Error(t, err)
	}
	// A crash of the backend makes the postmaster say what it was doing.
	_, err = db.Exec("SELECT 'hush-crash', pg_sleep(0), pg_terminate_backend(pg_backend_pid())")
	require.Error(t, err)
	require.NoError(t, s.Stop())
	require.Contains(t, log.String(), "sqlstate=22P02")
	require.Contains(t, log.String(), "sqlstate=23505")
	require.NotContains(t, log.String(), "hush")
}
