// Command attack shows what one customer's worst requests do to another. A customer works at a gentle rate, at first alone. Then, for
// each kind of request that is known to cost much, it starts the program on a database of its own, and the customer works while 16
// clients send that kind in a loop, each with free keys of its own and held to the limits that everybody has. Each kind is a row: how
// long the customer's own requests took, the most memory that the program had, the bytes of its log, the size of the database, and
// what the attackers were answered.
//
// ATTACK_SECONDS is how long each kind lasts (15, so that all take less than ten minutes); ATTACK_KINDS, a regular expression, chooses
// some; ATTACK_MEMORY is the address space in GiB that the program may have (12), so that it ends before the machine does.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"time"

	_ "github.com/lib/pq" // the driver behind database/sql

	"structural.app/structural/store/embedded"
)

const (
	clients = 16
	alone   = 20 * time.Second // how long the customer works without an attack
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

// settings are what the environment says.
type settings struct {
	duration time.Duration // of each kind
	kinds    *regexp.Regexp
	memory   int // GiB of address space
}

func readSettings() (s settings, err error) {
	seconds, err := strconv.Atoi(cmp.Or(os.Getenv("ATTACK_SECONDS"), "15"))
	if err != nil || seconds < 1 {
		return s, errors.New("ATTACK_SECONDS: must be a number of seconds")
	}
	if s.memory, err = strconv.Atoi(cmp.Or(os.Getenv("ATTACK_MEMORY"), "12")); err != nil || s.memory < 1 {
		return s, errors.New("ATTACK_MEMORY: must be a number of GiB")
	}
	if s.kinds, err = regexp.Compile(os.Getenv("ATTACK_KINDS")); err != nil {
		return s, fmt.Errorf("ATTACK_KINDS: %w", err)
	}
	s.duration = time.Duration(seconds) * time.Second
	return s, nil
}

func run(ctx context.Context) error {
	s, err := readSettings()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "structural-attack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	program, err := build(ctx, dir)
	if err != nil {
		return err
	}
	// As the program itself would run it: what is committed is on the disk.
	database, err := embedded.Start(ctx, embedded.Config{DataDir: dir + "/data", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	defer func() { _ = database.Stop() }()

	fmt.Println(heading)
	for i, k := range append([]kind{{name: "nothing"}}, kinds()...) {
		if i > 0 && !s.kinds.MatchString(k.name) {
			continue
		}
		r, err := measure(ctx, s, program, database, fmt.Sprintf("attack_%d", i), k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		fmt.Println(r)
	}
	return nil
}

// measure makes the row of one kind.
func measure(ctx context.Context, s settings, program string, server *embedded.Server, name string, k kind) (row, error) {
	admin, err := sql.Open("postgres", server.DSN("postgres"))
	if err != nil {
		return row{}, err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return row{}, err
	}
	defer func() { _, _ = admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)") }()
	p, err := start(ctx, program, server.DSN(name), s.memory)
	if err != nil {
		return row{}, err
	}
	defer p.stop()

	w, err := newWork(ctx, p.url)
	if err != nil {
		return row{}, err
	}
	w.during(ctx, time.Second) // what is only slow the first time
	p.forgetPeak()
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go p.watchPeak(watching)
	a := newAttack(p.url, k)
	logged, duration := p.logged.Load(), s.duration
	if a.isNothing() {
		duration = alone
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.run(ctx, duration)
	}()
	r := row{kind: k.name, work: w.during(ctx, duration)}
	<-ended
	r.answers, r.memory, r.log, r.ended = a.answers(), p.peak(), p.logged.Load()-logged, p.hasEnded()
	// Not by way of the program, which may have ended.
	if err := admin.QueryRowContext(ctx, "SELECT pg_database_size($1)", name).Scan(&r.database); err != nil {
		return row{}, err
	}
	return r, nil
}
