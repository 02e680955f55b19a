package jsontext_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"structural.app/structural/jsontext"
)

// BenchmarkParse reads a platform's record, and the same record so many times over that it is a megabyte.
func BenchmarkParse(b *testing.B) {
	record, err := os.ReadFile("../platform/procore/testdata/contract.json")
	require.NoError(b, err)
	many := []byte("[" + strings.TrimSuffix(strings.Repeat(string(record)+",", 1<<20/len(record)), ",") + "]")
	for name, text := range map[string][]byte{"record": record, "megabyte": many, "small": []byte(`{"id":"a","amount":10.50}`), "numbers": numbers()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jsontext.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func numbers() []byte {
	return []byte("[" + strings.Repeat("[-12.50,1e3,170000000],", 100) + "[]]")
}

func BenchmarkNormalDecimal(b *testing.B) {
	for _, text := range []string{"1700000.5", "1700000.00", "1.25E-3", "12345678901234567890.10"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := jsontext.NormalDecimal(text); !ok {
					b.Fatal("refused")
				}
			}
		})
	}
}
