package structural_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	structural "structural.app/structural/sdk/go"
)

func Example() {
	ctx := context.Background()

	// A demo session is a customer of its own, with a key.
	session, err := structural.New(baseURL).CreateDemoSession(ctx)
	if err != nil {
		panic(err)
	}
	api := structural.New(baseURL, structural.WithAPIKey(session.APIKey), structural.WithRetry(3))

	for _, platform := range []structural.Platform{structural.PlatformProcore, structural.PlatformDynamics} {
		connected, err := api.ConnectPlatform(ctx, structural.ConnectRequest{Platform: platform})
		if err != nil {
			panic(err)
		}
		fmt.Println(connected.Platform, connected.Status, connected.Entities.Payments, "payments")
	}

	// The same payment stands in both systems; here it stands once, with both ids on it.
	for object, err := range api.AllObjects(ctx, structural.GetObjectsParams{
		Platform:   structural.PlatformProcore,
		EntityType: structural.StoredEntityTypePayment,
		Limit:      100,
	}) {
		if err != nil {
			panic(err)
		}
		if object.ID != "1823456" {
			continue
		}
		payment, err := object.Data.AsCanonicalPayment()
		if err != nil {
			panic(err)
		}
		fmt.Println(payment.ID, payment.Amount.Amount, payment.Amount.Currency, object.Mappings)
	}

	// What would this Procore payment be in Business Central, in riyals? Nothing is stored.
	translated, err := api.TransformData(ctx, structural.TransformRequest{
		Source:     structural.PlatformProcore,
		Target:     structural.PlatformDynamics,
		EntityType: structural.EntityTypePayment,
		Data:       json.RawMessage(`{"id": 1823456, "amount": "1700000.00", "status": "pending", "date": "2026-02-01"}`),
		Context:    structural.TransformContext{Currency: "QAR"},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(translated.Data))

	// A change reaches both systems, unless somebody else was faster. First see what it would do.
	payment, err := api.GetObject(ctx, "pay_NvmMc888X6CLDxl")
	if err != nil {
		panic(err)
	}
	change := structural.PropagateRequest{
		Format:      structural.PropagateFormatCanonical,
		EntityType:  structural.StoredEntityTypePayment,
		CanonicalID: payment.CanonicalID,
		Data:        structural.Patch{"amount": structural.Money{Amount: 175000000, Currency: "USD"}},
		DryRun:      true,
	}
	preview, err := api.PropagateChange(ctx, change)
	if err != nil {
		panic(err)
	}
	fmt.Println("would change", preview.Propagated["procore"].UpdatedFields, preview.Propagated["dynamics"].UpdatedFields)

	change.DryRun = false
	result, err := api.PropagateChange(ctx, change, structural.IfMatch(payment.Version))
	if err != nil {
		panic(err)
	}
	fmt.Println("changed", result.Canonical.UpdatedFields, result.Propagated["dynamics"].Conversions)

	history, err := api.GetObjectHistory(ctx, payment.CanonicalID, structural.GetObjectHistoryParams{Limit: 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(history.Data[0].Version == result.Version, string(history.Data[0].Changes[0].To))

	// The session goes with all that it owns, its key included.
	if err := api.DeleteDemoSession(ctx); err != nil {
		panic(err)
	}
	var failure *structural.Error
	if _, err = api.GetConnections(ctx); errors.As(err, &failure) {
		fmt.Println(failure.StatusCode, failure.Type)
	}

	// Output:
	// procore connected 8 payments
	// dynamics connected 8 payments
	// pay_NvmMc888X6CLDxl 170000000 USD [{procore 1823456} {dynamics a34e74db-53c7-4368-8fe7-bb87c83c7902}]
	// {"amount":-6188000,"status":"Open","postingDate":"2026-02-01"}
	// would change [amount] [amount]
	// changed [amount] [{USD QAR 3.64 pegged }]
	// true {"amount":175000000,"currency":"USD"}
	// 401 AUTHENTICATION_ERROR
}
