//go:build payloads

package registry_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/mappingtest"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
	"structural.app/structural/platform/registry"
)

// TestPublishedPayloads runs the laws over the payloads that the platforms' vendors publish and that tenants have answered,
// in the directory STRUCTURAL_PAYLOADS.
func TestPublishedPayloads(t *testing.T) {
	root := os.Getenv("STRUCTURAL_PAYLOADS")
	if root == "" {
		t.Fatal("STRUCTURAL_PAYLOADS must name the directory of the payloads")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no payloads in %s: %v", root, err)
	}
	platforms := registry.New()
	used := map[string]bool{}
	samples, bodies := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content struct {
			Platform platform.Name
			Samples  []struct {
				ID   string
				Body json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &content); err != nil {
			t.Fatal(err)
		}
		name := platform.Name(filepath.Base(filepath.Dir(file)))
		p, _ := platforms.Get(name)
		kind := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, sample := range content.Samples {
			samples++
			id := string(name) + "/" + kind + "/" + sample.ID
			how, special := samplesApart[id]
			if !special {
				how, special = samplesApart[string(name)+"/"+kind]
				used[string(name)+"/"+kind] = special
			}
			used[id] = special
			if how.leftOut != "" {
				t.Logf("left out: %s: %s", id, how.leftOut)
				continue
			}
			t.Run(id, func(t *testing.T) {
				entity, ok := canonical.ParseEntityType(kind)
				if !ok {
					t.Fatal("not an entity type, and not left out")
				}
				body, err := jsontext.Parse(sample.Body)
				if err != nil {
					t.Fatal(err)
				}
				for i, record := range how.records(body) {
					bodies++
					ctx := mapping.Context{Variant: commitmentOf(entity, name, sample.ID)}
					tr := mappingtest.Of(p, entity)
					if how.refusedAt != "" {
						_, _, err := tr.ToCanonical(record, ctx)
						if err == nil || !strings.Contains(err.Error(), how.refusedAt+": expected") {
							t.Errorf("record %d: got %v, want a refusal of %s", i, err, how.refusedAt)
						}
						record = record.Without(strings.TrimPrefix(how.refusedAt, "/"))
					}
					if err := mappingtest.Consistent(tr, record, ctx); err != nil {
						t.Errorf("record %d: %v", i, err)
					}
				}
			})
		}
	}
	for id := range samplesApart {
		if !used[id] {
			t.Errorf("%s is treated apart, but there is no such sample", id)
		}
	}
	t.Logf("%d samples, %d records through the laws", samples, bodies)
}

// apart says how a sample is read that is not simply the body of an entity.
type apart struct {
	leftOut   string   // why it is not read at all
	at        []string // where the record is, or the array of records
	wrap      string   // it is a line: the array of its header that it belongs in
	refusedAt string   // the field by which it contradicts its own schema; the rest of it is read
}

func (a apart) records(body jsontext.Value) []jsontext.Value {
	body = body.At(a.at...)
	if a.wrap != "" {
		lines := body
		if body.Kind() != jsontext.Array {
			lines = jsontext.NewArray(body)
		}
		return []jsontext.Value{jsontext.NewObject(jsontext.Member{Key: a.wrap, Value: lines})}
	}
	if body.Kind() != jsontext.Array {
		return []jsontext.Value{body}
	}
	var records []jsontext.Value
	for _, element := range body.Members() {
		records = append(records, element.Value)
	}
	return records
}

