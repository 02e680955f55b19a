package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/platform/lens"
)

// maxBody is the size of the largest request.
const maxBody = 1 << 20

// list repeats an element, by its number, so many times, or until a body is full.
func list(open string, n int, element func(i int) string, shut string) string {
	var b strings.Builder
	b.WriteString(open)
	for i := 0; i < n; i++ {
		next := element(i)
		if b.Len()+len(next)+len(shut)+1 > maxBody {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(next)
	}
	b.WriteString(shut)
	return b.String()
}

func guid(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", i+1) }

// manyLines is what a customer has whose one contract has so many lines, on both platforms.
func manyLines(t testing.TB, n int) (*sandbox, canonical.StoredObject) {
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
	var entities []*entity
	for _, r := range s.records {
		if r.CanonicalID == contract.ID {
			own := lines[r.Platform]
			r.Payload = s.parse(string(r.Payload)).With(own[0], s.parse(own[1])).Append(nil)
		}
		entities = append(entities, &entity{record: r})
	}
	var err error
	s.records, s.objects, err = s.unite(entities)
	require.NoError(t, err)
	contract, _ = s.object(canonical.Contract, "C-LEX-001")
	return s, contract
}

// A change is a body of a request that changes an object of so many lines.
type costly struct {
	name, platform string
	body           func(n int) string
	refused        bool
}

var costlyChanges = []costly{
	{"lines by their Procore id", "", func(n int) string {
		return list(`{"lines":[`, n, func(i int) string {
			return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}},"quantity":"2"}`, n-i)
		}, `]}`)
	}, false},
	{"amounts of lines", "", func(n int) string {
		return list(`{"lines":[`, n, func(i int) string {
			return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}},"amount":{"amount":5000,"currency":"USD"},"unit_price":"2.5"}`, n-i)
		}, `]}`)
	}, false},
	{"lines that are not there", "", func(n int) string {
		return list(`{"lines":[`, 2*n, func(i int) string { return `{"external_ids":{"procore":{"id":"x"}}}` }, `]}`)
	}, true},
	{"one line again and again", "", func(n int) string {
		return list(`{"lines":[`, 2*n, func(i int) string { return fmt.Sprintf(`{"external_ids":{"procore":{"id":"%d"}}}`, n) }, `]}`)
	}, true},
	{"Procore's lines", "procore", func(n int) string {
		return list(`{"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"id":%d,"quantity":"2","unit_cost":"3"}`, n-i) }, `]}`)
	}, false},
	{"Business Central's lines", "dynamics", func(n int) string {
		return list(`{"salesOrderLines":[`, n, func(i int) string { return fmt.Sprintf(`{"id":"%s","quantity":2}`, guid(n-1-i)) }, `]}`)
	}, false},
	{"fields in two words each", "procore", func(n int) string {
		return `{"vendor":{"id":501004},"vendor_id":501004,"project":{"id":341276},"project_id":341276}`
	}, false},
	{"unknown fields", "", func(n int) string {
		return list(`{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}, true},
	{"unknown fields of Procore", "procore", func(n int) string {
		return list(`{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}, true},
	{"metadata again, in another order", "", func(n int) string {
		return list(`{"provider_metadata":{"procore":{`, 5*n, func(i int) string { return fmt.Sprintf(`"%d":1`, 5*n-i) }, `}}}`)
	}, true},
}

// BenchmarkPropagateLargest changes an object of 20,000 lines by the largest requests.
func BenchmarkPropagateLargest(b *testing.B) {
	const lines = 20000
	s, contract := manyLines(b, lines)
	for _, c := range costlyChanges {
		body := c.body(lines)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.propagate(contract, c.platform, body)
				require.Equal(b, c.refused, err != nil, "%.500v", err)
			}
		})
	}
}

var costlyRecords = []struct {
	name   string
	source string
	body   func(n int) string
}{
	{"lines", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"id":%d,"amount":"1.00"}`, i) }, `]}`)
	}},
	{"lines without an id", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return `{"amount":"1.00"}` }, `]}`)
	}},
	{"empty lines", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return `{}` }, `]}`)
	}},
	{"unknown fields", "procore", func(n int) string {
		return list(`{"id":1,`, n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}`)
	}},
	{"unknown fields of lines", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return fmt.Sprintf(`{"%d":1}`, i) }, `]}`)
	}},
	{"lines that are none", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return `1` }, `]}`)
	}},
	{"amounts that are none", "procore", func(n int) string {
		return list(`{"id":1,"line_items":[`, n, func(i int) string { return `{"amount":"x","quantity":"y"}` }, `]}`)
	}},
}

// BenchmarkTransformLargest translates the largest records.
func BenchmarkTransformLargest(b *testing.B) {
	s := newSandbox(b)
	for _, r := range costlyRecords {
		data := []byte(r.body(1 << 20))
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				payload, err := canonical.Parse(data)
				require.NoError(b, err)
				done, err := s.Transform(b.Context(), Transformation{
					Source: "procore", Target: "dynamics", EntityType: canonical.Contract, Data: payload, CommitmentType: lens.WorkOrder, TargetCurrency: "QAR",
				})
				if err == nil {
					done.Data.Append(done.Canonical.Append(nil))
				} else {
					_ = err.Error()
				}
			}
		})
	}
}
