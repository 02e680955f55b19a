package procore_test

import (
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform/procore"
)

var suite = mappingtest.Suite{Name: procore.Name, Local: procore.Currency, Tables: procore.Tables(), Forms: forms()}

func TestFixtures(t *testing.T) { suite.Run(t) }

func TestFormsSpeakEveryWord(t *testing.T) { suite.Covered(t) }

func TestMutantsAreNoticed(t *testing.T) { suite.Mutants(t) }

func forms() []mappingtest.Form {
	type w = [2]string
	none := mapping.Context{}
	workOrder := mapping.Context{Variant: procore.WorkOrder}
	purchaseOrder := mapping.Context{Variant: procore.PurchaseOrder}
	var all []mappingtest.Form
	add := func(forms ...mappingtest.Form) { all = append(all, forms...) }

	add(mappingtest.Words(canonical.Project, "active", "status", none, w{"true", "active"}, w{"false", "inactive"})...)
	add(mappingtest.Words(canonical.Customer, "is_active", "status", none, w{"true", "active"}, w{"false", "inactive"})...)
	add(mappingtest.Words(canonical.Employee, "is_active", "status", none, w{"true", "active"}, w{"false", "inactive"})...)
	add(mappingtest.Words(canonical.Contract, "status", "status", workOrder,
		w{"Draft", "draft"}, w{"Out For Signature", "pending"}, w{"Out For Bid", "pending"}, w{"Approved", "approved"},
		w{"Complete", "complete"}, w{"Terminated", "terminated"}, w{"Void", "void"})...)
	add(mappingtest.Words(canonical.Contract, "status", "status", purchaseOrder,
		w{"Draft", "draft"}, w{"Submitted", "pending"}, w{"Processing", "pending"}, w{"Approved", "approved"},
		w{"Partially Received", "approved"}, w{"Received", "approved"}, w{"Closed", "complete"})...)
	for ctx, word := range map[string]string{procore.WorkOrder: "work_order", procore.PurchaseOrder: "purchase_order"} {
		add(mappingtest.Form{Entity: canonical.Contract, Record: `{"type":"` + ctx + `"}`, Says: `{}`,
			Context: mapping.Context{Variant: ctx}, OneWay: true})
		add(mappingtest.Words(canonical.Invoice, "commitment_type", "contract_type", none, w{ctx, word})...)
	}
	add(mappingtest.Words(canonical.Contract, "accounting_method", "accounting_method", workOrder, w{"amount", "amount"}, w{"unit", "unit"})...)
	for _, flag := range []string{"executed", "private"} {
		add(mappingtest.Words(canonical.Contract, flag, flag, workOrder, w{"true", "true"}, w{"false", "false"})...)
	}
	add(mappingtest.Words(canonical.Contract, "line_items[].extended_type", "lines[].extended_type", workOrder,
		w{"manual", "manual"}, w{"calculated", "calculated"})...)
	add(mappingtest.Words(canonical.ChangeOrder, "line_items[].extended_type", "lines[].extended_type", none,
		w{"manual", "manual"}, w{"calculated", "calculated"})...)
	add(mappingtest.Words(canonical.ChangeOrder, "status", "status", none,
		w{"draft", "draft"}, w{"pricing", "pricing"}, w{"not_pricing", "not_pricing"}, w{"pending", "pending"}, w{"revised", "revised"},
		w{"proceeding", "proceeding"}, w{"not_proceeding", "not_proceeding"}, w{"pending_billable", "pending_billable"},
		w{"no_charge", "no_charge"}, w{"approved", "approved"}, w{"rejected", "rejected"}, w{"void", "void"},
		w{"Approved", "approved"}, w{"Not Pricing", "not_pricing"})...)
	add(mappingtest.Words(canonical.Invoice, "status", "status", none,
		w{"draft", "draft"}, w{"under_review", "pending"}, w{"pending_owner_approval", "pending"},
		w{"revise_and_resubmit", "rejected"}, w{"approved", "approved"}, w{"approved_as_noted", "approved"})...)
	add(mappingtest.Words(canonical.Invoice, "items[].accounting_method", "lines[].accounting_method", none,
		w{"amount", "amount"}, w{"unit", "unit"})...)
	add(mappingtest.Words(canonical.Payment, "status", "status", none,
		w{"pending", "pending"}, w{"draft", "pending"}, w{"open", "pending"}, w{"unpaid", "pending"}, w{"scheduled", "pending"},
		w{"initiated", "pending"}, w{"created", "pending"}, w{"submitted", "pending"},
		w{"in_review", "in_review"}, w{"under_review", "in_review"},
		w{"approved", "approved"}, w{"authorized", "approved"},
		w{"processing", "processing"}, w{"in_progress", "processing"}, w{"funded", "processing"}, w{"sent", "processing"},
		w{"paid", "paid"}, w{"settled", "paid"}, w{"completed", "paid"}, w{"complete", "paid"}, w{"cleared", "paid"}, w{"posted", "paid"},
		w{"failed", "failed"}, w{"rejected", "failed"}, w{"declined", "failed"}, w{"returned", "failed"},
		w{"void", "void"}, w{"voided", "void"}, w{"canceled", "void"}, w{"cancelled", "void"}, w{"reversed", "void"})...)
	add(mappingtest.Words(canonical.TimeEntry, "approval_status", "status", none,
		w{"pending", "pending"}, w{"reviewed", "submitted"}, w{"approved", "approved"}, w{"completed", "completed"})...)
	add(mappingtest.Words(canonical.BudgetLineItem, "calculation_strategy", "calculation_strategy", none,
		w{"automatic", "automatic"}, w{"manual", "manual"})...)

	add(mappingtest.Flags(canonical.Project, w{"template", "is_template"}, w{"is_demo", "is_demo"})...)
	add(mappingtest.Flags(canonical.Customer, w{"union_member", "is_union_member"}, w{"prequalified", "is_prequalified"},
		w{"authorized_bidder", "is_authorized_bidder"})...)
	add(mappingtest.Flags(canonical.ChangeOrder, w{"executed", "executed"}, w{"paid", "paid"}, w{"private", "private"},
		w{"signature_required", "signature_required"}, w{"field_change", "field_change"})...)
	add(mappingtest.Flags(canonical.Invoice, w{"final", "final"})...)
	add(mappingtest.Flags(canonical.Employee, w{"is_employee", "is_employee"})...)
	add(mappingtest.Flags(canonical.TimeEntry, w{"billable", "billable"}, w{"injured", "injured"}, w{"signed", "signed"},
		w{"in_progress", "in_progress"})...)

	// The currency, and that of the company's books.
	add(mappingtest.Form{Entity: canonical.Invoice, Says: `{"currency":"KWD","base_currency":"BHD","claimed_amount":{"amount":1500,"currency":"KWD"},"amount":{"amount":1500,"currency":"KWD"}}`,
		Record: `{"currency_configuration":{"currency_iso_code":"KWD","base_currency_iso_code":"BHD"},"total_claimed_amount":"1.500"}`})

	// Other names of the same.
	text, id, amount := jsontext.NewString("some text"), jsontext.NewInt(4711), jsontext.NewString("12.50")
	same := func(t canonical.EntityType, value jsontext.Value, path string, others ...string) {
		ctx := none
		if t == canonical.Contract {
			ctx = workOrder
		}
		add(mappingtest.Same(t, ctx, value, path, others...)...)
	}
	same(canonical.Project, id, "parent_job_id", "parent_job.id")
	same(canonical.Customer, id, "parent.id", "parent_id")
	same(canonical.Contract, id, "project.id", "project_id")
	same(canonical.Contract, id, "vendor.id", "vendor_id")
	same(canonical.Invoice, id, "commitment_id", "contract_id")
	same(canonical.Invoice, id, "project_id", "project.id")
	same(canonical.Invoice, id, "vendor_id", "vendor.id")
	same(canonical.Invoice, text, "vendor_name", "vendor.name", "vendor.company")
	for _, field := range []string{
		"tax_applicable_to_this_payment", "original_contract_sum", "contract_sum_to_date", "net_change_by_change_orders",
		"total_completed_and_stored_to_date", "total_earned_less_retainage", "less_previous_certificates_for_payment",
		"balance_to_finish_including_retainage", "completed_work_retainage_percent", "completed_work_retainage_amount",
		"stored_materials_retainage_percent", "stored_materials_retainage_amount",
	} {
		same(canonical.Invoice, amount, "summary."+field, "g702."+field)
	}
	same(canonical.Payment, jsontext.NewString("QAR"), "currency_configuration.currency_iso_code", "currency_iso_code")
	same(canonical.Payment, id, "contract_id", "contract.id", "commitment_id")
	same(canonical.Payment, id, "project_id", "project.id")
	same(canonical.Payment, id, "requisition_id", "requisition.id")
	same(canonical.Payment, id, "vendor_id", "vendor.id")
	same(canonical.Payment, jsontext.NewString("2023-05-02T15:06:02Z"), "created_at", "date_payment_created")
	same(canonical.Employee, jsontext.True, "is_active", "active", "contact.is_active")
	same(canonical.Employee, id, "vendor.id", "vendor_id")
	same(canonical.ChangeOrder, id, "contract_id", "contract.id")
	same(canonical.ChangeOrder, id, "project_id", "project.id")
	same(canonical.TimeEntry, id, "party_id", "party.id", "login_information_id", "login_information.id")
	same(canonical.TimeEntry, id, "project.id", "project_id")
	same(canonical.TimeEntry, text, "cost_code.full_code", "full_cost_code.full_code")
	same(canonical.BudgetLineItem, id, "project_id", "project.id")
	same(canonical.BudgetLineItem, text, "project", "project.name")
	same(canonical.BudgetLineItem, text, "unbudgeted_reason", "budget_forecast.notes")
	add(mappingtest.Form{Entity: canonical.ChangeOrder, Record: `{"line_items":[{"total_amount":"60.0"}]}`, OneWay: true,
		Says: `{"lines":[{"amount":{"amount":6000,"currency":"USD"},"amount_including_tax":{"amount":6000,"currency":"USD"}}]}`})
	add(mappingtest.Form{Entity: canonical.Contract, Record: `{"line_items":[{"total_amount":"60.0"}]}`, OneWay: true, Context: workOrder,
		Says: `{"lines":[{"amount":{"amount":6000,"currency":"USD"},"amount_including_tax":{"amount":6000,"currency":"USD"}}]}`})

	// What is refused, by pointer.
	refused := func(t canonical.EntityType, ctx mapping.Context, record, pointers string) {
		add(mappingtest.Form{Entity: t, Context: ctx, Record: record, Refused: pointers})
	}
	refused(canonical.Contract, none, `{"id":1}`, "/variant")
	refused(canonical.Contract, mapping.Context{Variant: "PrimeContract"}, `{"id":1}`, "/variant")
	refused(canonical.Contract, workOrder, `{"type":"PurchaseOrderContract"}`, "/type")
	refused(canonical.Contract, workOrder, `{"status":"Closed","grand_total":"1.005","contract_date":"2024-02-30","line_items":[{},{"amount":true},5]}`,
		"/status /grand_total /contract_date /line_items/1/amount /line_items/2")
	refused(canonical.Contract, purchaseOrder, `{"status":"Void","vendor":7,"line_items":{}}`, "/vendor /status /line_items")
	refused(canonical.Payment, none, `{"id":1.5,"amount":"9223372036854775808.00","status":"lost","date":"01/02/2026","contract_id":"x","created_at":"2026-02-01"}`,
		"/id /amount /status /date /contract_id /created_at")
	refused(canonical.Payment, mapping.Context{Currency: "JPY"}, `{"amount":"1.5"}`, "/amount")
	refused(canonical.Payment, mapping.Context{Currency: "XXX"}, `{"amount":"1.5"}`, "/currency")
	refused(canonical.Payment, none, `{"amount":"1.5","currency_configuration":{"currency_iso_code":"ZZZ"}}`, "/currency_configuration/currency_iso_code")
	refused(canonical.Payment, none, `{"amount":"1,700.00","check_number":["a"],"payment_number":1.5,"notes":{}}`,
		"/amount /check_number /notes /payment_number")
	refused(canonical.TimeEntry, none, `{"hours":"eight","time_in":"25:00","lunch_time":"1h","billable":"yes"}`,
		"/hours /billable /time_in /lunch_time")

	// The other forms in which Procore says the same.
	oneWay := func(t canonical.EntityType, record, says string) {
		form := mappingtest.Form{Entity: t, Record: record, Says: says, OneWay: true}
		if t == canonical.Contract {
			form.Context = workOrder
		}
		add(form)
	}
	oneWay(canonical.Project, `{"address":{"street":"700 Boylston St","city":"Boston","state_code":"MA","zip":"2116","country_code":"US"},"stage_name":"Pre-Construction","type_name":"Commercial"}`,
		`{"stage":"Pre-Construction","type":"Commercial","address":{"line1":"700 Boylston St","city":"Boston","state":"MA","postal_code":"2116","country":"US"}}`)
	oneWay(canonical.Project, `{"estimated_value":10000,"estimated_start_date":"2015-05-15","estimated_completion_date":"2015-05-31","override_start_date":"2015-06-01","override_end_date":"2015-06-02","stage":"Bidding"}`,
		`{"stage":"Bidding","total_value":{"amount":1000000,"currency":"USD"},"start_date":"2015-05-15","completion_date":"2015-05-31","actual_start_date":"2015-06-01","projected_finish_date":"2015-06-02"}`)
	oneWay(canonical.Payment, `{"amount":1.5,"date_payment_initiated":"1970-01-01T00:00:00Z","payment_number":"24","check_number":12,"date":"2026-02-01T10:00:00+03:00","notes":""}`,
		`{"amount":{"amount":150,"currency":"USD"},"check_number":"12","date":"2026-02-01","payment_number":24}`)
	oneWay(canonical.Invoice, `{"g702":{"current_payment_due":"47700.0","total_retainage":5300},"percent_complete":"96.36%","invoice_number":123}`,
		`{"number":"123","amount":{"amount":4770000,"currency":"USD"},"percent_complete":"96.36","retainage":{"total_amount":{"amount":530000,"currency":"USD"}}}`)
	oneWay(canonical.Contract, `{"vendor":{"name":"Mau Mixers"},"currency_iso_code":"JPY","grand_total":"12000.0","created_at":"2020-10-19T12:17:31-07:00"}`,
		`{"currency":"JPY","amount":{"amount":12000,"currency":"JPY"},"customer_name":"Mau Mixers","created_at":"2020-10-19T19:17:31Z"}`)
	oneWay(canonical.Contract, `{"line_items":[{"quantity":"0.0","unit_cost":"0.0","amount":"250.0"}]}`,
		`{"lines":[{"amount":{"amount":25000,"currency":"USD"}}]}`)
	oneWay(canonical.Employee, `{"contact":{"is_active":false,"email":"paul@example.com"}}`, `{"email":"paul@example.com","status":"inactive"}`)
	oneWay(canonical.TimeEntry, `{"cost_code":"Summary","full_cost_code":{"name":"Earthwork"},"login_information":{"name":"Carl","login":"carl"},"lunch_time":"60","time_in":"08:00","timecard_type":"Regular Time"}`,
		`{"employee":{"name":"Carl","login":"carl"},"cost_code":"Summary","cost_code_name":"Earthwork","time_type":"Regular Time","time_in":"08:00","lunch_minutes":60}`)
	oneWay(canonical.BudgetLineItem, `{"cost_code":"300","category":"Labor","original_budget_amount":"50000.00","budget_forecast":{"amount":"20000.00"},"unbudgeted_reason":"Not budgeted."}`,
		`{"cost_code":"300","cost_type":"Labor","budgeted_amount":{"amount":5000000,"currency":"USD"},"forecast_amount":{"amount":2000000,"currency":"USD"},"notes":"Not budgeted."}`)
	oneWay(canonical.BudgetLineItem, `{"wbs_code":{"flat_code":"2.E","description":"Earthwork.Equipment"},"budget_forecast":20000.0}`,
		`{"cost_code":"2.E","name":"Earthwork.Equipment","forecast_amount":{"amount":2000000,"currency":"USD"}}`)
	oneWay(canonical.ChangeOrder, `{"number":45,"due_date":"2020-10-19T19:17:54Z","reviewed_by":{"name":"Carl"},"reason":"Cost","created_by":{"name":"Ann"}}`,
		`{"number":"45","reason":"Cost","reviewer":"Carl","created_by":"Ann","due_date":"2020-10-19"}`)
	return all
}

func TestLaws(t *testing.T) { suite.Properties(t) }

func FuzzProcoreToCanonical(f *testing.F) { suite.Fuzz(f) }

func FuzzProcoreFromCanonical(f *testing.F) { suite.FuzzDocument(f) }
