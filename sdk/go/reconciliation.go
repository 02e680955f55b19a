package structural

import (
	"context"
	"io"
	"iter"
	"net/http"

	"structural.app/structural/sdk/go/internal/operations"
)

// ReportFilter says what a report is about. Empty fields say nothing.
type ReportFilter struct {
	EntityType    StoredEntityType
	ProjectID     string // of an object
	CustomerID    string // of an object of type customer
	From, To      string // YYYY-MM-DD, both included
	Currency      string // ISO 4217, of the report; empty: the one that most amounts are in
	MinDifference int64  // in minor units of the currency: smaller differences do not count, nor those that are no money
}

// GetReconciliation reports how the platforms agree.
func (c *Client) GetReconciliation(ctx context.Context, filter ReportFilter) (*Reconciliation, error) {
	body, _, err := decode[ReconciliationResponse](c.repeated.GetReconciliation(ctx, &operations.GetReconciliationParams{
		EntityType: optional(string(filter.EntityType)), ProjectID: optional(filter.ProjectID), CustomerID: optional(filter.CustomerID),
		From: optional(filter.From), To: optional(filter.To), Currency: optional(filter.Currency), MinDifference: optional(filter.MinDifference),
	}))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// GetReconciliationDifferencesParams says which differences are listed.
type GetReconciliationDifferencesParams struct {
	ReportFilter
	State  string // "open", "accepted" or "all"; empty: open
	Limit  int    // how many a page has at the most, up to 1000; 0: 100
	Cursor string // where the page begins: NextCursor of the one before
}

func (p *GetReconciliationDifferencesParams) query() *operations.GetReconciliationDifferencesParams {
	query := &operations.GetReconciliationDifferencesParams{
		EntityType: optional(string(p.EntityType)), ProjectID: optional(p.ProjectID), CustomerID: optional(p.CustomerID),
		From: optional(p.From), To: optional(p.To), Currency: optional(p.Currency), MinDifference: optional(p.MinDifference),
		Limit: optional(p.Limit), Cursor: optional(p.Cursor),
	}
	if p.State != "" {
		state := operations.GetReconciliationDifferencesParamsState(p.State)
		query.State = &state
	}
	return query
}

// GetReconciliationDifferences returns a page of what the platforms say differently.
func (c *Client) GetReconciliationDifferences(ctx context.Context, params GetReconciliationDifferencesParams) (*Page[RecordDifference], error) {
	body, header, err := decode[DifferencesResponse](c.repeated.GetReconciliationDifferences(ctx, params.query()))
	if err != nil {
		return nil, err
	}
	return &Page[RecordDifference]{Data: body.Data, NextCursor: nextCursor(header)}, nil
}

// AllDifferences goes through what the platforms say differently page by page, from params.Cursor on. An error ends it.
func (c *Client) AllDifferences(ctx context.Context, params GetReconciliationDifferencesParams) iter.Seq2[RecordDifference, error] {
	return all(params.Cursor, func(cursor string) (*Page[RecordDifference], error) {
		params.Cursor = cursor
		return c.GetReconciliationDifferences(ctx, params)
	})
}

// Media types of [Client.DownloadDifferences].
const (
	CSV  = "text/csv"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// DownloadDifferences writes all differences as a table, of the media type [CSV] or [XLSX]. After an error it is not the whole.
func (c *Client) DownloadDifferences(ctx context.Context, mediaType string, params GetReconciliationDifferencesParams, to io.Writer) error {
	response, err := c.repeated.GetReconciliationDifferences(ctx, params.query(), func(_ context.Context, r *http.Request) error {
		r.Header.Set("Accept", mediaType)
		return nil
	})
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		_, _, err := decode[struct{}](response, nil)
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(to, response.Body)
	return err
}

// AcceptDifference accepts a difference as it is now. Doing so twice is as doing so once.
func (c *Client) AcceptDifference(ctx context.Context, request AcceptDifferenceRequest) (*RecordDifference, error) {
	body, _, err := decode[DifferenceResponse](c.repeated.AcceptDifference(ctx, request))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}

// DeleteAcceptedDifference takes the acceptance of a difference back.
func (c *Client) DeleteAcceptedDifference(ctx context.Context, acceptedID string) error {
	_, _, err := decode[struct{}](c.once.DeleteAcceptedDifference(ctx, acceptedID))
	return err
}

// GetRetainageReport reports what is retained, released and held, by contract and business partner. EntityType and MinDifference of the filter do
// not count.
func (c *Client) GetRetainageReport(ctx context.Context, filter ReportFilter) (*RetainageReport, error) {
	body, _, err := decode[RetainageReportResponse](c.repeated.GetRetainageReport(ctx, &operations.GetRetainageReportParams{
		ProjectID: optional(filter.ProjectID), CustomerID: optional(filter.CustomerID), From: optional(filter.From), To: optional(filter.To),
		Currency: optional(filter.Currency),
	}))
	if err != nil {
		return nil, err
	}
	return &body.Data, nil
}
