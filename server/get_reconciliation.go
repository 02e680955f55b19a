package server

import (
	"context"
	"errors"
	"slices"

	"github.com/oapi-codegen/nullable"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/jsontext"
	"structural.app/structural/server/budget"
	"structural.app/structural/store"
)

// entityBytes is about how long the figures of one entity type are as JSON.
const entityBytes = 400

// GetReconciliation reports how the platforms agree.
func (s *Server) GetReconciliation(ctx context.Context, request gen.GetReconciliationRequestObject) (gen.GetReconciliationResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p := request.Params
	filter := app.ReportFilter{
		CustomerID: caller.CustomerID, EntityType: canonical.EntityType(value(p.EntityType)), Project: value(p.ProjectID), Partner: value(p.CustomerID),
		From: value(p.From), To: value(p.To), Currency: value(p.Currency), Minimum: value(p.MinDifference),
	}
	if err := checkFilter(&filter); err != nil {
		return nil, err
	}
	if filter.Platforms, err = s.connectedPlatforms(ctx, caller.CustomerID); err != nil {
		return nil, err
	}
	suggestions, err := s.matcher.Suggest(ctx, caller.CustomerID)
	switch {
	case errors.Is(err, app.ErrNotFound): // deleted since the key was checked
		return nil, &Error{Kind: KindAuthentication}
	case err != nil:
		return nil, err
	}
	report, err := s.reporter.Reconcile(ctx, filter, reserveMore(ctx))
	if err != nil {
		return nil, reportError(err)
	}
	if err := exchangeOf(ctx).reservation.GrowTo(ctx, budget.PerAnswerByte*entityBytes*int64(report.Len())); err != nil {
		return nil, err
	}
	var response gen.GetReconciliation200JSONResponse
	data := &response.Body.Data
	data.Currency, data.Suggestions = textOrNull(report.Currency), suggestionsText(suggestions)
	data.Entities = reconciled(filter.Platforms, report.Entities)
	data.ByProject, data.ByCustomer = []gen.ReconciledProject{}, []gen.ReconciledCustomer{}
	for _, g := range report.ByProject {
		data.ByProject = append(data.ByProject, gen.ReconciledProject{ProjectID: textOrNull(g.ID), Label: textOrNull(g.Label), Entities: reconciled(filter.Platforms, g.Entities)})
	}
	for _, g := range report.ByCustomer {
		data.ByCustomer = append(data.ByCustomer, gen.ReconciledCustomer{CustomerID: textOrNull(g.ID), Label: textOrNull(g.Label), Entities: reconciled(filter.Platforms, g.Entities)})
	}
	data.More.ByProject, data.More.ByCustomer = report.More.Projects, report.More.Customers
	data.Conversions, data.Unconverted = []gen.Conversion{}, []gen.UnconvertedAmounts{}
	for _, c := range report.Conversions {
		data.Conversions = append(data.Conversions, gen.Conversion{From: c.From, To: c.To, Rate: c.Rate, Source: string(c.Source)})
	}
	for _, u := range report.Unconverted {
		data.Unconverted = append(data.Unconverted, gen.UnconvertedAmounts{
			EntityType: gen.StoredEntityType(u.EntityType), Platform: gen.Platform(u.Platform), Records: u.Records, Amount: moneyOf(u.Amount),
		})
	}
	return response, nil
}

// connectedPlatforms are the platforms that a customer has connected, in order of precedence; all if it has connected none.
func (s *Server) connectedPlatforms(ctx context.Context, customerID string) ([]string, error) {
	connections, err := s.store.ListConnections(ctx, customerID)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, name := range s.translator.Platforms().Names() {
		if len(connections) == 0 || slices.ContainsFunc(connections, func(c store.Connection) bool { return c.Platform == string(name) }) {
			names = append(names, string(name))
		}
	}
	return names, nil
}

// reserveMore reserves memory for what a report keeps while it is made.
func reserveMore(ctx context.Context) func(bytes int) error {
	reservation, kept := exchangeOf(ctx).reservation, int64(0)
	return func(bytes int) error {
		// The database holds a connection for this request meanwhile: it does not wait.
		if kept += int64(bytes); !reservation.TryGrowTo(budget.Small + kept) {
			return budget.ErrOverloaded
		}
		return nil
	}
}

// checkFilter refuses days that there are not, and currencies.
func checkFilter(f *app.ReportFilter) error {
	for _, day := range []struct{ name, text string }{{"from", f.From}, {"to", f.To}} {
		if day.text != "" && !jsontext.IsDate(day.text) {
			return &Error{Kind: KindValidation, Message: "query." + day.name + ": must be a day of the calendar (YYYY-MM-DD)"}
		}
	}
	if _, ok := canonical.Exponent(f.Currency); f.Currency != "" && !ok {
		return &Error{Kind: KindValidation, Message: "query.currency: must be an ISO 4217 currency"}
	}
	return nil
}

func reportError(err error) error {
	switch {
	case errors.Is(err, app.ErrSumTooLarge):
		return &Error{Kind: KindTransform, Message: "The amounts are too large to be summed up; ask for a part of them, or in another currency"}
	case errors.Is(err, app.ErrPreparing):
		return &Error{Kind: KindOverloaded, Message: "The records are being compared; try again in a minute", Cause: err}
	}
	return err
}

func reconciled(platforms []string, entities []app.EntityCount) []gen.ReconciledEntity {
	list := []gen.ReconciledEntity{}
	for i := range entities {
		e := &entities[i]
		item := gen.ReconciledEntity{
			EntityType: gen.StoredEntityType(e.EntityType), Matched: e.Matched, Agreeing: e.Agreeing, Disagreeing: e.Disagreeing, Accepted: e.Accepted,
			Suggested: e.Suggested, Ambiguous: e.Ambiguous,
			OneSided: map[string]int{}, Totals: map[string]gen.Money{}, Difference: nullable.NewNullNullable[gen.Money](),
		}
		for i, name := range platforms {
			item.OneSided[name] = e.OneSided[i]
			if e.Totals != nil {
				item.Totals[name] = moneyOf(e.Totals[i])
			}
		}
		if e.Difference != nil {
			item.Difference.Set(moneyOf(*e.Difference))
		}
		list = append(list, item)
	}
	return list
}

func moneyOf(m canonical.Money) gen.Money {
	return gen.Money{Amount: m.AmountMinor, Currency: m.Currency}
}

// textOrNull is a text, or null if it is empty.
func textOrNull(text string) nullable.Nullable[string] {
	if text == "" {
		return nullable.NewNullNullable[string]()
	}
	return nullable.NewNullableWithValue(text)
}
