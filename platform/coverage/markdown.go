package coverage

import (
	"fmt"
	"io"
	"strings"

	"structural.app/structural/platform"
)

const introduction = `# Fields

Made from the mapping tables by ` + "`make generate`" + `. Each row is read from left to right and from right to left: the first of several
platform fields is the one that is written, the others are further forms in which the platform says the same. A codec says how
the two values are translated. What no row maps travels in ` + "`provider_metadata`" + `, whole.
`

// WriteMarkdown writes a document with a table for each entity type. The error is the writer's.
func (c Coverage) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(introduction)
	for _, e := range c.entities {
		fmt.Fprintf(&b, "\n## %s\n\n| canonical | type | meaning |", e.entityType)
		rule := "\n| --- | --- | --- |"
		for _, name := range c.platforms {
			fmt.Fprintf(&b, " %s | codec |", name)
			rule += " --- | --- |"
		}
		b.WriteString(rule + "\n")
		for _, r := range e.rows {
			fmt.Fprintf(&b, "| `%s` | %s | %s |", r.name, r.Type, meaning(r))
			for _, name := range c.platforms {
				b.WriteString(" " + paths(r.on[name]) + " |")
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func meaning(r row) string {
	if len(r.Words) == 0 {
		return r.About
	}
	return r.About + " One of `" + strings.Join(r.Words, "`, `") + "`."
}

func paths(field platform.NamedField) string {
	if len(field.Records) == 0 {
		return "– | –"
	}
	return "`" + strings.Join(field.Records, "`, `") + "` | " + field.Codec
}
