package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/app/apptest"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
)

func guid(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", i+1) }

// manyLines is what a customer has whose one contract has so many lines, on both platforms.
func manyLines(t testing.TB, n int) (*sandbox, reconcile.Object) {
	s := newSandbox(t)
	contract, _ := s.object(canonical.Contract, "C-LEX-001")
	lines := map[string][2]string{}
	var procore, dynamics strings.Builder
	for i := range n {
		if i > 0 {
			procore.WriteByte(',')
			dynamics.WriteByte(',')
		}
		fmt.Fprintf(&procore, `{"id":%d,"description":"Line %d","amount":"1.00"}`, i+1, i)
		fmt.Fprintf(&dynamics, `{"id":"%s","description":"Line %d","amountExcludingTax":3.64}`, guid(i), i)
	}
	lines["procore"] = [2]string{"line_items", "[" + procore.String() + "]"}
	lines["dynamics"] = [2]string{"salesOrderLines", "[" + dynamics.String() + "]"}
	var candidates []*reconcile.Candidate
	for _, r := range s.records {
		if r.CanonicalID == contract.ID {
			own := lines[r.Platform]
			r.Payload = s.parse(string(r.Payload)).With(own[0], s.parse(own[1])).Append(nil)
		}
		candidates = append(candidates, &reconcile.Candidate{Record: r})
	}
	s.reconcile(candidates)
	contract, _ = s.object(canonical.Contract, "C-LEX-001")
	return s, contract
}

// costly is a body of a request that changes an object of so many lines.
type costly struct {
	name, platform string
	body           func(n int) string
	refused        bool
}

var costlyChanges = []costly{
	{"lines by their Procore id", "", func(n int) string {
		return apptest.List(`{"lines":[`, n, func(i int) string {
			return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}},"quantity":"2"}`, n-i)
		}, `]}`)
	}, false},
	{"amounts of lines", "", func(n int) string {
		return apptest.List(`{"lines":[`, n, func(i int) string {
			return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}},"amount":{"amount":5000,"currency":"USD"},"unit_price":"2.5"}`, n-i)
		}, `]}`)
	}, false},
	{"lines that are not there", "", func(n int) string {
		return apptest.List(`{"lines":[`, 2*n, func(i int) string { return `{"external_ids":{"procore":{"id":"x"}}}` }, `]}`)
	}, true},
	{"one line again and again", "", func(n int) string {
		return apptest.List(`{"lines":[`, 2*n, func(i int) string { return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}}}`, n) }, `]}`)
	}, true},
	{"Procore's lines", "procore", func(n int) string {
		return apptest.List(`{"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"id":%d,"quantity":"2","unit_cost":"3"}`, n-i) }, `]}`)
	}, false},
	{"Business Central's lines", "dynamics", func(n int) string {
		return apptest.List(`{"salesOrderLines":[`, n, func(i int) string { return fmt.Sprintf(`{"id":"%s","quantity":2}`, guid(n-1-i)) }, `]}`)
	}, false},
	{"fields in two words each", "procore", func(n int) string {
		return `{"vendor":{"id":501004},"vendor_id":501004,"project":{"id":341276},"project_id":341276}`
	}, false},
	{"unknown fields", "", func(n int) string {
		return apptest.List(`{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}, true},
	{"unknown fields of Procore", "procore", func(n int) string {
		return apptest.List(`{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}, true},
	{"metadata again, in another order", "", func(n int) string {
		return apptest.List(`{"provider_metadata":{"procore":{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, 5*n-i) }, `}}}`)
	}, true},
}

// BenchmarkPlanLargest changes an object of 20,000 lines by the largest requests.
func BenchmarkPlanLargest(b *testing.B) {
	const lines = 20000
	s, contract := manyLines(b, lines)
	for _, c := range costlyChanges {
		body := c.body(lines)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.plan(contract, c.platform, body)
				require.Equal(b, c.refused, err != nil, "%.500v", err)
			}
		})
	}
}

// manyMembers is a payment whose record at Procore has an object of so many members that no table knows.
func manyMembers(t testing.TB, n int) (*sandbox, reconcile.Object) {
	s := newSandbox(t)
	payment, document := s.object(canonical.Payment, "CHK-2026-0101")
	wide := s.parse(apptest.List(`{"k":{`, n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}}`))
	for i, r := range s.records {
		if r.Platform == "procore" && r.CanonicalID == payment.ID {
			s.records[i].Payload = s.parse(string(r.Payload)).With("origin_data", wide).Append(nil)
		}
	}
	path := jsontext.Path{"provider_metadata", "procore", "origin_data"}
	payment.Document = reconcile.SetField(document, path, wide).Append(nil)
	return s, payment
}

var wideChanges = []costly{
	{"one of many members", "procore", func(int) string { return `{"origin_data":{"k":{"0":2}}}` }, false},
	{"all of many members", "procore", func(n int) string {
		return apptest.List(`{"origin_data":{"k":{`, n, func(i int) string { return fmt.Sprintf(`"%d":2`, n-1-i) }, `}}}`)
	}, false},
	{"many members anew", "procore", func(n int) string {
		return apptest.List(`{"origin_data":[`, n, func(i int) string { return `{}` }, `]}`)
	}, false},
}

// BenchmarkPlanWidest changes an object of 60,000 members.
func BenchmarkPlanWidest(b *testing.B) {
	const members = 60000
	s, payment := manyMembers(b, members)
	for _, c := range wideChanges {
		body := c.body(members)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.plan(payment, c.platform, body)
				require.NoError(b, err)
			}
		})
	}
}

