package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// What a record does not say of itself is the platform's own word: any platform may have such words, for any enumeration.
func TestVariants(t *testing.T) {
	variants := mapping.Variants{Field: "status", Kinds: []mapping.Variant{{Word: "Cash", Canonical: "paid"}, {Word: "Cheque", Canonical: "pending"}}}
	table := mapping.Table{
		Variants: variants,
		Rows: []mapping.Row{
			mapping.Map("status", mapping.Words("paid: Cash", "pending: Cheque"), "kind"),
			mapping.Map("notes", mapping.ByVariant(variants, mapping.Text(), mapping.TextUpTo(3)), "text"),
		},
	}
	m, err := mapping.Compile("sage", "AED", canonical.Payment, table)
	require.NoError(t, err)
	record, err := jsontext.Parse([]byte(`{"text":"abc"}`))
	require.NoError(t, err)
	for variant, want := range map[string]string{"Cash": "paid", "Cheque": "pending"} {
		document, _, err := m.ToCanonical(record, mapping.Context{Variant: variant})
		require.NoError(t, err)
		require.Equal(t, want, document.Get("status").Text())
	}
	for _, variant := range []string{"", "Barter"} {
		_, _, err := m.ToCanonical(record, mapping.Context{Variant: variant})
		require.EqualError(t, err, "context /variant: expected one of Cash, Cheque")
	}

	// The document says which it is, or the context, but not two things.
	document, err := jsontext.Parse([]byte(`{"object":"payment","status":"pending","notes":"four"}`))
	require.NoError(t, err)
	_, report, err := m.FromCanonical(document, jsontext.Value{}, mapping.Context{})
	require.NoError(t, err)
	require.Equal(t, []mapping.Loss{{Field: "/notes", Reason: mapping.TooLong}}, report.Lost)
	_, _, err = m.FromCanonical(document, jsontext.Value{}, mapping.Context{Variant: "Cash"})
	require.EqualError(t, err, "canonical /status: expected paid, as the context says")
}

func TestVariants_ContradictNoTable(t *testing.T) {
	row := mapping.Map("status", mapping.Words("paid: Cash"), "kind")
	for want, table := range map[string]mapping.Table{
		"sage payment: variants: no canonical field kind, or no row has it": {
			Rows: []mapping.Row{row}, Variants: mapping.Variants{Field: "kind", Kinds: []mapping.Variant{{Word: "Cash", Canonical: "paid"}}},
		},
		`sage payment: variants: "gold" is no word of status`: {
			Rows: []mapping.Row{row}, Variants: mapping.Variants{Field: "status", Kinds: []mapping.Variant{{Word: "Cash", Canonical: "gold"}}},
		},
	} {
		_, err := mapping.Compile("sage", "AED", canonical.Payment, table)
		require.EqualError(t, err, want)
	}
}
