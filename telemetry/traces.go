package telemetry

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"
)

// Traces makes a span of each request and exports it. A nil Traces does nothing, at no cost.
type Traces struct {
	provider trace.TracerProvider
	tracer   trace.Tracer
}

// OpenTraces sets traces up as the environment's OTEL_… variables say; nil if they don't ask for any. The error names a variable
// that asks for what is not supported. Failed exports go to logger.
//
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func OpenTraces(ctx context.Context, version string, logger *slog.Logger) (*Traces, error) {
	if wanted, err := tracesWanted(); !wanted {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		logger.Warn("traces are not exported", "error", err)
	}))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	self, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("structural"), semconv.ServiceVersion(version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(), // last, so that it overrides the name
	)
	if err != nil {
		return nil, err
	}
	return NewTraces(sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(self))), nil
}

// NewTraces makes traces of a provider's spans.
func NewTraces(provider trace.TracerProvider) *Traces {
	return &Traces{provider: provider, tracer: provider.Tracer("structural.app/structural/server")}
}

func tracesWanted() (bool, error) {
	if os.Getenv("OTEL_SDK_DISABLED") == "true" {
		return false, nil
	}
	endpoint := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	switch exporter := os.Getenv("OTEL_TRACES_EXPORTER"); {
	case exporter == "none", exporter == "" && endpoint == "":
		return false, nil
	case exporter != "" && exporter != "otlp":
		return false, errors.New("OTEL_TRACES_EXPORTER: must be otlp or none")
	}
	switch cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL")) {
	case "", "http/protobuf", "http/json":
		return true, nil
	}
	return false, errors.New("OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf or http/json")
}

// Close exports what is left, until ctx ends.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if provider, ok := t.provider.(*sdk.TracerProvider); ok {
		return provider.Shutdown(ctx)
	}
	return nil
}

// Start starts the span of a request, below the one that the request's traceparent names. operationID and route, a path with names
// in place of values, are empty if the request matched no operation. It returns the context for what belongs to the span, and what ends the span, given the status that was answered.
//
// The span has no header, address, path or query: any of them may carry a key or a customer's data.
func (t *Traces) Start(ctx context.Context, r *http.Request, operationID, route, requestID string) (context.Context, func(status int)) {
	if t == nil {
		return ctx, func(int) {}
	}
	name, method := "HTTP", semconv.HTTPRequestMethodOther
	attributes := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)}
	if operationID != "" {
		name, method = operationID, semconv.HTTPRequestMethodKey.String(r.Method)
		attributes = append(attributes, trace.WithAttributes(semconv.HTTPRoute(route)))
	}
	attributes = append(attributes, trace.WithAttributes(method, semconv.URLScheme("http"), requestIDKey.String(requestID)))
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, name, attributes...)
	return ctx, func(status int) {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		if status >= http.StatusInternalServerError {
			span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// requestIDKey is the attribute that has the X-Request-ID.
const requestIDKey = attribute.Key("structural.request_id")

// ID returns the id of the trace that ctx belongs to, "" if none.
func (t *Traces) ID(ctx context.Context) string {
	if t == nil {
		return ""
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return ""
}