// samplesApart lists them; every other sample is the body of an entity as it stands.
var samplesApart = map[string]apart{
	"procore/_errors":                 {leftOut: "error answers"},
	"procore/_webhooks":               {leftOut: "webhook deliveries and hooks: they carry ids only"},
	"dynamics/_errors":                {leftOut: "error answers"},
	"dynamics/_webhooks":              {leftOut: "subscriptions and notifications"},
	"dynamics/_related_purchase_side": {leftOut: "vendors and purchase documents: not the shapes that the mapping reads"},

	"procore/project/create-request-concepts":                    {at: []string{"project"}},
	"procore/project/sync-response":                              {at: []string{"entities"}},
	"procore/project/sync-response-with-error":                   {at: []string{"entities"}},
	"procore/project/sync-request-origin-id":                     {at: []string{"updates"}},
	"procore/contract/erp-event-commitment":                      {at: []string{"request_data", "commitment"}},
	"procore/invoice/create-request-tutorial":                    {at: []string{"requisition"}},
	"procore/invoice/contract-item-tutorial":                     {wrap: "items"},
	"procore/invoice/change-order-items-tutorial":                {wrap: "items"},
	"procore/invoice/erp-event-requisitions":                     {at: []string{"request_data", "requisitions"}},
	"procore/payment/erp-event-contract-payment":                 {at: []string{"request_data", "contract_payment"}},
	"procore/time_entry/create-request-tutorial":                 {at: []string{"timecard_entry"}},
	"procore/change_order/erp-event-commitment-change-order":     {at: []string{"change_order"}},
	"procore/change_order/reference-update-body":                 {at: []string{"change_order"}, refusedAt: "/field_change"},
	"procore/budget_line_item/update-request-tutorial":           {at: []string{"budget_line_item"}},
	"procore/budget_line_item/erp-event-budget":                  {leftOut: "an event of the ERP integration: job costs and transactions, no budget line item"},
	"dynamics/customer/customerfinancialdetail_get-1-response":   {leftOut: "a resource beside the customer"},
	"dynamics/payment/customerpaymentjournal_get-1-response":     {leftOut: "the journal that payments stand in"},
	"dynamics/payment/customerpaymentjournal_create-1-request":   {leftOut: "the journal that payments stand in"},
	"dynamics/payment/customerpaymentjournal_create-2-response":  {leftOut: "the journal that payments stand in"},
	"dynamics/project/job_get-1-response":                        {refusedAt: "/status"},
	"dynamics/project/jobtask_get-1-response":                    {leftOut: "a task of a job"},
	"dynamics/project/thirdparty-odata-jobtasks":                 {leftOut: "tasks of a job"},
	"dynamics/contract/salesorderline_get-1-response":            {wrap: "salesOrderLines"},
	"dynamics/contract/salesOrderLine_create-1-request":          {wrap: "salesOrderLines"},
	"dynamics/contract/salesOrderLine_create-2-response":         {wrap: "salesOrderLines"},
	"dynamics/contract/salesorderline_update-1-request":          {wrap: "salesOrderLines"},
	"dynamics/contract/salesorderline_update-2-response":         {wrap: "salesOrderLines"},
	"dynamics/change_order/salesorderline_get-1-response":        {wrap: "salesOrderLines"},
	"dynamics/change_order/purchaseorder_get-1-response":         {leftOut: "a purchase order: not a shape that the mapping reads"},
	"dynamics/change_order/jobplanningline_get-1-response":       {leftOut: "a planning line: read as a budget line item"},
	"dynamics/change_order/thirdparty-custom-planning-line-post": {leftOut: "a planning line: read as a budget line item"},
	"dynamics/invoice/salesinvoiceline_get-1-response":           {wrap: "salesInvoiceLines"},
	"dynamics/invoice/salesInvoiceLine_create-1-request":         {wrap: "salesInvoiceLines"},
	"dynamics/invoice/salesInvoiceLine_create-2-response":        {wrap: "salesInvoiceLines"},
	"dynamics/invoice/salesInvoiceLine_create-4-request":         {leftOut: "a batch of requests"},
	"dynamics/invoice/salesinvoiceline_update-1-request":         {wrap: "salesInvoiceLines"},
	"dynamics/invoice/salesinvoiceline_update-2-response":        {wrap: "salesInvoiceLines"},
	"dynamics/invoice/recorded-salesinvoiceline":                 {wrap: "salesInvoiceLines"},
}

func commitmentOf(t canonical.EntityType, name platform.Name, sample string) string {
	switch {
	case t != canonical.Contract || name != "procore":
		return ""
	case strings.Contains(sample, "PurchaseOrder"):
		return procore.PurchaseOrder
	}
	return procore.WorkOrder
}
