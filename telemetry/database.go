package telemetry

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/XSAM/otelsql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"
)

// RegisterPools registers the statistics of database pools, by their names.
func RegisterPools(registry prometheus.Registerer, pools map[string]*sql.DB) {
	for name, pool := range pools {
		registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
	}
}

// OpenDB makes a pool whose statements are spans of the request that they are for. They have the statement's text, which never
// has a value in it, but not the error's, which may.
func (t *Traces) OpenDB(connector driver.Connector) *sql.DB {
	return otelsql.OpenDB(connector,
		otelsql.WithTracerProvider(t.provider),
		otelsql.WithAttributes(semconv.DBSystemNamePostgreSQL),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			OmitConnResetSession: true,
			OmitConnPrepare:      true,
			OmitConnectorConnect: true,
			OmitRows:             true,
			RecordError:          func(error) bool { return false },
			SpanFilter:           isWorthASpan,
		}),
	)
}

// isWorthASpan leaves out each row of a COPY, and what belongs to no request.
func isWorthASpan(ctx context.Context, _ otelsql.Method, query string, _ []driver.NamedValue) bool {
	return !strings.HasPrefix(query, "COPY ") && trace.SpanContextFromContext(ctx).IsValid()
}
