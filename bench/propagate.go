package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"structural.app/structural/canonical"
	"structural.app/structural/platform/procore"
)

const (
	wantedOfPropagate  = 0.5 // of pgbench's rate, at least
	wantedOfRoundTrips = 4   // to the database for each request, at the most

	propagatedPayment = "1823456" // on Procore; it is on both platforms
)

// measurePropagate compares POST /propagate of the product, key and contract checked, with its own statements run by pgbench:
// those of the key, of finding the object and of saving the change, with the values that the product has written. Each change is
// of another amount and comes with an Idempotency-Key of its own. Each client has an object to itself, or all have the same; then
// pgbench has as many clients or only one, whichever is better.
func measurePropagate(ctx context.Context, b *bench) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	product, err := b.start(ctx, []string{"DSN=" + b.dsn}, self, serveCommand, "propagate")
	if err != nil {
		return err
	}
	defer product.stop()

	crowds := []int{clients, 4 * clients}
	if b.rounds == 1 {
		crowds = crowds[:1]
	}
	customers := make([]customer, crowds[len(crowds)-1])
	for i := range customers {
		if customers[i], err = b.newConnectedCustomer(ctx, product); err != nil {
			return err
		}
		if err := customers[i].propagateOnce(ctx, product); err != nil {
			return err
		}
	}
	statements, err := b.newPropagateStatements(ctx)
	if err != nil {
		return err
	}
	defer statements.close()

	for _, subject := range []struct {
		name      string
		customers []customer
	}{
		{"an object each", customers},
		{"all on one object", customers[:1]},
	} {
		for _, n := range crowds {
			progress("  %s, %d clients", subject.name, n)
			newSource := newChanges(subject.customers)
			if _, err := load(ctx, product.address, n, b.warmUp, newSource); err != nil {
				return err
			}
			sides := []func() (float64, error){
				func() (float64, error) { return load(ctx, product.address, n, b.pgbench, newSource) },
				func() (float64, error) { return statements.run(ctx, n, len(subject.customers), b.pgbench) },
			}
			if len(subject.customers) == 1 {
				// A client that is alone never finds that another was faster.
				sides = append(sides, func() (float64, error) { return statements.run(ctx, 1, 1, b.pgbench) })
			}
			rates, err := takeTurns(ctx, min(b.rounds, 3), sides...)
			if err != nil {
				return err
			}
			b.add(row{
				name: fmt.Sprintf("POST /propagate, %s, %d clients, vs pgbench", subject.name, n), unit: "req/s",
				ours: rates[0], baseline: slices.Max(rates[1:]), higherIsBetter: true, wanted: wantedOfPropagate,
			})
		}
	}
	return b.countRoundTrips(ctx, customers[0])
}

// propagateOnce leaves the rows of a change.
func (c customer) propagateOnce(ctx context.Context, product *process) error {
	conn, err := dial(ctx, product.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.exchange(newChanges([]customer{c})()())
}

// changesMade counts the changes asked for so far.
var changesMade atomic.Int64

// newChanges returns sources of changes of the payment, the nth for the nth of the customers and on from the first again.
func newChanges(customers []customer) func() source {
	var sources atomic.Int64
	return func() source {
		c := customers[int(sources.Add(1)-1)%len(customers)]
		const idempotencyKey, amount = "00000000000000000001", "100000001"
		method, path, body, headers := c.changeRequest(idempotencyKey, amount)
		r := newRequest(http.StatusOK, method, path, body, headers...)
		text := string(r.text)
		atKey, atAmount := strings.Index(text, idempotencyKey), strings.Index(text, amount+",")
		return func() request {
			n := changesMade.Add(1)
			writeDigits(r.text[atKey:atKey+len(idempotencyKey)], n)
			writeDigits(r.text[atAmount+1:atAmount+len(amount)], n) // the first digit stays
			return r
		}
	}
}

// writeDigits writes as many of the last digits of n as there is room for.
func writeDigits(text []byte, n int64) {
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + n%10)
		n /= 10
	}
}

// changeRequest is the change that the contract has for an example.
func (c customer) changeRequest(idempotencyKey, amount string) (method, path, body string, headers []string) {
	body = fmt.Sprintf(`{"format":"canonical","canonical_id":%q,"entity_type":"payment",`+
		`"data":{"amount":{"amount":%s,"currency":"USD"},"notes":"Updated payment amount"}}`,
		canonical.MintID(string(procore.Name), canonical.Payment, propagatedPayment), amount)
	headers = []string{"Authorization: Bearer " + c.key, "Idempotency-Key: " + idempotencyKey}
	return http.MethodPost, "/api/v1/propagate", body, headers
}
