package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform/registry"
)

// sandbox is what a customer has who connected both platforms.
type sandbox struct {
	*Planner
	t       testing.TB
	records []reconcile.Record
	objects []reconcile.Object
}

func newSandbox(t testing.TB) *sandbox {
	s := &sandbox{t: t, Planner: New(registry.New(), canonical.Rates{})}
	var candidates []*reconcile.Candidate
	for name, source := range registry.Sandboxes() {
		records, err := source.Records(t.Context(), books.Receivable)
		require.NoError(t, err)
		for _, r := range records {
			candidates = append(candidates, &reconcile.Candidate{Payload: r.Payload, Record: reconcile.Record{
				Platform: name, EntityType: r.EntityType, Payload: r.Payload.Append(nil), Variant: r.Context.Variant,
			}})
		}
	}
	s.reconcile(candidates)
	return s
}

// reconcile makes the records and objects of the sandbox.
func (s *sandbox) reconcile(candidates []*reconcile.Candidate) {
	for _, c := range candidates {
		p, err := s.platform(c.Record.Platform)
		require.NoError(s.t, err)
		require.NoError(s.t, c.Read(p, s.rates))
	}
	matches, err := reconcile.Match(candidates, s.platforms.Names(), nil, nil)
	require.NoError(s.t, err)
	s.records, s.objects = nil, nil
	for _, c := range candidates {
		s.records = append(s.records, c.Record)
	}
	for i := range matches.Len() {
		s.objects = append(s.objects, matches.Object(i))
	}
}

// find finds objects by any of their ids.
func (s *sandbox) find(ids []string) map[string]Referent {
	found := map[string]Referent{}
	for _, id := range ids {
		for _, named := range s.records {
			if named.CanonicalID != id && named.MintedID != id {
				continue
			}
			found[id] = Referent{CanonicalID: named.CanonicalID, EntityType: named.EntityType, PlatformIDs: map[string]string{}}
			for _, r := range s.records {
				if r.CanonicalID == named.CanonicalID {
					found[id].PlatformIDs[r.Platform] = r.PlatformID
				}
			}
		}
	}
	return found
}

// object is the object of a type and number.
func (s *sandbox) object(t canonical.EntityType, number string) (reconcile.Object, jsontext.Value) {
	for _, o := range s.objects {
		document := s.parse(string(o.Document))
		if o.EntityType == t && (document.Get("number").Text() == number || document.Get("check_number").Text() == number) {
			return o, document
		}
	}
	require.Fail(s.t, "no such object", number)
	return reconcile.Object{}, jsontext.Value{}
}

// plan plans a change of an object, in a platform's words or, with "", in canonical fields.
func (s *sandbox) plan(o reconcile.Object, platform, patch string) (Result, error) {
	return s.planWith(s.Planner, o, Patch{Platform: platform, Fields: s.parse(patch)}, func() error { return nil })
}

// planWith plans a change with any planner, for as long as stop has no error.
func (s *sandbox) planWith(p *Planner, o reconcile.Object, patch Patch, stop func() error) (Result, error) {
	draft, err := p.Draft(o, s.recordsOf(o), patch, stop)
	if err != nil {
		return Result{}, err
	}
	return draft.Finish(s.find(draft.ReferredIDs()))
}

func (s *sandbox) recordsOf(o reconcile.Object) (own []reconcile.Record) {
	for _, r := range s.records {
		if r.CanonicalID == o.ID {
			own = append(own, r)
		}
	}
	return own
}

func (s *sandbox) parse(text string) jsontext.Value {
	v, err := jsontext.Parse([]byte(text))
	require.NoError(s.t, err)
	return v
}

// changes are differences as text: "/amount 1 -> 2".
func changes(differences []canonical.Difference) []string {
	lines := make([]string, len(differences))
	for i, d := range differences {
		lines[i] = fmt.Sprintf("%s %s -> %s", d.Pointer, d.From, d.To)
	}
	return lines
}

