package app

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// appendPlatformChanges writes what changed in each record: the Platforms of a [Change].
func appendPlatformChanges(text []byte, records []PropagatedRecord) []byte {
	text = append(text, '[')
	for _, r := range records {
		if len(r.Changes) == 0 {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = appendText(append(text, `{"platform":`...), r.Platform)
		text = appendText(append(text, `,"platform_id":`...), r.PlatformID)
		text = appendDifferences(append(text, `,"changes":`...), r.Changes)
		text = append(text, '}')
	}
	return append(text, ']')
}

// appendDifferences writes [{"field", "from", "to"}]; what is absent is left out.
func appendDifferences(text []byte, differences []canonical.Difference) []byte {
	text = append(text, '[')
	for i, d := range differences {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendText(append(text, `{"field":`...), d.Pointer)
		if !d.From.IsAbsent() {
			text = d.From.Append(append(text, `,"from":`...))
		}
		if !d.To.IsAbsent() {
			text = d.To.Append(append(text, `,"to":`...))
		}
		text = append(text, '}')
	}
	return append(text, ']')
}

// appendText appends a text as a JSON string.
func appendText(text []byte, s string) []byte { return jsontext.NewString(s).Append(text) }
