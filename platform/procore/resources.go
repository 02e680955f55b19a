package procore

import (
	"slices"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
)

// Resources are the operations of Procore's REST API that take records, and what their request bodies have. The variant of a
// contract decides where it is taken.
func Resources(variant string) map[canonical.EntityType]*platform.Resource {
	if variant == PurchaseOrder {
		return withPurchaseOrders
	}
	return withWorkOrders
}

var withWorkOrders, withPurchaseOrders = resourcesWith(workOrderContract), resourcesWith(purchaseOrderContract)

func init() { workOrderContract.Variant = purchaseOrderContract }

func resourcesWith(contracts *platform.Resource) map[canonical.EntityType]*platform.Resource {
	return map[canonical.EntityType]*platform.Resource{
		canonical.Project:        projects,
		canonical.Customer:       vendors,
		canonical.Contract:       contracts,
		canonical.Invoice:        requisitions,
		canonical.Payment:        contractPayments,
		canonical.Employee:       users,
		canonical.TimeEntry:      timecardEntries,
		canonical.ChangeOrder:    changeOrderPackages,
		canonical.BudgetLineItem: budgetLineItems,
	}
}

var (
	inCompany = []platform.Taken{{Name: "company_id", From: []string{"company_id", "company.id"}, Required: true}}
	inProject = []platform.Taken{{Name: "project_id", From: []string{"project_id", "project.id"}, Required: true}}

	vendorID     = platform.Taken{Name: "vendor_id", From: []string{"vendor_id", "vendor.id"}}
	costCodeID   = platform.Taken{Name: "cost_code_id", From: []string{"cost_code_id", "cost_code.id"}}
	lineTypeID   = platform.Taken{Name: "line_item_type_id", From: []string{"line_item_type_id", "line_item_type.id"}}
	ofMethod     = platform.Taken{Name: "accounting_method", Words: []string{"amount", "unit"}}
	ownTimes     = []string{"created_at", "updated_at", "deleted_at"}
	ofCommitment = []platform.Taken{{Name: "contract_id", From: []string{"contract_id", "contract.id", "commitment_id"}, Required: true}}
)

var projects = &platform.Resource{
	Path: "/rest/v1.0/projects", UpdatePath: "/rest/v1.0/projects/{id}", Root: inCompany, Wrapper: "project",
	Fields: slices.Concat(
		[]platform.Taken{
			{Name: "name", Required: true},
			{Name: "address", From: []string{"address.street", "address"}},
			{Name: "city", From: []string{"city", "address.city"}}, {Name: "state_code", From: []string{"state_code", "address.state_code"}},
			{Name: "zip", From: []string{"zip", "address.zip"}}, {Name: "country_code", From: []string{"country_code", "address.country_code"}},
			{Name: "code", CreateOnly: true}, {Name: "latitude", CreateOnly: true}, {Name: "longitude", CreateOnly: true},
			{Name: "estimated_budget", CreateOnly: true}, {Name: "currency_configuration", From: []string{"currency_configuration"}, CreateOnly: true, Members: []string{"currency_iso_code"}},
			{Name: "override_start_date", From: []string{"override_start_date", "actual_start_date"}, CreateOnly: true},
			{Name: "override_end_date", From: []string{"override_end_date", "projected_finish_date"}, CreateOnly: true},
			{Name: "delivery_method", Words: deliveryMethods},
			{Name: "flag", Words: []string{"Red", "Yellow", "Green"}},
			{Name: "work_scope", Words: []string{"new_construction", "renovation_alteration", "maintenance_service"}},
			{Name: "parent_job_id", From: []string{"parent_job_id", "parent_job.id"}},
			{Name: "project_stage_id", From: []string{"project_stage_id", "project_stage.id"}},
			{Name: "project_type_id", From: []string{"project_type_id", "project_type.id"}},
			{Name: "program_id", From: []string{"program_id", "program.id"}},
			{Name: "project_bid_type_id", From: []string{"project_bid_type_id", "project_bid_type.id"}},
			{Name: "project_owner_type_id", From: []string{"project_owner_type_id", "project_owner_type.id"}},
			{Name: "project_region_id", From: []string{"project_region_id", "project_region.id"}},
			{Name: "office_id", From: []string{"office_id", "office.id"}},
		},
		platform.Takes("active", "time_zone", "description", "start_date", "completion_date", "warranty_start_date", "warranty_end_date", "phone",
			"project_number", "public_notes", "square_feet", "origin_id", "origin_data", "origin_code", "estimated_start_date",
			"estimated_completion_date", "store_number", "accounting_project_number", "designated_market_area", "sector"),
		platform.TakesAs(jsontext.Number, "total_value", "estimated_value"),
	),
	Computed: slices.Concat([]string{"display_name", "is_demo", "template", "stage"}, ownTimes),
}

