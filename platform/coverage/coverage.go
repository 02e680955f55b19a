// Package coverage writes down which field of each platform is which canonical field.
package coverage

import (
	"fmt"
	"io"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/platform"
)

const introduction = `# Fields

Made from the mapping tables by ` + "`make generate`" + `. Each row is read from left to right and from right to left: the first of several
platform fields is the one that is written, the others are further forms in which the platform says the same. A codec says how
the two values are translated. What no row maps travels in ` + "`provider_metadata`" + `, whole.
`

// Write writes, in Markdown, the canonical fields of every entity type, and each platform's beside them.
func Write(w io.Writer, platforms *platform.Registry) error {
	var b strings.Builder
	b.WriteString(introduction)
	for _, entityType := range canonical.EntityTypes() {
		fmt.Fprintf(&b, "\n## %s\n\n| canonical | type | meaning |", entityType)
		rule := "\n| --- | --- | --- |"
		fields := map[string]map[platform.Name]platform.Field{}
		var order []platform.Field
		for _, name := range platforms.Names() {
			fmt.Fprintf(&b, " %s | codec |", name)
			rule += " --- | --- |"
			p, _ := platforms.Get(name)
			for _, field := range p.Fields(entityType) {
				if fields[field.Path] == nil {
					fields[field.Path] = map[platform.Name]platform.Field{}
					order = append(order, field)
				}
				fields[field.Path][name] = field
			}
		}
		b.WriteString(rule + "\n")
		for _, field := range order {
			fmt.Fprintf(&b, "| `%s` | %s | %s |", field.Path, field.Type, meaning(field))
			for _, name := range platforms.Names() {
				b.WriteString(" " + paths(fields[field.Path][name]) + " |")
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func meaning(field platform.Field) string {
	if len(field.Words) == 0 {
		return field.About
	}
	return field.About + " One of `" + strings.Join(field.Words, "`, `") + "`."
}

func paths(field platform.Field) string {
	if len(field.Platform) == 0 {
		return "– | –"
	}
	return "`" + strings.Join(field.Platform, "`, `") + "` | " + field.Codec
}
