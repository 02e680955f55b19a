package server

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xuri/excelize/v2"

	"structural.app/structural/app"
	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

const (
	// workbookRows is how many rows a sheet of a workbook has: the header's, and one for each difference.
	workbookRows = 1 << 20
	// workbookBytes is the memory that making a workbook takes: what is more of it lies in a temporary file.
	workbookBytes = 48 << 20
	// streamedBytes is how long a table is that is sent as it is made. A shorter one is kept back until all of it is known to be right.
	streamedBytes = 256 << 10
)

// differencesTable is all differences as a table: a header row, and a row for each.
type differencesTable struct {
	differenceList
	mediaType string
}

// VisitGetReconciliationDifferencesResponse writes the 200 response.
func (t differencesTable) VisitGetReconciliationDifferencesResponse(w http.ResponseWriter) error {
	if t.mediaType == mediaTypeXLSX {
		return t.writeWorkbook(w)
	}
	return t.writeCSV(w)
}

// cell is a cell of a table.
type cell struct {
	text   string
	number bool // the text is a decimal number
}

func (t *differencesTable) header() []cell {
	names := []string{"canonical_id", "entity_type", "label", "project_id", "customer_id", "field", "kind"}
	for _, name := range t.filter.Platforms {
		names = append(names, name, name+"_currency")
	}
	names = append(names, "difference", "difference_currency", "state", "note", "accepted_by", "accepted_at", "more")
	cells := make([]cell, len(names))
	for i, name := range names {
		cells[i].text = name
	}
	return cells
}

func (t *differencesTable) row(d *app.ListedDifference) []cell {
	o := d.Object
	row := []cell{{text: o.ID}, {text: string(o.EntityType)}, {text: o.Label}, {text: o.ProjectID}, {text: o.CustomerID}, {text: d.Field}, {text: string(d.Kind)}}
	number := isNumber(o.EntityType, d.Field)
	for _, name := range t.filter.Platforms {
		i := slices.IndexFunc(d.Values, func(s reconcile.Said) bool { return s.Platform == name })
		if i < 0 {
			row = append(row, cell{}, cell{})
			continue
		}
		row = append(row, valueCells(d.Values[i].Value, number)...)
	}
	row = append(row, moneyCells(d.Amount)...)
	if a := d.Acceptance; a != nil {
		row = append(row, cell{text: app.AcceptedDifferences}, cell{text: a.Note}, cell{text: a.KeyName}, cell{text: a.AcceptedAt.UTC().Format(time.RFC3339)})
	} else {
		row = append(row, cell{text: app.OpenDifferences}, cell{}, cell{}, cell{})
	}
	return append(row, cell{strconv.Itoa(o.More), true})
}

// valueCells are a value and, of money, its currency.
func valueCells(v jsontext.Value, number bool) []cell {
	if money, ok := canonical.MoneyOf(v); ok {
		return moneyCells(&money)
	}
	switch v.Kind() {
	case jsontext.String:
		return []cell{{v.Text(), number && jsontext.IsDecimal(v.Text())}, {}}
	case jsontext.Number:
		return []cell{{v.Literal(), true}, {}}
	}
	return []cell{{text: v.String()}, {}}
}

func moneyCells(m *canonical.Money) []cell {
	if m == nil {
		return []cell{{}, {}}
	}
	return []cell{{m.Decimal(), true}, {text: m.Currency}}
}

// numbers are the fields whose values are decimal numbers, by entity type: the last part of their pointers.
var numbers = sync.OnceValue(func() map[canonical.EntityType]map[string]bool {
	all := map[canonical.EntityType]map[string]bool{}
	for _, t := range canonical.EntityTypes() {
		all[t] = map[string]bool{}
		for _, f := range canonical.Fields(t) {
			for _, f := range append([]canonical.Field{f}, f.Lines...) {
				if f.Type == canonical.DecimalType || f.Type == canonical.PriceType {
					all[t][f.Path[strings.LastIndexByte(f.Path, '.')+1:]] = true
				}
			}
		}
	}
	return all
})

