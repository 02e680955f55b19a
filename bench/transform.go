package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"structural.app/structural/platform/procore"
)

// wantedOfTransform: at least 40 % of the bare handler's rate.
const wantedOfTransform = 0.4

// measureTransform compares POST /transform of the program, key and contract checked, with a bare handler that decodes the same
// request and encodes it again.
func measureTransform(ctx context.Context, b *bench) error {
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	bare, err := b.startHandler(ctx, "echo")
	if err != nil {
		return err
	}
	defer bare.stop()

	for _, s := range mappingSubjects {
		if s.from != procore.Name {
			continue // one way is enough: what is compared is the server
		}
		progress("  %s", s.name)
		r, _, err := s.record()
		if err != nil {
			return err
		}
		request, err := b.transformRequest(r)
		if err != nil {
			return err
		}
		rates, err := b.compareServers(ctx, request, program, bare)
		if err != nil {
			return err
		}
		b.add(row{
			name: fmt.Sprintf("POST /transform, %s, %d clients, vs bare handler", s.name, clients), unit: "req/s",
			ours: rates[0], baseline: rates[1], higherIsBetter: true, wanted: wantedOfTransform,
		})
	}
	return nil
}

// transformRequest asks for a record's translation.
func (b *bench) transformRequest(r record) (request, error) {
	body, err := json.Marshal(map[string]any{
		"source":      r.from.Name(),
		"target":      r.to.Name(),
		"entity_type": r.entity,
		"data":        json.RawMessage(r.data),
		"context":     map[string]any{"commitmentType": procore.WorkOrder},
	})
	const path = "/api/v1/transform"
	return newRequest(http.StatusOK, http.MethodPost, path, string(body), "Authorization: Bearer "+b.testKey), err
}

// newEchoHandler decodes any JSON and encodes it again.
func newEchoHandler() http.Handler {
	e := echo.New()
	e.POST("/*", func(c echo.Context) error {
		var body any
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, body)
	})
	return e
}
