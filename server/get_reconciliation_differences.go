package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
)

// defaultDifferences is how many differences are listed when the request does not say: the contract's default.
const defaultDifferences = 100

// GetReconciliationDifferences lists what the platforms say differently: in pages, or all of it as a table.
func (s *Server) GetReconciliationDifferences(
	ctx context.Context, request gen.GetReconciliationDifferencesRequestObject,
) (gen.GetReconciliationDifferencesResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	p := request.Params
	filter := app.ReportFilter{
		CustomerID: caller.CustomerID, EntityType: canonical.EntityType(value(p.EntityType)), Project: value(p.ProjectID), Partner: value(p.CustomerID),
		From: value(p.From), To: value(p.To), Currency: value(p.Currency), Minimum: value(p.MinDifference),
	}
	state := app.OpenDifferences
	if p.State != nil {
		state = string(*p.State)
	}
	if err := checkFilter(&filter); err != nil {
		return nil, err
	}
	if filter.Platforms, err = s.connectedPlatforms(ctx, caller.CustomerID); err != nil {
		return nil, err
	}
	list := differenceList{ctx: ctx, server: s, filter: filter, state: state}
	if table := preferredTable(exchangeOf(ctx).accept, mediaTypeCSV, mediaTypeXLSX); table != "" {
		return differencesTable{list, table}, nil
	}
	return list.page(&p)
}

// differenceList is a list of differences that is asked for.
type differenceList struct {
	ctx    context.Context
	server *Server
	filter app.ReportFilter
	state  string
}

func (l *differenceList) page(p *gen.GetReconciliationDifferencesParams) (gen.GetReconciliationDifferencesResponseObject, error) {
	limit, begin := defaultDifferences, app.DifferencePage{}
	if p.Limit != nil {
		limit = *p.Limit
	}
	if p.Cursor != nil {
		var ok bool
		if begin, ok = parseCursor(*p.Cursor); !ok {
			return nil, &Error{Kind: KindValidation, Message: "query.cursor: must be one that a Link header gave"}
		}
	}
	room := newPageRoom(l.ctx)
	response := differencesPage{body: gen.DifferencesResponse{Data: []gen.RecordDifference{}}}
	var last app.DifferencePage
	err := l.server.reporter.Differences(l.ctx, l.filter, l.state, begin, func(d app.ListedDifference) (bool, error) {
		item := recordDifference(&d)
		if n := len(response.body.Data); n == limit || !room.take(n, itemBytes(&item)) {
			response.next = l.nextPage(p, last)
			return false, nil
		}
		response.body.Data = append(response.body.Data, item)
		last = app.DifferencePage{After: d.Object.ID, Index: d.Index}
		return true, nil
	})
	if err == nil {
		err = room.reserve(l.ctx)
	}
	return response, reportError(err)
}

// itemBytes is about how long a difference is as JSON.
func itemBytes(d *gen.RecordDifference) int {
	bytes := 512 + len(d.Field) + len(d.Label)
	for _, v := range d.Values {
		bytes += len(v)
	}
	return bytes
}

// nextPage is the Link header that leads to what is behind a difference. The address is relative, and so right behind any proxy.
func (l *differenceList) nextPage(p *gen.GetReconciliationDifferencesParams, last app.DifferencePage) string {
	query := url.Values{"cursor": {base64.RawURLEncoding.EncodeToString([]byte(last.After + ":" + strconv.Itoa(last.Index)))}}
	f := &l.filter
	for name, text := range map[string]string{
		"entity_type": string(f.EntityType), "project_id": f.Project, "customer_id": f.Partner, "from": f.From, "to": f.To, "currency": f.Currency,
	} {
		if text != "" {
			query.Set(name, text)
		}
	}
	if p.MinDifference != nil {
		query.Set("min_difference", strconv.FormatInt(*p.MinDifference, 10))
	}
	if p.State != nil {
		query.Set("state", string(*p.State))
	}
	if p.Limit != nil {
		query.Set("limit", strconv.Itoa(*p.Limit))
	}
	return "<" + l.server.document.BasePath() + "/reconciliation/differences?" + query.Encode() + `>; rel="next"`
}

func parseCursor(cursor string) (page app.DifferencePage, ok bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return page, false
	}
	after, index, found := strings.Cut(string(text), ":")
	if page.Index, err = strconv.Atoi(index); err != nil || !found || page.Index < 0 {
		return page, false
	}
	page.After = after
	for _, t := range canonical.EntityTypes() {
		ok = ok || canonical.IsID(t, after)
	}
	return page, ok
}

// recordDifference is a difference as it is answered.
func recordDifference(d *app.ListedDifference) gen.RecordDifference {
	o := d.Object
	item := gen.RecordDifference{
		CanonicalID: o.ID, EntityType: gen.StoredEntityType(o.EntityType), Label: o.Label, ProjectID: textOrNull(o.ProjectID), CustomerID: textOrNull(o.CustomerID),
		Field: d.Field, Values: map[string]json.RawMessage{}, Difference: nullable.NewNullNullable[gen.Money](), Kind: string(d.Kind), More: o.More,
		Changed: map[string]time.Time{}, Accepted: nullable.NewNullNullable[gen.AcceptedDifference](),
	}
	for _, s := range d.Values {
		item.Values[s.Platform] = s.Value.Append(nil)
	}
	if d.Amount != nil {
		item.Difference.Set(moneyOf(*d.Amount))
	}
	for _, r := range o.Records {
		if at, err := time.Parse(time.RFC3339, r.ChangedAt); err == nil {
			item.Changed[r.Platform] = at
		}
	}
	if a := d.Acceptance; a != nil {
		item.Accepted.Set(gen.AcceptedDifference{
			ID: a.ID, Note: textOrNull(a.Note), KeyID: a.KeyID, KeyName: textOrNull(a.KeyName), AcceptedAt: a.AcceptedAt.UTC().Truncate(time.Millisecond),
		})
	}
	return item
}

// differencesPage is a page of differences.
type differencesPage struct {
	body gen.DifferencesResponse
	next string // Link header; empty on the last page
}

// VisitGetReconciliationDifferencesResponse writes the 200 response.
func (r differencesPage) VisitGetReconciliationDifferencesResponse(w http.ResponseWriter) error {
	if r.next != "" {
		w.Header().Set("Link", r.next)
	}
	return writeJSON(w, r.body)
}