func isNumber(t canonical.EntityType, pointer string) bool {
	return numbers()[t][pointer[strings.LastIndexByte(pointer, '/')+1:]]
}

// rows makes the rows, one after the other.
func (t *differencesTable) rows(take func([]cell) error) error {
	if err := take(t.header()); err != nil {
		return err
	}
	err := t.server.reporter.Differences(t.ctx, t.filter, t.state, app.DifferencePage{}, func(d app.ListedDifference) (bool, error) {
		err := take(t.row(&d))
		return err == nil, err
	})
	return reportError(err)
}

// formula is how a cell begins that a spreadsheet would compute, and one that is guarded against that.
var formula = regexp.MustCompile(`^'*[=+\-@\t\r]`)

func (t *differencesTable) writeCSV(w http.ResponseWriter) error {
	out := &streamed{w: w, table: t}
	table := csv.NewWriter(out)
	table.UseCRLF = true
	var texts []string
	err := t.rows(func(row []cell) error {
		texts = texts[:0]
		for _, c := range row {
			if !c.number && formula.MatchString(c.text) {
				c.text = "'" + c.text
			}
			texts = append(texts, c.text)
		}
		return table.Write(texts)
	})
	table.Flush()
	if err = errors.Join(err, table.Error()); err != nil {
		return err
	}
	return out.end()
}

// writeWorkbook makes the whole workbook before it sends anything.
func (t *differencesTable) writeWorkbook(w http.ResponseWriter) (err error) {
	if err := exchangeOf(t.ctx).reservation.GrowTo(t.ctx, workbookBytes); err != nil {
		return err
	}
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return err
	}
	n, values := 0, []any(nil)
	if err := t.rows(func(row []cell) error {
		if n++; n > t.server.workbookRows {
			return &Error{Kind: KindTransform, Message: "A workbook has no room for so many differences; filter them, or take them as text/csv"}
		}
		values = values[:0]
		for _, c := range row {
			values = append(values, c.value())
		}
		return sheet.SetRow("A"+strconv.Itoa(n), values)
	}); err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	out := &streamed{w: w, table: t}
	if _, err := book.WriteTo(out); err != nil {
		return err
	}
	return out.end()
}

// value is the cell's value in a workbook: a number where a float has all of its digits.
func (c *cell) value() any {
	const exact = 15 // decimal digits that a float of 64 bits keeps
	if !c.number {
		return c.text
	}
	d, ok := jsontext.ParseDecimal(c.text)
	number, err := strconv.ParseFloat(c.text, 64)
	if !ok || d.Len() > exact || err != nil {
		return c.text
	}
	return number
}

// streamed keeps an answer back until it is too long for that.
type streamed struct {
	w         http.ResponseWriter
	table     *differencesTable
	kept      bytes.Buffer
	streaming bool
}

// Write keeps or sends what is written.
func (s *streamed) Write(b []byte) (int, error) {
	if s.streaming {
		return s.w.Write(b)
	}
	n, err := s.kept.Write(b)
	if err == nil && s.kept.Len() > streamedBytes {
		err = s.start()
	}
	return n, err
}

// start sends what was kept. From here on an error breaks the answer off.
func (s *streamed) start() error {
	if err := s.send(); err != nil {
		return err
	}
	recorder := s.w
	if wrapped, ok := s.w.(interface{ Unwrap() http.ResponseWriter }); ok { // whose own Flush says nothing of errors
		recorder = wrapped.Unwrap()
	}
	if err := http.NewResponseController(recorder).Flush(); err != nil {
		return err
	}
	s.streaming, exchangeOf(s.table.ctx).streaming = true, true
	s.kept = bytes.Buffer{}
	return nil
}

func (s *streamed) send() error {
	s.w.Header().Set("Content-Type", s.table.mediaType)
	s.w.WriteHeader(http.StatusOK)
	_, err := s.w.Write(s.kept.Bytes())
	return err
}

// end sends what is kept still.
func (s *streamed) end() error {
	if s.streaming {
		return nil
	}
	return s.send()
}
