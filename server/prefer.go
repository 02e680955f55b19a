package server

import (
	"errors"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"structural.app/structural/app/plan"
)

const (
	headerPrefer            = "Prefer"
	headerPreferenceApplied = "Preference-Applied"
)

// joinPreferences makes one line of several, which mean the same (RFC 9110, section 5.3).
func joinPreferences(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if lines := c.Request().Header.Values(headerPrefer); len(lines) > 1 {
			c.Request().Header.Set(headerPrefer, strings.Join(lines, ", "))
		}
		return next(c)
	}
}

// handlingOf reads the preference "handling" (RFC 7240). Other preferences and other values are ignored, and so is all but the first
// of several.
func handlingOf(header *string) plan.Handling {
	for _, preference := range splitUnquoted(value(header), ',') {
		name, word, _ := strings.Cut(splitUnquoted(preference, ';')[0], "=")
		if !strings.EqualFold(strings.TrimSpace(name), "handling") {
			continue
		}
		word = strings.TrimSpace(word)
		if n := len(word); n >= 2 && word[0] == '"' && word[n-1] == '"' {
			word = word[1 : n-1]
		}
		handling := plan.Handling(strings.ToLower(word))
		if slices.Contains([]plan.Handling{plan.Strict, plan.Lenient}, handling) {
			return handling
		}
		return plan.Usual
	}
	return plan.Usual
}

// splitUnquoted splits a header at a separator, except within quoted strings (RFC 9110, section 5.6.4).
func splitUnquoted(header string, separator byte) (parts []string) {
	start, quoted := 0, false
	for i := 0; i < len(header); i++ {
		switch {
		case quoted && header[i] == '\\':
			i++
		case header[i] == '"':
			quoted = !quoted
		case header[i] == separator && !quoted:
			parts = append(parts, header[start:i])
			start = i + 1
		}
	}
	return append(parts, header[start:])
}

// apply says in the answer that it keeps a preference: a result does, and an error that is about what cannot be held.
func (x *exchange) apply(handling plan.Handling, err error) {
	e, isError := errors.AsType[*Error](err)
	if handling != plan.Usual && (err == nil || isError && (e.Kind == KindTransform || e.Kind == KindRecordClosed)) {
		x.applied = "handling=" + string(handling)
	}
}
