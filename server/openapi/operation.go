package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"structural.app/structural/jsonschema"
)

const (
	mediaTypeJSON   = "application/json"
	mediaTypeCSV    = "text/csv"
	mediaTypeXLSX   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mediaTypeNDJSON = "application/x-ndjson"
)

// Operation is one operation of the document, compiled.
type Operation struct {
	ID     string // operationId
	Method string
	Path   string // as the document has it, such as /objects/{canonical_id}
	Route  string // as Echo has it, base path included, such as /api/v1/objects/:canonical_id

	// RateLimit is the operation's x-rate-limit, nil if it has none.
	RateLimit *RateLimit
	// KeyLimit is the x-rate-limit of the security scheme that the operation asks for, and FailureLimit its
	// x-rate-limit-failures: how often credentials may be wrong. nil if there is none.
	KeyLimit, FailureLimit *RateLimit
	// Timeout is the operation's x-timeout-seconds: how long it may take. 0 if it says nothing.
	Timeout time.Duration

	security   openapi3.SecurityRequirements
	parameters []parameter
	body       *body
	responses  map[int]*response
}

// RateLimit is what an operation's x-rate-limit extension says.
type RateLimit struct {
	Name          string `json:"name"`          // of the policy, as the RateLimit fields carry it
	Limit         int64  `json:"limit"`         // requests in a window
	WindowSeconds int64  `json:"windowSeconds"` // length of the window, which starts with its first request
	Per           string `json:"per"`           // what is counted apart: "client-address", "customer" or "key"
	Setting       string `json:"setting"`       // the variable by which the operator sets another limit; empty: none
}

// RateLimits returns all limits of the operation.
func (op *Operation) RateLimits() []*RateLimit {
	return slices.DeleteFunc([]*RateLimit{op.RateLimit, op.KeyLimit, op.FailureLimit}, func(l *RateLimit) bool { return l == nil })
}

type body struct {
	content
	required bool
}

type response struct {
	content
	headers []parameter
}

// content is what a body may be.
type content struct {
	schema *jsonschema.Schema // of JSON; nil: no body
	tables []string           // media types of tables that it may be as well, which have no schema
	lines  bool               // of a request: it is NDJSON instead, which the handler reads as it comes
}

// Statuses returns the documented status codes, ascending.
func (op *Operation) Statuses() []int {
	return slices.Sorted(maps.Keys(op.responses))
}

