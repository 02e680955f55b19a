package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
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
func manyLines(t testing.TB, n int) (*sandbox, StoredObject) {
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
	s.records, s.objects, err = s.unite(t.Context(), entities, nil)
	require.NoError(t, err)
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

func (s *sandbox) transform(ctx context.Context, data []byte) error {
	payload, err := jsontext.Parse(data)
	require.NoError(s.t, err)
	done, err := s.Transform(ctx, Transformation{
		Source: "procore", Target: "dynamics", EntityType: canonical.Contract, Data: payload, Variant: procore.WorkOrder, TargetCurrency: "QAR",
	})
	if err == nil {
		done.Data.Append(done.Canonical.Append(nil))
	}
	return err
}

// BenchmarkTransformLargest translates the largest records.
func BenchmarkTransformLargest(b *testing.B) {
	s := newSandbox(b)
	for _, r := range costlyRecords {
		data := []byte(r.body(maxBody))
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := s.transform(b.Context(), data); err != nil {
					_ = err.Error()
				}
			}
		})
	}
}

// manyMembers is a payment whose record at Procore has an object of so many members that no table knows.
func manyMembers(t testing.TB, n int) (*sandbox, StoredObject) {
	s := newSandbox(t)
	payment, document := s.object(canonical.Payment, "CHK-2026-0101")
	wide := s.parse(list(`{"k":{`, n, func(i int) string { return fmt.Sprintf(`"%d":1`, i) }, `}}`))
	for i, r := range s.records {
		if r.Platform == "procore" && r.CanonicalID == payment.ID {
			s.records[i].Payload = s.parse(string(r.Payload)).With("origin_data", wide).Append(nil)
		}
	}
	path := jsontext.Path{"provider_metadata", "procore", "origin_data"}
	payment.Document = set(document, path, wide).Append(nil)
	return s, payment
}

var wideChanges = []costly{
	{"one of many members", "procore", func(int) string { return `{"origin_data":{"k":{"0":2}}}` }, false},
	{"all of many members", "procore", func(n int) string {
		return list(`{"origin_data":{"k":{`, n, func(i int) string { return fmt.Sprintf(`"%d":2`, n-1-i) }, `}}}`)
	}, false},
	{"many members anew", "procore", func(n int) string {
		return list(`{"origin_data":[`, n, func(i int) string { return `{}` }, `]}`)
	}, false},
}

// BenchmarkPropagateWidest changes an object of 60,000 members.
func BenchmarkPropagateWidest(b *testing.B) {
	const members = 60000
	s, payment := manyMembers(b, members)
	for _, c := range wideChanges {
		body := c.body(members)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.propagate(payment, c.platform, body)
				require.NoError(b, err)
			}
		})
	}
}

// cost is what a function allocates, in objects and in bytes.
func cost(do func()) (objects, bytes float64) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties pools
	var before, after runtime.MemStats
	do() // what is made once is made
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// Four times the work costs about four times as much, and not sixteen times. What copies grows with its square would show in
// the bytes; what compares would not end while these tests may run.
func TestCostIsLinear(t *testing.T) {
	const size = 2500 // lines of a change: four times as many fill a request
	grows := func(t *testing.T, size int, work func(n int) func()) {
		objects, bytes := cost(work(size))
		moreObjects, moreBytes := cost(work(4 * size))
		t.Logf("objects %.0f to %.0f, bytes %.0f to %.0f", objects, moreObjects, bytes, moreBytes)
		assert.Less(t, moreObjects, 5*objects+1000)
		assert.Less(t, moreBytes, 12*bytes+1<<20) // slices that grow, and pools that are empty, are not exact; a square is 16 times
	}
	for _, c := range costlyChanges {
		t.Run(c.name, func(t *testing.T) {
			grows(t, size, func(n int) func() {
				s, contract := manyLines(t, n)
				body := c.body(n)
				return func() {
					_, err := s.propagate(contract, c.platform, body)
					require.Equal(t, c.refused, err != nil, "%.500v", err)
				}
			})
		})
	}
	for _, c := range wideChanges {
		t.Run(c.name, func(t *testing.T) {
			grows(t, 10000, func(n int) func() {
				s, payment := manyMembers(t, n)
				body := c.body(n)
				return func() {
					_, err := s.propagate(payment, c.platform, body)
					require.NoError(t, err)
				}
			})
		})
	}
	s := newSandbox(t)
	for _, r := range costlyRecords {
		t.Run("transform "+r.name, func(t *testing.T) {
			grows(t, 10000, func(n int) func() {
				data := []byte(r.body(n))
				return func() { _ = s.transform(t.Context(), data) }
			})
		})
	}
}

// ending is a context that ends when it is asked for the nth time, and counts how often it is asked after that.
type ending struct {
	context.Context
	at, asked int
}

func (c *ending) Err() error {
	if c.asked++; c.asked < c.at {
		return nil
	}
	return context.DeadlineExceeded
}

// Work for a request that has ended stops: wherever that happens, it is asked for once more or twice, and asked every 1,024
// lines.
func TestWorkStopsWhenItsRequestEnds(t *testing.T) {
	const lines = 5000
	s, contract := manyLines(t, lines)
	for _, c := range costlyChanges[:2] {
		change := Propagation{Platform: c.platform, Patch: s.parse(c.body(lines))}
		whole := &ending{Context: t.Context(), at: 1 << 30}
		_, err := s.Propagate(whole, contract, s.recordsOf(contract), change, s.find)
		require.NoError(t, err)
		// Each record is read before and after, each line of it is patched, changed, written and compared.
		require.Greater(t, whole.asked, 6*lines/1024)
		for at := 1; at <= whole.asked; at += 5 {
			ctx := &ending{Context: t.Context(), at: at}
			_, err := s.Propagate(ctx, contract, s.recordsOf(contract), change, s.find)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.LessOrEqual(t, ctx.asked, at+2)
		}
	}
	change := Propagation{Platform: "procore", Patch: s.parse(costlyChanges[4].body(lines))}
	ctx := &ending{Context: t.Context(), at: 1}
	_, err := s.Propagate(ctx, contract, s.recordsOf(contract), change, s.find)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	data := []byte(costlyRecords[0].body(2 * lines))
	for _, at := range []int{1, 5, 10, 15} {
		ctx := &ending{Context: t.Context(), at: at}
		require.ErrorIs(t, s.transform(ctx, data), context.DeadlineExceeded)
		require.Equal(t, at, ctx.asked)
	}
}

func (s *sandbox) recordsOf(o StoredObject) (own []StoredRecord) {
	for _, r := range s.records {
		if r.CanonicalID == o.ID {
			own = append(own, r)
		}
	}
	return own
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

// Each record is read once before a change and once after it, however the change is stated.
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
		translator := New(platform.NewRegistry(counted...), canonical.Rates{})
		_, err := translator.Propagate(t.Context(), contract, s.recordsOf(contract),
			Propagation{Platform: c.platform, Patch: s.parse(c.body(20))}, s.find)
		require.NoError(t, err)
		for _, p := range counted {
			assert.LessOrEqual(t, p.(*counting).read, 2, "%s: %s", c.name, p.Name())
			assert.LessOrEqual(t, p.(*counting).written, 2, "%s: %s", c.name, p.Name())
		}
	}
}
