package jsonschema

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Violation is one thing that is wrong with a value. Pointer (RFC 6901) names the place to mend, "" the whole value:
// of a missing or unknown member, the member itself. Message names what the contract wants, never what was sent.
type Violation struct {
	Pointer string
	Message string
}

// Violations are all that is wrong with a value, in the order of its text as far as that can be had.
type Violations []Violation

func (v Violations) Error() string {
	parts := make([]string, len(v))
	for i, violation := range v {
		parts[i] = violation.Message
		if violation.Pointer != "" {
			parts[i] = violation.Pointer + ": " + violation.Message
		}
	}
	return strings.Join(parts, "; ")
}

// maxViolations bounds a list. What goes beyond is only counted, and not for ever.
const (
	maxViolations = 50
	maxCounted    = 1000
)

// report collects violations.
type report struct {
	list Violations
	more map[Violation]struct{} // beyond the list
	cut  bool                   // a pointer was: two that differ may look the same, and are counted once
}

func (r *report) full() bool   { return len(r.list) >= maxViolations }
func (r *report) enough() bool { return len(r.more) >= maxCounted }

func (r *report) add(pointer, message string) {
	v := Violation{pointer, message}
	r.cut = r.cut || strings.Contains(v.Pointer, "…")
	for _, known := range r.list { // two rules may demand the same
		if known == v {
			return
		}
	}
	switch {
	case !r.full():
		r.list = append(r.list, v)
	case r.more == nil:
		r.more = map[Violation]struct{}{v: {}}
	default:
		r.more[v] = struct{}{}
	}
}

func (r *report) violations() Violations {
	switch {
	case r.enough(), r.cut && len(r.more) > 0:
		return append(r.list, Violation{Message: "and more"})
	case len(r.more) > 0:
		return append(r.list, Violation{Message: fmt.Sprintf("and %d more", len(r.more))})
	}
	if len(r.list) == 0 {
		return Violations{{Message: "does not satisfy the schema"}}
	}
	return r.list
}

// The texts. Their arguments come from the document, but for the type of the value.

const (
	textRequired   = "is required"
	textUnknown    = "unknown property"
	textForbidden  = "is not allowed"
	textNot        = "matches what the schema excludes"
	textNone       = "matches none of the allowed alternatives"
	textAmbiguous  = "matches more than one alternative, exactly one is allowed"
	textNamePrefix = "property name "
)

func textType(got, want kinds) string {
	return fmt.Sprintf("got %s, want %s", got, want)
}

func textOneOf(values []any) string {
	const limit = 30
	var b strings.Builder
	b.WriteString("must be ")
	if len(values) > 1 {
		b.WriteString("one of ")
	}
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == limit {
			fmt.Fprintf(&b, "… (%d in all)", len(values))
			break
		}
		b.WriteString(show(v))
	}
	return b.String()
}

// show writes a value of the document.
func show(v any) string {
	if s, ok := v.(string); ok {
		return "'" + s + "'"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "a listed value"
	}
	return string(text)
}

func textPattern(pattern string) string { return "must match the pattern " + pattern }

func textAtLeast(n int, unit string) string { return "must have at least " + amount(n, unit) }
func textAtMost(n int, unit string) string  { return "must have at most " + amount(n, unit) }

func amount(n int, unit string) string {
	switch {
	case n == 1:
		return "1 " + unit
	case unit == "property":
		return fmt.Sprintf("%d properties", n)
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func textNeeded(trigger string) string { return "is required when '" + trigger + "' is present" }

func textRepeated(first, second int) string {
	return fmt.Sprintf("items must be unique: %d and %d are equal", first, second)
}
