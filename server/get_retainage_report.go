package server

import (
	"context"

	"github.com/oapi-codegen/nullable"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
)

// GetRetainageReport reports what is retained, released and held by contract and business partner.
func (s *Server) GetRetainageReport(ctx context.Context, request gen.GetRetainageReportRequestObject) (gen.GetRetainageReportResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p := request.Params
	filter := app.ReportFilter{
		CustomerID: caller.CustomerID, Project: value(p.ProjectID), Partner: value(p.CustomerID), From: value(p.From), To: value(p.To), Currency: value(p.Currency),
	}
	if err := checkFilter(&filter); err != nil {
		return nil, err
	}
	report, err := s.reporter.Retainage(ctx, filter, reserveMore(ctx))
	if err != nil {
		return nil, reportError(err)
	}
	var response gen.GetRetainageReport200JSONResponse
	data := &response.Body.Data
	data.Contracts, data.More = []gen.RetainedContract{}, report.More
	for i := range report.Rows {
		row := &report.Rows[i]
		in := func(minor int64) nullable.Nullable[gen.Money] {
			if row.Currency == "" {
				return nullable.NewNullNullable[gen.Money]()
			}
			return nullable.NewNullableWithValue(moneyOf(canonical.Money{AmountMinor: minor, Currency: row.Currency}))
		}
		data.Contracts = append(data.Contracts, gen.RetainedContract{
			ContractID: textOrNull(row.ContractID), ContractLabel: textOrNull(row.ContractLabel),
			CustomerID: textOrNull(row.CustomerID), CustomerLabel: textOrNull(row.CustomerLabel),
			Invoices: row.Invoices, Unknown: row.Unknown, LeftOut: row.LeftOut,
			Gross: in(row.Gross), Retained: in(row.Retained), Released: in(row.Released), Held: in(row.Held),
		})
	}
	return response, nil
}
