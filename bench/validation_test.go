package main

import (
	"net/http"
	"testing"
)

// BenchmarkValidation is measureValidation for profiles: go test -bench Validation/ours -cpuprofile cpu.out
func BenchmarkValidation(b *testing.B) {
	bare := func(h invoices) (http.Handler, error) { return newInvoicesHandler(h), nil }
	for name, newHandler := range map[string]func(invoices) (http.Handler, error){"bare": bare, "ours": newValidatedHandler, "kin": newKinHandler} {
		handler, err := newHandler(invoices{})
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range validationSubjects() {
			b.Run(name+"/"+s.name, func(b *testing.B) {
				b.ReportAllocs()
				for c := s.call(handler); b.Loop(); {
					c.do()
				}
			})
		}
	}
}
