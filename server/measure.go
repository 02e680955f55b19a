package server

import (
	"maps"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"structural.app/structural/gen"
	"structural.app/structural/jsonschema"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/openapi"
	"structural.app/structural/telemetry"
)

// newMetrics registers the server's metrics, and tells them all names that they count by.
func newMetrics(cfg Config, document *openapi.Document, inflight *budget.Budget) *telemetry.Metrics {
	telemetry.RegisterInflight(cfg.Metrics, telemetry.Inflight{Held: inflight.Held, Waiting: inflight.Waiting, Refused: inflight.Refused})
	return telemetry.NewMetrics(cfg.Metrics, measured(document.Operations()), slices.Sorted(maps.Keys(cfg.Sandboxes)), jsonschema.Disagreements)
}

// measured are the contract's operations as the metrics know them.
func measured(operations []*openapi.Operation) []telemetry.Operation {
	list := make([]telemetry.Operation, len(operations))
	for i, op := range operations {
		list[i] = telemetry.Operation{ID: op.ID, Statuses: op.Statuses()}
		for _, limit := range op.RateLimits() {
			list[i].RateLimits = append(list[i].RateLimits, limit.Name)
		}
	}
	return list
}

// nameOf is what an operation is measured as; empty if the request matched none.
func nameOf(op *openapi.Operation) (operationID, route string) {
	if op == nil {
		return "", ""
	}
	return op.ID, op.Route
}

// measureConnect measures connectPlatform where it has succeeded.
func (s *Server) measureConnect(next gen.StrictHandlerFunc, _ string) gen.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		start := time.Now()
		response, err := next(c, request)
		if connected, ok := response.(gen.ConnectPlatform200JSONResponse); ok {
			data, n := connected.Body.Data, connected.Body.Data.Entities
			s.metrics.PlatformConnected(string(data.Platform), n.Projects+n.Customers+n.Contracts+n.Invoices+n.Payments, time.Since(start))
		}
		return response, err
	}
}
