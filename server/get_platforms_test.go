package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/mapping"
	"structural.app/structural/platform/registry"
)

func TestGetPlatforms_SaysWhatTheTablesSay(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	answer := a.do(get("/platforms"))
	require.Equal(t, http.StatusOK, answer.status)
	assert.Less(t, len(answer.body), 256<<10)
	var response gen.PlatformsResponse
	require.NoError(t, json.Unmarshal(answer.body, &response))
	data := response.Data

	platforms := registry.New()
	assert.Len(t, data.Platforms, len(platforms.Names()))
	for i, name := range platforms.Names() {
		p, _ := platforms.Get(name)
		assert.Equal(t, gen.Platform(name), data.Platforms[i].Name)
		assert.Equal(t, p.Definition().Title, data.Platforms[i].Title)
	}
	require.Len(t, data.EntityTypes, len(canonical.EntityTypes()))
	for i, entityType := range canonical.EntityTypes() {
		info := data.EntityTypes[i]
		assert.Equal(t, gen.EntityType(entityType), info.EntityType)
		assert.Equal(t, gen.StoredEntityType(entityType).Valid(), info.Stored)
		for _, name := range platforms.Names() {
			p, _ := platforms.Get(name)
			var want, got []string // the platform's fields, and what they are written with
			for _, field := range mapping.Named(p.Fields(entityType, "")) {
				if len(field.Records) > 0 {
					want = append(want, field.Name+" "+strings.Join(field.Records, " ")+" "+field.Codec)
				}
				if word := p.Definition().Others[entityType].Table.Says[field.Name]; word != "" {
					want = append(want, field.Name+"  "+word+": of records that are kept apart")
				}
				for _, side := range p.Definition().Sides {
					if word := side.Tables[entityType].Says[field.Name]; word != "" {
						want = append(want, field.Name+"  "+word+": of records of that side of the ledger")
					}
				}
			}
			var variants []string
			for _, field := range info.Fields {
				if on, ok := field.Platforms[string(name)]; ok {
					for _, word := range field.Words {
						if on.Variants != nil {
							variants = append(variants, on.Variants[word])
						}
					}
					got = append(got, dotted(field.Field)+" "+dotted(strings.Join(on.Fields, " "))+" "+on.Codec)
				}
			}
			for word := range p.Definition().Sides {
				if p.Definition().Sides[word].Tables[entityType].Rows == nil {
					continue
				}
				for _, field := range mapping.Named(p.Fields(entityType, string(word))) {
					if len(field.Records) == 0 {
						continue
					}
					i := slices.IndexFunc(info.Fields, func(f gen.FieldInfo) bool { return dotted(f.Field) == field.Name })
					require.GreaterOrEqual(t, i, 0, field.Name)
					side := info.Fields[i].Platforms[string(name)].Sides[string(word)]
					assert.Equal(t, strings.Join(field.Records, " ")+" "+field.Codec, dotted(strings.Join(side.Fields, " "))+" "+side.Codec)
				}
			}
			assert.ElementsMatch(t, p.Definition().Variants(entityType), variants, "%s of %s", entityType, name)
			slices.Sort(want)
			slices.Sort(got)
			assert.Equal(t, want, got, "%s of %s", entityType, name)
		}
	}
}

