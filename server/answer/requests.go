package answer

import (
	"strconv"

	"structural.app/structural/jsontext"
	"structural.app/structural/platform"
)

// AppendRequests appends what to send to a platform as the contract's list of PlatformRequest. The bodies are JSON already, and
// there may be one for each of many lines.
func AppendRequests(b []byte, requests []platform.Request) []byte {
	b = append(b, '[')
	for i, r := range requests {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"method":`...), r.Method)
		b = appendText(append(b, `,"path":`...), r.Path)
		b = r.Body.Append(append(b, `,"body":`...))
		if r.DependsOn >= 0 {
			b = strconv.AppendInt(append(b, `,"depends_on":`...), int64(r.DependsOn), 10)
		}
		b = appendNotes(append(b, `,"missing":`...), r.Missing)
		b = append(appendNotes(append(b, `,"omitted":`...), r.Omitted), '}')
	}
	return append(b, ']')
}

func appendNotes(b []byte, notes []platform.Note) []byte {
	b = append(b, '[')
	for i, n := range notes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"field":`...), n.Field)
		b = append(appendText(append(b, `,"reason":`...), n.Reason), '}')
	}
	return append(b, ']')
}

func appendText(b []byte, text string) []byte { return jsontext.NewString(text).Append(b) }
