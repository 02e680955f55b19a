package plan

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// Any patch is either refused with the places that it is refused for, or made; and made again, it changes nothing.
func FuzzPlan(f *testing.F) {
	s := newSandbox(f)
	for i, o := range s.objects {
		f.Add(uint8(i), uint8(0), o.Document)
	}
	for _, r := range s.records {
		for i, o := range s.objects {
			if o.ID == r.CanonicalID {
				f.Add(uint8(i), map[string]uint8{"procore": 1, "dynamics": 2}[r.Platform], r.Payload)
			}
		}
	}
	for i, patch := range []string{
		`{"amount":{"amount":1,"currency":"BHD"},"notes":null}`, `{"amount":"1.00","contract":{"id":5}}`, `{"amount":6370000,"currencyCode":"QAR"}`,
		`{"lines":[{"external_ids":{"procore":{"id":"4896428"}},"quantity":"2"}]}`, `{"line_items":[{"id":4896428,"unit_cost":"2.5"}]}`,
		`{"address":{"city":"Doha"}}`, `{"vendor":{"id":501004},"vendor_id":1}`, `{"vendor":null}`, `{"project":5}`, `{"":{"":[]}}`,
	} {
		f.Add(uint8(i*7), uint8(i%3), []byte(patch))
	}
	f.Fuzz(func(t *testing.T, object, words uint8, text []byte) {
		patch, err := jsontext.Parse(text)
		if err != nil || patch.Kind() != jsontext.Object {
			return
		}
		o := s.objects[int(object)%len(s.objects)]
		change := Patch{Platform: []string{"", "procore", "dynamics"}[words%3], Fields: patch}
		records := s.recordsOf(o)
		if change.Platform != "" && !slices.ContainsFunc(records, func(r reconcile.Record) bool { return r.Platform == change.Platform }) {
			return
		}
		plan := func() (Result, error) {
			draft, err := s.Draft(o, records, change, t.Context().Err)
			if err != nil {
				return Result{}, err
			}
			return draft.Finish(s.find(draft.ReferredIDs()))
		}
		got, err := plan()
		if err != nil {
			_, isPatch := errors.AsType[*PatchError](err)
			translation, isTranslation := errors.AsType[*canonical.TranslationError](err)
			if !isPatch && !isTranslation {
				t.Fatalf("%s %s: %v", change.Platform, text, err)
			}
			if isTranslation {
				for _, p := range translation.Problems {
					if p.In != canonical.InPayload {
						t.Fatalf("%s: the problem is in the patch, not in the %s", text, p.In)
					}
				}
			}
			return
		}
		o.Document = got.Document.Append(nil)
		for i, r := range got.Records {
			for j := range records {
				if records[j].Platform == r.Platform {
					records[j].Payload = got.Records[i].Payload.Append(nil)
				}
			}
		}
		again, err := plan()
		if stale, ok := errors.AsType[*PatchError](err); ok && strings.HasSuffix(stale.Problems[0].Pointer, "/provider_metadata") {
			return // a whole object that was read before the change
		}
		if err != nil {
			t.Fatalf("%s %s, the second time: %v", change.Platform, text, err)
		}
		if again.Changed() {
			t.Fatalf("%s %s changes something the second time: %v", change.Platform, text, changes(again.Changes))
		}
	})
}