func TestPlanChangesALineByItsID(t *testing.T) {
	s := newSandbox(t)
	contract, document := s.object(canonical.Contract, "C-LEX-001")
	ids := document.Get("lines").Members()[1].Value.Get("external_ids")
	got, err := s.plan(contract, "", `{"lines":[{"external_ids":`+ids.String()+`,
		"amount":{"amount":36400,"currency":"QAR"},"unit_price":"2.5","cost_code":"03-999","description":"Walls"}]}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"amount", "revised_amount", "pending_revised_amount", "balance_amount", "percent_paid", "lines", "amount_including_tax"}, got.UpdatedFields)
	changed := changes(slices.DeleteFunc(got.Changes, func(d canonical.Difference) bool {
		return d.Field() != "lines" || strings.HasSuffix(d.Pointer, "including_tax") || strings.HasSuffix(d.Pointer, "extended_amount")
	}))
	require.Len(t, changed, 4)
	assert.Equal(t, `/lines/1/description "Basement walls and slabs B1 to B4" -> "Walls"`, changed[0])
	assert.Contains(t, changed[1], `/lines/1/cost_code `)
	assert.Contains(t, changed[2], `/lines/1/amount `)
	assert.Contains(t, changed[2], ` -> {"amount":10000,"currency":"USD"}`)
	assert.Equal(t, `/lines/1/unit_price null -> "2.5"`, changed[3])
	require.Len(t, got.Records, 2)
	procore, dynamics := got.Records[0], got.Records[1]
	assert.Equal(t, []string{"grand_total", "line_items", "pending_revised_contract", "percentage_paid", "remaining_balance_outstanding", "revised_contract"}, slices.Sorted(slices.Values(procore.UpdatedFields)))
	assert.Equal(t, `"100.00"`, procore.Payload.Get("line_items").Members()[1].Value.Get("amount").String())
	assert.Equal(t, []string{"totalAmountExcludingTax", "totalAmountIncludingTax", "salesOrderLines"}, dynamics.UpdatedFields)
	line := dynamics.Payload.Get("salesOrderLines").Members()[1].Value
	assert.Equal(t, "364", line.Get("amountExcludingTax").String(), "the amount as it was given")
	assert.Equal(t, "364", line.Get("unitPrice").String(), "one unit: the books compute the amount of the price")
	assert.Equal(t, `"Walls"`, line.Get("description").String())
	assert.Equal(t, []mapping.Loss{{Field: "/lines/1/unit_price", Reason: mapping.Approximated}, {Field: "/lines/*/cost_code", Reason: mapping.NoField}}, dynamics.Lost)
}

func TestPlanChangesALineInThePlatformsWords(t *testing.T) {
	s := newSandbox(t)
	contract, document := s.object(canonical.Contract, "C-LEX-001")
	var order jsontext.Value
	for _, r := range s.records {
		if r.Platform == "dynamics" && r.CanonicalID == contract.ID {
			order = s.parse(string(r.Payload))
		}
	}
	id := order.Get("salesOrderLines").Members()[2].Value.Get("id").String()
	got, err := s.plan(contract, "dynamics", `{"salesOrderLines":[{"id":`+id+`,"quantity":7,"unitPrice":36.4}]}`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"/amount", "/revised_amount", "/pending_revised_amount", "/balance_amount", "/percent_paid", "/lines/2/amount", "/lines/2/amount_including_tax", "/lines/2/extended_amount",
		"/lines/2/quantity", "/lines/2/unit_price", "/amount_including_tax",
	}, pointers(got.Changes))
	line := got.Document.Get("lines").Members()[2].Value
	assert.Equal(t, `"10"`, line.Get("unit_price").String(), "in the object's currency")
	assert.Equal(t, document.Get("lines").Members()[2].Value.Get("external_ids").String(), line.Get("external_ids").String())
	item := got.Records[0].Payload.Get("line_items").Members()[2].Value
	assert.Equal(t, `"7.0" "10.0"`, item.Get("quantity").String()+" "+item.Get("unit_cost").String())

	_, err = s.plan(contract, "dynamics", `{"salesOrderLines":[{"id":`+id+`,"unitPrice":"dear"}]}`)
	translation, ok := errors.AsType[*canonical.TranslationError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "/salesOrderLines/0/unitPrice", translation.Problems[0].Pointer, "the place in the patch")
}

func pointers(differences []canonical.Difference) (list []string) {
	for _, d := range differences {
		list = append(list, d.Pointer)
	}
	return list
}

// Lines of two platforms are recognised by their description alone.
func TestPlanDoesNotGuessLines(t *testing.T) {
	s := newSandbox(t)
	contract, document := s.object(canonical.Contract, "C-LEX-001")
	ids := document.Get("lines").Members()[0].Value.Get("external_ids").String()
	renamed, err := s.plan(contract, "", `{"lines":[{"external_ids":`+ids+`,"description":"Excavation"}]}`)
	require.NoError(t, err)
	for i := range s.records {
		if s.records[i].CanonicalID == contract.ID && s.records[i].Platform == "procore" {
			s.records[i].Payload = renamed.Records[0].Payload.Append(nil) // Business Central did not hear of it
		}
	}
	contract.Document = renamed.Document.Append(nil)
	got, err := s.plan(contract, "", `{"lines":[{"external_ids":`+ids+`,"quantity":"3"}]}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"line_items"}, got.Records[0].UpdatedFields)
	assert.Empty(t, got.Records[1].UpdatedFields)
	assert.Equal(t, []mapping.Loss{{Field: "/lines/0/quantity", Reason: mapping.NoCounterpart}}, got.Records[1].Lost)
}

