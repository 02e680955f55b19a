package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
)

// serveCommand, followed by a name, makes this program a server of that handler: what is compared over HTTP with the product,
// which is a process of its own, must be one, too.
const serveCommand = "serve"

// handlers by name.
var handlers = map[string]func() (http.Handler, error){
	"calls":              func() (http.Handler, error) { return newCallsHandler(), nil },
	"echo":               func() (http.Handler, error) { return newEchoHandler(), nil },
	"objects":            newObjectsHandler,
	"propagate":          newPropagateHandler,
	"invoices":           func() (http.Handler, error) { return newInvoicesHandler(invoices{}), nil },
	"invoices validated": func() (http.Handler, error) { return newValidatedHandler(invoices{}) },
}

// serve serves a handler on ADDR until ctx ends.
func serve(ctx context.Context, name string) error {
	newHandler := handlers[name]
	if newHandler == nil {
		return fmt.Errorf("no handler %q", name)
	}
	handler, err := newHandler()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", os.Getenv("ADDR"))
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	if err := http.Serve(listener, handler); ctx.Err() == nil {
		return err
	}
	return nil
}
