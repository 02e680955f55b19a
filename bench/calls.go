package main

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// measureCalls compares whole calls of the program with bare handlers that write the same.
func measureCalls(ctx context.Context, b *bench) error {
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	bare, err := b.startHandler(ctx, "calls")
	if err != nil {
		return err
	}
	defer bare.stop()

	for _, call := range []struct {
		name    string
		request request
	}{
		{"getHealth, 16 clients, vs bare handler", healthRequest()},
		{"authenticated call, 16 clients, vs bare handler", b.refusedRequest()},
	} {
		progress("  %s", call.name)
		rates, err := b.compareServers(ctx, call.request, program, bare)
		if err != nil {
			return err
		}
		b.add(row{name: call.name, unit: "req/s", ours: rates[0], baseline: rates[1], higherIsBetter: true})
	}
	return nil
}

// compareServers returns the rate of each server.
func (b *bench) compareServers(ctx context.Context, r request, servers ...*process) ([]float64, error) {
	newSource := func() source { return repeat(r) }
	var sides []func() (float64, error)
	for _, server := range servers {
		if _, err := load(ctx, server.address, clients, b.warmUp, newSource); err != nil {
			return nil, err
		}
		sides = append(sides, func() (float64, error) { return load(ctx, server.address, clients, b.load, newSource) })
	}
	return takeTurns(ctx, b.rounds, sides...)
}

func healthRequest() request {
	return newRequest(http.StatusOK, http.MethodGet, "/api/v1/health", "")
}

// refusedRequest changes nothing and yet is authenticated in full: a test key is good, but has no session to delete.
func (b *bench) refusedRequest() request {
	return newRequest(http.StatusForbidden, http.MethodDelete, "/api/v1/demo/session", "", "Authorization: Bearer "+b.testKey)
}

// newCallsHandler answers the same with nothing behind it: no validation, no authentication, no database, no log.
func newCallsHandler() http.Handler {
	e := echo.New()
	e.GET("/api/v1/health", func(c echo.Context) error { return c.JSON(http.StatusOK, newHealthAnswer()) })
	e.DELETE("/api/v1/demo/session", func(c echo.Context) error { return c.JSON(http.StatusForbidden, newRefusedAnswer()) })
	return e
}

// The bodies are written out here, so that a change of the product's generated types does not stop the comparison.

type healthAnswer struct {
	Data struct {
		Status    string    `json:"status"`
		Timestamp time.Time `json:"timestamp"`
		Checks    struct {
			Database string `json:"database"`
		} `json:"checks"`
	} `json:"data"`
}

func newHealthAnswer() healthAnswer {
	var a healthAnswer
	a.Data.Status = "ok"
	a.Data.Timestamp = time.Now().UTC().Truncate(time.Millisecond)
	a.Data.Checks.Database = "ok"
	return a
}

type refusedAnswer struct {
	Error struct {
		Type      string `json:"type"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	} `json:"error"`
}

func newRefusedAnswer() refusedAnswer {
	var a refusedAnswer
	a.Error.Type = "AUTHORIZATION_ERROR"
	a.Error.Message = "Only a demo session can be deleted; this is not a demo key"
	a.Error.RequestID = "req_a1b2c3d4e5f6"
	return a
}

type sessionAnswer struct {
	Data struct {
		APIKey     string `json:"api_key"`
		CustomerID string `json:"customer_id"`
	} `json:"data"`
}