var deliveryMethods = []string{
	"construction_management_at_risk_cmar", "construction_manager_as_agent_owners_rep", "design_bid_build_dbb", "design_build_db",
	"indefinite_delivery_indefinite_quantity_idiq", "integrated_project_delivery", "multi_prime", "public_private_partnership_p3", "other",
}

var vendors = &platform.Resource{
	Path: "/rest/v1.0/vendors", UpdatePath: "/rest/v1.0/vendors/{id}", Root: inCompany, Wrapper: "vendor",
	Fields: slices.Concat(
		[]platform.Taken{
			{Name: "name", Required: true},
			{Name: "parent_id", From: []string{"parent_id", "parent.id"}}, {Name: "primary_contact_id", From: []string{"primary_contact_id", "primary_contact.id"}},
			{Name: "vendor_group_id", From: []string{"vendor_group_id", "vendor_group.id"}},
		},
		platform.Takes("address", "city", "zip", "business_phone", "mobile_phone", "fax_number", "email_address", "is_active", "state_code",
			"authorized_bidder", "prequalified", "country_code", "labor_union", "license_number", "website", "union_member",
			"non_union_prevailing_wage", "abbreviated_name", "notes", "origin_id", "origin_data", "origin_code", "trade_name"),
	),
	Computed: ownTimes,
}

// commitmentFields are what both kinds of commitment take.
var commitmentFields = slices.Concat(
	[]platform.Taken{
		ofMethod, vendorID,
		{Name: "currency_iso_code", From: []string{"currency_iso_code", "currency_configuration.currency_iso_code"}},
		{Name: "currency_exchange_rate", From: []string{"currency_exchange_rate", "currency_configuration.currency_exchange_rate"}},
	},
	platform.Takes("approval_letter_date", "contract_date", "description", "executed", "execution_date", "issued_on_date", "letter_of_intent_date",
		"origin_code", "origin_data", "origin_id", "number", "private", "retainage_percent", "returned_date", "title"),
)

// commitmentComputed are the sums that Procore makes of a commitment's lines, change orders, invoices and payments.
var commitmentComputed = slices.Concat([]string{
	"type", "grand_total", "revised_contract", "approved_change_orders", "pending_change_orders", "draft_change_orders_amount", "pending_revised_contract",
	"total_requisitions_amount", "total_draw_requests_amount", "total_payments", "remaining_balance_outstanding", "percentage_paid",
}, ownTimes)

// scheduleLine is a line of the schedule of values.
var scheduleLine = slices.Concat(
	[]platform.Taken{
		costCodeID, lineTypeID, {Name: "tax_code_id", From: []string{"tax_code_id", "tax_code.id"}}, {Name: "wbs_code_id", From: []string{"wbs_code_id", "wbs_code.id"}},
		{Name: "extended_type", Words: []string{"manual", "calculated"}},
	},
	platform.TakesAs(jsontext.String, "amount", "quantity", "unit_cost"), platform.Takes("description", "uom", "origin_id", "origin_data"),
)

var scheduleLineComputed = slices.Concat([]string{"position", "extended_amount", "tax_amount", "total_amount"}, ownTimes)

func commitment(path, wrapper string, fields ...[]platform.Taken) *platform.Resource {
	lines := path + "/{id}/line_items"
	return &platform.Resource{
		Path: path, UpdatePath: path + "/{id}", Root: inProject, Wrapper: wrapper,
		Fields: slices.Concat(append(fields, commitmentFields)...), Computed: commitmentComputed,
		Lines: &platform.LineResource{
			Member: "line_items", Path: lines, UpdatePath: lines + "/{line}", Root: inProject, Wrapper: "line_item",
			Fields: scheduleLine, Computed: scheduleLineComputed,
		},
	}
}

