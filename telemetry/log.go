package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"unicode"
	"unicode/utf8"
)

// A line of the log is at most 8 KB, however it is written. Escapes are counted as they will be in it.
const (
	maxLogText = 4 << 10 // bytes of a message or of one attribute
	maxLogLine = 7 << 10 // bytes of the message and all attributes; the rest is for the time and the level
)

// BoundLog returns a handler that passes lines of at most 8 KB to another, which writes them as text or as JSON. What is longer is
// cut, or left out.
func BoundLog(handler slog.Handler) slog.Handler { return boundedHandler{Handler: handler} }

// boundedHandler cuts what is logged: errors may carry what a caller has sent, and panics have long stacks.
type boundedHandler struct {
	slog.Handler
	spent int // by WithAttrs and WithGroup
}

// Handle cuts the message, then the attributes in their order. Those for which there is no room are left out.
func (h boundedHandler) Handle(ctx context.Context, record slog.Record) error {
	room := maxLogLine - h.spent
	cut := slog.NewRecord(record.Time, record.Level, take(&room, record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		if a, ok := takeAttr(&room, a); ok {
			cut.AddAttrs(a)
		}
		return true
	})
	return h.Handler.Handle(ctx, cut)
}

// WithAttrs returns a handler that adds these attributes to each line.
func (h boundedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	room := maxLogLine - h.spent
	var kept []slog.Attr
	for _, a := range attrs {
		if a, ok := takeAttr(&room, a); ok {
			kept = append(kept, a)
		}
	}
	return boundedHandler{h.Handler.WithAttrs(kept), maxLogLine - room}
}

// WithGroup returns a handler that puts the attributes of each line into a group.
func (h boundedHandler) WithGroup(name string) slog.Handler {
	room := maxLogLine - h.spent
	return boundedHandler{h.Handler.WithGroup(take(&room, name)), maxLogLine - room}
}

// takeAttr cuts an attribute to what there is room for; false if there is none.
func takeAttr(room *int, a slog.Attr) (slog.Attr, bool) {
	const around = 8 // quotes, separators
	value := a.Value.Resolve()
	if *room -= around; *room <= 0 {
		return a, false
	}
	a.Key = take(room, a.Key)
	switch value.Kind() {
	case slog.KindGroup:
		var inside []slog.Attr
		for _, member := range value.Group() {
			if member, ok := takeAttr(room, member); ok {
				inside = append(inside, member)
			}
		}
		a.Value = slog.GroupValue(inside...)
	case slog.KindString, slog.KindAny:
		text := value.String()
		if err, ok := value.Any().(error); ok {
			text = err.Error()
		} else if value.Kind() == slog.KindAny {
			text = fmt.Sprint(value.Any())
		}
		a.Value = slog.StringValue(take(room, text))
	default: // numbers, times
		*room -= len(value.String())
	}
	return a, true
}

// take cuts a text to what there is room for, and at most to maxLogText.
func take(room *int, text string) string {
	const ellipsis = "…"
	left := min(*room, maxLogText) - len(ellipsis)
	for at, size := 0, 0; at < len(text); at += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[at:])
		if left -= written(r, size); left < 0 {
			*room = max(0, *room-maxLogText)
			return text[:at] + ellipsis
		}
	}
	*room = max(0, *room-(min(*room, maxLogText)-len(ellipsis)-left))
	return text
}

// written is how many bytes a character takes at most in a line, escaped as text or as JSON.
func written(r rune, size int) int {
	switch {
	case r == '"' || r == '\\' || r == '\n' || r == '\t' || r == '\r':
		return 2
	case r < ' ' || r == utf8.RuneError || r == 0x7f:
		return 6
	case unicode.IsPrint(r):
		return size
	}
	return 10
}