func TestPlanTakesAnySpellingOfAField(t *testing.T) {
	s := newSandbox(t)
	payment, _ := s.object(canonical.Payment, "CHK-2026-0101")
	var vendor string
	for _, r := range s.records {
		if r.Platform == "procore" && r.EntityType == canonical.Contract && r.CanonicalID != s.parse(string(payment.Document)).Get("contract_id").Text() {
			vendor = r.PlatformID
		}
	}
	// The record has contract_id; the patch says it in another of Procore's forms.
	got, err := s.plan(payment, "procore", `{"contract":{"id":`+vendor+`}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"contract_id"}, got.UpdatedFields)
	assert.Equal(t, vendor, got.Records[0].Payload.Get("contract_id").String(), "both say the same")
	assert.Equal(t, vendor, got.Records[0].Payload.At("contract", "id").String())

	_, err = s.plan(payment, "procore", `{"contract_id":`+vendor+`,"contract":{"id":1945782}}`)
	require.EqualError(t, err, "/contract/id: expected the same as /contract_id says")
}

func TestPlanKeepsWhatHasNoCanonicalField(t *testing.T) {
	s := newSandbox(t)
	payment, _ := s.object(canonical.Payment, "CHK-2026-0101")
	got, err := s.plan(payment, "procore", `{"attachments":["receipt.pdf"]}`)
	require.NoError(t, err)
	assert.Empty(t, got.UpdatedFields)
	assert.Equal(t, []string{"attachments"}, got.Records[0].UpdatedFields)
	assert.Equal(t, `["receipt.pdf"]`, got.Document.At("provider_metadata", "procore", "attachments").String())
	assert.True(t, got.Changed())
	assert.Empty(t, got.Records[1].Changes)
}

// A record may refer to one that was never loaded. Its reference can be repeated, not made.
func TestPlanTakesADanglingReferenceThatIsThere(t *testing.T) {
	s := newSandbox(t)
	payment, document := s.object(canonical.Payment, "CHK-2026-0101")
	s.records = slices.DeleteFunc(s.records, func(r reconcile.Record) bool { return r.CanonicalID == document.Get("contract_id").Text() })
	got, err := s.plan(payment, "", `{"notes":"x","contract_id":`+document.Get("contract_id").String()+`}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"notes"}, got.UpdatedFields)
	_, err = s.plan(payment, "", `{"contract_id":"cor_000000000000000"}`)
	require.EqualError(t, err, "/contract_id: expected the id of a contract")
}