// dotted writes JSON pointers as the tables do: /lines/*/quantity is lines[].quantity.
func dotted(pointers string) string {
	words := strings.Split(pointers, " ")
	for i, pointer := range words {
		words[i] = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/*/", "[]."), "/", ".")
	}
	return strings.Join(words, " ")
}

func TestGetPlatforms_DescribesFields(t *testing.T) {
	t.Parallel()
	fields := map[string]gen.FieldInfo{}
	var response gen.PlatformsResponse
	require.NoError(t, json.Unmarshal(newAPI(t).do(get("/platforms")).body, &response))
	for _, info := range response.Data.EntityTypes {
		for _, field := range info.Fields {
			fields[string(info.EntityType)+field.Field] = field
		}
	}
	tax := fields["customer/tax_id"]
	assert.Equal(t, "Tax ID", tax.Label)
	assert.True(t, tax.Writable)
	assert.Equal(t, []string{"/business_register/identifier"}, tax.Platforms["procore"].Fields)

	status := fields["payment/status"]
	assert.Equal(t, "word", status.Type)
	assert.Contains(t, status.Words, "in_review")

	project := fields["payment/project_id"]
	require.NotNil(t, project.RefersTo)
	assert.Equal(t, gen.EntityTypeProject, *project.RefersTo)

	assert.False(t, fields["payment/currency"].Writable)
	id := fields["payment/external_ids/dynamics/id"]
	assert.False(t, id.Writable)
	assert.Equal(t, "Dynamics 365 Business Central ID", id.Label)
	assert.NotContains(t, id.Platforms, "procore")

	quantity := fields["contract/lines/*/quantity"]
	assert.Equal(t, "Quantity", quantity.Label)
	assert.Equal(t, []string{"/line_items/*/quantity"}, quantity.Platforms["procore"].Fields)
}

// What the document says may be changed can be: a change of it is not refused as one of a field that cannot be.
func TestGetPlatforms_WritableIsWhatAChangeMayName(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	key := a.connected()
	var response gen.PlatformsResponse
	require.NoError(t, json.Unmarshal(a.do(get("/platforms")).body, &response))
	payments := response.Data.EntityTypes[slices.IndexFunc(response.Data.EntityTypes, func(e gen.EntityTypeInfo) bool { return e.EntityType == gen.EntityTypePayment })]
	for _, field := range payments.Fields {
		patch := `{"x":1}` // of no field's type: a change that may name the field is refused for its value
		for _, name := range slices.Backward(strings.Split(field.Field[1:], "/")) {
			patch = `{"` + name + `":` + patch + `}`
		}
		answer := a.do(post("/propagate", `{"format":"canonical","canonical_id":"`+paymentID+`","entity_type":"payment","dry_run":true,"data":`+patch+`}`).as(key))
		want := http.StatusBadRequest
		if field.Writable {
			want = http.StatusUnprocessableEntity
		}
		assert.Equal(t, want, answer.status, "%s: %s", field.Field, answer.body)
		assert.Equal(t, !field.Writable, strings.Contains(string(answer.body), "cannot be changed"), "%s: %s", field.Field, answer.body)
	}
}

func TestGetPlatforms_CurrenciesHaveTheDigitsOfISO4217(t *testing.T) {
	t.Parallel()
	var response gen.PlatformsResponse
	require.NoError(t, json.Unmarshal(newAPI(t).do(get("/platforms")).body, &response))
	digits := map[string]int{}
	for _, currency := range response.Data.Currencies {
		digits[currency.Code] = currency.Digits
	}
	assert.Len(t, digits, len(canonical.Currencies()))
	for code, want := range map[string]int{"USD": 2, "IQD": 3, "BHD": 3, "JPY": 0, "CLF": 4, "HUF": 2} {
		assert.Equal(t, want, digits[code], code)
	}
	assert.True(t, slices.IsSortedFunc(response.Data.Currencies, func(x, y gen.CurrencyInfo) int { return strings.Compare(x.Code, y.Code) }))
}

func TestGetPlatforms_IsAskedForOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	tag := a.do(get("/platforms")).header.Get("ETag")
	require.NotEmpty(t, tag)
	for _, ifNoneMatch := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		answer := a.do(get("/platforms").with("If-None-Match", ifNoneMatch))
		assert.Equal(t, http.StatusNotModified, answer.status, ifNoneMatch)
		assert.Equal(t, tag, answer.header.Get("ETag"))
	}
	assert.Equal(t, http.StatusOK, a.do(get("/platforms").with("If-None-Match", `"other"`)).status)
	assert.Equal(t, tag, newAPI(t).do(get("/platforms")).header.Get("ETag"), "another process of the same program")
}
