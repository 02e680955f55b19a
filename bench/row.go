package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// row is one line of the table.
type row struct {
	name           string
	unit           string
	ours, baseline float64
	higherIsBetter bool
	wanted         float64 // the worst ratio that will do; 0: none is asked for
}

func (r row) ratio() float64 { return r.ours / r.baseline }

// verdict compares the ratio with the wanted one.
func (r row) verdict() string {
	if r.wanted == 0 {
		return ""
	}
	sign, good := "<=", r.ratio() <= r.wanted
	if r.higherIsBetter {
		sign, good = ">=", r.ratio() >= r.wanted
	}
	word := "ok"
	if !good {
		word = "MISSED"
	}
	return fmt.Sprintf("%s (%s %.4g)", word, sign, r.wanted)
}

// writeTable writes the rows as aligned text.
func writeTable(w io.Writer, rows []row) error {
	table := [][]string{{"name", "unit", "ours", "baseline", "ratio", "verdict (wanted)"}}
	for _, r := range rows {
		table = append(table, []string{r.name, r.unit, number(r.ours), number(r.baseline), fmt.Sprintf("%.3f", r.ratio()), r.verdict()})
	}
	widths := make([]int, len(table[0]))
	for _, cells := range table {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, cells := range table {
		for i, cell := range cells {
			format := "%-*s  " // words
			if i >= 2 && i <= 4 {
				format = "%*s  " // numbers
			}
			cells[i] = fmt.Sprintf(format, widths[i], cell)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, ""), " ")); err != nil {
			return err
		}
	}
	return nil
}

// number writes three digits or more.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// writeJSON writes the rows for programs to compare runs.
func writeJSON(file string, rows []row) error {
	type jsonRow struct {
		Name           string  `json:"name"`
		Unit           string  `json:"unit"`
		Ours           float64 `json:"ours"`
		Baseline       float64 `json:"baseline"`
		Ratio          float64 `json:"ratio"`
		HigherIsBetter bool    `json:"higher_is_better"`
	}
	list := make([]jsonRow, len(rows))
	for i, r := range rows {
		list[i] = jsonRow{r.name, r.unit, r.ours, r.baseline, r.ratio(), r.higherIsBetter}
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
