package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

func parse(t testing.TB, s string) jsontext.Value {
	t.Helper()
	v, err := jsontext.Parse([]byte(s))
	require.NoError(t, err)
	return v
}

func TestEncodedNames(t *testing.T) {
	for plain, encoded := range map[string]string{
		" ": "_x0020_", "In Review": "In_x0020_Review", "G/L Account": "G_x002F_L_x0020_Account", "Open": "Open", "": "",
		"Positive Adjmt.": "Positive_x0020_Adjmt_x002E_", "a_b": "a_b", "_x0020_": "_x005F_x0020_", "_x0000 ": "_x005F_x0000_x0020_",
	} {
		require.Equal(t, encoded, mapping.EncodeName(plain))
		require.Equal(t, plain, mapping.DecodeName(encoded))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[_x0-9A-F ]{0,20}`)).Draw(t, "name")
		require.Equal(t, name, mapping.DecodeName(mapping.EncodeName(name)))
	})
}

// A table that contradicts the canonical fields or itself is no mapping.
func TestCompileRefuses(t *testing.T) {
	money := mapping.Style{}.Money()
	for name, rows := range map[string][]mapping.Row{
		"no such canonical field":       {mapping.Map("price", money, "a")},
		"a row has this field already":  {mapping.Map("amount", money, "a"), mapping.Map("amount", money, "b")},
		"the field is money":            {mapping.Map("amount", mapping.Text(), "a")},
		"has a row already":             {mapping.Map("amount", money, "a"), mapping.Map("notes", mapping.Text(), "a")},
		"no platform field":             {mapping.Map("amount", money)},
		"is no word of the field":       {mapping.Map("status", mapping.Words("gone: Gone"), "a")},
		"the field is reference":        {mapping.Map("contract_id", mapping.NumberKeys.Reference(canonical.Invoice), "a")},
		"cannot both be written":        {mapping.Map("amount", money, "a"), mapping.Map("notes", mapping.Text(), "a.b")},
		"no canonical field references": {mapping.Map("check_number", mapping.Text(), "a").Or("references")},
	} {
		_, err := mapping.Compile("toy", "USD", canonical.Payment, mapping.Table{Rows: rows})
		require.ErrorContains(t, err, name)
	}
	require.Panics(t, func() { mapping.Words("no colon") })
	require.Panics(t, func() { mapping.Words("a: X", "b: x") })
}

var toy = func() *mapping.Mapping {
	text := mapping.Text().None(jsontext.NullValue)
	m, err := mapping.Compile("toy", "USD", canonical.Payment, mapping.Table{Rows: []mapping.Row{
		mapping.Map(mapping.ExternalID, mapping.NumberKeys.Key(), "id"),
		mapping.Map("amount", mapping.Style{Quoted: true}.Money(), "amount"),
		mapping.Map("notes", text, "notes", "remarks.text"),
		mapping.Map("method", mapping.Text(), "method"),
		mapping.Map("status", mapping.Words("paid: Paid | Settled", "~void: Gone"), "status"),
		mapping.Map("date", mapping.Date().Sentinel("0001-01-01"), "date"),
		mapping.Map("contract_id", mapping.NumberKeys.Reference(canonical.Contract).None(jsontext.NullValue), "contract.id"),
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
		out, report, err := toy.FromCanonical(parse(t, c.document), parse(t, c.onto), mapping.Context{})
		require.NoError(t, err)
		require.Equal(t, c.want, out.String(), c.document)
		require.Empty(t, report.Lost)
	}
}

// What the record cannot hold is reported and left as it is.
func TestLosses(t *testing.T) {
	out, report, err := toy.FromCanonical(
		parse(t, `{"method":null,"status":"failed","journal":"J","amount":{"amount":5,"currency":"USD"}}`),
		parse(t, `{"method":"cash","status":"Paid"}`), mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"method":"cash","status":"Paid","amount":"0.05"}`, out.String())
	require.Equal(t, []mapping.Loss{
		{Field: "/method", Reason: mapping.NoCounterpart},
		{Field: "/status", Reason: mapping.NoCounterpart},
		{Field: "/journal", Reason: mapping.NoField},
	}, report.Lost)

	out, report, err = toy.FromCanonical(parse(t, `{"status":"void"}`), jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"status":"Gone"}`, out.String())
	require.Equal(t, []mapping.Loss{{Field: "/status", Reason: mapping.Approximated}}, report.Lost)
}

// References are written from the context, which must have keys of the platform.
func TestReferences(t *testing.T) {
	id := canonical.MintID("other", canonical.Contract, "x")
	document := jsontext.NewObject(jsontext.Member{Key: "contract_id", Value: jsontext.NewString(id)})
	for _, c := range []struct{ key, onto, want string }{
		{"8", `{}`, `{"contract":{"id":8}}`},
		{"8", `{"contract":{"id":7,"name":"x"}}`, `{"contract":{"id":8,"name":"x"}}`},
		{"8", `{"contract":{"id":"7"}}`, `{"contract":{"id":8}}`},
		{"7", `{"contract":{"id":7}}`, `{"contract":{"id":7}}`},
	} {
		out, report, err := toy.FromCanonical(document, parse(t, c.onto), mapping.Context{References: map[string]string{id: c.key}})
		require.NoError(t, err)
		require.Equal(t, c.want, out.String())
		require.Equal(t, []mapping.Resolved{{
			Field: "/contract_id", CanonicalID: id, PlatformID: c.key,
			Injected: !strings.Contains(c.onto, c.key), Reason: mapping.FromContext,
		}}, report.Resolved)
	}
	_, _, err := toy.FromCanonical(document, jsontext.Value{}, mapping.Context{References: map[string]string{id: "not a number"}})
	require.EqualError(t, err, "context /references/"+id+": expected an id: a whole number")

	out, report, err := toy.FromCanonical(document, parse(t, `{"contract":{"id":7}}`), mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, `{"contract":{"id":7}}`, out.String())
	require.Equal(t, []mapping.Unresolved{{Field: "/contract_id", CanonicalID: id, Reason: mapping.NotInContext}}, report.Unresolved)
}

// A document is written onto its own record only.
func TestForeignIDIsRefused(t *testing.T) {
	document := parse(t, `{"external_ids":{"toy":{"id":"5"}},"notes":"a"}`)
	_, _, err := toy.FromCanonical(document, parse(t, `{"id":6}`), mapping.Context{})
	require.EqualError(t, err, "canonical /external_ids/toy/id: expected the id of the record that is written onto")
	out, _, err := toy.FromCanonical(document, parse(t, `{"id":"5"}`), mapping.Context{})
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
				document, _, _ := toy.ToCanonical(payload, mapping.Context{})
				out, _, _ := toy.FromCanonical(document, payload, mapping.Context{})
				last = out.String()
			}
			done <- last
		}()
	}
	for range 8 {
		require.Equal(t, payload.String(), <-done)
	}
}
