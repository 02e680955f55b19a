package server

import (
	"context"
	"time"

	"structural.app/structural/gen"
)

// GetConnections lists the caller's active connections, the oldest first.
func (s *Server) GetConnections(ctx context.Context, _ gen.GetConnectionsRequestObject) (gen.GetConnectionsResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	connections, err := s.store.ListConnections(ctx, caller.CustomerID)
	if err != nil {
		return nil, err
	}
	imports, err := s.store.ListImports(ctx, caller.CustomerID)
	if err != nil {
		return nil, err
	}
	var response gen.GetConnections200JSONResponse
	response.Body.Data.Connections = make([]gen.Connection, len(connections))
	for i, c := range connections {
		response.Body.Data.Connections[i] = gen.Connection{
			Platform:       gen.Platform(c.Platform),
			Status:         gen.ConnectionStatusActive,
			ConnectedAt:    c.ConnectedAt.UTC().Truncate(time.Millisecond),
			EntitiesSynced: c.EntitiesSynced,
			Ledger:         new(gen.Ledger(c.Ledger)),
		}
		for j := range imports {
			if imports[j].Platform == c.Platform {
				response.Body.Data.Connections[i].Imports = append(response.Body.Data.Connections[i].Imports, importOf(&imports[j]))
			}
		}
	}
	return response, nil
}
