package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogLinesAre8KBAtTheMost(t *testing.T) {
	for _, c := range []string{"a", "\n", "\x01", "\"", "ä", "€", "🏗", "\u2028", "\U000e0001", "\xff", "\x7f", "<"} {
		long := strings.Repeat(c, 100_000)
		for name, write := range map[string]func(*slog.Logger){
			"message":      func(l *slog.Logger) { l.Error(long) },
			"attribute":    func(l *slog.Logger) { l.Error("m", "stack", long) },
			"error":        func(l *slog.Logger) { l.Error("m", "error", errors.New(long)) },
			"any":          func(l *slog.Logger) { l.Error("m", "list", []string{long, long}) },
			"key":          func(l *slog.Logger) { l.Error("m", long, 1) },
			"many":         func(l *slog.Logger) { l.Error("m", "a", long, "b", long, "c", long, "d", long) },
			"group":        func(l *slog.Logger) { l.Error("m", slog.Group("g", "a", long, "b", long, slog.Group("h", "c", long))) },
			"with":         func(l *slog.Logger) { l.With("a", long, "b", long).With("c", long).Error(long, "d", long) },
			"with a group": func(l *slog.Logger) { l.WithGroup(long).WithGroup(long).Error(long, "d", long) },
			"thousands": func(l *slog.Logger) {
				var attrs []any
				for range 5000 {
					attrs = append(attrs, "k", 1)
				}
				l.Error("m", attrs...)
			},
		} {
			var b bytes.Buffer
			for format, handler := range map[string]slog.Handler{"json": slog.NewJSONHandler(&b, nil), "text": slog.NewTextHandler(&b, nil)} {
				b.Reset()
				write(slog.New(BoundLog(handler)))
				assert.LessOrEqual(t, b.Len(), 8<<10, "%s, %s of %q", format, name, c)
				assert.Equal(t, 1, strings.Count(b.String(), "\n"), "one line")
			}
		}
	}
}

func TestLogLinesKeepWhatIsShort(t *testing.T) {
	var bounded, plain bytes.Buffer
	without := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	for _, l := range []*slog.Logger{slog.New(BoundLog(slog.NewJSONHandler(&bounded, without))), slog.New(slog.NewJSONHandler(&plain, without))} {
		l.With("request_id", "req_1").WithGroup("g").Info("request", "status", 200, "duration_ms", 1.5, "error", errors.New("ä \"b\"\n<c>"), "ok", true)
	}
	assert.Equal(t, plain.String(), bounded.String())
	var line map[string]any
	require.NoError(t, json.Unmarshal(bounded.Bytes(), &line))
}
