package canonical

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

// sound are documents that add up, so that each sum is checked in one of them. The requisition is the first example of Procore's own
// tutorial on requisitions: 55,000 to date, 53,000 completed, 5,300 retained, nothing due.
var sound = map[EntityType][]string{
	Contract: {
		`{"amount":2000,"tax_amount":100,"amount_including_tax":2100,"lines":[{"amount":1500,"tax_amount":75,"amount_including_tax":1575},{"amount":500,"tax_amount":25}]}`,
		`{"amount":1900,"discount_amount":100,"lines":[{"amount":2000}]}`,
	},
	Invoice: {
		`{"amount":2100,"tax_amount":100,"amount_excluding_tax":2000,"lines":[{"amount":1500,"tax_amount":75,"amount_including_tax":1575},{"amount":500,"tax_amount":25}]}`,
		`{"amount_excluding_tax":1900,"discount_amount":100,"lines":[{"amount":2000}]}`,
		`{"original_contract_amount":5000000,"net_change_amount":500000,"contract_amount_to_date":5500000,"completed_amount":5300000,
			"retainage":{"work_amount":520000,"materials_amount":10000,"total_amount":530000},"earned_less_retainage_amount":4770000,
			"previous_certificates_amount":4770000,"amount":0,"balance_to_finish_amount":730000,
			"lines":[{"previous_amount":5100000,"period_amount":0,"stored_materials_amount":50000,"completed_amount":5150000},
				{"previous_amount":100000,"period_amount":10000,"stored_materials_amount":40000,"completed_amount":150000}]}`,
		`{"amount":1730,"gross_amount":1850,"retainage":{"retained_amount":150,"released_amount":30},
			"lines":[{"period_gross_amount":1200,"retainage":{"retained_amount":120,"released_amount":0},"due_amount":1080},
				{"period_gross_amount":650,"retainage":{"retained_amount":30,"released_amount":30},"due_amount":650}]}`,
		`{"amount":1100,"tax_amount":100,"earned_less_retainage_amount":3000,"previous_certificates_amount":2000}`,
	},
}

// moneyIn makes amounts of the plain numbers of a document.
func moneyIn(v jsontext.Value) jsontext.Value {
	switch v.Kind() {
	case jsontext.Number:
		return jsontext.NewObject(jsontext.Member{Key: "amount", Value: v}, jsontext.Member{Key: "currency", Value: jsontext.NewString("USD")})
	case jsontext.Array, jsontext.Object:
		members := slices.Clone(v.Members())
		for i := range members {
			members[i].Value = moneyIn(members[i].Value)
		}
		if v.Kind() == jsontext.Array {
			return jsontext.ArrayOf(members)
		}
		return jsontext.NewObject(members...)
	}
	return v
}

func soundDocuments(t *testing.T, of EntityType) (documents []jsontext.Value) {
	for _, text := range sound[of] {
		v, err := jsontext.Parse([]byte(text))
		require.NoError(t, err)
		documents = append(documents, moneyIn(v))
	}
	return documents
}

// A sum that lacks one of its parts, or turns its sign, is noticed in a document that adds up.
func TestSums_AWrongSumIsNoticed(t *testing.T) {
	for _, of := range []EntityType{Contract, Invoice} {
		documents := soundDocuments(t, of)
		for _, document := range documents {
			list, _ := Checks(of, document)
			require.Empty(t, list)
		}
		original := compiledSums[of]
		noticed := func(level, i int, s Sum) bool {
			mutant := [2][]compiledSum{slices.Clone(original[0]), slices.Clone(original[1])}
			mutant[level][i] = compileSum(s)
			compiledSums[of] = mutant
			defer func() { compiledSums[of] = original }()
			return slices.ContainsFunc(documents, func(document jsontext.Value) bool {
				list, _ := Checks(of, document)
				return len(list) > 0
			})
		}
		own, line := Sums(of)
		for level, sums := range [][]Sum{own, line} {
			for i, s := range sums {
				for name, mutant := range wrongSums(s) {
					assert.True(t, noticed(level, i, mutant), "%s %s: %s", of, s.Field, name)
				}
			}
		}
	}
}

// wrongSums are a sum without each of its parts, and with each on the other side.
func wrongSums(s Sum) map[string]Sum {
	mutants := map[string]Sum{}
	for i, field := range s.Plus {
		m := s
		m.Plus = slices.Delete(slices.Clone(s.Plus), i, i+1)
		mutants["without "+field] = m
		m.Minus = append(slices.Clone(s.Minus), field)
		mutants["less "+field] = m
	}
	for i, field := range s.Minus {
		m := s
		m.Minus = slices.Delete(slices.Clone(s.Minus), i, i+1)
		mutants["without "+field] = m
	}
	if s.Less != "" {
		m := s
		m.Less = ""
		mutants["without the discount"] = m
	}
	return mutants
}
