package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"structural.app/structural/app/reconcile"
	"structural.app/structural/canonical"
	"structural.app/structural/mapping"
)

// ErrSumTooLarge says that a sum is beyond 64 bits.
var ErrSumTooLarge = errors.New("the sum is too large")

// Reconciliation says how a customer's records agree.
type Reconciliation struct {
	Currency    string // empty: the customer has no amounts
	Entities    []EntityCount
	ByProject   []GroupCount // those with the largest differences first
	ByCustomer  []GroupCount
	More        GroupsMore
	Conversions []mapping.Conversion // the first so many
	Unconverted []Unconverted
}

// Len is of how many entity types and groups it has figures.
func (r *Reconciliation) Len() int {
	n := len(r.Entities)
	for _, groups := range [][]GroupCount{r.ByProject, r.ByCustomer} {
		for i := range groups {
			n += len(groups[i].Entities)
		}
	}
	return n
}

// GroupsMore is how many groups there are beyond those that are listed.
type GroupsMore struct{ Projects, Customers int }

// EntityCount counts the objects of a type.
type EntityCount struct {
	EntityType canonical.EntityType
	// Matched are those with records of several platforms: each is Agreeing, or Disagreeing in a way that nobody accepted, or all of its
	// differences are Accepted.
	Matched, Agreeing, Disagreeing, Accepted int
	// Suggested are those of OneSided that are probably the same as others, Ambiguous those that have the same business key as several.
	Suggested, Ambiguous int
	OneSided             []int // those with a record of one platform alone, by platform as in ReportFilter.Platforms
	// Totals are of all records, by platform as in ReportFilter.Platforms, and Difference is what the second platform's records come to less the
	// first one's. Nil: the records have no amounts, or the report no currency.
	Totals     []canonical.Money
	Difference *canonical.Money
}

// GroupCount counts the objects of a project or a business partner.
type GroupCount struct {
	ID, Label string // empty: those that name none
	Entities  []EntityCount
}

// Unconverted are amounts that are in no total, as there is no rate.
type Unconverted struct {
	EntityType canonical.EntityType
	Platform   string
	Records    int
	Amount     canonical.Money
}

const (
	maxGroups      = 1000
	maxConversions = 100
	groupBytes     = 512 // what a group takes in memory, about
)

// Reconcile counts and sums up a customer's objects. reserve is asked before so many more bytes are taken, and its error ends the work.
// [ErrSumTooLarge] if a sum is.
func (r *Reporter) Reconcile(ctx context.Context, f ReportFilter, reserve func(bytes int) error) (*Reconciliation, error) {
	if f.Currency == "" {
		var err error
		if f.Currency, err = r.storage.UsualCurrency(ctx, f.CustomerID); err != nil {
			return nil, err
		}
	}
	var counter *counter
	if err := r.storage.EachCompared(ctx, f.CustomerID, f.EntityType, r.translator.Compare, func() func(*ComparedObject) error {
		counter = r.newCounter(f, reserve)
		return counter.take
	}); err != nil {
		return nil, err
	}
	report := counter.report()
	return report, r.label(ctx, f.CustomerID, report)
}

// label gives the groups the labels of their objects.
func (r *Reporter) label(ctx context.Context, customerID string, report *Reconciliation) error {
	var ids []string
	groups := [][]GroupCount{report.ByProject, report.ByCustomer}
	for _, list := range groups {
		for i := range list {
			ids = append(ids, list[i].ID)
		}
	}
	labels, err := r.storage.Labels(ctx, customerID, ids)
	for _, list := range groups {
		for i := range list {
			list[i].Label = labels[list[i].ID]
		}
	}
	return err
}

// counter counts objects, one after the other.
type counter struct {
	filter      ReportFilter
	reserve     func(bytes int) error
	platforms   []string
	rates       canonical.Rates
	all         map[canonical.EntityType]*tally
	projects    map[groupKey]*tally
	customers   map[groupKey]*tally
	conversions []mapping.Conversion
	noted       map[string]bool // currencies whose rate of the counter's own is among the conversions
	unconverted map[unconvertedKey]*Unconverted
}

type groupKey struct {
	id         string
	entityType canonical.EntityType
}

