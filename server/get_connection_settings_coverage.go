package server

import (
	"context"

	"structural.app/structural/gen"
	"structural.app/structural/mapping/books"
	"structural.app/structural/server/budget"
)

// GetConnectionSettingsCoverage says which cost codes of the customer's records no posting rule of a connection covers.
func (s *Server) GetConnectionSettingsCoverage(
	ctx context.Context, request gen.GetConnectionSettingsCoverageRequestObject,
) (gen.GetConnectionSettingsCoverageResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	reservation := exchangeOf(ctx).reservation
	coverage, err := s.settler.Coverage(ctx, caller.CustomerID, string(request.Platform), func(bytes int) error {
		// The database holds a connection for this request meanwhile: it does not wait.
		if !reservation.TryGrowTo(budget.Small + budget.PerBodyByte*int64(bytes)) {
			return budget.ErrOverloaded
		}
		return nil
	})
	if err != nil {
		return nil, notConnected(err)
	}
	var response gen.GetConnectionSettingsCoverage200JSONResponse
	data := &response.Body.Data
	data.Covered, data.Uncovered = countedLines(&coverage.Covered), countedLines(&coverage.Uncovered)
	data.Codes = []gen.UncoveredCode{}
	codes, more := coverage.Codes()
	data.More = more
	for i := range codes {
		counted := countedLines(&codes[i].Lines)
		data.Codes = append(data.Codes, gen.UncoveredCode{
			CostCode: unlessEmpty(codes[i].CostCode), CostType: unlessEmpty(codes[i].CostType), Lines: counted.Lines, Amounts: counted.Amounts,
		})
	}
	return response, nil
}

func countedLines(lines *books.Lines) gen.CountedLines {
	counted := gen.CountedLines{Lines: lines.Count, Amounts: []gen.Money{}}
	for _, money := range lines.Amounts() {
		counted.Amounts = append(counted.Amounts, gen.Money{Amount: money.AmountMinor, Currency: money.Currency})
	}
	return counted
}

// unlessEmpty is a pointer to a text; nil if it is empty.
func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
