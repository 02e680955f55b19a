// Command bench measures the product against what it could at best be, in one run, and prints one table. Run it in its own
// directory, or as `make bench`; -short takes seconds instead of minutes and shows that everything works, not how fast.
//
// The table goes to standard output, the same rows as JSON to latest.json, progress to standard error. A ratio is ours divided
// by the baseline; the verdict compares it with the ratio that is wanted, where one is.
//
// What is measured against what, one file for each subject:
//
//   - sessions.go: POST /demo/session of the real program, over HTTP, against pgbench with the statement that this operation
//     runs, prepared, on the same durable PostgreSQL with as many clients. That is the limit: no server can do better than a
//     client that does nothing but the statement.
//   - calls.go: getHealth, and an authenticated call (a test key's deleteDemoSession: the key is looked up, the answer is 403),
//     of the real program against a bare Echo handler that writes the same JSON. The bare one asks no database, so its rate is
//     out of reach: the ratio says what the whole of a call costs.
//   - validation.go: a small GET and a 2 KB POST of the OpenAPI 3.1 document in openapi.yaml. The handlers are the same strict
//     ones each time: bare, behind the product's contract middleware, and behind kin-openapi's own middleware as it comes; both
//     check requests and responses. In one process without a network (time and allocations), and over HTTP.
//   - allocations.go: allocations of the product's operations, in one process, against the same work (key, statement, JSON) in a
//     bare Echo handler.
//   - mapping.go: a full payment and a full contract of ten lines, from the one platform's bytes to canonical to the other
//     platform's bytes, against the same mapping written by hand for these records, with encoding/json; plain/plain.go says what
//     it leaves out. Every run begins by comparing its output with ours.
//   - lines.go: what a line costs in contracts of 10 to 10,000 lines: the whole translation of the contract by their number.
//   - transform.go: POST /transform of the real program, key and contract checked, against a bare Echo handler that decodes
//     the same request into any and encodes it again.
//   - connect.go: POST /connect of the sandbox against the same rows by psql's \copy in one transaction, and connecting many
//     records, with reconciliation, against what is wanted and against psql.
//   - propagate.go: POST /propagate of the whole product, without its rate limit, against pgbench with its three statements
//     and the rows that it wrote; and how often it waits for the database.
//   - objects.go: GET /objects against a bare Echo handler that lists the same rows unvalidated, without a key.
//   - suggestions.go: precision and recall of suggested matches on two labelled sets, of which the second is only measured, and
//     the processor time for 10,000 records against 10,000, against what is wanted.
//   - memory.go: the program's peak resident memory under load from 64 connections, against the limit.
//
// How: what is compared takes turns, several rounds of it, and the median round counts, so that a machine that slows down or
// speeds up meanwhile does not decide. Time in one process is processor time, for the same reason. Servers are processes of
// their own; the load comes from this one, over connections that are kept, and pgbench, too, shares the machine with its
// server. The program runs with its default settings; its log goes to a file. An answer with another status than the expected
// one ends the run. Rates over HTTP still need a quiet machine: whatever else runs takes from both sides, but not alike.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

//go:generate go -C .. tool oapi-codegen -config bench/oapi-codegen.yaml bench/openapi.yaml

// resultFile gets the rows as JSON.
const resultFile = "latest.json"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // as the program does: see gcPercent in ../cmd/structural/main.go
	}
	if len(os.Args) == 3 && os.Args[1] == serveCommand {
		return serve(ctx, os.Args[2])
	}
	short := flag.Bool("short", false, "take seconds: to see that it works, not how fast")
	only := flag.String("only", "", "measure only what has this in its `name`; nothing is written to latest.json")
	flag.Parse()
	effort := thorough
	if *short {
		effort = brief
	}

	b, err := newBench(ctx, effort)
	if err != nil {
		return err
	}
	defer b.close()
	for _, s := range suites {
		if !strings.Contains(s.name, *only) {
			continue
		}
		progress("%s", s.name)
		if err := s.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if *only == "" {
		if err := writeJSON(resultFile, b.rows); err != nil {
			return err
		}
	}
	return writeTable(os.Stdout, b.rows)
}

// progress says what is going on.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}
