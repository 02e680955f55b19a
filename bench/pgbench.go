package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// pgbench runs one script on the bench's database.
type pgbench struct {
	path, script, dsn string
	args              []string
}

// newPgbench finds the pgbench that belongs to the server.
func (b *bench) newPgbench(ctx context.Context, script string, args ...string) (*pgbench, error) {
	db, err := sql.Open("postgres", b.dsn)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var dir string
	if err := db.QueryRowContext(ctx, "SELECT setting FROM pg_config WHERE name = 'BINDIR'").Scan(&dir); err != nil {
		return nil, err
	}
	path, err := exec.LookPath(filepath.Join(dir, "pgbench"))
	if err != nil {
		// Some packages put it with the client's programs.
		if path, err = exec.LookPath("pgbench"); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(b.dir, "script.sql")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		return nil, err
	}
	return &pgbench{path: path, script: file, dsn: b.dsn, args: args}, nil
}

var (
	pgbenchRate   = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)
	pgbenchFailed = regexp.MustCompile(`(?m)^number of failed transactions: [1-9]`)
)

// run returns the transactions per second. Both threads of pgbench are on the server's machine, as our own load is.
func (p *pgbench) run(ctx context.Context, clients int, duration time.Duration) (float64, error) {
	args := []string{
		"--no-vacuum", "--protocol=prepared", "--jobs=2", "--client=" + strconv.Itoa(clients),
		"--time=" + strconv.Itoa(int(duration.Seconds())), "--file=" + p.script,
	}
	command := exec.CommandContext(ctx, p.path, append(append(args, p.args...), p.dsn)...)
	output, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, output)
	}
	match := pgbenchRate.FindSubmatch(output)
	if match == nil || pgbenchFailed.Match(output) {
		return 0, fmt.Errorf("pgbench: no rate in\n%s", output)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}
