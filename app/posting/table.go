// Package posting reads and writes posting rules as a table for spreadsheets.
package posting

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"structural.app/structural/mapping/books"
)

// column is a column of the posting table.
type column struct {
	name string
	read func(*books.Rule, string) error
	text func(*books.Rule) string
}

func textColumn(name string, of func(*books.Rule) *string) column {
	return column{
		name: name,
		read: func(r *books.Rule, cell string) error { *of(r) = cell; return nil },
		text: func(r *books.Rule) string { return *of(r) },
	}
}

// columns are those of the posting table, in the order in which it is written.
var columns = []column{
	textColumn("cost_code", func(r *books.Rule) *string { return &r.CostCode }),
	textColumn("cost_type", func(r *books.Rule) *string { return &r.CostType }),
	textColumn("account", func(r *books.Rule) *string { return &r.Account }),
	textColumn("tax_code", func(r *books.Rule) *string { return &r.TaxCode }),
	textColumn("project_task", func(r *books.Rule) *string { return &r.ProjectTask }),
	{
		"dimensions",
		func(r *books.Rule, cell string) (err error) { r.Dimensions, err = parseDimensions(cell); return err },
		func(r *books.Rule) string { return formatDimensions(r.Dimensions) },
	},
}

// Format writes rules as a table (RFC 4180): a header row, and a row for each rule. [Parse] reads it.
func Format(rules []books.Rule) []byte {
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	w.UseCRLF = true
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	_ = w.Write(cells) // a buffer takes all
	for i := range rules {
		for j, c := range columns {
			cells[j] = guard(c.text(&rules[i]))
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return table.Bytes()
}

// Parse reads rules from a table in UTF-8, whose header row names the columns in any order. Rows whose cells are all empty are
// passed over. The error is a *[books.SettingsError], which names the line and the column.
func Parse(table []byte) ([]books.Rule, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(table, []byte("\ufeff")))) // spreadsheets write a byte order mark
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return nil, tableError(err)
	}
	named, err := namedColumns(header)
	if err != nil {
		return nil, err
	}
	rules, lines := []books.Rule{}, []int{}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rules, checkRules(rules, lines)
		}
		if err != nil {
			return nil, tableError(err)
		}
		line, _ := reader.FieldPos(0)
		if !slices.ContainsFunc(cells, func(cell string) bool { return cell != "" }) {
			continue
		}
		if len(rules) == books.MaxRules {
			return nil, wrong(atLine(line), fmt.Sprintf("is one rule more than %d", books.MaxRules))
		}
		rule, err := parseRow(named, cells, line)
		if err != nil {
			return nil, err
		}
		rules, lines = append(rules, rule), append(lines, line)
	}
}

func namedColumns(header []string) ([]column, error) {
	var named []column
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		switch {
		case at < 0:
			return nil, wrong(fmt.Sprintf("line 1, column %d", i+1), "must be one of "+columnNames())
		case slices.ContainsFunc(named, func(c column) bool { return c.name == name }):
			return nil, wrong("line 1, column "+name, "is there twice")
		}
		named = append(named, columns[at])
	}
	if !slices.ContainsFunc(named, func(c column) bool { return c.name == "account" }) {
		return nil, wrong("line 1", "must name the column account")
	}
	return named, nil
}

func columnNames() string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func parseRow(named []column, cells []string, line int) (rule books.Rule, err error) {
	if len(cells) != len(named) {
		return rule, wrong(atLine(line), fmt.Sprintf("must have as many cells as the header row: %d", len(named)))
	}
	for i, c := range named {
		if err := c.read(&rule, unguard(strings.Clone(cells[i]))); err != nil {
			return rule, wrong(atLine(line)+", column "+c.name, err.Error())
		}
	}
	return rule, nil
}

func wrong(at, what string) error { return &books.SettingsError{Pointer: at, Wrong: what} }

func atLine(line int) string { return "line " + strconv.Itoa(line) }

// ruleAt is a rule or a field of one, as errors of [books.Settings.Prepare] name it.
var ruleAt = regexp.MustCompile(`/posting/(\d+)(?:/(\w+))?`)

// checkRules checks rules, each of which stands in a line of a table.
func checkRules(rules []books.Rule, lines []int) error {
	settings := books.Settings{Posting: slices.Clone(rules)}
	found, ok := errors.AsType[*books.SettingsError](settings.Prepare())
	if !ok {
		return nil
	}
	inTable := func(text string) string {
		return ruleAt.ReplaceAllStringFunc(text, func(pointer string) string {
			parts := ruleAt.FindStringSubmatch(pointer)
			i, err := strconv.Atoi(parts[1])
			switch {
			case err != nil || i >= len(lines):
				return pointer
			case parts[2] == "":
				return atLine(lines[i])
			}
			return atLine(lines[i]) + ", column " + parts[2]
		})
	}
	return wrong(inTable(found.Pointer), inTable(found.Wrong))
}

func tableError(err error) error {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return wrong(atLine(broken.Line), "is not CSV: "+broken.Err.Error())
	}
	return wrong("line 1", "must be a header row")
}

// formula is how a cell begins that a spreadsheet would compute, and one that is guarded against that.
var formula = regexp.MustCompile(`^'*[=+\-@]`)

// guard makes a cell a text for spreadsheets, which would take it for a formula.
//
//	=1+1: '=1+1
func guard(cell string) string {
	if formula.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && formula.MatchString(cell) {
		return cell[1:]
	}
	return cell
}

var escape = strings.NewReplacer(`\`, `\\`, `=`, `\=`, `;`, `\;`)

// formatDimensions writes dimensions in the order of their codes: AREA=NORTH;DEPARTMENT=SITE.
func formatDimensions(dimensions map[string]string) string {
	var pairs []string
	for _, code := range slices.Sorted(maps.Keys(dimensions)) {
		pairs = append(pairs, escape.Replace(code)+"="+escape.Replace(dimensions[code]))
	}
	return strings.Join(pairs, ";")
}

// parseDimensions reads what formatDimensions writes. The error says what is wrong with it, without a value.
func parseDimensions(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	dimensions := map[string]string{}
	for text != "" {
		code, rest, ok := cutUnescaped(text, '=')
		if !ok {
			return nil, errors.New("must be like DEPARTMENT=SITE;AREA=NORTH")
		}
		var value string
		value, text, _ = cutUnescaped(rest, ';')
		if _, ok := dimensions[code]; ok {
			return nil, errors.New("must have each code once")
		}
		dimensions[code] = value
	}
	return dimensions, nil
}

// cutUnescaped cuts a text at the first separator without a \ before it, and returns what stands before, without its escapes.
func cutUnescaped(text string, separator byte) (before, after string, found bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == separator:
			return b.String(), text[i+1:], true
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), "", false
}