// Four times the work costs about four times as much, and not sixteen times.
func TestCostIsLinear(t *testing.T) {
	const size = 2500 // lines of a change: four times as many fill a request
	for _, c := range costlyChanges {
		t.Run(c.name, func(t *testing.T) {
			apptest.CostIsLinear(t, size, func(n int) func() {
				s, contract := manyLines(t, n)
				body := c.body(n)
				return func() {
					_, err := s.plan(contract, c.platform, body)
					require.Equal(t, c.refused, err != nil, "%.500v", err)
				}
			})
		})
	}
	for _, c := range wideChanges {
		t.Run(c.name, func(t *testing.T) {
			apptest.CostIsLinear(t, 10000, func(n int) func() {
				s, payment := manyMembers(t, n)
				body := c.body(n)
				return func() {
					_, err := s.plan(payment, c.platform, body)
					require.NoError(t, err)
				}
			})
		})
	}
}

var errEnded = errors.New("the request has ended")

// Work for a request that has ended stops: wherever that happens, it is asked for once more or twice, and asked every 1,024
// lines.
func TestWorkStopsWhenItsRequestEnds(t *testing.T) {
	const lines = 5000
	s, contract := manyLines(t, lines)
	for _, c := range costlyChanges[:2] {
		change := Patch{Platform: c.platform, Fields: s.parse(c.body(lines))}
		whole := &apptest.Ending{At: 1 << 30}
		_, err := s.planWith(s.Planner, contract, change, whole.Stop)
		require.NoError(t, err)
		// Each record is read before and after, each line of it is patched, changed, written and compared.
		require.Greater(t, whole.Asked, 6*lines/1024)
		for at := 1; at <= whole.Asked; at += 5 {
			end := &apptest.Ending{At: at, Err: errEnded}
			_, err := s.planWith(s.Planner, contract, change, end.Stop)
			require.ErrorIs(t, err, errEnded)
			require.LessOrEqual(t, end.Asked, at+2)
		}
	}
	change := Patch{Platform: "procore", Fields: s.parse(costlyChanges[4].body(lines))}
	end := &apptest.Ending{At: 1, Err: errEnded}
	_, err := s.planWith(s.Planner, contract, change, end.Stop)
	require.ErrorIs(t, err, errEnded)
}

// counting counts how often a platform reads and writes a record of many lines.
type counting struct {
	platform.Platform
	read, written int
}

func (c *counting) ToCanonical(t canonical.EntityType, payload jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error) {
	if payload.Get("line_items").Len() > 0 || payload.Get("salesOrderLines").Len() > 0 {
		c.read++
	}
	return c.Platform.ToCanonical(t, payload, ctx)
}

func (c *counting) FromCanonical(t canonical.EntityType, document, onto jsontext.Value, ctx mapping.Context) (jsontext.Value, mapping.Report, error) {
	c.written++
	return c.Platform.FromCanonical(t, document, onto, ctx)
}

// Each record is read once before a change and once after it, however the change is stated. The record in whose words it is stated
// is read once more: with the change, to know what it makes of its amounts.
func TestAChangeIsBuiltOnce(t *testing.T) {
	s, contract := manyLines(t, 20)
	for _, c := range costlyChanges {
		if c.refused {
			continue
		}
		var counted []platform.Platform
		for _, name := range s.platforms.Names() {
			p, _ := s.platforms.Get(name)
			counted = append(counted, &counting{Platform: p})
		}
		planner := New(platform.NewRegistry(counted...), canonical.Rates{})
		_, err := s.planWith(planner, contract, Patch{Platform: c.platform, Fields: s.parse(c.body(20))}, func() error { return nil })
		require.NoError(t, err)
		for _, p := range counted {
			reads := 2
			if string(p.Name()) == c.platform {
				reads = 3
			}
			assert.LessOrEqual(t, p.(*counting).read, reads, "%s: %s", c.name, p.Name())
			assert.LessOrEqual(t, p.(*counting).written, 2, "%s: %s", c.name, p.Name())
		}
	}
}
