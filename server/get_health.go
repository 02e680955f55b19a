package server

import (
	"context"
	"time"

	"structural.app/structural/gen"
)

// A health check answers soon, or the answer is no.
const healthTimeout = 2 * time.Second

// GetHealth says whether the database answers.
func (s *Server) GetHealth(ctx context.Context, _ gen.GetHealthRequestObject) (gen.GetHealthResponseObject, error) {
	now := s.clock().UTC().Truncate(time.Millisecond)
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		exchangeOf(ctx).err = err
		return gen.GetHealth503JSONResponse{Body: gen.HealthDegradedResponse{Data: gen.HealthDegradedResponse_Data{
			Status:    gen.HealthDegradedResponseDataStatusDegraded,
			Timestamp: now,
			Checks:    gen.HealthDegradedResponse_Data_Checks{Database: gen.HealthDegradedResponseDataChecksDatabaseError},
		}}}, nil
	}
	return gen.GetHealth200JSONResponse{Body: gen.HealthResponse{Data: gen.HealthResponse_Data{
		Status:    gen.HealthResponseDataStatusOk,
		Timestamp: now,
		Checks:    gen.HealthResponse_Data_Checks{Database: gen.HealthResponseDataChecksDatabaseOk},
	}}}, nil
}
