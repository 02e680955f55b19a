package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/apptest"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
)

// A key with a dot is one key: it is not the path of a field that is written like it.
func TestPlanRefusesDottedKeys(t *testing.T) {
	s := newSandbox(t)
	_, invoice := s.object(canonical.Invoice, "INV-2025-0061")
	line := invoice.Get("lines").Members()[0].Value.Get("external_ids").String()
	for _, test := range []struct {
		entityType       canonical.EntityType
		number, platform string
		patch, want      string
	}{
		{canonical.Contract, "C-LEX-001", "", `{"sell_to.city":"Doha"}`, "/sell_to.city: unknown field"},
		{canonical.Contract, "C-LEX-001", "", `{"sell_to":{"x.city":"Doha"}}`, "/sell_to/x.city: unknown field"},
		{canonical.Invoice, "INV-2025-0061", "", `{"retainage.work_percent":"5"}`, "/retainage.work_percent: unknown field"},
		{canonical.Invoice, "INV-2025-0061", "", `{"lines":[{"external_ids":` + line + `,"retainage.work_percent":"5"}]}`, "/lines/0/retainage.work_percent: unknown field"},
		{canonical.Payment, "CHK-2026-0101", "procore", `{"contract.id":1945782}`, "/contract.id: unknown field"},
		{canonical.Payment, "CHK-2026-0101", "procore", `{"project.name":"x"}`, "/project.name: unknown field"},
		{canonical.Invoice, "INV-2025-0061", "procore", `{"summary.total_retainage":"1.00"}`, "/summary.total_retainage: unknown field"},
		{canonical.Payment, "CHK-2026-0101", "dynamics", `{"currency.Code":"x"}`, "/currency.Code: unknown field"},
		{canonical.Payment, "CHK-2026-0101", "procore", `{"contract/id":1}`, "/contract~1id: unknown field"},
	} {
		object, _ := s.object(test.entityType, test.number)
		_, err := s.plan(object, test.platform, test.patch)
		_, isPatch := errors.AsType[*PatchError](err)
		assert.True(t, isPatch, test.patch)
		assert.EqualError(t, err, test.want, test.patch)
	}
}

// A record may have such a key, without a field. A change of it is no change of the field.
func TestPlanChangesADottedKeyOfTheRecordAlone(t *testing.T) {
	s := newSandbox(t)
	payment, document := s.object(canonical.Payment, "CHK-2026-0101")
	for i, r := range s.records {
		if r.Platform == "procore" && r.CanonicalID == payment.ID {
			s.records[i].Payload = s.parse(string(r.Payload)).With("contract.id", jsontext.NewInt(1)).With("project.name", jsontext.NewString("x")).Append(nil)
		}
	}
	got, err := s.plan(payment, "procore", `{"contract.id":2,"project.name":"y"}`)
	require.NoError(t, err)
	assert.Empty(t, got.UpdatedFields)
	assert.Equal(t, []string{"contract.id", "project.name"}, got.Records[0].UpdatedFields)
	assert.Equal(t, `2 "y"`, got.Document.At("provider_metadata", "procore", "contract.id").String()+" "+
		got.Document.At("provider_metadata", "procore", "project.name").String())
	assert.Equal(t, document.Get("contract_id").String(), got.Document.Get("contract_id").String())
}

// What a platform cannot do with a field of a group of a line is told of that field.
func TestPlanPlacesProblemsOfGroupsOfLines(t *testing.T) {
	s := newSandbox(t)
	invoice, document := s.openInvoice()
	line := document.Get("lines").Members()[0].Value.Get("external_ids").String()
	_, err := s.plan(invoice, "", `{"lines":[{"external_ids":`+line+`,"retainage":{"work_amount":{"amount":1,"currency":"ISK"}}}]}`)
	require.EqualError(t, err, "/lines/0/retainage/work_amount: expected a currency that can be exchanged: there is no usable rate from ISK to USD")
	for i, r := range s.records {
		if r.Platform == "dynamics" && r.CanonicalID == invoice.ID { // its line is no longer recognised
			lines := s.parse(string(r.Payload)).Get("salesInvoiceLines").Members()
			require.NotEmpty(t, lines)
			other := jsontext.NewArray(lines[0].Value.With("description", jsontext.NewString("Other")))
			s.records[i].Payload = s.parse(string(r.Payload)).With("salesInvoiceLines", other).Append(nil)
		}
	}
	got, err := s.plan(invoice, "", `{"lines":[{"external_ids":`+line+`,"retainage":{"work_percent":"7"}}]}`)
	require.NoError(t, err)
	assert.Equal(t, []mapping.Loss{{Field: "/lines/0/retainage/work_percent", Reason: mapping.NoCounterpart}}, got.Records[1].Lost)
}

