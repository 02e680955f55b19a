package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/labstack/echo/v4"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/platform/registry"
	"structural.app/structural/server"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// measureAllocations compares the product's operations with handlers that do the same work without the edge: no contract, no
// limit, no request id, no log.
func measureAllocations(_ context.Context, b *bench) error {
	product, err := server.New(server.Config{
		Store:          b.store,
		Translator:     app.New(registry.New(), canonical.Rates{}),
		TrustedProxies: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(32, 32)}},
		Logger:         slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	work := newWorkHandler(b.store)

	for _, operation := range []struct {
		name         string
		method, path string
		headers      []string
		status       int
	}{
		{"getHealth", http.MethodGet, "/api/v1/health", nil, http.StatusOK},
		{"createDemoSession", http.MethodPost, "/api/v1/demo/session", nil, http.StatusCreated},
		{"deleteDemoSession (403)", http.MethodDelete, "/api/v1/demo/session", []string{"Authorization: Bearer " + b.testKey}, http.StatusForbidden},
	} {
		var wrong error
		count := func(h http.Handler) float64 {
			c := newCall(h, operation.method, operation.path, "", operation.headers...)
			// Written beforehand, so that they do not count.
			addresses := newAddresses(b.operations + 1)
			i := 0
			return allocations(b.operations, func() {
				c.request.Header["X-Forwarded-For"] = addresses[i]
				i++
				if status := c.do(); status != operation.status {
					wrong = fmt.Errorf("%s answered %d, not %d", operation.name, status, operation.status)
				}
			})
		}
		ours, baseline := count(product), count(work)
		if wrong != nil {
			return wrong
		}
		b.add(row{name: operation.name + ", allocations, vs the same work bare", unit: "allocs/op", ours: ours, baseline: baseline})
	}
	return nil
}

// newAddresses returns n values of X-Forwarded-For, each of another client.
func newAddresses(n int) [][]string {
	addresses := make([][]string, n)
	for i := range addresses {
		text := []byte("10.100.100.100")
		writeAddress(text, clientAddresses.Add(1))
		addresses[i] = []string{string(text)}
	}
	return addresses
}

// newWorkHandler does what the operations do, and nothing of what the server does for them.
func newWorkHandler(s *store.Store) http.Handler {
	e := echo.New()
	e.GET("/api/v1/health", func(c echo.Context) error {
		if err := s.Ping(c.Request().Context()); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, newHealthAnswer())
	})
	e.POST("/api/v1/demo/session", func(c echo.Context) error {
		key := apikey.New(string(store.ModeDemo))
		customerID, err := s.CreateCustomer(c.Request().Context(), store.ModeDemo, "", apikey.Hash(key))
		if err != nil {
			return err
		}
		var answer sessionAnswer
		answer.Data.APIKey, answer.Data.CustomerID = key, customerID
		return c.JSON(http.StatusCreated, answer)
	})
	e.DELETE("/api/v1/demo/session", func(c echo.Context) error {
		token := c.Request().Header.Get(echo.HeaderAuthorization)[len("Bearer "):]
		if _, err := s.FindKey(c.Request().Context(), apikey.Hash(token)); err != nil {
			return err
		}
		return c.JSON(http.StatusForbidden, newRefusedAnswer())
	})
	return e
}
