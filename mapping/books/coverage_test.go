package books_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping/books"
)

func add(t *testing.T, c *books.Coverage, s *books.Settings, line string) {
	t.Helper()
	value, err := jsontext.Parse([]byte(line))
	require.NoError(t, err)
	c.Add(s, value)
}

func TestCoverage_CountsWhatIsToBePosted(t *testing.T) {
	s := prepared(t, books.Rule{CostCode: "03-*", Account: "1"})
	var c books.Coverage
	for _, line := range []string{
		`{"wbs_code":"03-310.S","amount":{"amount":100,"currency":"USD"}}`,
		`{"wbs_code":"04-310.S","amount":{"amount":20,"currency":"USD"}}`,
		`{"cost_code":"04-310","cost_type":"Subcontract","wbs_code":"04-310.S","amount":{"amount":-3,"currency":"USD"}}`,
		`{"wbs_code":"04-310.S","amount":{"amount":5,"currency":"BHD"}}`,
		`{"wbs_code":"04-310.S"}`,
		`{"description":"no code, no number"}`,
		`{"line_type":"comment","wbs_code":"04-310.S"}`,
		`{"line_type":"account","item_number":"40100","amount":{"amount":7,"currency":"USD"}}`,
	} {
		add(t, &c, s, line)
	}
	usd := func(amount int64) canonical.Money { return canonical.Money{AmountMinor: amount, Currency: "USD"} }
	assert.Equal(t, 1, c.Covered.Count)
	assert.Equal(t, []canonical.Money{usd(100)}, c.Covered.Amounts())
	assert.Equal(t, 5, c.Uncovered.Count)
	codes, more := c.Codes()
	assert.Zero(t, more)
	require.Len(t, codes, 2)
	assert.Equal(t, "", codes[0].CostCode)
	assert.Equal(t, 1, codes[0].Count)
	assert.Empty(t, codes[0].Amounts())
	assert.Equal(t, [2]string{"04-310", "S"}, [2]string{codes[1].CostCode, codes[1].CostType})
	assert.Equal(t, 4, codes[1].Count)
	assert.Equal(t, []canonical.Money{{AmountMinor: 5, Currency: "BHD"}, usd(17)}, codes[1].Amounts())
}

// However many codes there are, and however long, what is kept has a bound; every line is counted all the same.
func TestCoverage_HasBounds(t *testing.T) {
	s := prepared(t)
	var c books.Coverage
	for i := range books.MaxCodes + 10 {
		add(t, &c, s, fmt.Sprintf(`{"cost_code":"%0200d"}`, 0))
		add(t, &c, s, fmt.Sprintf(`{"cost_code":"c%d"}`, i))
	}
	codes, more := c.Codes()
	assert.Len(t, codes, books.MaxCodes)
	assert.Len(t, codes[0].CostCode, 100)
	assert.Equal(t, books.MaxCodes+10, codes[0].Count)
	assert.Equal(t, 11, more)
	assert.Equal(t, 2*(books.MaxCodes+10), c.Uncovered.Count)
}

// A sum that is too large for an amount is left out; a false one is never said.
func TestCoverage_ASumTooLargeIsLeftOut(t *testing.T) {
	var c books.Coverage
	line := fmt.Sprintf(`{"cost_code":"1","amount":{"amount":%d,"currency":"USD"}}`, int64(math.MaxInt64))
	add(t, &c, prepared(t), line)
	assert.Len(t, c.Uncovered.Amounts(), 1)
	add(t, &c, prepared(t), line)
	assert.Empty(t, c.Uncovered.Amounts())
	assert.Equal(t, 2, c.Uncovered.Count)
}
