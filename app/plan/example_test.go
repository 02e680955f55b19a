package plan_test

import (
	"fmt"

	"structural.app/structural/app/plan"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/registry"
)

// The example of the package comment.
func ExamplePlanner() {
	planner := plan.New(registry.New(), canonical.Rates{})
	object := reconcile.Object{
		ID: "cor_000000000000001", EntityType: canonical.Payment,
		Document: []byte(`{"check_number":"CHK-1","notes":"first"}`),
	}
	records := []reconcile.Record{
		{Platform: "procore", EntityType: canonical.Payment, PlatformID: "7", Payload: []byte(`{"id":7,"check_number":"CHK-1","notes":"first"}`)},
		{Platform: "dynamics", EntityType: canonical.Payment, PlatformID: "9f0c2f3a-0000-4000-8000-000000000001",
			Payload: []byte(`{"id":"9f0c2f3a-0000-4000-8000-000000000001","externalDocumentNumber":"CHK-1"}`)},
	}
	fields, err := jsontext.Parse([]byte(`{"notes":"second","invoice_date":"2026-02-01"}`))
	if err != nil {
		panic(err)
	}
	goOn := func() error { return nil }
	draft, err := planner.Draft(object, records, plan.Patch{Fields: fields}, goOn)
	if err != nil {
		panic(err)
	}
	result, err := draft.Finish(nil) // it refers to nothing: draft.ReferredIDs() is empty
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Document, result.UpdatedFields)
	for _, r := range result.Records {
		fmt.Println(r.Platform, r.Payload, r.UpdatedFields, r.Lost)
	}
	// Output:
	// {"check_number":"CHK-1","notes":"second","invoice_date":"2026-02-01"} [notes invoice_date]
	// procore {"id":7,"check_number":"CHK-1","notes":"second","invoice_date":"2026-02-01"} [notes invoice_date] []
	// dynamics {"id":"9f0c2f3a-0000-4000-8000-000000000001","externalDocumentNumber":"CHK-1","comment":"second"} [comment] [{/invoice_date no_field}]
}