type unconvertedKey struct {
	entityType         canonical.EntityType
	platform, currency string
}

// tally counts the objects of one type of one group.
type tally struct {
	matched, agreeing, disagreeing, accepted int
	suggested, ambiguous                     int
	oneSided                                 []int
	totals                                   []int64
}

func (r *Reporter) newCounter(f ReportFilter, reserve func(bytes int) error) *counter {
	c := &counter{
		filter: f, platforms: f.Platforms, reserve: reserve, rates: r.translator.rates, all: map[canonical.EntityType]*tally{},
		projects: map[groupKey]*tally{}, customers: map[groupKey]*tally{}, noted: map[string]bool{}, unconverted: map[unconvertedKey]*Unconverted{},
	}
	return c
}

func (c *counter) newTally() *tally {
	return &tally{oneSided: make([]int, len(c.platforms)), totals: make([]int64, len(c.platforms))}
}

// take counts an object.
func (c *counter) take(o *ComparedObject) error {
	if !c.filter.takes(o) {
		return nil
	}
	of := c.all[o.EntityType]
	if of == nil {
		of = c.newTally()
		c.all[o.EntityType] = of
	}
	tallies := [3]*tally{of}
	var err error
	if tallies[1], err = c.group(c.projects, groupKey{o.ProjectID, o.EntityType}); err != nil {
		return err
	}
	if tallies[2], err = c.group(c.customers, groupKey{o.CustomerID, o.EntityType}); err != nil {
		return err
	}
	open, accepted := c.stateOf(o)
	for _, t := range tallies {
		c.count(t, o, open, accepted)
	}
	for i := range o.Records {
		if err := c.add(o, &o.Records[i], tallies); err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) group(groups map[groupKey]*tally, key groupKey) (*tally, error) {
	t := groups[key]
	if t == nil {
		if err := c.reserve(groupBytes); err != nil {
			return nil, err
		}
		t = c.newTally()
		groups[key] = t
	}
	return t, nil
}

// stateOf says whether any difference of an object is open, and whether any is accepted.
func (c *counter) stateOf(o *ComparedObject) (open, accepted bool) {
	rates := o.Rate.In(c.rates)
	for i := range o.Differences {
		d := &o.Differences[i]
		if !c.filter.counts(d, rates) {
			continue
		}
		if o.AcceptanceOf(d) != nil {
			accepted = true
		} else {
			open = true
		}
	}
	return open || o.More > 0, accepted
}

func (c *counter) count(t *tally, o *ComparedObject, open, accepted bool) {
	switch {
	case len(o.Records) == 1:
		if i := slices.Index(c.platforms, o.Records[0].Platform); i >= 0 {
			t.oneSided[i]++
		}
		switch o.Match {
		case StateSuggested:
			t.suggested++
		case StateAmbiguous:
			t.ambiguous++
		}
		return
	case open:
		t.disagreeing++
	case accepted:
		t.accepted++
	default:
		t.agreeing++
	}
	t.matched++
}

// add adds the amount of a record to the totals: converted once.
func (c *counter) add(o *ComparedObject, r *reconcile.ComparedRecord, tallies [3]*tally) error {
	at := slices.Index(c.platforms, r.Platform)
	if r.Amount == nil || at < 0 {
		return nil
	}
	minor := r.Amount.AmountMinor
	if r.Amount.Currency != c.filter.Currency {
		converted, err := c.converted(o, *r.Amount)
		if errors.Is(err, canonical.ErrNoRate) {
			return c.leaveOut(o, r)
		}
		if err != nil {
			return ErrSumTooLarge
		}
		minor = converted
	}
	for _, t := range tallies {
		if err := addTo(&t.totals[at], minor); err != nil {
			return err
		}
	}
	return nil
}

// addTo adds to a sum. Any two sums are far enough from the end of 64 bits for one to be taken from the other.
func addTo(sum *int64, minor int64) error {
	const most = 1<<62 - 1
	total := *sum + minor
	if minor > most || minor < -most || total > most || total < -most {
		return ErrSumTooLarge
	}
	*sum = total
	return nil
}

func (c *counter) leaveOut(o *ComparedObject, r *reconcile.ComparedRecord) error {
	key := unconvertedKey{o.EntityType, r.Platform, r.Amount.Currency}
	u := c.unconverted[key]
	if u == nil {
		u = &Unconverted{EntityType: o.EntityType, Platform: r.Platform, Amount: canonical.Money{Currency: r.Amount.Currency}}
		c.unconverted[key] = u
	}
	u.Records++
	return addTo(&u.Amount.AmountMinor, r.Amount.AmountMinor)
}

// converted is an amount of an object in the report's currency.
func (c *counter) converted(o *ComparedObject, m canonical.Money) (int64, error) {
	rates := o.Rate.In(c.rates)
	converted, rate, err := rates.Convert(m, c.filter.Currency)
	if err != nil {
		return 0, err
	}
	source := rates.Source(m.Currency, c.filter.Currency)
	own := source == canonical.RateOfRecord
	if !own && c.noted[m.Currency] || len(c.conversions) == maxConversions {
		return converted.AmountMinor, nil
	}
	conversion := mapping.Conversion{From: m.Currency, To: c.filter.Currency, Rate: rate, Source: source}
	if !slices.Contains(c.conversions, conversion) {
		c.conversions = append(c.conversions, conversion)
	}
	c.noted[m.Currency] = c.noted[m.Currency] || !own
	return converted.AmountMinor, nil
}

// report makes the report of what was counted.
func (c *counter) report() *Reconciliation {
	report := &Reconciliation{Currency: c.filter.Currency, Entities: []EntityCount{}, Conversions: c.conversions}
	for _, t := range canonical.EntityTypes() {
		if of := c.all[t]; of != nil {
			report.Entities = append(report.Entities, c.entity(t, of))
		}
	}
	report.ByProject, report.More.Projects = c.groups(c.projects)
	report.ByCustomer, report.More.Customers = c.groups(c.customers)
	for _, u := range c.unconverted {
		report.Unconverted = append(report.Unconverted, *u)
	}
	slices.SortFunc(report.Conversions, func(a, b mapping.Conversion) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.Source, b.Source))
	})
	slices.SortFunc(report.Unconverted, func(a, b Unconverted) int {
		return cmp.Or(cmp.Compare(a.EntityType, b.EntityType), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Amount.Currency, b.Amount.Currency))
	})
	return report
}

