package telemetry

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestTraces_TheEnvironmentAsksForThem(t *testing.T) {
	for _, test := range []struct {
		environment map[string]string
		wanted      bool
		refused     string
	}{
		{map[string]string{}, false, ""},
		{map[string]string{"OTEL_SERVICE_NAME": "structural"}, false, ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, true, ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"}, true, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false, ""},
		{map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, false, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, false, "OTEL_TRACES_EXPORTER: must be"},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "OTEL_EXPORTER_OTLP_PROTOCOL: must be"},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}, true, ""},
	} {
		t.Run("", func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			traces, err := OpenTraces(t.Context(), "v1", slog.New(slog.DiscardHandler))
			if test.refused != "" {
				assert.ErrorContains(t, err, test.refused)
			} else {
				assert.NoError(t, err)
			}
			assert.Equal(t, test.wanted, traces != nil, test.environment)
			assert.NoError(t, traces.Close(t.Context()))
		})
	}
}

func TestTraces_OnlyTheServersFailuresAreErrors(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	traces := NewTraces(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)))
	for _, status := range []int{http.StatusOK, http.StatusNotFound, http.StatusInternalServerError, http.StatusBadGateway} {
		ctx, end := traces.Start(t.Context(), httptest.NewRequest(http.MethodGet, "/", nil), "getHealth", "/api/v1/health", "req_000000000000")
		assert.Len(t, traces.ID(ctx), 32)
		end(status)
	}
	var ended []codes.Code
	for _, span := range spans.Ended() {
		require.Equal(t, "getHealth", span.Name())
		ended = append(ended, span.Status().Code)
	}
	assert.Equal(t, []codes.Code{codes.Unset, codes.Unset, codes.Error, codes.Error}, ended)
}