func TestPlanRefuses(t *testing.T) {
	s := newSandbox(t)
	for _, test := range []struct{ entityType, number, platform, patch, want string }{
		{"contract", "C-LEX-001", "", `{"nonsense":1,"commitment_type":"purchase_order"}`, "/nonsense: unknown field; /commitment_type: cannot be changed"},
		{"contract", "C-LEX-001", "", `{"lines":[{"external_ids":{"procore":{"id":"1"}}}]}`, "/lines/0/external_ids: expected " + ofALine},
		{"contract", "C-LEX-001", "", `{"lines":[{"description":"new"}]}`, "/lines/0/external_ids: expected " + ofALine},
		{"contract", "C-LEX-001", "", `{"lines":null}`, "/lines: expected an array of lines, each with its external_ids"},
		{"contract", "C-LEX-001", "", `{"sell_to":1}`, "/sell_to: expected an object"},
		{"contract", "C-LEX-001", "procore", `{"currency_configuration":null}`, "/currency_configuration: cannot be changed"},
		{"contract", "C-LEX-001", "procore", `{"id":1}`, "/id: cannot be changed"},
		{"contract", "C-LEX-001", "procore", `{"vendor":{"colour":"red"}}`, "/vendor/colour: unknown field"},
		{"contract", "C-LEX-001", "procore", `{"line_items":[{"id":1}]}`, "/line_items/0/id: expected " + ofALine},
		{"contract", "C-LEX-001", "dynamics", `{"salesOrderLines":[{"id":null}]}`, "/salesOrderLines/0/id: expected " + ofALine},
		{"payment", "CHK-2026-0101", "dynamics", `{"currencyCode":"AED"}`, "/currencyCode: cannot be changed"},
		{"payment", "CHK-2026-0101", "procore", `{"constructor":1}`, "/constructor: unknown field"},
		{"payment", "CHK-2026-0101", "", `{"check_number":"` + strings.Repeat("9", 36) + `"}`, tooLong(t, "check_number", 36)},
	} {
		object, _ := s.object(canonical.EntityType(test.entityType), test.number)
		_, err := s.plan(object, test.platform, test.patch)
		assert.EqualError(t, err, test.want, test.patch)
	}
}

// A field that cannot be changed may be named with the value that it has: a whole record can be sent back.
func TestPlanTakesAWholeRecord(t *testing.T) {
	s := newSandbox(t)
	for _, o := range s.objects {
		got, err := s.plan(o, "", string(o.Document))
		require.NoError(t, err, "%s", o.Document)
		assert.Empty(t, changes(got.Changes), "%s", o.Document)
		for _, r := range s.records {
			if r.CanonicalID != o.ID {
				continue
			}
			got, err := s.plan(o, r.Platform, string(r.Payload))
			require.NoError(t, err, "%s", r.Payload)
			for _, own := range got.Records {
				if own.Platform == r.Platform {
					assert.Empty(t, changes(own.Changes), "%s", r.Payload)
				}
			}
		}
	}
}

// tooLong is what a text of so many nines in a field of payments is refused with: by each platform that has no room for it.
func tooLong(t *testing.T, field string, length int) string {
	document, err := jsontext.Parse([]byte(`{"object":"payment","` + field + `":"` + strings.Repeat("9", length) + `"}`))
	require.NoError(t, err)
	var refusals, refusing []string
	for _, name := range registry.New().Names() {
		p, _ := registry.New().Get(name)
		_, report, err := p.FromCanonical(canonical.Payment, document, jsontext.Value{}, mapping.Context{})
		require.NoError(t, err)
		if slices.Contains(report.Lost, mapping.Loss{Field: "/" + field, Reason: mapping.TooLong}) {
			refusals = append(refusals, "/"+field+": expected a text that is not too long for "+string(name))
			refusing = append(refusing, string(name))
		}
	}
	require.Contains(t, refusing, "dynamics")
	return strings.Join(refusals, "; ")
}
