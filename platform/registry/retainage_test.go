package registry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
)

// The published examples of requisitions with retainage, to the cent. Where they are from: PD is github procore/documentation@06dad9d
// tutorials/tutorial_requisitions.md, SP support.procore.com. Period is gross, retained, released and due of the document.
var publishedRequisitions = []struct {
	name, record, period, lines, open string
}{{
	name: "PD: the answer to a create has a summary alone, of the 19th application", open: " previous_unknown",
	record: `{"number":19,"g702":{` + tutorialSummary + `}}`,
}, {
	name: "PD: an item with stored materials, of v1.0, which does not say what was stored before", open: "/items/0 previous_unknown",
	record: `{"number":19,"items":[{"scheduled_value":"50000.00","work_completed_from_previous_application":"51000.00","work_completed_this_period":"0.00",
		"materials_presently_stored":"500.00","total_completed_and_stored_to_date":"51500.00","work_completed_retainage_retained_this_period":"0.00",
		"materials_stored_retainage_currently_retained":"50.00"}]}`,
	lines: "",
}, {
	name: "PD: a change order line by units, of the first application",
	record: `{"number":1,"items":[{"scheduled_value":"1500.00","scheduled_quantity":"15.0","scheduled_unit_price":"100.0000",
		"work_completed_from_previous_application":"0.00","work_completed_this_period":"1000.00","work_completed_this_period_quantity":"10",
		"total_completed_and_stored_to_date":"1000.00","work_completed_retainage_retained_this_period":"0.00"}]}`,
	period: "1000.00 0.00 0.00 1000.00", lines: "1000.00 0.00 0.00 1000.00",
}, {
	name: "reference sample of v1.1: stored materials by units, half away from zero",
	record: `{"items":[{"accounting_method":"unit","scheduled_unit_price":"20.0","work_completed_this_period":"0.00","materials_presently_stored":"2691.36",
		"materials_presently_stored_from_previous_progress":"716.05","total_completed_and_stored_to_date":"2691.36",
		"total_completed_and_stored_to_date_from_previous":"716.05"}]}`,
	lines: "", open: "/items/0 previous_unknown", // what was retained of the 716.05 is not known
}, {
	name: "the same, when it says what is newly retained",
	record: `{"items":[{"accounting_method":"unit","scheduled_unit_price":"20.0","work_completed_this_period":"0.00","materials_presently_stored":"2691.36",
		"materials_presently_stored_from_previous_progress":"716.05","total_completed_and_stored_to_date":"2691.36",
		"total_completed_and_stored_to_date_from_previous":"716.05","materials_stored_retainage_new_materials":"197.53"}]}`,
	period: "1975.31 197.53 0.00 1777.78", lines: "1975.31 197.53 0.00 1777.78",
}, {
	name: "SP unit-quantity-based-data-entry: 100 at 125, and 50 of them in store",
	record: `{"number":1,"items":[{"accounting_method":"unit","scheduled_value":"62500.00","scheduled_unit_price":"125.0","work_completed_this_period":"12500.00",
		"work_completed_this_period_quantity":"100","materials_presently_stored":"6250.00","total_completed_and_stored_to_date":"18750.00"}]}`,
	period: "18750.00 0.00 0.00 18750.00", lines: "18750.00 0.00 0.00 18750.00",
}, {
	name: "SP amount-based-data-entry: materials go into store",
	record: `{"number":1,"items":[{"work_completed_this_period":"0.00","materials_presently_stored":"2000.00","total_completed_and_stored_to_date":"2000.00",
		"total_completed_and_stored_to_date_from_previous":"0.00"}]}`,
	period: "2000.00 0.00 0.00 2000.00", lines: "2000.00 0.00 0.00 2000.00",
}, {
	name: "the same: they are still there in the second one, in which nothing was done",
	record: `{"number":2,"items":[{"work_completed_this_period":"0.00","materials_presently_stored":"2000.00","materials_presently_stored_from_previous_progress":"2000.00",
		"total_completed_and_stored_to_date":"2000.00","total_completed_and_stored_to_date_from_previous":"2000.00","materials_stored_retainage_new_materials":"0.0"}]}`,
	period: "0.00 0.00 0.00 0.00", lines: "0.00 0.00 0.00 0.00",
}, {
	name: "the same: they are built in, and the summary says that nothing is due",
	record: `{"number":2,"summary":{"current_payment_due":"0.00","total_earned_less_retainage":"2000.00"},"items":[{"work_completed_this_period":"1500.00",
		"materials_presently_stored":"500.00","materials_presently_stored_from_previous_progress":"2000.00","total_completed_and_stored_to_date":"2000.00",
		"total_completed_and_stored_to_date_from_previous":"2000.00","materials_stored_retainage_new_materials":"0.0"}]}`,
	period: "0.00 0.00 0.00 0.00", lines: "0.00 0.00 0.00 0.00",
}, {
	name: "the same without a summary: what was retained of them is not known", open: "/items/0 previous_unknown",
	record: `{"number":2,"items":[{"work_completed_this_period":"1500.00",
		"materials_presently_stored":"500.00","materials_presently_stored_from_previous_progress":"2000.00","total_completed_and_stored_to_date":"2000.00",
		"total_completed_and_stored_to_date_from_previous":"2000.00","materials_stored_retainage_new_materials":"0.0"}]}`,
}, {
	name:   "SP set-or-release-retainage: 5 % of 25,000, and of 12,500",
	record: `{"items":[` + done("25000.00", "0.00", "1250.00", "0.00") + `,` + done("12500.00", "0.00", "625.00", "0.00") + `]}`,
	period: "37500.00 1875.00 0.00 35625.00", lines: "25000.00 1250.00 0.00 23750.00; 12500.00 625.00 0.00 11875.00",
}, {
	name:   "SP create-an-invoice-for-release-of-retention: all of 2,500, half of 1,250",
	record: `{"items":[` + done("50000.00", "50000.00", "0.00", "2500.00") + `,` + done("25000.00", "25000.00", "0.00", "625.00") + `]}`,
	period: "0.00 0.00 3125.00 3125.00", lines: "0.00 0.00 2500.00 2500.00; 0.00 0.00 625.00 625.00",
}, {
	name:   "SP faq: 10 %, 50.00 and 209.63",
	record: `{"items":[` + done("500.00", "0.00", "50.00", "0.00") + `,` + done("2096.30", "0.00", "209.63", "0.00") + `]}`,
	period: "2596.30 259.63 0.00 2336.67", lines: "500.00 50.00 0.00 450.00; 2096.30 209.63 0.00 1886.67",
}, {
	name:   "the same: released",
	record: `{"items":[` + done("500.00", "500.00", "0.00", "50.00") + `,` + done("2096.30", "2096.30", "0.00", "209.63") + `]}`,
	period: "0.00 0.00 259.63 259.63", lines: "0.00 0.00 50.00 50.00; 0.00 0.00 209.63 209.63",
}, {
	name: "help.viewpoint.com retention-billings-from-subcontractors: 3,000 more, half of 700 released",
	record: `{"summary":{"current_payment_due":"3350.00","total_earned_less_retainage":"9650.00","less_previous_certificates_for_payment":"6300.00"},
		"items":[` + done("10000.00", "7000.00", "0.00", "350.00") + `]}`,
	period: "3000.00 0.00 350.00 3350.00", lines: "3000.00 0.00 350.00 3350.00",
}, {
	name: "materials are moved from store to work, with what is retained of them, and more are stored",
	record: `{"summary":{"current_payment_due":"270.00","total_earned_less_retainage":"1170.00","less_previous_certificates_for_payment":"900.00"},
		"items":[{"work_completed_from_previous_application":"1000.00","work_completed_this_period":"100.00","materials_presently_stored":"200.00",
		"materials_presently_stored_from_previous_progress":"400.00","materials_moved":"400.00","total_completed_and_stored_to_date":"1300.00",
		"total_completed_and_stored_to_date_from_previous":"1000.00","work_completed_retainage_retained_this_period":"10.00",
		"materials_stored_retainage_currently_retained":"20.00","materials_retainage_retained_moved":"40.00"}]}`,
	period: "300.00 30.00 0.00 270.00", lines: "300.00 30.00 0.00 270.00",
}}

