package coverage

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"structural.app/structural/canonical"
	"structural.app/structural/mapping/books"
	"structural.app/structural/platform"
)

const introduction = `# Fields

Made from the mapping tables by ` + "`make generate`" + `. Each row is read from left to right and from right to left: the first of several
platform fields is the one that is written, the others are further forms in which the platform says the same. A codec says how
the two values are translated. *Taken* says who writes the first field: whoever sends a request (*settable*, *create only*: of a new record),
or the platform (*computed*, *identity*); *no field*: the platform's API takes no such field, and it is not sent. Where a platform keeps two sides of the books, the second has
columns of its own (*payable*: what is owed to vendors). A field that no platform has is made of the others. What no row maps travels in ` + "`provider_metadata`" + `, whole. ` + "`GET /platforms`" + ` has
the same for programs.
`

// WriteMarkdown writes a document with a table for each entity type. The error is the writer's.
func (c Coverage) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(introduction)
	for _, e := range c.Entities {
		fmt.Fprintf(&b, "\n## %s\n\n| canonical | type | meaning |", e.Type)
		rule := "\n| --- | --- | --- |"
		for _, p := range c.platforms {
			fmt.Fprintf(&b, " %s | codec | taken |", p.Name)
			rule += " --- | --- | --- |"
			for _, word := range sidesOf(p, e.Type) {
				fmt.Fprintf(&b, " %s, %s | codec | taken |", p.Name, word)
				rule += " --- | --- | --- |"
			}
		}
		b.WriteString(rule + "\n")
		for _, f := range e.Fields {
			fmt.Fprintf(&b, "| `%s` | %s | %s |", f.Name, f.Type, meaning(f))
			for _, p := range c.platforms {
				b.WriteString(" " + paths(f.On[p.Name]) + " |")
				for _, word := range sidesOf(p, e.Type) {
					b.WriteString(" " + paths(f.On[p.Name].Sides[word]) + " |")
				}
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sidesOf are the other sides of a platform's books that have a table for a type, in order.
func sidesOf(p platform.Definition, t canonical.EntityType) []books.LedgerSide {
	var words []books.LedgerSide
	for word, side := range p.Sides {
		if _, ok := side.Tables[t]; ok {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

func meaning(f Field) string {
	if len(f.Words) == 0 {
		return f.About
	}
	return f.About + " One of `" + strings.Join(f.Words, "`, `") + "`."
}

func paths(field Counterpart) string {
	if field.Codec == "" {
		return "– | – | –"
	}
	names := "–"
	if len(field.Paths) > 0 {
		names = "`" + strings.Join(field.Paths, "`, `") + "`"
	}
	return names + " | " + field.Codec + " | " + strings.ReplaceAll(field.Takes, "_", " ")
}