// However much is wrong, 50 problems are listed and the others counted, with names and pointers that are cut.
func TestPlanListsAtMost50Problems(t *testing.T) {
	s := newSandbox(t)
	invoice, document := s.object(canonical.Invoice, "INV-2025-0061")
	line := document.Get("lines").Members()[0].Value.Get("external_ids").String()
	item := func(i int) string { return `{"id":1}` }
	name := strings.Repeat("<é", 4000)
	for _, test := range []struct {
		platform, patch string
		more            int
	}{
		{"", apptest.List(`{`, 1000, func(i int) string { return fmt.Sprintf(`"%s%d":1`, name[:300], i) }, `}`), 950},
		{"", apptest.List(`{"lines":[`, 1000, func(i int) string { return "1" }, `]}`), 950},
		{"", apptest.List(`{"lines":[`, 1000, func(i int) string { return `{"external_ids":` + line + `,"id":1}` }, `]}`), 950},
		{"procore", apptest.List(`{`, 1000, func(i int) string { return fmt.Sprintf(`"%s%d":1`, name[:300], i) }, `}`), 950},
		{"procore", apptest.List(`{"items":[`, 1000, item, `]}`), 950},
		{"procore", apptest.List(`{"items":[`, 1000, func(i int) string { return "1" }, `]}`), 950},
		{"procore", `{"` + name + `":1}`, 0},
	} {
		_, err := s.plan(invoice, test.platform, test.patch)
		require.Error(t, err)
		more, problems := -1, 0
		if patch, ok := errors.AsType[*PatchError](err); ok {
			more, problems = patch.More, len(patch.Problems)
		} else if translation, ok := errors.AsType[*canonical.TranslationError](err); ok {
			more, problems = translation.More, len(translation.Problems)
		}
		assert.Equal(t, test.more, more, "%.200s", test.patch)
		assert.Equal(t, test.more > 0, problems == 50)
		text := err.Error()
		assert.Less(t, len(text), 50*400)
		assert.True(t, utf8.ValidString(text))
		if test.more > 0 {
			assert.True(t, strings.HasSuffix(text, fmt.Sprintf("; and %d more", test.more)), text[len(text)-100:])
		}
	}
}

// A long name of a member is not repeated for each of its members.
func TestPlanDoesNotRepeatLongNames(t *testing.T) {
	s := newSandbox(t)
	payment, _ := s.object(canonical.Payment, "CHK-2026-0101")
	long := strings.Repeat("k", 40000)
	change := func(patch string) (Result, error) {
		got, err := s.plan(payment, "procore", patch)
		if err != nil {
			return got, err
		}
		for i, r := range s.records {
			if r.Platform == "procore" && r.CanonicalID == payment.ID {
				s.records[i].Payload = got.Records[0].Payload.Append(nil)
			}
		}
		payment.Document = got.Document.Append(nil)
		return got, nil
	}
	numbers := func(from int) string {
		return apptest.List(`{"origin_data":{"`+long+`":[`, 10001, func(i int) string { return fmt.Sprint(from + i) }, `]}}`)
	}
	_, err := change(`{"origin_data":{"` + long + `":{}}}`)
	require.NoError(t, err)
	_, err = change(apptest.List(`{"origin_data":{"`+long+`":{`, 10000, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}}}`))
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 20_000)

	_, err = change(numbers(0))
	require.NoError(t, err)
	got, err := change(numbers(1))
	require.NoError(t, err)
	require.Len(t, got.Records[0].Changes, 1, "the whole member is the difference")
	assert.Equal(t, "/origin_data", got.Records[0].Changes[0].Pointer)
}