const tutorialSummary = `"balance_to_finish_including_retainage":"7300.00","completed_work_retainage_percent":"10.00","completed_work_retainage_amount":"5200.00",
	"contract_sum_to_date":"55000.00","current_payment_due":"0.00","less_previous_certificates_for_payment":"47700.00","net_change_by_change_orders":"5000.00",
	"original_contract_sum":"50000.00","stored_materials_retainage_amount":"100.00","stored_materials_retainage_percent":"10.00",
	"total_completed_and_stored_to_date":"53000.00","total_earned_less_retainage":"47700.00","total_retainage":"5300.00"`

// done is an item that is done so far, and was before, with what is retained of the difference, and released.
func done(toDate, before, retained, released string) string {
	return `{"total_completed_and_stored_to_date":"` + toDate + `","total_completed_and_stored_to_date_from_previous":"` + before +
		`","materials_stored_retainage_new_materials":"0.00","work_completed_retainage_retained_this_period":"` + retained +
		`","work_completed_retainage_released_this_period":"` + released + `"}`
}

// period is what a document, or a line, says of the period.
func period(of jsontext.Value, gross, due string) string {
	var said []string
	for _, path := range []string{gross, "retainage.retained_amount", "retainage.released_amount", due} {
		if money, ok := canonical.MoneyOf(of.At(strings.Split(path, ".")...)); ok {
			said = append(said, money.Decimal())
		}
	}
	return strings.Join(said, " ")
}

