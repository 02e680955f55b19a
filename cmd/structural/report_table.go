package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/platform/registry"
)

// reported is what the table shows of a report.
type reported struct {
	Data struct {
		Currency    *string
		Suggestions *struct{ Current bool }
		Entities    []reportedEntity
		Unconverted []gen.UnconvertedAmounts
	}
}

type reportedEntity struct {
	EntityType                                                     string `json:"entity_type"`
	Matched, Agreeing, Disagreeing, Accepted, Suggested, Ambiguous int
	OneSided                                                       map[string]int `json:"one_sided"`
	Totals                                                         map[string]gen.Money
	Difference                                                     *gen.Money
}

// writeReport writes two tables, of counts and of totals.
func writeReport(w io.Writer, body []byte) error {
	var answer reported
	if err := understand(body, &answer); err != nil {
		return err
	}
	report := &answer.Data
	present := func(name string) bool {
		return slices.ContainsFunc(report.Entities, func(e reportedEntity) bool { _, ok := e.OneSided[name]; return ok })
	}
	platforms := slices.DeleteFunc(platformNames(registry.New()), func(name string) bool { return !present(name) })
	counts := [][]string{{"", "MATCHED", "AGREEING", "DISAGREEING", "ACCEPTED", "SUGGESTED", "AMBIGUOUS"}}
	totals := [][]string{{""}}
	for _, name := range platforms {
		counts[0] = append(counts[0], strings.ToUpper(name)+" ALONE")
		totals[0] = append(totals[0], strings.ToUpper(name))
	}
	totals[0] = append(totals[0], "DIFFERENCE")
	for i := range report.Entities {
		e := &report.Entities[i]
		row, sums := []string{e.EntityType}, []string{e.EntityType}
		for _, n := range []int{e.Matched, e.Agreeing, e.Disagreeing, e.Accepted, e.Suggested, e.Ambiguous} {
			row = append(row, strconv.Itoa(n))
		}
		for _, name := range platforms {
			row = append(row, strconv.Itoa(e.OneSided[name]))
			sums = append(sums, decimal(e.Totals[name]))
		}
		counts = append(counts, row)
		if e.Difference != nil {
			totals = append(totals, append(sums, decimal(*e.Difference)))
		}
	}
	var text strings.Builder
	figures(&text, counts)
	if s := report.Suggestions; s != nil && !s.Current {
		text.WriteString("\nSuggestions are being computed: SUGGESTED and AMBIGUOUS are not up to date.\n")
	}
	if report.Currency != nil && len(totals) > 1 {
		totals[0][0] = *report.Currency
		text.WriteByte('\n')
		figures(&text, totals)
	}
	for _, u := range report.Unconverted {
		fmt.Fprintf(&text, "Not in the totals, as there is no rate: %s %s, %s %s, records: %d\n",
			decimal(u.Amount), u.Amount.Currency, u.Platform, u.EntityType, u.Records)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// figures writes a table of which all columns but the first are aligned to the right.
func figures(text *strings.Builder, rows [][]string) {
	width := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(text, "%-*s", width[i], cell)
			} else {
				fmt.Fprintf(text, "  %*s", width[i], cell)
			}
		}
		text.WriteByte('\n')
	}
}

// decimal writes an amount in major units.
func decimal(m gen.Money) string {
	return canonical.Money{AmountMinor: m.Amount, Currency: m.Currency}.Decimal()
}

// differenceTable writes differences, one a line. The columns are as wide as a page of them needs.
type differenceTable struct {
	*tabwriter.Writer
	platforms []string        // columns: those that the differences so far name
	cut       map[string]bool // ids of objects of which not all differences are listed
}

func newDifferenceTable(w io.Writer) *differenceTable {
	return &differenceTable{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), nil, map[string]bool{}}
}

// header writes the header row, again if a page names a platform that none before did.
func (t *differenceTable) header(list []gen.RecordDifference) {
	platforms := slices.DeleteFunc(platformNames(registry.New()), func(name string) bool {
		return !slices.Contains(t.platforms, name) && !slices.ContainsFunc(list, func(d gen.RecordDifference) bool { return d.Values[name] != nil })
	})
	if t.platforms == nil || len(platforms) > len(t.platforms) {
		t.platforms = append([]string{}, platforms...)
		columns := append([]string{"ENTITY", "LABEL", "FIELD"}, platforms...)
		fmt.Fprintln(t, strings.ToUpper(strings.Join(append(columns, "DIFFERENCE", "KIND"), "\t")))
	}
}

// add writes a page.
func (t *differenceTable) add(page []byte) error {
	var list gen.DifferencesResponse
	if err := understand(page, &list); err != nil {
		return err
	}
	t.header(list.Data)
	for i := range list.Data {
		d := &list.Data[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t", d.EntityType, cell(d.Label), cell(d.Field))
		for _, name := range t.platforms {
			fmt.Fprintf(t, "%s\t", cell(said(d.Values[name])))
		}
		difference := "-"
		if m, err := d.Difference.Get(); err == nil {
			difference = decimal(m) + " " + m.Currency
		}
		fmt.Fprintf(t, "%s\t%s\n", difference, d.Kind)
		if d.More > 0 {
			t.cut[d.CanonicalID] = true
		}
	}
	return t.Flush()
}

func (t *differenceTable) end() error {
	if len(t.cut) > 0 {
		fmt.Fprintf(t, "Not all differences are listed of objects: %d\n", len(t.cut))
	}
	return t.Flush()
}

// said is what a platform says in a field.
func said(value json.RawMessage) string {
	var text string
	var money gen.Money
	switch {
	case len(value) == 0:
		return "-"
	case json.Unmarshal(value, &text) == nil:
		return text
	case json.Unmarshal(value, &money) == nil && money.Currency != "":
		return decimal(money) + " " + money.Currency
	}
	return string(value)
}
