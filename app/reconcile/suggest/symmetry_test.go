package suggest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Whatever texts records have, the two are compared the same whichever comes first, and a score is a score.
func TestCompare_IsSymmetricForAnyTexts(t *testing.T) {
	words := []string{"Al", "Mannai", "Manai", "Trading", "W.L.L.", "شركة", "الأمانة", "Phase", "2", "II", "B", "St.", "0061", "61-R", "INV", "2025", "&", "-", "N/A", "ß", "'", "٤٤٥٥", "४२"}
	text := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), 0, 15), func(list []string) string {
			joined := ""
			for _, w := range list {
				joined += w + " "
			}
			return joined
		}),
		rapid.StringMatching(`[A-Z]{0,3}-?[0-9]{1,9}(-R)?`),
	)
	rapid.Check(t, func(t *rapid.T) {
		entityType := rapid.SampledFrom([]canonical.EntityType{
			canonical.Project, canonical.Customer, canonical.Contract, canonical.Invoice, canonical.Payment, canonical.ChangeOrder,
		}).Draw(t, "type")
		document := func(label string) *profile {
			value := jsontext.NewObject()
			for _, f := range canonical.Fields(entityType) {
				switch {
				case f.Type == canonical.MoneyType && rapid.Bool().Draw(t, label):
					value = value.With(f.Path, canonical.Money{
						AmountMinor: rapid.Int64().Draw(t, label), Currency: rapid.SampledFrom([]string{"QAR", "USD", "EUR", "KWD"}).Draw(t, label),
					}.Value())
				case len(f.Keys()) == 1 && (f.Type == canonical.TextType || f.Type == canonical.ReferenceType || f.Type == canonical.DateType):
					if rapid.Bool().Draw(t, label) {
						value = value.With(f.Path, jsontext.NewString(text.Draw(t, label)))
					}
				}
			}
			p := newReader(entityType, Known{}).profile(&Record{Document: value})
			require.LessOrEqual(t, len(p.keys()), maxKeys)
			return p
		}
		a, b := document("a"), document("b")
		c := comparer{weights: weightTable[entityType]}
		score, features := c.compare(a, b)
		features = slices.Clone(features)
		again, others := c.compare(b, a)
		require.Equal(t, score, again)
		require.Equal(t, features, others)
		require.True(t, score >= 0 && score < 1, score)
		for _, f := range features {
			require.True(t, f.Value >= 0 && f.Value <= 1, f)
		}
	})
}

// Words that are as much like one another word as like a third could be paired in either order.
func TestCompareNames_IsSymmetricWhereWordsAreAlike(t *testing.T) {
	words := []string{"tower", "towel", "towen", "powel", "powen", "poweltowen", "station", "statian", "stetian", "2", "3", "b"}
	list := rapid.SliceOfN(rapid.SampledFrom(words), 1, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := newName(strings.Join(list.Draw(t, "a"), " "), true), newName(strings.Join(list.Draw(t, "b"), " "), true)
		value, specific := compareNames(a, b)
		again, its := compareNames(b, a)
		require.Equal(t, []float64{value, specific}, []float64{again, its})
		value, _, _ = compareAddresses(a, b)
		again, _, _ = compareAddresses(b, a)
		require.Equal(t, value, again)
	})
}
