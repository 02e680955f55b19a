package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/nullable"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"structural.app/structural/bench/gen"
	"structural.app/structural/server/openapi"
)

// invoicesDocument is what validation is measured on.
//
//go:embed openapi.yaml
var invoicesDocument []byte

// invoices answers the document's operations, with as little as a handler can do: no database.
type invoices struct {
	broken bool // the answers break the document
}

var _ gen.StrictServerInterface = invoices{}

// GetInvoiceSummary answers some 150 bytes.
func (h invoices) GetInvoiceSummary(_ context.Context, r gen.GetInvoiceSummaryRequestObject) (gen.GetInvoiceSummaryResponseObject, error) {
	summary := gen.InvoiceSummary{
		State:    gen.InvoiceSummaryState(r.Params.State),
		Currency: r.Params.Currency,
		Count:    12,
		Total:    "184250.00",
		Oldest:   openapi_types.Date{Time: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)},
		Next:     nullable.NewNullNullable[string](),
	}
	if h.broken {
		summary.Total = "a lot"
	}
	return gen.GetInvoiceSummary200JSONResponse{Data: summary}, nil
}

// CreateInvoice answers what it was sent.
func (h invoices) CreateInvoice(_ context.Context, r gen.CreateInvoiceRequestObject) (gen.CreateInvoiceResponseObject, error) {
	created := gen.CreatedInvoice{ID: "inv_a1b2c3d4e5f6", State: gen.CreatedInvoiceStateDraft, Invoice: *r.Body}
	if h.broken {
		created.Invoice.Lines[len(created.Invoice.Lines)-1].Unit = "furlong"
	}
	return gen.CreateInvoice201JSONResponse{Data: created}, nil
}

// newInvoicesHandler is the baseline: the strict handlers in Echo, without validation.
func newInvoicesHandler(h invoices) http.Handler {
	e := echo.New()
	gen.RegisterHandlers(e, gen.NewStrictHandler(h, nil))
	return e
}

// newValidatedHandler is the same behind the product's contract middleware.
func newValidatedHandler(h invoices) (http.Handler, error) {
	document, err := openapi.Load(invoicesDocument)
	if err != nil {
		return nil, err
	}
	validate, err := document.Middleware(openapi.Options{
		MaxBodyBytes:    1 << 20,
		InvalidResponse: func(_ echo.Context, _ *openapi.Operation, violation error) error { return violation },
	})
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if invalid, ok := errors.AsType[*openapi.RequestError](err); ok {
			status = invalid.Status
		}
		if err := c.JSON(status, gen.Error{Message: err.Error()}); err != nil {
			progress("write error response: %v", err)
		}
	}
	e.Use(validate)
	gen.RegisterHandlers(e, gen.NewStrictHandler(h, nil))
	return e, nil
}

// newKinHandler is the same behind kin-openapi's middleware with its defaults; strict, so that like ours it holds back a
// response until it is checked.
func newKinHandler(h invoices) (http.Handler, error) {
	document, err := openapi3.NewLoader().LoadFromData(invoicesDocument)
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, err
	}
	silent := func(context.Context, string, error) {}
	validator := openapi3filter.NewValidator(router, openapi3filter.Strict(true), openapi3filter.OnLog(silent))
	return validator.Middleware(newInvoicesHandler(h)), nil
}

const (
	summaryTarget        = "/invoices/summary?state=open&currency=QAR"
	invalidSummaryTarget = "/invoices/summary?state=lost&currency=QAR"
	invoicesTarget       = "/invoices"
)

// invoiceBody is a request of 2 KB: eight lines.
func invoiceBody() string {
	address := gen.Address{Street: "1 Corniche Street", City: "Doha", Country: "QA"}
	invoice := gen.Invoice{
		Kind:      gen.InvoiceKindInvoice,
		Number:    "INV-2026-00042",
		Reference: nullable.NewNullNullable[string](),
		Currency:  gen.CurrencyQAR,
		IssuedOn:  openapi_types.Date{Time: time.Date(2026, time.April, 11, 0, 0, 0, 0, time.UTC)},
		Supplier:  gen.Invoice_Supplier{Name: "Gulf Ready Mix W.L.L.", Address: address},
		ShipTo:    nullable.NewNullableWithValue(address),
	}
	for i := range 8 {
		line := gen.Line{
			Number:      i + 1,
			Description: "Concrete C40/50, pumped, delivered to site, with two samples per truck",
			Quantity:    12.5 + float64(i),
			Unit:        gen.LineUnitM3,
			UnitPrice:   "310.00",
			CostCode:    nullable.NewNullableWithValue("03-30-00"),
			Tax:         nullable.NewNullableWithValue(gen.Tax{Code: "VAT", Rate: 0.05}),
		}
		if i%2 == 1 {
			line.CostCode.SetNull()
			line.Tax.SetNull()
		}
		invoice.Lines = append(invoice.Lines, line)
	}
	text, err := json.Marshal(invoice)
	if err != nil {
		panic(err) // can't be: all of it is written above
	}
	return string(text)
}
