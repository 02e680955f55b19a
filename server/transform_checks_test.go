package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/gen"
)

// What does not add up is kept as it came, and said: fifty of them, and how many more.
func TestTransformData_200_Checks(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key, _ := a.demoSession()
	const body = `{"source":"dynamics","target":"procore","entity_type":"contract","context":{"commitmentType":"WorkOrderContract"},"data":{
		"id":"717b026b-7a1c-f111-8340-7ced8d26cf05","currencyCode":"QAR","totalAmountExcludingTax":%s,"salesOrderLines":[%s]}}`
	line := `{"quantity":2,"unitPrice":1.5,"amountExcludingTax":3}`
	good := a.transform(key, fmt.Sprintf(body, "3", line))
	assert.Empty(t, good.Metadata.Checks)
	assert.Nil(t, good.Metadata.MoreChecks)
	bad := a.transform(key, fmt.Sprintf(body, "3.01", line))
	assert.Equal(t, []gen.Check{{Field: "/amount", Expected: gen.Money{Amount: 300, Currency: "QAR"}, Found: gen.Money{Amount: 301, Currency: "QAR"}}}, bad.Metadata.Checks)
	assert.Contains(t, string(bad.Canonical), `"amount":{"amount":301,"currency":"QAR"}`)
	many := a.transform(key, fmt.Sprintf(body, "180", strings.Repeat(strings.Replace(line, "1.5", "1.6", 1)+",", 59)+line))
	assert.Len(t, many.Metadata.Checks, 50)
	require.NotNil(t, many.Metadata.MoreChecks)
	assert.Equal(t, 9, *many.Metadata.MoreChecks)
}
