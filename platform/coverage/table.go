package coverage

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"structural.app/structural/platform"
)

// WriteTable writes tables for a terminal. Of several platforms, it shows the field that is written and how many further
// forms are read; of one, all of them and the codec. The error is the writer's.
func (c Coverage) WriteTable(w io.Writer) error {
	for i, e := range c.Entities {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, c.summary(e))
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprint(table, "FIELD\tTYPE")
		for _, p := range c.platforms {
			fmt.Fprint(table, "\t", strings.ToUpper(string(p.Name)))
		}
		if len(c.platforms) == 1 {
			fmt.Fprint(table, "\tCODEC")
		}
		fmt.Fprintln(table)
		for _, f := range e.Fields {
			fmt.Fprint(table, f.Name, "\t", f.Type)
			for _, p := range c.platforms {
				field := f.On[p.Name]
				if len(c.platforms) == 1 {
					fmt.Fprint(table, "\t", strings.Join(field.Paths, ", "), "\t", field.Codec)
				} else {
					fmt.Fprint(table, "\t", brief(field))
				}
			}
			fmt.Fprintln(table)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// summary counts the fields of an entity type: on each platform, and on all of them.
func (c Coverage) summary(e Entity) string {
	text := fmt.Sprintf("%s: %d fields", e.Type, len(e.Fields))
	if len(c.platforms) == 1 {
		return text
	}
	onAll := 0
	on := map[platform.Name]int{}
	for _, f := range e.Fields {
		for name := range f.On {
			on[name]++
		}
		if len(f.On) == len(c.platforms) {
			onAll++
		}
	}
	for _, p := range c.platforms {
		text += fmt.Sprintf(", %d on %s", on[p.Name], p.Name)
	}
	return text + fmt.Sprintf(", %d on all", onAll)
}

func brief(field Counterpart) string {
	switch len(field.Paths) {
	case 0:
		return "-"
	case 1:
		return field.Paths[0]
	}
	return fmt.Sprintf("%s (+%d)", field.Paths[0], len(field.Paths)-1)
}