var (
	workOrderContract = commitment("/rest/v1.0/work_order_contracts", "work_order_contract",
		[]platform.Taken{{Name: "status", Words: []string{
			"Draft", "Out For Bid", "Out For Signature", "Approved", "Complete", "Terminated", "Void",
		}}},
		platform.Takes("actual_completion_date", "contract_estimated_completion_date", "contract_start_date", "exclusions", "inclusions",
			"signed_contract_received_date"))
	purchaseOrderContract = commitment("/rest/v1.0/purchase_order_contracts", "purchase_order_contract",
		[]platform.Taken{{Name: "status", Words: []string{
			"Draft", "Processing", "Submitted", "Partially Received", "Received", "Approved", "Closed",
		}}, {Name: "assignee_id", From: []string{"assignee_id", "assignee.id"}}},
		platform.Takes("bill_to_address", "delivery_date", "payment_terms", "ship_to_address", "ship_via"))
)

// requisitions take items, and compute their summary of them.
var requisitions = &platform.Resource{
	Path: "/rest/v1.1/requisitions", UpdatePath: "/rest/v1.1/requisitions/{id}", Wrapper: "requisition",
	Root: append([]platform.Taken{{Name: "commitment_id", From: []string{"commitment_id", "contract_id"}, Required: true}}, inProject...),
	Fields: slices.Concat(
		[]platform.Taken{{Name: "status", Words: []string{
			"draft", "under_review", "revise_and_resubmit", "approved", "approved_as_noted", "pending_owner_approval",
		}}},
		platform.Takes("period_id", "requisition_start", "requisition_end", "billing_date", "final", "payment_date", "origin_data",
			"origin_id", "submitted_at"),
		platform.TakesAs(jsontext.String, "invoice_number"),
	),
	Computed: slices.Concat([]string{
		"number", "summary", "g702", "percent_complete", "total_claimed_amount", "invoice_type", "commitment_type", "contract_name", "vendor_name", "vendor_id",
		"created_by",
	}, ownTimes),
	Lines: &platform.LineResource{
		Member: "items", InBody: true,
		Fields: slices.Concat(
			[]platform.Taken{
				{Name: "id", UpdateOnly: true, Required: true}, {Name: "line_item_id", From: []string{"line_item_id"}}, {Name: "item_type", Required: true},
			},
			platform.Takes("detail_line_item_id", "work_completed_this_period", "materials_presently_stored",
				"materials_presently_stored_from_previous_progress", "new_materials", "new_materials_quantity", "stored_materials",
				"stored_materials_quantity", "work_completed_retainage_retained_this_period",
				"materials_stored_retainage_currently_retained", "work_completed_retainage_released_this_period",
				"work_completed_this_period_quantity", "work_completed_retainage_percent_this_period",
				"materials_stored_retainage_percent_this_period", "subcontractor_claimed_amount", "status", "comment"),
		),
		Computed: []string{
			"position", "line_number", "scheduled_value", "scheduled_quantity", "scheduled_unit_price", "gross_amount", "net_amount",
			"work_completed_from_previous_application", "work_completed_from_previous_application_quantity",
			"total_completed_and_stored_to_date", "total_completed_and_stored_to_date_percent",
			"total_completed_and_stored_to_date_from_previous", "materials_presently_stored_quantity", "materials_previously_stored_quantity",
			"work_completed_retainage_from_previous_application", "description_of_work",
		},
	},
}

var contractPayments = &platform.Resource{
	Path: "/rest/v1.0/contract_payments", UpdatePath: "/rest/v1.0/contract_payments/{id}", Root: slices.Concat(inProject, ofCommitment), Wrapper: "contract_payment",
	Fields: slices.Concat(
		[]platform.Taken{
			{Name: "payment_method", Words: []string{"check", "credit_card", "electronic"}},
			{Name: "requisition_id", From: []string{"requisition_id", "requisition.id"}},
		},
		platform.TakesAs(jsontext.String, "invoice_number", "check_number", "amount"),
		platform.Takes("date", "invoice_date", "draw_request_number", "notes", "payment_number",
			"origin_id", "origin_data"),
	),
	Computed: ownTimes,
}

