package jsonschema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bodies are those of a health check, of an order with its lines, and of one object of a oneOf.
var benchmarks = []struct {
	name, schema, text string
	target             func() any // a struct that matches
}{
	{
		name: "health",
		schema: `{"type":"object","required":["data"],"additionalProperties":false,"properties":{"data":{"type":"object",
			"required":["status","timestamp","checks"],"properties":{"status":{"type":"string","enum":["ok","degraded"]},
			"timestamp":{"type":"string","format":"date-time"},"checks":{"type":"object","required":["database"],"properties":{"database":{"type":"string","enum":["ok","down"]}}}}}}}`,
		text: `{"data":{"status":"ok","timestamp":"2026-04-11T12:00:00.000Z","checks":{"database":"ok"}}}`,
		target: func() any {
			return new(struct {
				Data struct {
					Status, Timestamp string
					Checks            struct{ Database string }
				}
			})
		},
	},
	{
		name: "order",
		schema: `{"type":"object","required":["id","number","customer","lines"],"additionalProperties":false,"properties":{
			"id":{"type":"string","format":"uuid"},"number":{"type":"string","minLength":1,"maxLength":20},"created_at":{"type":"string","format":"date-time"},
			"due":{"type":["string","null"],"format":"date"},"currency":{"type":"string","pattern":"^[A-Z]{3}$"},"note":{"type":"string","maxLength":500},
			"customer":{"type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":100},"email":{"type":"string","format":"email"}}},
			"lines":{"type":"array","minItems":1,"items":{"type":"object","required":["sku","quantity","unit_price"],"additionalProperties":false,"properties":{
				"sku":{"type":"string","minLength":3},"description":{"type":"string"},"quantity":{"type":"integer","minimum":1},"unit_price":{"type":"number","minimum":0},
				"total":{"type":"object","required":["amount","currency"],"properties":{"amount":{"type":"integer"},"currency":{"type":"string","enum":["QAR","USD","AED","EUR"]}}}}}}}}`,
		text: orderText(),
		target: func() any {
			return new(struct {
				ID, Number, Currency, Note string
				CreatedAt                  string `json:"created_at"`
				Due                        *string
				Customer                   struct{ Name, Email string }
				Lines                      []struct {
					SKU, Description string
					Quantity         int
					UnitPrice        float64 `json:"unit_price"`
					Total            struct {
						Amount   int64
						Currency string
					}
				}
			})
		},
	},
	{
		name: "oneOf",
		schema: `{"oneOf":[
			{"type":"object","required":["object","id"],"properties":{"object":{"type":"string","const":"project"},"id":{"type":"string"},"name":{"type":"string"}}},
			{"type":"object","required":["object","id"],"properties":{"object":{"type":"string","const":"customer"},"id":{"type":"string"},"email":{"type":"string"}}},
			{"type":"object","required":["object","id"],"properties":{"object":{"type":"string","const":"invoice"},"id":{"type":"string"},"total":{"type":"integer"}}},
			{"type":"object","required":["object","id"],"properties":{"object":{"type":"string","const":"payment"},"id":{"type":"string"},"amount":{"type":"integer"},"check_number":{"type":"string"}}}]}`,
		text: `{"id":"pay_0123456789abcde","object":"payment","amount":1250000,"check_number":"CHK-1001","memo":null}`,
		target: func() any {
			return new(struct {
				ID, Object, Memo string
				Amount           int64
				CheckNumber      string `json:"check_number"`
			})
		},
	},
}

func orderText() string {
	line := `{"sku":"STEEL-0012","description":"Reinforcing bar, 12 mm, grade B500B","quantity":120,"unit_price":18.75,"total":{"amount":225000,"currency":"QAR"}}`
	lines := line
	for range 11 {
		lines += "," + line
	}
	return `{"id":"123e4567-e89b-12d3-a456-426614174000","number":"SO-2026-00042","created_at":"2026-04-11T12:00:00Z","due":"2026-05-11",` +
		`"currency":"QAR","note":"Deliver to gate 4, call the site office before arrival.","customer":{"name":"Gulf Contracting","email":"ap@gulf.example"},"lines":[` + lines + `]}`
}

func BenchmarkValidate(b *testing.B) {
	for _, bb := range benchmarks {
		s := compile(b, bb.schema)
		require.True(b, s.Fast())
		text := []byte(bb.text)
		require.NoError(b, s.Validate(text))
		for _, way := range []struct {
			name string
			run  func() error
		}{
			{"ours", func() error { return s.Validate(text) }},
			{"syntax", func() error { return CheckSyntax(text) }},
			{"reference", func() error { return s.ask(text) }},
			{"json.Valid", func() error { json.Valid(text); return nil }},
			{"json.Unmarshal-any", func() error { var v any; return json.Unmarshal(text, &v) }},
			{"json.Unmarshal-struct", func() error { return json.Unmarshal(text, bb.target()) }},
		} {
			b.Run(bb.name+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					if err := way.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkValidateMegabyte checks a list of orders that is a megabyte.
func BenchmarkValidateMegabyte(b *testing.B) {
	s := compile(b, `{"type":"array","items":`+benchmarks[1].schema+`}`)
	order := orderText()
	text := []byte("[" + strings.TrimSuffix(strings.Repeat(order+",", 1<<20/len(order)), ",") + "]")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Validate(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefuse(b *testing.B) {
	s := compile(b, benchmarks[1].schema)
	text := []byte(`{"id":"x","number":"","lines":[{"sku":"ab","quantity":0}],"amuont":1}`)
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(text) == nil {
			b.Fatal("accepted")
		}
	}
}

// A check allocates nothing, so that being always on costs no garbage.
func TestValidateDoesNotAllocate(t *testing.T) {
	for _, bb := range benchmarks {
		s := compile(t, bb.schema)
		text := []byte(bb.text)
		fewest := 99.0 // a pool may have been emptied, and under the race detector now and then is
		for range 50 {
			fewest = min(fewest, testing.AllocsPerRun(1, func() {
				if s.Validate(text) != nil {
					t.Fatal("refused")
				}
			}))
		}
		require.Zero(t, fewest, bb.name)
	}
}
