package books_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/mapping/books"
)

func prepared(t *testing.T, rules ...books.Rule) *books.Settings {
	t.Helper()
	s := &books.Settings{Posting: rules}
	require.NoError(t, s.Prepare())
	return s
}

func TestRule_TheNarrowestCounts(t *testing.T) {
	s := prepared(t,
		books.Rule{Account: "default"}, books.Rule{CostType: "S", Account: "type"}, books.Rule{CostCode: "03-*", Account: "prefix"},
		books.Rule{CostCode: "03-3*", Account: "longer"}, books.Rule{CostCode: "03-310", Account: "code"},
		books.Rule{CostCode: "03-*", CostType: "S", Account: "prefix+type"}, books.Rule{CostCode: "03-320", CostType: "S", Account: "code+type"},
	)
	for _, c := range []struct{ code, costType, account string }{
		{"03-320", "S", "code+type"}, {"03-310", "S", "prefix+type"}, {"03-310", "M", "code"}, {"03-310", "", "code"}, {"03-330", "M", "longer"},
		{"03-100", "", "prefix"}, {"04-100", "S", "type"}, {"", "S", "type"}, {"04-100", "M", "default"}, {"", "", "default"}, {"03-", "", "prefix"}, {"03", "", "default"},
	} {
		rule, ok := s.Rule(c.code, c.costType)
		assert.True(t, ok)
		assert.Equal(t, c.account, rule.Account, "%s %s", c.code, c.costType)
	}
	_, ok := prepared(t, books.Rule{CostCode: "03-*", Account: "1"}).Rule("04-100", "S")
	assert.False(t, ok)
	_, ok = (*books.Settings)(nil).Rule("04-100", "S")
	assert.False(t, ok)
}

func TestPrepare_RefusesAndNames(t *testing.T) {
	long := strings.Repeat("9", 21)
	for wrong, s := range map[string]books.Settings{
		"/posting/1: is for the same lines as /posting/0":       {Posting: []books.Rule{{CostCode: "03-*", Account: "1"}, {CostCode: "03-*", Account: "2"}}},
		"/posting/2: is for the same lines as /posting/1":       {Posting: []books.Rule{{CostCode: "1", Account: "1"}, {Account: "1"}, {CostCode: "*", Account: "2"}}},
		"/posting/0/cost_code: may have a * at its end alone":   {Posting: []books.Rule{{CostCode: "0*3*", Account: "1"}}},
		"/posting/0/cost_type: may not have a *":                {Posting: []books.Rule{{CostType: "S*", Account: "1"}}},
		"/posting/0/account: must have 1 to 20 characters":      {Posting: []books.Rule{{CostCode: "1"}}},
		"/posting/0/tax_code: must have 0 to 50 characters":     {Posting: []books.Rule{{Account: "1", TaxCode: strings.Repeat("9", 51)}}},
		"/posting/0/project_task: must have 0 to 20 characters": {Posting: []books.Rule{{Account: "1", ProjectTask: long}}},
		"/posting/0/dimensions: must have 1 to 20 characters":   {Posting: []books.Rule{{Account: "1", Dimensions: map[string]string{"SITE": ""}}}},
		"/posting: must have at most 2000 rules":                {Posting: make([]books.Rule, 2001)},
		"/projects: must have at most 10000 ids":                {Projects: make([]string, 10_001)},
		"/projects/0: must have 1 to 64 characters":             {Projects: []string{""}},
		"/local_currency: must be an ISO 4217 currency":         {LocalCurrency: "XXQ"},
		"/retention_account: must have 0 to 20 characters":      {RetentionAccount: long},
		"/tax_on: must be gross or net":                         {TaxOn: "both"},
		"/writes: must be off, approve or auto":                 {Writes: "often"},
	} {
		assert.EqualError(t, s.Prepare(), wrong)
	}
}

func TestPrepare_AsJSONTheyComeBackTheSame(t *testing.T) {
	empty := prepared(t)
	text, err := json.Marshal(empty)
	require.NoError(t, err)
	assert.JSONEq(t, `{"tax_on":"gross","use_origin_id":false,"projects":null,"posting":[],"writes":"auto","four_eyes":false}`, string(text))
	s := &books.Settings{
		LocalCurrency: "QAR", RetentionAccount: "2350", PaymentJournal: "a1", TaxOn: books.TaxOnNet, UseOriginID: true, Projects: []string{"1"},
		Writes: "approve", FourEyes: true,
		Posting: []books.Rule{{CostCode: "03-*", CostType: "S", Account: "5010", TaxCode: "VAT5", Dimensions: map[string]string{"A": "B"}, ProjectTask: "1000"}},
	}
	require.NoError(t, s.Prepare())
	text, err = json.Marshal(s)
	require.NoError(t, err)
	var again books.Settings
	require.NoError(t, json.Unmarshal(text, &again))
	require.NoError(t, again.Prepare())
	assert.Equal(t, s, &again)
}

// The index finds what going through all rules, by the words of the rule of the narrowest, finds. So does every order of the rules.
func TestRule_IsTheNarrowestOfAllThatFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	text := func() string {
		return strings.Repeat("a", r.IntN(3)) + strings.Repeat("é", r.IntN(2)) + strings.Repeat("b", r.IntN(3))
	}
	for range 20_000 {
		s := &books.Settings{}
		for range r.IntN(8) {
			s.Posting = append(s.Posting, books.Rule{CostCode: text() + pick("", "*"), CostType: pick("", "S", "M"), Account: "1"})
			s.Posting[len(s.Posting)-1].TaxCode = strings.Repeat("t", len(s.Posting)) // tells them apart
		}
		if s.Prepare() != nil {
			continue // a tie
		}
		code, costType := text(), pick("", "S", "M", "L")
		best, width := books.Rule{}, -1
		for _, rule := range s.Posting {
			if w := widthOf(rule, code, costType); w > width {
				best, width = rule, w
			}
		}
		found, ok := s.Rule(code, costType)
		require.Equal(t, width >= 0, ok)
		require.Equal(t, best, found, "%q %q of %v", code, costType, s.Posting)
	}
}

// widthOf is the higher, the narrower a rule is that fits; -1: it does not.
func widthOf(rule books.Rule, code, costType string) int {
	prefix, wild := strings.CutSuffix(rule.CostCode, "*")
	any := prefix == ""
	if rule.CostType != "" && rule.CostType != costType || !any && (wild && !strings.HasPrefix(code, prefix) || !wild && code != prefix) {
		return -1
	}
	width := len(prefix)
	if !any {
		width += 1000
		if !wild {
			width += 100
		}
	}
	if rule.CostType != "" {
		width += 500
		if !any {
			width += 1000
		}
	}
	return width
}

func TestCodes(t *testing.T) {
	for _, c := range [][5]string{
		{"", "", "01-011.CT1", "01-011", "CT1"}, {"", "", "2.1.E", "2.1", "E"}, {"", "Equipment", "2.E", "2", "E"}, {"", "S", "2", "2", "S"}, {"2", "Equipment", "2.E", "2", "E"}, {"", "", "2", "2", ""},
		{"01-011", "", "01-011.CT1", "01-011", "CT1"}, {"03", "", "01-011.CT1", "03", ""}, {"03", "S", "", "03", "S"}, {"", "", "", "", ""},
	} {
		code, costType := books.Codes(c[0], c[1], c[2])
		assert.Equal(t, [2]string{c[3], c[4]}, [2]string{code, costType}, "%v", c)
	}
}