// users are taken as a form, in parts; their members are the same.
var users = &platform.Resource{
	Path: "/rest/v1.3/companies/{company_id}/users", UpdatePath: "/rest/v1.3/companies/{company_id}/users/{id}", Wrapper: "user",
	Fields: slices.Concat(
		[]platform.Taken{{Name: "email_address", From: []string{"email_address", "contact.email"}, Required: true}, {Name: "last_name", Required: true}, vendorID,
			{Name: "is_active", From: []string{"is_active", "contact.is_active", "active"}}},
		platform.Takes("first_name", "job_title", "address", "city", "zip", "business_phone", "business_phone_extension", "mobile_phone",
			"fax_number", "email_signature", "is_employee", "employee_id", "notes", "country_code", "state_code", "initials", "origin_id",
			"origin_data"),
	),
	Computed: slices.Concat([]string{"name", "role", "last_login_at"}, ownTimes),
}

var timecardEntries = &platform.Resource{
	Path: "/rest/v1.0/companies/{company_id}/timecard_entries", UpdatePath: "/rest/v1.0/companies/{company_id}/timecard_entries/{id}",
	Root: inProject, Wrapper: "timecard_entry",
	Fields: slices.Concat(
		[]platform.Taken{
			{Name: "date", Required: true}, costCodeID, lineTypeID,
			{Name: "party_id", From: []string{"party_id", "party.id", "login_information_id", "login_information.id"}},
			{Name: "timecard_time_type_id", From: []string{"timecard_time_type_id", "timecard_time_type.id"}},
			{Name: "location_id", From: []string{"location_id", "location.id"}}, {Name: "sub_job_id", From: []string{"sub_job_id", "sub_job.id"}},
			{Name: "crew_id", From: []string{"crew_id", "crew.id"}}, {Name: "timesheet_id", From: []string{"timesheet_id", "timesheet.id"}},
			{Name: "approval_status", Words: []string{"pending", "reviewed", "approved", "completed"}},
		},
		platform.TakesAs(jsontext.String, "hours", "lunch_time"),
		platform.Takes("time_in", "time_out", "billable", "description", "clock_in_time", "clock_out_time", "origin_id",
			"origin_data"),
	),
	Computed: slices.Concat([]string{"datetime", "timesheet_status", "signed", "in_progress", "injured", "created_by", "timecard_type"}, ownTimes),
}

var changeOrderPackages = &platform.Resource{
	Path: "/rest/v1.0/change_order_packages", UpdatePath: "/rest/v1.0/change_order_packages/{id}", Root: slices.Concat(inProject, ofCommitment), Wrapper: "change_order",
	Fields: slices.Concat(
		[]platform.Taken{{Name: "status", Words: []string{
			"draft", "not_pricing", "pricing", "pending", "revised", "proceeding", "not_proceeding", "no_charge", "approved", "rejected", "void",
		}}},
		platform.Takes("title", "description", "grand_total", "schedule_impact_amount", "origin_code", "origin_data", "origin_id", "paid_date",
			"invoiced_date", "due_date", "executed", "signed_change_order_received_date"),
	),
	Computed: slices.Concat([]string{"number", "revision", "paid", "creator", "created_by", "reviewed_at"}, ownTimes),
}

var budgetLineItems = &platform.Resource{
	Path: "/rest/v1.0/budget_line_items", UpdatePath: "/rest/v1.0/budget_line_items/{id}", Root: inProject, Wrapper: "budget_line_item",
	Fields: slices.Concat(
		[]platform.Taken{
			{Name: "cost_code_id", From: costCodeID.From, Required: true}, {Name: "line_item_type_id", From: lineTypeID.From, Required: true},
			{Name: "calculation_strategy", Words: []string{"automatic", "manual"}},
		},
		platform.Takes("uom"), platform.TakesAs(jsontext.Number, "original_budget_amount", "quantity", "unit_cost"),
	),
	Computed: slices.Concat([]string{
		"approved_budget_changes", "pending_budget_changes", "budget_modifications", "revised_budget", "projected_budget", "committed_costs", "direct_costs",
		"pending_cost_changes", "projected_costs", "budget_forecast", "estimated_cost_at_completion", "projected_over_under",
	}, ownTimes),
}
