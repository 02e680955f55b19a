package plan

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// ChangesJSON writes what changed in the object, for its history: [{"field", "from", "to"}]. The fields are JSON pointers; what is
// absent is left out.
func (p *Result) ChangesJSON() []byte { return appendDifferences(nil, p.Changes) }

// RecordChangesJSON writes for the history what changed in each record: a list of {"platform", "platform_id", "changes"}. The changes
// are written as [Result.ChangesJSON] writes them. A record that did not change is left out.
func (p *Result) RecordChangesJSON() []byte {
	text := []byte{'['}
	for _, r := range p.Records {
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
