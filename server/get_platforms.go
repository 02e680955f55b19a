package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/platform"
	"structural.app/structural/platform/coverage"
	"structural.app/structural/server/budget"
)

const platformsCacheControl = "public, max-age=300"

// GetPlatforms says what is known of all customers alike: the platforms, their fields, and the currencies.
func (s *Server) GetPlatforms(ctx context.Context, request gen.GetPlatformsRequestObject) (gen.GetPlatformsResponseObject, error) {
	if isKnown(request.Params.IfNoneMatch, s.platforms.tag) {
		var response gen.GetPlatforms304Response
		response.Headers.ETag, response.Headers.CacheControl = s.platforms.tag, platformsCacheControl
		return response, nil
	}
	if err := exchangeOf(ctx).reservation.GrowTo(ctx, budget.PerAnswerByte*int64(len(s.platforms.body))); err != nil {
		return nil, err
	}
	return s.platforms, nil
}

// platformsResponse is the 200 response of GetPlatforms: the same as long as the server runs.
type platformsResponse struct {
	body []byte
	tag  string
}

// newPlatformsResponse makes the response of the mapping tables. The error says that the tables are no such response.
func newPlatformsResponse(platforms *platform.Registry) (platformsResponse, error) {
	body, err := json.Marshal(gen.PlatformsResponse{Data: describePlatforms(platforms)})
	if err != nil {
		return platformsResponse{}, fmt.Errorf("describe the platforms: %w", err)
	}
	sum := sha256.Sum256(body)
	return platformsResponse{body: body, tag: strconv.Quote(hex.EncodeToString(sum[:8]))}, nil
}

// VisitGetPlatformsResponse writes the 200 response.
func (r platformsResponse) VisitGetPlatformsResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", platformsCacheControl)
	w.Header().Set(headerETag, r.tag)
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(r.body)
	return err
}

func describePlatforms(platforms *platform.Registry) gen.PlatformsResponse_Data {
	tables := coverage.All(platforms)
	data := gen.PlatformsResponse_Data{Currencies: describeCurrencies()}
	for _, e := range tables.Entities {
		if len(e.Fields) > 0 {
			data.EntityTypes = append(data.EntityTypes, describeEntityType(e))
		}
	}
	for _, name := range platforms.Names() {
		p, _ := platforms.Get(name)
		info := gen.PlatformInfo{Name: gen.PlatformName(name), Title: p.Definition().Title, EntityTypes: []gen.EntityType{}}
		for _, e := range tables.Entities {
			if e.Has(name) {
				info.EntityTypes = append(info.EntityTypes, gen.EntityType(e.Type))
			}
		}
		data.Platforms = append(data.Platforms, info)
	}
	return data
}

func describeEntityType(e coverage.Entity) gen.EntityTypeInfo {
	info := gen.EntityTypeInfo{
		EntityType: gen.EntityType(e.Type), Label: e.Type.Label(), Plural: e.Type.Plural(),
		Stored: gen.StoredEntityType(e.Type).Valid(),
	}
	for _, f := range e.Fields {
		field := gen.FieldInfo{
			Field: f.Pointer, Label: f.Label, Type: string(f.Type), Description: f.About, Words: f.Words, Writable: f.Writable,
			Platforms: map[string]gen.PlatformFieldInfo{},
		}
		if f.Refers != "" {
			refersTo := gen.EntityType(f.Refers)
			field.RefersTo = &refersTo
		}
		for name, on := range f.On {
			info := gen.PlatformFieldInfo{Fields: on.Pointers, Codec: on.Codec, Takes: on.Takes, Variants: on.Variants}
			for word, side := range on.Sides {
				if info.Sides == nil {
					info.Sides = map[string]gen.SideFieldInfo{}
				}
				info.Sides[string(word)] = gen.SideFieldInfo{Fields: side.Pointers, Codec: side.Codec, Takes: side.Takes}
			}
			field.Platforms[string(name)] = info
		}
		info.Fields = append(info.Fields, field)
	}
	return info
}

func describeCurrencies() []gen.CurrencyInfo {
	codes := canonical.Currencies()
	slices.Sort(codes)
	list := make([]gen.CurrencyInfo, len(codes))
	for i, code := range codes {
		digits, _ := canonical.Exponent(code)
		list[i] = gen.CurrencyInfo{Code: code, Digits: digits}
	}
	return list
}