// Secured says whether the operation can't be reached without credentials.
func (op *Operation) Secured() bool {
	return len(op.security) > 0 && !slices.ContainsFunc(op.security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// compiler compiles the operations of one document.
type compiler struct {
	schemas  *jsonschema.Compiler
	document *openapi3.T
}

func (c compiler) operation(base, path, method string, item *openapi3.PathItem, op *openapi3.Operation) (*Operation, error) {
	if op.OperationID == "" {
		return nil, errors.New("operationId is missing")
	}
	compiled := &Operation{ID: op.OperationID, Method: method, Path: path, Route: base + echoRoute(path), responses: map[int]*response{}}

	compiled.security = c.document.Security
	if op.Security != nil {
		compiled.security = *op.Security
	}
	if err := c.rateLimits(compiled, op); err != nil {
		return nil, err
	}
	if extension, ok := op.Extensions["x-timeout-seconds"]; ok {
		seconds, ok := extension.(float64)
		if !ok || seconds <= 0 {
			return nil, errors.New("x-timeout-seconds: must be a number greater than zero")
		}
		compiled.Timeout = time.Duration(seconds * float64(time.Second))
	}

	place := pointer("", "paths", path)
	for i, ref := range item.Parameters {
		p, err := c.parameter(ref, at(ref.Ref, pointer(place, "parameters", strconv.Itoa(i))))
		if err != nil {
			return nil, err
		}
		compiled.parameters = append(compiled.parameters, p)
	}
	place = pointer(place, strings.ToLower(method))
	for i, ref := range op.Parameters {
		p, err := c.parameter(ref, at(ref.Ref, pointer(place, "parameters", strconv.Itoa(i))))
		if err != nil {
			return nil, err
		}
		// An operation's parameter takes the place of its path's.
		compiled.parameters = slices.DeleteFunc(compiled.parameters, func(q parameter) bool { return q.in == p.in && q.name == p.name })
		compiled.parameters = append(compiled.parameters, p)
	}

	if op.RequestBody != nil && len(op.RequestBody.Value.Content) == 1 && op.RequestBody.Value.Content[mediaTypeNDJSON] != nil {
		compiled.body = &body{content{lines: true}, op.RequestBody.Value.Required}
	} else if op.RequestBody != nil {
		s, err := c.content(op.RequestBody.Value.Content, at(op.RequestBody.Ref, pointer(place, "requestBody")))
		if err != nil {
			return nil, err
		}
		compiled.body = &body{s, op.RequestBody.Value.Required}
	}

	for code, ref := range op.Responses.Map() {
		status, err := strconv.Atoi(code)
		if err != nil {
			return nil, fmt.Errorf("responses/%s: only exact status codes are supported", code)
		}
		r, err := c.response(ref.Value, at(ref.Ref, pointer(place, "responses", code)))
		if err != nil {
			return nil, err
		}
		compiled.responses[status] = r
	}
	return compiled, nil
}

func (c compiler) response(r *openapi3.Response, place string) (*response, error) {
	compiled := &response{}
	var err error
	if compiled.content, err = c.content(r.Content, place); err != nil {
		return nil, err
	}
	for name, ref := range r.Headers {
		header, err := c.header(name, ref, at(ref.Ref, pointer(place, "headers", name)))
		if err != nil {
			return nil, err
		}
		compiled.headers = append(compiled.headers, header)
	}
	return compiled, nil
}

// content compiles the schema of a body, which is JSON, and may be a table instead. There is none when there is no body.
func (c compiler) content(declared openapi3.Content, place string) (compiled content, err error) {
	if len(declared) == 0 {
		return compiled, nil
	}
	json := declared[mediaTypeJSON]
	for _, table := range []string{mediaTypeCSV, mediaTypeXLSX} {
		if declared[table] != nil {
			compiled.tables = append(compiled.tables, table)
		}
	}
	if json == nil || json.Schema == nil || len(declared) > 1+len(compiled.tables) {
		return compiled, fmt.Errorf("%s/content: only %s with a schema is supported, and %s and %s beside it", place, mediaTypeJSON, mediaTypeCSV, mediaTypeXLSX)
	}
	compiled.schema, err = c.schemas.Compile(pointer(place, "content", mediaTypeJSON, "schema"))
	return compiled, err
}

// rateLimits reads the operation's own limit, and those of the security scheme that it asks for.
func (c compiler) rateLimits(compiled *Operation, op *openapi3.Operation) (err error) {
	if compiled.RateLimit, err = readRateLimit(op.Extensions, "x-rate-limit"); err != nil {
		return err
	}
	for _, requirement := range compiled.security {
		for name := range requirement {
			scheme := c.document.Components.SecuritySchemes[name]
			if scheme == nil || scheme.Value == nil {
				continue // Middleware says so
			}
			if compiled.KeyLimit, err = readRateLimit(scheme.Value.Extensions, "x-rate-limit"); err != nil {
				return err
			}
			if compiled.FailureLimit, err = readRateLimit(scheme.Value.Extensions, "x-rate-limit-failures"); err != nil {
				return err
			}
		}
	}
	return nil
}

func readRateLimit(extensions map[string]any, name string) (*RateLimit, error) {
	extension, ok := extensions[name]
	if !ok {
		return nil, nil
	}
	var limit RateLimit
	text, err := json.Marshal(extension)
	if err == nil {
		err = json.Unmarshal(text, &limit)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if limit.Name == "" || limit.Limit <= 0 || limit.WindowSeconds <= 0 || !slices.Contains([]string{"client-address", "customer", "key"}, limit.Per) {
		return nil, fmt.Errorf("%s: needs name, limit, windowSeconds, and per (client-address, customer or key)", name)
	}
	return &limit, nil
}
