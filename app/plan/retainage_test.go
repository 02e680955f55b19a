package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a requisition says of the period follows its columns, in the line and in the whole.
func TestPlan_RetainageOfThePeriodFollows(t *testing.T) {
	s := newSandbox(t)
	invoice, document := s.openInvoice()
	line := document.Get("lines").Members()[0].Value
	assert.Equal(t, `{"amount":185000000,"currency":"USD"}`, document.Get("gross_amount").String())
	assert.Equal(t, `{"amount":12000000,"currency":"USD"}`, line.At("retainage", "retained_amount").String())
	ids := line.Get("external_ids").String()

	got, err := s.plan(invoice, "", `{"lines":[{"external_ids":`+ids+`,"retainage":{"work_amount":{"amount":6000000,"currency":"USD"}}}]}`)
	require.NoError(t, err)
	assert.Equal(t, `{"amount":9000000,"currency":"USD"}`, got.Document.At("retainage", "retained_amount").String())
	changed := got.Document.Get("lines").Members()[0].Value
	assert.Equal(t, `{"amount":6000000,"currency":"USD"}`, changed.At("retainage", "retained_amount").String())
	assert.Equal(t, `{"amount":114000000,"currency":"USD"}`, changed.Get("due_amount").String())

	for patch, want := range map[string]string{
		`{"gross_amount":{"amount":1,"currency":"USD"}}`:                                             "/gross_amount: expected " + ofLines,
		`{"retainage":{"released_amount":{"amount":1,"currency":"USD"}}}`:                            "/retainage/released_amount: expected " + ofLines,
		`{"lines":[{"external_ids":` + ids + `,"due_amount":{"amount":1,"currency":"USD"}}]}`:        "/lines/0/due_amount: expected " + ofColumns,
		`{"lines":[{"external_ids":` + ids + `,"retainage":{"line":"retained"}}]}`:                   "/lines/0/retainage/line: expected " + ofColumns,
		`{"gross_amount":{"amount":185000000,"currency":"USD"},"comment":"as it is"}`:                "",
		`{"lines":[{"external_ids":` + ids + `,"retainage":null}],"retainage":{"work_percent":"9"}}`: "",
	} {
		_, err := s.plan(invoice, "", patch)
		if want == "" {
			assert.NoError(t, err, patch)
			continue
		}
		assert.EqualError(t, err, want, patch)
	}
}
