package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
)

// measureSessions compares creating sessions with the statement that does it.
func measureSessions(ctx context.Context, b *bench) error {
	script, err := sessionScript()
	if err != nil {
		return err
	}
	statement, err := b.newPgbench(ctx, script, "-D", "mode=demo", "-D", "name=-")
	if err != nil {
		return err
	}
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()

	if _, err := load(ctx, program.address, clients, b.warmUp, newSessions); err != nil {
		return err
	}
	rates, err := takeTurns(ctx, b.rounds,
		func() (float64, error) { return load(ctx, program.address, clients, b.pgbench, newSessions) },
		func() (float64, error) { return statement.run(ctx, clients, b.pgbench) },
	)
	if err != nil {
		return err
	}
	b.add(row{
		name: "POST /demo/session, 16 clients, vs pgbench", unit: "req/s",
		ours: rates[0], baseline: rates[1], higherIsBetter: true, wanted: 0.5,
	})
	return nil
}

// clientAddresses counts the addresses given out so far.
var clientAddresses atomic.Uint32

// newSessions is a source of requests for sessions, each of another client.
func newSessions() source {
	const address = "10.100.100.100"
	r := newRequest(http.StatusCreated, http.MethodPost, "/api/v1/demo/session", "", "X-Forwarded-For: "+address, "Content-Length: 0")
	at := strings.Index(string(r.text), address)
	return func() request {
		writeAddress(r.text[at:at+len(address)], clientAddresses.Add(1))
		return r
	}
}

// writeAddress writes the nth of 3.4 million addresses, all of the same length: 10.100.100.100 to 10.249.249.249.
func writeAddress(text []byte, n uint32) {
	for octet := range 3 {
		value := 100 + n%150
		n /= 150
		last := len(text) - 1 - 4*octet
		for digit := range 3 {
			text[last-digit] = byte('0' + value%10)
			value /= 10
		}
	}
}

// storeFile holds the statement. It is read there, so that both sides run the same whatever becomes of it.
const storeFile = "../store/customers.go"

var insertCustomerSQL = regexp.MustCompile("const insertCustomerSQL = `([^`]+)`")

// sessionScript is the statement for pgbench. Its numbers are the only values that can differ from one run to the next, so the
// key's hash is taken of one.
func sessionScript() (string, error) {
	code, err := os.ReadFile(storeFile)
	if err != nil {
		return "", fmt.Errorf("run in the directory bench: %w", err)
	}
	match := insertCustomerSQL.FindSubmatch(code)
	if match == nil {
		return "", fmt.Errorf("%s has no insertCustomerSQL", storeFile)
	}
	statement := strings.NewReplacer("$1", ":mode", "$2", ":name", "$3", "sha256(int8send(:key))", "$4", "''", "$5", "0").Replace(string(match[1]))
	if strings.Contains(statement, "$") {
		return "", fmt.Errorf("%s: insertCustomerSQL has parameters that are not known here", storeFile)
	}
	return "\\set key random(1, 9223372036854775806)\n" + strings.TrimSpace(statement) + ";\n", nil
}
