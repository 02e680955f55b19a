package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform/registry"
)

// A record that does not add up is kept as it came, and said.
func TestTransformChecksSums(t *testing.T) {
	record, err := jsontext.Parse([]byte(`{"id":7,"currency_configuration":{"currency_iso_code":"USD"},"grand_total":"30.00","line_items":[
		{"id":1,"quantity":"2.0","unit_cost":"5.0","amount":"10.00"},{"id":2,"quantity":"3.0","unit_cost":"5.0","amount":"15.01"}]}`))
	require.NoError(t, err)
	done, err := New(registry.New(), canonical.Rates{}).Transform(t.Context(), Transformation{
		Source: "procore", Target: "procore", EntityType: canonical.Contract, Data: record, Variant: "WorkOrderContract",
	})
	require.NoError(t, err)
	usd := func(minor int64) canonical.Money { return canonical.Money{AmountMinor: minor, Currency: "USD"} }
	assert.Equal(t, []canonical.Check{
		{Field: "/amount", Expected: usd(2501), Found: usd(3000)},
		{Field: "/lines/1/amount", Expected: usd(1500), Found: usd(1501)},
	}, done.Checks)
	assert.True(t, usd(3000).Value().Equal(done.Canonical.Get("amount")))
}
