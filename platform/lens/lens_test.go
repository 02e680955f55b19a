package lens_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
	"structural.app/structural/platform/lens"
)

func parse(t testing.TB, s string) canonical.Value {
	t.Helper()
	v, err := canonical.Parse([]byte(s))
	require.NoError(t, err)
	return v
}

func TestEncodedNames(t *testing.T) {
	for plain, encoded := range map[string]string{
		" ": "_x0020_", "In Review": "In_x0020_Review", "G/L Account": "G_x002F_L_x0020_Account", "Open": "Open", "": "",
		"Positive Adjmt.": "Positive_x0020_Adjmt_x002E_", "a_b": "a_b", "_x0020_": "_x005F_x0020_",
	} {
		require.Equal(t, encoded, lens.EncodeName(plain))
		require.Equal(t, plain, lens.DecodeName(encoded))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[_x0-9A-F ]{0,20}`)).Draw(t, "name")
		require.Equal(t, name, lens.DecodeName(lens.EncodeName(name)))
	})
}

// A table that contradicts the canonical fields or itself is no mapping.
func TestCompileRefuses(t *testing.T) {
	money := lens.Style{}.Money()
	for name, rows := range map[string][]lens.Row{
		"no such canonical field":       {lens.Map("price", money, "a")},
		"a row has this field already":  {lens.Map("amount", money, "a"), lens.Map("amount", money, "b")},
		"the field is money":            {lens.Map("amount", lens.Text(), "a")},
		"has a row already":             {lens.Map("amount", money, "a"), lens.Map("notes", lens.Text(), "a")},
		"no platform field":             {lens.Map("amount", money)},
		"is no word of the field":       {lens.Map("status", lens.Words("gone: Gone"), "a")},
		"the field is reference":        {lens.Map("contract_id", lens.NumberKeys.Reference(canonical.Invoice), "a")},
		"cannot both be written":        {lens.Map("amount", money, "a"), lens.Map("notes", lens.Text(), "a.b")},
		"no canonical field references": {lens.Map("check_number", lens.Text(), "a").Or("references")},
	} {
		_, err := lens.Compile("toy", "USD", canonical.Payment, lens.Table{Rows: rows})
		require.ErrorContains(t, err, name)
	}
	require.Panics(t, func() { lens.Words("no colon") })
	require.Panics(t, func() { lens.Words("a: X", "b: x") })
}

var toy = func() *lens.Mapping {
	text := lens.Text().None(canonical.NullValue)
	m, err := lens.Compile("toy", "USD", canonical.Payment, lens.Table{Rows: []lens.Row{
		lens.Map(lens.ExternalID, lens.NumberKeys.Key(), "id"),
		lens.Map("amount", lens.Style{Quoted: true}.Money(), "amount"),
		lens.Map("notes", text, "notes", "remarks.text"),
		lens.Map("method", lens.Text(), "method"),
		lens.Map("status", lens.Words("paid: Paid | Settled", "~void: Gone"), "status"),
		lens.Map("date", lens.Date().Sentinel("0001-01-01"), "date"),
		lens.Map("contract_id", lens.NumberKeys.Reference(canonical.Contract).None(canonical.NullValue), "contract.id"),
	}})
	if err != nil {
		panic(err)
	}
	return m
}()

// Onto a record, a field that the document lacks stays, null empties it, and the names that say the same change together.
func TestWritingOnto(t *testing.T) {
	contract := canonical.MintID("toy", canonical.Contract, "7")
	for _, c := range []struct{ document, onto, want string }{
		{`{}`, `{"notes":"a","x":1.50}`, `{"notes":"a","x":1.50}`},
		{`{"notes":null}`, `{"notes":"a","date":"2026-01-01"}`, `{"notes":null,"date":"2026-01-01"}`},
		{`{"notes":"","date":null}`, `{"notes":"a","date":"2026-01-01"}`, `{"notes":null,"date":"0001-01-01"}`},
		{`{"notes":"b"}`, `{"remarks":{"text":"a","by":"c"},"notes":"a"}`, `{"remarks":{"text":"b","by":"c"},"notes":"b"}`},
		{`{"notes":"b"}`, `{"remarks":{"text":"other"},"notes":"a"}`, `{"remarks":{"text":"other"},"notes":"b"}`},
		{`{"notes":"b"}`, `{"remarks":{"text":"a"}}`, `{"remarks":{"text":"b"}}`},
		{`{"amount":{"amount":1200,"currency":"USD"}}`, `{"amount":"12.0"}`, `{"amount":"12.0"}`},
		{`{"amount":{"amount":1250,"currency":"USD"}}`, `{"amount":12.0}`, `{"amount":12.5}`},
		{`{"amount":{"amount":1250,"currency":"USD"}}`, `{"amount":"12.0"}`, `{"amount":"12.50"}`},
		{`{"status":"paid"}`, `{"status":"settled"}`, `{"status":"settled"}`},
		{`{"status":"paid"}`, `{"status":"nonsense"}`, `{"status":"Paid"}`},
		{`{"contract_id":"` + contract + `"}`, `{"contract":{"id":7,"name":"x"}}`, `{"contract":{"id":7,"name":"x"}}`},
		{`{"contract_id":null}`, `{"contract":{"id":7,"name":"x"}}`, `{"contract":{"id":null,"name":"x"}}`},
		{`{"notes":"b"}`, `{"notes":null}`, `{"notes":"b"}`},
	} {
		out, report, err := toy.FromCanonical(parse(t, c.document), parse(t, c.onto), platform.Context{})
		require.NoError(t, err)
		require.Equal(t, c.want, out.String(), c.document)
		require.Empty(t, report.Lost)
	}
}

// What the record cannot hold is reported and left as it is.
func TestLosses(t *testing.T) {
	out, report, err := toy.FromCanonical(
		parse(t, `{"method":null,"status":"failed","journal":"J","amount":{"amount":5,"currency":"USD"}}`),
		parse(t, `{"method":"cash","status":"Paid"}`), platform.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"method":"cash","status":"Paid","amount":"0.05"}`, out.String())
	require.Equal(t, []platform.Loss{
		{Field: "/method", Reason: platform.NoCounterpart},
		{Field: "/status", Reason: platform.NoCounterpart},
		{Field: "/journal", Reason: platform.NoField},
	}, report.Lost)

	out, report, err = toy.FromCanonical(parse(t, `{"status":"void"}`), canonical.Value{}, platform.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"status":"Gone"}`, out.String())
	require.Equal(t, []platform.Loss{{Field: "/status", Reason: platform.Approximated}}, report.Lost)
}

// References are written from the context, which must have keys of the platform.
func TestReferences(t *testing.T) {
	id := canonical.MintID("other", canonical.Contract, "x")
	document := canonical.NewObject(canonical.Member{Key: "contract_id", Value: canonical.NewString(id)})
	for _, c := range []struct{ key, onto, want string }{
		{"8", `{}`, `{"contract":{"id":8}}`},
		{"8", `{"contract":{"id":7,"name":"x"}}`, `{"contract":{"id":8,"name":"x"}}`},
		{"8", `{"contract":{"id":"7"}}`, `{"contract":{"id":8}}`},
		{"7", `{"contract":{"id":7}}`, `{"contract":{"id":7}}`},
	} {
		out, report, err := toy.FromCanonical(document, parse(t, c.onto), platform.Context{References: map[string]string{id: c.key}})
		require.NoError(t, err)
		require.Equal(t, c.want, out.String())
		require.Equal(t, []platform.Resolved{{
			Field: "/contract_id", CanonicalID: id, PlatformID: c.key,
			Injected: !strings.Contains(c.onto, c.key), Reason: platform.FromContext,
		}}, report.Resolved)
	}
	_, _, err := toy.FromCanonical(document, canonical.Value{}, platform.Context{References: map[string]string{id: "not a number"}})
	require.EqualError(t, err, "context /references/"+id+": expected an id: a whole number")

	out, report, err := toy.FromCanonical(document, parse(t, `{"contract":{"id":7}}`), platform.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"contract":{"id":7}}`, out.String())
	require.Equal(t, []platform.Unresolved{{Field: "/contract_id", CanonicalID: id, Reason: platform.NotInContext}}, report.Unresolved)
}

// A document is written onto its own record only.
func TestForeignIDIsRefused(t *testing.T) {
	document := parse(t, `{"external_ids":{"toy":{"id":"5"}},"notes":"a"}`)
	_, _, err := toy.FromCanonical(document, parse(t, `{"id":6}`), platform.Context{})
	require.EqualError(t, err, "canonical /external_ids/toy/id: expected the id of the record that is written onto")
	out, _, err := toy.FromCanonical(document, parse(t, `{"id":"5"}`), platform.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"id":"5","notes":"a"}`, out.String())
}

// Mappings are shared by requests that run at the same time.
func TestConcurrentUse(t *testing.T) {
	payload := parse(t, `{"id":6,"amount":"1.0","notes":"a","x":[1,2]}`)
	done := make(chan string)
	for range 8 {
		go func() {
			last := ""
			for range 200 {
				document, _, _ := toy.ToCanonical(payload, platform.Context{})
				out, _, _ := toy.FromCanonical(document, payload, platform.Context{})
				last = out.String()
			}
			done <- last
		}()
	}
	for range 8 {
		require.Equal(t, payload.String(), <-done)
	}
}
