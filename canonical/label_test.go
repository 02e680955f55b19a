package canonical_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

func TestLabel(t *testing.T) {
	for path, want := range map[string]string{
		"amount":           "Amount",
		"check_number":     "Check number",
		"tax_id":           "Tax ID",
		"bank.iban":        "Bank IBAN",
		"wbs_code":         "WBS code",
		"bill_to.line1":    "Bill to line 1",
		"description_2":    "Description 2",
		"area_square_feet": "Area square feet",
	} {
		assert.Equal(t, want, canonical.FieldLabel(jsontext.ParsePath(path)))
	}
	assert.Equal(t, "Time entry", canonical.TimeEntry.Label())
	assert.Equal(t, "Time entries", canonical.TimeEntry.Plural())
	assert.Equal(t, "Budget line items", canonical.BudgetLineItem.Plural())
}
