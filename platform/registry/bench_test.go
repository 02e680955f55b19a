package registry_test

import (
	"strconv"
	"testing"

	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
	"structural.app/structural/mapping"
	"structural.app/structural/platform"
	"structural.app/structural/platform/procore"
)

// contractOf is the full contract with so many lines.
func contractOf(b *testing.B, lines int) []byte {
	contract := fixture(b, "procore", canonical.Contract)
	line := contract.Get("line_items").Members()[0].Value
	var all []jsontext.Value
	for i := range lines {
		all = append(all, line.With("id", jsontext.NewInt(int64(4896147+i))).With("position", jsontext.NewInt(int64(i))))
	}
	return contract.With("line_items", jsontext.NewArray(all...)).Append(nil)
}

// transform is what POST /transform does: bytes to canonical to the target's bytes.
func transform(b *testing.B, from, to platform.Platform, entity canonical.EntityType, data []byte, ctx mapping.Context) {
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	var out []byte
	for b.Loop() {
		payload, err := jsontext.Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		document, _, err := from.ToCanonical(entity, payload, ctx)
		if err != nil {
			b.Fatal(err)
		}
		target, _, err := to.FromCanonical(entity, document, jsontext.Value{}, ctx)
		if err != nil {
			b.Fatal(err)
		}
		out = target.Append(document.Append(out[:0]))
	}
}

// BenchmarkTransformContract reports what a line costs, too: of many lines it should cost what it costs of few.
func BenchmarkTransformContract(b *testing.B) {
	ctx := mapping.Context{Variant: procore.WorkOrder}
	for _, lines := range []int{10, 100, 1000, 10000} {
		data := contractOf(b, lines)
		b.Run("procore-to-dynamics/"+strconv.Itoa(lines), func(b *testing.B) {
			transform(b, get(b, "procore"), get(b, "dynamics"), canonical.Contract, data, ctx)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
		})
		b.Run("procore-to-procore/"+strconv.Itoa(lines), func(b *testing.B) {
			transform(b, get(b, "procore"), get(b, "procore"), canonical.Contract, data, ctx)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
		})
	}
}

func BenchmarkTransformPayment(b *testing.B) {
	data := fixture(b, "procore", canonical.Payment).Append(nil)
	b.Run("procore-to-dynamics", func(b *testing.B) {
		transform(b, get(b, "procore"), get(b, "dynamics"), canonical.Payment, data, mapping.Context{})
	})
	b.Run("converted", func(b *testing.B) {
		transform(b, get(b, "procore"), get(b, "dynamics"), canonical.Payment, fixture(b, "procore", canonical.Payment).Append(nil),
			mapping.Context{Currency: "QAR"})
	})
	data = fixture(b, "dynamics", canonical.Payment).Append(nil)
	b.Run("dynamics-to-procore", func(b *testing.B) {
		transform(b, get(b, "dynamics"), get(b, "procore"), canonical.Payment, data, mapping.Context{})
	})
}

func BenchmarkParse(b *testing.B) {
	data := contractOf(b, 100)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsontext.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
