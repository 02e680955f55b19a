// Package openapi holds requests and responses to an OpenAPI 3.1 document, at run time.
//
// [Load] reads the document and compiles each of its schemas once. [Document.Middleware] then enforces the security
// requirements, checks every request before its handler sees it, and every response before its caller does. The package knows
// OpenAPI; it knows nothing of what the API is for.
package openapi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"structural.app/structural/jsonschema"
	"structural.app/structural/jsontext"
)

// Document is a loaded OpenAPI document. Safe for concurrent use.
type Document struct {
	source     []byte
	json       []byte
	basePath   string
	operations []*Operation
	byRoute    map[string]map[string]*Operation // by Echo route, then method
}

// Load reads an OpenAPI 3.1 document in YAML, checks that it is one, and compiles it. The error names the place in the
// document that is broken or uses what this package does not support.
func Load(source []byte) (*Document, error) {
	var value any
	if err := yaml.Unmarshal(source, &value); err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	parsed, err := openapi3.NewLoader().LoadFromData(asJSON)
	if err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	if err := parsed.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	base, err := basePath(parsed.Servers)
	if err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	schemas, err := jsonschema.NewCompiler(asJSON)
	if err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}

	d := &Document{source: source, json: asJSON, basePath: base, byRoute: map[string]map[string]*Operation{}}
	for path, item := range parsed.Paths.Map() {
		for method, op := range item.Operations() {
			c := compiler{schemas: schemas, document: parsed}
			operation, err := c.operation(base, path, method, item, op)
			if err != nil {
				return nil, fmt.Errorf("openapi document: %s %s: %w", method, path, err)
			}
			d.operations = append(d.operations, operation)
			if d.byRoute[operation.Route] == nil {
				d.byRoute[operation.Route] = map[string]*Operation{}
			}
			d.byRoute[operation.Route][method] = operation
		}
	}
	slices.SortFunc(d.operations, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return d, nil
}

// YAML returns the document, byte for byte as it was loaded.
func (d *Document) YAML() []byte { return d.source }

// JSON returns the same document as JSON, its keys sorted.
func (d *Document) JSON() []byte { return d.json }

// BasePath returns the path of the first server, under which all operations are served, such as "/api/v1".
func (d *Document) BasePath() string { return d.basePath }

// Operations returns all operations, ordered by path and method.
func (d *Document) Operations() []*Operation { return d.operations }

// Operation returns the operation of an operationId, nil if there is none.
func (d *Document) Operation(id string) *Operation {
	i := slices.IndexFunc(d.operations, func(op *Operation) bool { return op.ID == id })
	if i < 0 {
		return nil
	}
	return d.operations[i]
}

// OperationOf returns the operation that a request was routed to, nil if none. HEAD is that of GET (RFC 9110, section 9.3.2).
func (d *Document) OperationOf(c echo.Context) *Operation {
	return d.operationAt(c.Path(), c.Request().Method)
}

func (d *Document) operationAt(route, method string) *Operation {
	methods := d.byRoute[route]
	if op := methods[method]; op != nil || method != http.MethodHead {
		return op
	}
	return methods[http.MethodGet]
}

// CheckRoutes compares the routes of a router with the document. Each operation needs a route, a GET one for HEAD, too; and each
// route an operation, those in except (Echo paths) aside. The error lists what is missing on either side.
func (d *Document) CheckRoutes(routes []*echo.Route, except ...string) error {
	var missing []string
	routed := map[string]bool{}
	for _, route := range routes {
		key := route.Method + " " + route.Path
		routed[key] = true
		if d.operationAt(route.Path, route.Method) == nil && !slices.Contains(except, route.Path) && route.Method != echo.RouteNotFound {
			missing = append(missing, key+" is routed but not in the document")
		}
	}
	for _, op := range d.operations {
		if !routed[op.Method+" "+op.Route] {
			missing = append(missing, op.Method+" "+op.Route+" is in the document but not routed")
		}
		if op.Method == http.MethodGet && !routed[http.MethodHead+" "+op.Route] {
			missing = append(missing, op.Route+" is routed for GET but not for HEAD")
		}
	}
	if missing != nil {
		return fmt.Errorf("routes and openapi document differ: %s", strings.Join(missing, "; "))
	}
	return nil
}

func basePath(servers openapi3.Servers) (string, error) {
	if len(servers) == 0 {
		return "", nil
	}
	server, err := url.Parse(servers[0].URL)
	if err != nil {
		return "", fmt.Errorf("servers/0/url: %w", err)
	}
	return strings.TrimSuffix(server.Path, "/"), nil
}

// echoRoute turns a path template of the document into Echo's: {id} becomes :id.
func echoRoute(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// pointer joins the JSON pointer of a place and the keys below it (RFC 6901).
func pointer(base string, keys ...string) string {
	for _, key := range keys {
		base = jsontext.AppendPointer(base, key)
	}
	return base
}

// at is the pointer of a component that is either written in place or referred to ("#/components/…").
func at(ref, inPlace string) string {
	if ref != "" {
		return strings.TrimPrefix(ref, "#")
	}
	return inPlace
}