func TestRetainage_PublishedRequisitions(t *testing.T) {
	for _, example := range publishedRequisitions {
		t.Run(example.name, func(t *testing.T) {
			document, report, err := get(t, "procore").ToCanonical(canonical.Invoice, parse(t, example.record), mapping.Context{})
			require.NoError(t, err)
			var lines, open []string
			for _, line := range document.Get("lines").Members() {
				if said := period(line.Value, "period_gross_amount", "due_amount"); said != "" {
					lines = append(lines, said)
				}
			}
			for _, p := range report.Problems {
				open = append(open, p.Field+" "+string(p.Reason))
			}
			whole := period(document, "gross_amount", "")
			if example.period != "" {
				gross, _ := canonical.MoneyOf(document.Get("gross_amount"))
				retained, _ := canonical.MoneyOf(document.At("retainage", "retained_amount"))
				released, _ := canonical.MoneyOf(document.At("retainage", "released_amount"))
				gross.AmountMinor += released.AmountMinor - retained.AmountMinor
				whole += " " + gross.Decimal()
			}
			require.Equal(t, example.period, whole)
			require.Equal(t, example.lines, strings.Join(lines, "; "))
			require.Equal(t, example.open, strings.Join(open, "; "))
			checks, _ := canonical.Checks(canonical.Invoice, document)
			require.Empty(t, checks, "the example adds up")
		})
	}
}

// The summary is the other side of the lines: what is due by it is gross, less what is retained, with what is released.
func TestRetainage_ChecksSayWhatIsDue(t *testing.T) {
	record := `{"summary":{"current_payment_due":"3000.00"},"items":[` + done("10000.00", "7000.00", "300.00", "350.00") + `]}`
	document, _, err := get(t, "procore").ToCanonical(canonical.Invoice, parse(t, record), mapping.Context{})
	require.NoError(t, err)
	checks, _ := canonical.Checks(canonical.Invoice, document)
	require.Equal(t, []canonical.Check{{
		Field: "/amount", Expected: canonical.Money{AmountMinor: 305000, Currency: "USD"}, Found: canonical.Money{AmountMinor: 300000, Currency: "USD"},
	}}, checks)
}

// Every requisition of the sandbox says what is retained and what is due, and adds up.
func TestRetainage_Sandbox(t *testing.T) {
	p := get(t, "procore")
	records, err := p.Definition().Sandbox.Records(t.Context(), books.Receivable)
	require.NoError(t, err)
	seen := 0
	for _, record := range records {
		if record.EntityType != canonical.Invoice {
			continue
		}
		document, report, err := p.ToCanonical(canonical.Invoice, record.Payload, mapping.Context{})
		require.NoError(t, err)
		require.Empty(t, report.Problems)
		checks, _ := canonical.Checks(canonical.Invoice, document)
		require.Empty(t, checks)
		if seen++; document.Get("number").Text() == "INV-2025-0061" {
			require.Equal(t, "1850000.00 150000.00 0.00", period(document, "gross_amount", ""))
		}
	}
	require.Equal(t, 8, seen)
}
