package books

import (
	"structural.app/structural/canonical"
	"structural.app/structural/jsontext"
)

// TheWhole stands for the document among the lines that [Derive] lists.
const TheWhole = -1

// Derive adds to an invoice, and to its lines, what this period says: gross, retained, released and due. An invoice of progress says
// figures to date, and those of a period are the differences from what stood before: see figures. In an invoice of the books, lines on
// the retention account of the settings say what is retained and released of the others; settings may be nil.
//
// What stood before is not always known. open lists the lines for which it is not, or [TheWhole]; they, and the document, say nothing of
// the period then. Documents without progress and without retention lines stay as they are.
func Derive(document jsontext.Value, settings *Settings) (derived jsontext.Value, open []int) {
	lines := document.Get("lines").Members()
	if len(lines) == 0 {
		return deriveWhole(document)
	}
	period, ok := ofBooks(lines, settings)
	if !ok {
		period, open, ok = ofProgress(document, lines)
	}
	if !ok {
		return Underived(document), nil
	}
	whole, ofLine := forms()
	made := make([]jsontext.Member, len(lines))
	var total figures
	known := len(open) == 0
	for i := range lines {
		if f := period[i]; f.known {
			made[i].Value = f.addTo(lines[i].Value)
			known = total.add(f) && known
		} else {
			made[i].Value, known = ofLine.without(lines[i].Value), false
		}
	}
	document = document.With("lines", jsontext.ArrayOf(made))
	if !known {
		return whole.without(document), open
	}
	return total.addToWhole(document), open
}

// deriveWhole is Derive for an invoice without lines. Its summary is to date: of the first application that is the period.
func deriveWhole(document jsontext.Value) (jsontext.Value, []int) {
	completed, ok := canonical.MoneyOf(document.Get("completed_amount"))
	retained, has := canonical.MoneyOf(document.At("retainage", "total_amount"))
	if !ok || !has || retained.Currency != completed.Currency {
		return Underived(document), nil
	}
	if isFirst(document) {
		f := figures{gross: completed.AmountMinor, retained: retained.AmountMinor, currency: completed.Currency}
		return f.addToWhole(document), nil
	}
	if retained.AmountMinor == 0 {
		return Underived(document), nil
	}
	return Underived(document), []int{TheWhole}
}

// isFirst says whether an invoice is the first of its contract, before which nothing stood.
func isFirst(document jsontext.Value) bool {
	n, ok := document.Get("application_number").Int()
	return ok && n == 1
}

// ofBooks are the figures of the lines of an invoice in the books, if one of them stands on the retention account.
func ofBooks(lines []jsontext.Member, settings *Settings) (period []figures, ok bool) {
	if settings == nil || settings.RetentionAccount == "" {
		return nil, false
	}
	period = make([]figures, len(lines))
	for i := range lines {
		line := lines[i].Value
		amount, known := canonical.MoneyOf(line.Get("amount"))
		f := figures{gross: amount.AmountMinor, currency: amount.Currency, known: known}
		if line.Get("line_type").Text() == "account" && line.Get("item_number").Text() == settings.RetentionAccount {
			ok, f.gross, f.kind = true, 0, "released"
			if f.released = amount.AmountMinor; f.released < 0 {
				f.kind, f.released, f.retained = "retained", 0, -f.released
			}
		}
		period[i] = f
	}
	return period, ok
}

// ofProgress are the figures of the lines of an invoice that says what is done to date, if one of them does. What the columns of a line
// leave open is taken for nothing if then the sum of all lines is what the summary says is due: a figure that was there before would
// make it less.
func ofProgress(document jsontext.Value, lines []jsontext.Member) (period []figures, open []int, ok bool) {
	period = make([]figures, len(lines))
	first, sum, all := isFirst(document), figures{}, true
	for i := range lines {
		c := columns{line: lines[i].Value}
		f, progress := c.figures(first)
		period[i], ok = f, ok || progress
		if f.known {
			all = sum.add(f) && all
			continue
		}
		if progress {
			open = append(open, i)
		}
		all = all && f.guessed && sum.add(f)
	}
	if len(open) == 0 || !all || document.Get("earned_less_retainage_amount").IsNone() {
		return period, open, ok
	}
	due, known := sum.due()
	if stated, says := canonical.MoneyOf(document.Get("amount")); !known || !says || stated != (canonical.Money{AmountMinor: due, Currency: sum.currency}) {
		return period, open, ok
	}
	for _, i := range open {
		period[i].known = true
	}
	return period, nil, ok
}

// figures are what a line, or a document, says of a period, in minor units of one currency.
type figures struct {
	gross, retained, released int64
	currency                  string
	known                     bool
	guessed                   bool   // what stood before is taken for nothing
	kind                      string // of a retention line: retained or released
}

// add reports whether it could: there is but one currency, and room for the sum.
func (f *figures) add(g figures) bool {
	if f.currency == "" {
		f.currency = g.currency
	}
	return f.currency == g.currency && accrue(&f.gross, g.gross) && accrue(&f.retained, g.retained) && accrue(&f.released, g.released)
}

// due is what is to be paid now.
func (f figures) due() (int64, bool) {
	due := f.gross
	return due, accrue(&due, f.released) && f.retained != -1<<63 && accrue(&due, -f.retained)
}

// accrue adds to a sum, if there is room.
func accrue(sum *int64, more int64) bool {
	total := *sum + more
	if (total > *sum) != (more > 0) && more != 0 {
		return false
	}
	*sum = total
	return true
}

func (f figures) money(minor int64) jsontext.Value {
	return canonical.Money{AmountMinor: minor, Currency: f.currency}.Value()
}

// addTo adds the figures to a line.
func (f figures) addTo(line jsontext.Value) jsontext.Value {
	_, ofLine := forms()
	due, ok := f.due()
	if !ok {
		return ofLine.without(line)
	}
	line = ofLine.with(line, f.money(f.gross), "period_gross_amount")
	line = ofLine.with(line, f.money(due), "due_amount")
	line = f.retainage(ofLine, line)
	switch {
	case f.kind != "":
		return ofLine.with(line, jsontext.NewString(f.kind), "retainage", "line")
	case !line.At("retainage", "line").IsAbsent():
		return line.With("retainage", line.Get("retainage").Without("line"))
	}
	return line
}

// addToWhole adds the figures to the document.
func (f figures) addToWhole(document jsontext.Value) jsontext.Value {
	whole, _ := forms()
	return f.retainage(whole, whole.with(document, f.money(f.gross), "gross_amount"))
}

func (f figures) retainage(form form, of jsontext.Value) jsontext.Value {
	of = form.with(of, f.money(f.retained), "retainage", "retained_amount")
	return form.with(of, f.money(f.released), "retainage", "released_amount")
}