func (c *counter) entity(t canonical.EntityType, of *tally) EntityCount {
	e := EntityCount{
		EntityType: t, Matched: of.matched, Agreeing: of.agreeing, Disagreeing: of.disagreeing, Accepted: of.accepted,
		Suggested: of.suggested, Ambiguous: of.ambiguous, OneSided: of.oneSided,
	}
	if !reconcile.HasAmount(t) || c.filter.Currency == "" {
		return e
	}
	for _, total := range of.totals {
		e.Totals = append(e.Totals, canonical.Money{AmountMinor: total, Currency: c.filter.Currency})
	}
	if len(of.totals) > 1 {
		e.Difference = &canonical.Money{AmountMinor: of.totals[1] - of.totals[0], Currency: c.filter.Currency}
	}
	return e
}

// groups are the groups with the largest differences, and how many more there are.
func (c *counter) groups(tallies map[groupKey]*tally) (groups []GroupCount, more int) {
	largest := map[string]int64{}
	for key, t := range tallies {
		by := int64(0)
		if len(t.totals) > 1 {
			by = t.totals[1] - t.totals[0]
		}
		largest[key.id] = max(largest[key.id], by, -by)
	}
	ids := slices.SortedFunc(maps.Keys(largest), func(a, b string) int {
		return cmp.Or(cmp.Compare(largest[b], largest[a]), cmp.Compare(a, b))
	})
	more = max(0, len(ids)-maxGroups)
	groups = []GroupCount{}
	for _, id := range ids[:len(ids)-more] {
		group := GroupCount{ID: id}
		for _, t := range canonical.EntityTypes() {
			if of := tallies[groupKey{id, t}]; of != nil {
				group.Entities = append(group.Entities, c.entity(t, of))
			}
		}
		groups = append(groups, group)
	}
	return groups, more
}
