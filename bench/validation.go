package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// validationSubject is one kind of request that validation is measured on.
type validationSubject struct {
	name    string
	wanted  float64 // the most that validation may take, in times of the bare handler
	method  string
	target  string
	body    string
	status  int
	invalid string // the same request made invalid: another target, or another body
}

func validationSubjects() []validationSubject {
	body := invoiceBody()
	return []validationSubject{
		{"small GET", 1.5, http.MethodGet, summaryTarget, "", http.StatusOK, invalidSummaryTarget},
		{"2 KB POST", 2.5, http.MethodPost, invoicesTarget, body, http.StatusCreated, strings.Replace(body, `"m3"`, `"m4"`, 1)},
	}
}

func (s validationSubject) call(h http.Handler) *call {
	return newCall(h, s.method, s.target, s.body)
}

func (s validationSubject) invalidCall(h http.Handler) *call {
	if s.body == "" {
		return newCall(h, s.method, s.invalid, "")
	}
	return newCall(h, s.method, s.target, s.invalid)
}

// wantedOfKin: at least 20 times faster than kin-openapi.
const wantedOfKin = 1.0 / 20

// measureValidation compares the handlers in this process, without a network.
func measureValidation(ctx context.Context, b *bench) error {
	bare := newInvoicesHandler(invoices{})
	ours, err := newValidatedHandler(invoices{})
	if err != nil {
		return err
	}
	kin, err := newKinHandler(invoices{})
	if err != nil {
		return err
	}
	for _, s := range validationSubjects() {
		if err := s.prove(); err != nil {
			return err
		}
		progress("  %s", s.name)
		calls := []*call{s.call(ours), s.call(bare), s.call(kin)}
		var sides []func() (float64, error)
		var allocated []float64
		for _, c := range calls {
			sides = append(sides, func() (float64, error) { return nanoseconds(b.perOp, func() { c.do() }) })
			allocated = append(allocated, allocations(b.operations/10, func() { c.do() }))
		}
		took, err := takeTurns(ctx, 3*b.rounds, sides...)
		if err != nil {
			return err
		}
		b.add(
			row{name: "validated " + s.name + ", time, vs bare", unit: "ns/op", ours: took[0], baseline: took[1], wanted: s.wanted},
			row{name: "validated " + s.name + ", allocations, vs bare", unit: "allocs/op", ours: allocated[0], baseline: allocated[1]},
			row{name: "validated " + s.name + ", time, vs kin-openapi", unit: "ns/op", ours: took[0], baseline: took[2], wanted: wantedOfKin},
			row{name: "validated " + s.name + ", allocations, vs kin-openapi", unit: "allocs/op", ours: allocated[0], baseline: allocated[2]},
		)
	}
	return nil
}

// prove shows that what is compared does what it is said to: the good call passes everywhere, and both validators refuse the
// invalid request and the broken response.
func (s validationSubject) prove() error {
	expect := func(what string, c *call, status int) error {
		if got := c.do(); got != status {
			return fmt.Errorf("%s: %s answered %d, not %d", s.name, what, got, status)
		}
		return nil
	}
	if err := expect("bare", s.call(newInvoicesHandler(invoices{})), s.status); err != nil {
		return err
	}
	for name, newHandler := range map[string]func(invoices) (http.Handler, error){"ours": newValidatedHandler, "kin-openapi": newKinHandler} {
		sound, err := newHandler(invoices{})
		if err != nil {
			return err
		}
		broken, err := newHandler(invoices{broken: true})
		if err != nil {
			return err
		}
		if err := expect(name, s.call(sound), s.status); err != nil {
			return err
		}
		if err := expect(name+", invalid request,", s.invalidCall(sound), http.StatusBadRequest); err != nil {
			return err
		}
		if err := expect(name+", invalid response,", s.call(broken), http.StatusInternalServerError); err != nil {
			return err
		}
	}
	return nil
}

// measureValidationHTTP compares the same handlers over HTTP.
func measureValidationHTTP(ctx context.Context, b *bench) error {
	validated, err := b.startHandler(ctx, "invoices validated")
	if err != nil {
		return err
	}
	defer validated.stop()
	bare, err := b.startHandler(ctx, "invoices")
	if err != nil {
		return err
	}
	defer bare.stop()

	for _, s := range validationSubjects() {
		progress("  %s", s.name)
		rates, err := b.compareServers(ctx, newRequest(s.status, s.method, s.target, s.body), validated, bare)
		if err != nil {
			return err
		}
		b.add(row{name: "validated " + s.name + ", 16 clients, vs bare", unit: "req/s", ours: rates[0], baseline: rates[1], higherIsBetter: true})
	}
	return nil
}
