package server

import (
	"context"
	"errors"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/gen"
	"structural.app/structural/mapping/books"
	"structural.app/structural/server/budget"
)

// ConnectPlatform loads a platform's records and reconciles them with those of the others.
func (s *Server) ConnectPlatform(ctx context.Context, request gen.ConnectPlatformRequestObject) (gen.ConnectPlatformResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	platform := request.Body.Platform
	counts, err := s.connecter.Connect(ctx, app.ConnectRequest{Actor: actorOf(caller), CustomerID: caller.CustomerID, Platform: string(platform), Ledger: books.LedgerSide(value(request.Body.Ledger)),
		Reserve: func(ctx context.Context, bytes int) error {
			return exchangeOf(ctx).reservation.GrowTo(ctx, budget.PerRecordByte*int64(bytes))
		}})
	switch {
	case errors.Is(err, app.ErrNoCredentials):
		return nil, &Error{Kind: KindConflict, Message: "No credentials for this platform are on file, and a live key gets no sandbox data; ask support@structural.app to set the connection up"}
	case errors.Is(err, app.ErrBusy):
		return nil, &Error{Kind: KindConflict, Message: "This platform is being connected, or records of it imported, by another request; try again when that has finished"}
	case errors.Is(err, app.ErrLedger):
		return nil, &Error{Kind: KindConflict, Message: "The customer's other platforms are connected with another ledger; leave ledger out to use theirs, which can be changed only while no other platform is connected"}
	case errors.Is(err, app.ErrNotFound): // deleted since the key was checked
		return nil, &Error{Kind: KindAuthentication}
	case err != nil:
		return nil, quotaError(err)
	}
	var response gen.ConnectPlatform200JSONResponse
	data := &response.Body.Data
	data.Platform = platform
	data.Status = gen.ConnectResponseDataStatusConnected
	data.Entities.Projects = counts[canonical.Project]
	data.Entities.Customers = counts[canonical.Customer]
	data.Entities.Contracts = counts[canonical.Contract]
	data.Entities.Invoices = counts[canonical.Invoice]
	data.Entities.Payments = counts[canonical.Payment]
	return response, nil
}
