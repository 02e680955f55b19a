package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// RetainageReport says what is retained.
type RetainageReport struct {
	Rows []RetainageRow // those with the most that is held first
	More int            // rows beyond those that are listed
}

// RetainageRow is what the invoices of a contract and a business partner say, in one currency.
type RetainageRow struct {
	ContractID, ContractLabel string // empty: the invoices name none
	CustomerID, CustomerLabel string
	Currency                  string // empty: none of the invoices says what is retained
	Invoices                  int    // whose figures are in the sums
	Unknown                   int    // that do not say what is retained of their period: in no sum
	LeftOut                   int    // drafts, and those that were rejected or canceled: in no sum
	// In minor units of the currency; Held is what is retained less what is released.
	Gross, Retained, Released, Held int64
}

type retainageKey struct{ contract, customer, currency string }

// notInForce are the invoices of which nothing is retained.
var notInForce = []string{"draft", "rejected", "canceled"}

// Retainage sums up what the invoices say is retained and released. Nothing is converted: a contract that is invoiced in two currencies has two
// rows. reserve and the errors are those of [Reporter.Reconcile]; the filter's currency is that of the rows, and its minimum does not count.
func (r *Reporter) Retainage(ctx context.Context, f ReportFilter, reserve func(bytes int) error) (*RetainageReport, error) {
	f.EntityType = "invoice"
	var rows map[retainageKey]*RetainageRow
	if err := r.storage.EachCompared(ctx, f.CustomerID, f.EntityType, r.translator.Compare, func() func(*ComparedObject) error {
		rows = map[retainageKey]*RetainageRow{}
		return func(o *ComparedObject) error { return retain(rows, f, o, reserve) }
	}); err != nil {
		return nil, err
	}
	joinUnsaid(rows)
	report := &RetainageReport{Rows: []RetainageRow{}}
	sorted := slices.SortedFunc(maps.Values(rows), func(a, b *RetainageRow) int {
		return cmp.Or(cmp.Compare(b.Held, a.Held), cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.CustomerID, b.CustomerID), cmp.Compare(a.Currency, b.Currency))
	})
	report.More = max(0, len(sorted)-maxGroups)
	var ids []string
	for _, row := range sorted[:len(sorted)-report.More] {
		report.Rows, ids = append(report.Rows, *row), append(ids, row.ContractID, row.CustomerID)
	}
	labels, err := r.storage.Labels(ctx, f.CustomerID, ids)
	for i := range report.Rows {
		row := &report.Rows[i]
		row.ContractLabel, row.CustomerLabel = labels[row.ContractID], labels[row.CustomerID]
	}
	return report, err
}

// retain adds an invoice to its row.
func retain(rows map[retainageKey]*RetainageRow, f ReportFilter, o *ComparedObject, reserve func(bytes int) error) error {
	g := o.Retainage
	if !f.takes(o) || f.Currency != "" && g != nil && g.Gross.Currency != f.Currency {
		return nil
	}
	key := retainageKey{o.ContractID, o.CustomerID, ""}
	inForce := !slices.Contains(notInForce, o.Status)
	if g != nil && inForce {
		key.currency = g.Gross.Currency
	}
	row := rows[key]
	if row == nil {
		if err := reserve(groupBytes); err != nil {
			return err
		}
		row = &RetainageRow{ContractID: key.contract, CustomerID: key.customer, Currency: key.currency}
		rows[key] = row
	}
	switch {
	case !inForce:
		row.LeftOut++
		return nil
	case g == nil:
		row.Unknown++
		return nil
	}
	row.Invoices++
	return cmp.Or(addTo(&row.Gross, g.Gross.AmountMinor), addTo(&row.Retained, g.Retained.AmountMinor),
		addTo(&row.Released, g.Released.AmountMinor), addTo(&row.Held, g.Retained.AmountMinor), addTo(&row.Held, -g.Released.AmountMinor))
}

// joinUnsaid counts the invoices that say no currency of their own in the row of their contract and partner, where there is one alone.
func joinUnsaid(rows map[retainageKey]*RetainageRow) {
	said := map[retainageKey][]*RetainageRow{}
	for key, row := range rows {
		if key.currency != "" {
			key.currency = ""
			said[key] = append(said[key], row)
		}
	}
	for key, of := range said {
		if unsaid := rows[key]; unsaid != nil && len(of) == 1 {
			of[0].Unknown, of[0].LeftOut = unsaid.Unknown, unsaid.LeftOut
			delete(rows, key)
		}
	}
}
