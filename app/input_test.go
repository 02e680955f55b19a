package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app"
	"structural.app/structural/app/plan"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform/registry"
)

func value(t *testing.T, text string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// A record may come in what its platform sends it in.
func TestTransform_Unwraps(t *testing.T) {
	translator := app.New(registry.New(), canonical.Rates{})
	for data, want := range map[string]string{
		`{"project_id":341276,"contract_payment":{"check_number":"7","amount":"5.00","shade":"blue"}}`: "/contract_payment/shade",
		`{"value":[{"check_number":"7","amount":"5.00","project_id":341276,"shade":"blue"}]}`:          "/value/0/shade",
		`{"check_number":"7","amount":"5.00","project_id":341276,"shade":"blue"}`:                      "/shade",
	} {
		result, err := translator.Transform(t.Context(), app.Transformation{Source: "procore", Target: "dynamics", EntityType: canonical.Payment, Data: value(t, data)})
		require.NoError(t, err, data)
		assert.Equal(t, "7", result.Canonical.Get("check_number").Text())
		assert.Equal(t, canonical.MintID("procore", canonical.Project, "341276"), result.Canonical.Get("project_id").Text())
		assert.Equal(t, []string{want}, result.Read.Unmapped)
	}
	terms := value(t, `{"paymentTermsId":"3bb5b4b6-ea4c-43ca-ba1c-3b69e29a6668"}`)
	same, err := translator.Transform(t.Context(), app.Transformation{Source: "dynamics", Target: "dynamics", EntityType: canonical.Contract, Data: terms})
	require.NoError(t, err, "a member that the platform knows, though no canonical field is it")
	assert.Equal(t, terms.String(), same.Data.String())
	for data, problem := range map[string]string{
		`{"value":[]}`:                           "/value: expected one record",
		`{"value":[{},{}]}`:                      "/value: expected one record",
		`{"contract_payment":{"amount":"much"}}`: "/contract_payment/amount: expected an amount as a decimal number",
		`{}`:                                     "the document: expected a record with fields of a Payment, such as id, amount, check_number, status, currency_configuration.currency_iso_code, date",
		`{"shade":"blue"}`:                       "the document: expected a record with fields of a Payment, such as",
		`{"contract_payment":{"shade":"blue"}}`:  "/contract_payment: expected a record with fields of a Payment, such as",
	} {
		_, err := translator.Transform(t.Context(), app.Transformation{Source: "procore", Target: "dynamics", EntityType: canonical.Payment, Data: value(t, data)})
		assert.ErrorContains(t, err, problem, data)
	}
}

// One word that is not known does not refuse a record: it stays with the record, and is said.
func TestTransform_LeavesAnUnknownWord(t *testing.T) {
	translator := app.New(registry.New(), canonical.Rates{})
	record := value(t, `{"id":7,"check_number":"7","status":"escheated"}`)
	result, err := translator.Transform(t.Context(), app.Transformation{Source: "procore", Target: "procore", EntityType: canonical.Payment, Data: record})
	require.NoError(t, err)
	assert.True(t, result.Canonical.Get("status").IsAbsent())
	assert.Equal(t, []mapping.Problem{{Field: "/status", Reason: mapping.UnknownWord}}, result.Read.Problems)
	assert.Equal(t, record.String(), result.Data.String())
}

// An impossible value in a field that its platform computes does not refuse a record: it stays with the record, and is said. In a field
// that people type, and where nothing may be left out, it is refused.
func TestTransform_LeavesAnImpossibleComputedValue(t *testing.T) {
	translator := app.New(registry.New(), canonical.Rates{})
	transform := func(target string, data string, handling plan.Handling) (app.Transformed, error) {
		return translator.Transform(t.Context(), app.Transformation{
			Source: "procore", Target: target, EntityType: canonical.Invoice, Data: value(t, data), Handling: handling,
		})
	}
	record := `{"id":7,"invoice_number":"7","percent_complete":"much","summary":{"current_payment_due":"1e99"},` +
		`"items":[{"id":1,"scheduled_value":[],"work_completed_this_period":"5.0"}]}`
	result, err := transform("dynamics", record, "")
	require.NoError(t, err)
	assert.Equal(t, []mapping.Problem{
		{Field: "/summary/current_payment_due", Reason: mapping.Impossible}, {Field: "/percent_complete", Reason: mapping.Impossible},
		{Field: "/items/0/scheduled_value", Reason: mapping.Impossible},
	}, result.Read.Problems)
	assert.True(t, result.Canonical.Get("amount").IsAbsent())
	assert.JSONEq(t, `{"percent_complete":"much","summary":{"current_payment_due":"1e99"}}`, result.Canonical.At("provider_metadata", "procore").String())

	again, err := transform("procore", record, "")
	require.NoError(t, err)
	assert.JSONEq(t, record, again.Data.String())

	_, err = transform("dynamics", record, plan.Strict)
	require.ErrorContains(t, err, "/summary/current_payment_due: expected")
	_, err = transform("dynamics", `{"id":7,"invoice_number":"7","billing_date":"soon"}`, "")
	require.ErrorContains(t, err, "/billing_date: expected a date")
}
