package openapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	structural "structural.app/structural"
	"structural.app/structural/jsonschema"
	"structural.app/structural/jsontext"
	"structural.app/structural/server/openapi"
)

const document = `
openapi: 3.1.0
info: {title: Test, version: '1'}
servers: [{url: https://api.example.com/v1}]
paths:
  /things/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
    get:
      operationId: getThing
      parameters:
      - {name: platform, in: query, required: true, schema: {type: string, enum: [procore, dynamics]}}
      - {name: kind, in: query, required: true, schema: {type: string}}
      - {name: limit, in: query, schema: {type: [integer, 'null'], maximum: 100}}
      - {name: tag, in: query, schema: {type: array, maxItems: 2, items: {type: string}}}
      - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
      - {name: If-Match, in: header, schema: {type: string, pattern: '^"[0-9]+"$'}}
      responses:
        '200':
          description: ok
          headers:
            X-Count: {required: true, schema: {type: integer, minimum: 0}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '204': {description: none}
        '400': {$ref: '#/components/responses/Fault'}
        '500': {$ref: '#/components/responses/Fault'}
    put:
      operationId: putThing
      security: [{key: []}]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '204': {description: stored}
        '400': {$ref: '#/components/responses/Fault'}
        '401': {description: who}
components:
  responses:
    Fault: {description: fault, content: {application/json: {schema: {type: object, required: [error]}}}}
  securitySchemes:
    key: {type: http, scheme: bearer}
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 1}
        parent: {anyOf: [{$ref: '#/components/schemas/Thing'}, {type: 'null'}]}
`

// serve runs one request through the middleware, with that handler behind it.
func serve(t *testing.T, source string, handler echo.HandlerFunc, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	d, err := openapi.Load([]byte(source))
	require.NoError(t, err)
	middleware, err := d.Middleware(openapi.Options{
		MaxBodyBytes:    1 << 20,
		Authenticators:  map[string]func(echo.Context) error{"key": func(c echo.Context) error { return authenticate(c) }},
		InvalidResponse: func(_ echo.Context, _ *openapi.Operation, err error) error { return err },
	})
	require.NoError(t, err)
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if e, ok := errors.AsType[*openapi.RequestError](err); ok {
			status = e.Status
		} else if e, ok := errors.AsType[*echo.HTTPError](err); ok {
			status = e.Code
		}
		if status == http.StatusUnauthorized {
			c.NoContent(status)
			return
		}
		c.JSON(status, map[string]string{"error": err.Error()})
	}
	e.Use(middleware)
	e.GET("/v1/things/:id", handler)
	e.PUT("/v1/things/:id", handler)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func authenticate(c echo.Context) error {
	if c.Request().Header.Get("Authorization") != "Bearer good" {
		return echo.NewHTTPError(http.StatusUnauthorized)
	}
	return nil
}

func noContent(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

func TestParameters(t *testing.T) {
	for query, problem := range map[string]string{
		"platform=procore&kind=a":                       "",
		"platform=procore&kind=a&limit=100&tag=x&tag=y": "",
		"platform=procore&kind=a&ids=1,2,3":             "",
		"platform=procore&kind=%22a%22%0A":              "",
		"":                                              "platform and kind query params required",
		"kind=a":                                        "platform query param required",
		"platform=sage&kind=a":                          "query.platform: ",
		"platform=procore&platform=procore&kind=a":      "query.platform: is given more than once",
		"platform=procore&kind=a&limit=101":             "query.limit: ",
		"platform=procore&kind=a&limit=ten":             "query.limit: ",
		"platform=procore&kind=a&limit=":                "query.limit: ",
		"platform=procore&kind=a&limit=null":            "",
		"platform=procore&kind=a&limit=1e1":             "query.limit: must be an integer such as 10, without fraction or exponent",
		"platform=procore&kind=a&limit=10.0":            "query.limit: must be an integer such as 10, without fraction or exponent",
		"platform=procore&kind=a&ids=1,2e0":             "query.ids: must be an integer such as 10, without fraction or exponent",
		"platform=procore&kind=%00":                     "query.kind: holds U+0000, which cannot be stored",
		"platform=procore&kind=%ff":                     "query.kind: is not UTF-8",
		"platform=procore&kind=%ed%a0%80":               "query.kind: is not UTF-8",
		"platform=procore&kind=a&tag=x&tag=y&tag=z":     "query.tag: ",
		"platform=procore&kind=a&ids=1,x":               "query.ids: /1: ",
		"platform=procore&kind=a&Limit=1":               "query.Limit: unknown parameter",
		"platform=procore&kind=a&limit=%5B1%5D":         "query.limit: ",
		"platform=procore&kind=a&limit=1%202":           "query.limit: ",
		"platform=procore&kind=a;b":                     "query string is not well-formed",
	} {
		w := serve(t, document, noContent, httptest.NewRequest(http.MethodGet, "/v1/things/7?"+query, nil))
		if problem == "" {
			assert.Equal(t, http.StatusNoContent, w.Code, "%s: %s", query, w.Body)
		} else {
			assert.Equal(t, http.StatusBadRequest, w.Code, query)
			assert.Contains(t, message(t, w), problem, query)
			assert.NotContains(t, w.Body.String(), "sage")
		}
	}
	for path, status := range map[string]int{"/v1/things/0": 400, "/v1/things/x": 400, "/v1/things/1.0": 400, "/v1/things/%37": 204, "/v1/things/%00": 400, "/v1/things/%ff": 400} {
		assert.Equal(t, status, serve(t, document, noContent, httptest.NewRequest(http.MethodGet, path+"?platform=procore&kind=a", nil)).Code, path)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/things/7?platform=procore&kind=a", nil)
	r.Header.Set("If-Match", "7")
	assert.Contains(t, message(t, serve(t, document, noContent, r)), "header.If-Match: ")
}

func TestRequestBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"name":"a","parent":{"name":"b","parent":null}}`: "",
		``:                                  "request body is required",
		`{"name":1}`:                        "/name: ",
		`{"Name":"a","parent":{"name":""}}`: "/parent/name: ",
		`{"name":"a","title":"b"}`:          "/title: ",
		`{"name":"a"`:                       "request body is not valid JSON: ",
	} {
		r := httptest.NewRequest(http.MethodPut, "/v1/things/7", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer good")
		r.Header.Set("Content-Type", "application/json")
		var got string
		w := serve(t, document, func(c echo.Context) error {
			var value json.RawMessage
			err := c.Bind(&value)
			got = string(value)
			return errors.Join(err, noContent(c))
		}, r)
		if want == "" {
			assert.Equal(t, http.StatusNoContent, w.Code, "%s: %s", body, w.Body)
			assert.Equal(t, body, got, "the handler reads the body after the check")
		} else {
			assert.Equal(t, http.StatusBadRequest, w.Code, body)
			assert.Contains(t, message(t, w), want, body)
		}
	}
}

func TestSecurity(t *testing.T) {
	reached := false
	w := serve(t, document, func(c echo.Context) error { reached = true; return noContent(c) },
		httptest.NewRequest(http.MethodPut, "/v1/things/x?y=z", strings.NewReader("no json")))
	assert.Equal(t, http.StatusUnauthorized, w.Code, "before anything else is looked at")
	assert.False(t, reached)

	d, err := openapi.Load([]byte(document))
	require.NoError(t, err)
	_, err = d.Middleware(openapi.Options{})
	assert.ErrorContains(t, err, "putThing: no authenticator for security scheme key")
}

func TestResponsesThatBreakTheDocumentNeverLeave(t *testing.T) {
	good := func(c echo.Context) error {
		c.Response().Header().Set("X-Count", "1")
		return c.JSONBlob(http.StatusOK, []byte(`{"name":"a"}`))
	}
	get := func() *http.Request {
		return httptest.NewRequest(http.MethodGet, "/v1/things/7?platform=procore&kind=a", nil)
	}
	w := serve(t, document, good, get())
	assert.Equal(t, http.StatusOK, w.Code, w.Body)
	assert.JSONEq(t, `{"name":"a"}`, w.Body.String())

	for name, test := range map[string]struct {
		handler echo.HandlerFunc
		problem string
	}{
		"undocumented status": {func(c echo.Context) error { return c.NoContent(http.StatusTeapot) }, "status 418 is not documented"},
		"nothing written":     {func(echo.Context) error { return nil }, "status 0 is not documented"},
		"header missing":      {func(c echo.Context) error { return c.JSONBlob(http.StatusOK, []byte(`{"name":"secret"}`)) }, "header X-Count: is required"},
		"header wrong": {func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "many")
			return c.JSONBlob(200, []byte(`{"name":"secret"}`))
		}, "header X-Count: "},
		"body wrong": {func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			return c.JSONBlob(200, []byte(`{"nam":"secret"}`))
		}, "body: "},
		"body not JSON": {func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			return c.JSONBlob(200, []byte(`secret`))
		}, "body: "},
		"wrong media type": {func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			return c.String(200, `{"name":"secret"}`)
		}, "Content-Type"},
		"body where none is": {func(c echo.Context) error { return c.JSONBlob(http.StatusNoContent, []byte(`{"name":"secret"}`)) }, "none is documented"},
	} {
		w := serve(t, document, test.handler, get())
		assert.Equal(t, http.StatusInternalServerError, w.Code, name)
		assert.Contains(t, message(t, w), test.problem, name)
		assert.NotContains(t, w.Body.String(), "secret", name)
		assert.Empty(t, w.Header().Get("X-Count"), name)
	}
}

func TestAPanicAfterTheResponseWasWrittenLeavesNothingOfIt(t *testing.T) {
	d, err := openapi.Load([]byte(document))
	require.NoError(t, err)
	middleware, err := d.Middleware(openapi.Options{Authenticators: map[string]func(echo.Context) error{"key": authenticate}})
	require.NoError(t, err)
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				recover()
				assert.False(t, c.Response().Committed)
				err = c.NoContent(http.StatusBadGateway)
			}()
			return next(c)
		}
	}, middleware)
	e.GET("/v1/things/:id", func(c echo.Context) error {
		c.NoContent(http.StatusNoContent)
		panic("late")
	})
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/things/7?platform=procore&kind=a", nil))
	assert.Equal(t, http.StatusBadGateway, w.Code)
}

func TestCheckRoutes(t *testing.T) {
	d, err := openapi.Load([]byte(document))
	require.NoError(t, err)
	e := echo.New()
	e.GET("/v1/things/:id", noContent)
	e.GET("/docs", noContent)
	e.POST("/v1/things", noContent)
	err = d.CheckRoutes(e.Routes(), "/docs")
	assert.ErrorContains(t, err, "POST /v1/things is routed but not in the document")
	assert.ErrorContains(t, err, "PUT /v1/things/:id is in the document but not routed")
	assert.ErrorContains(t, err, "/v1/things/:id is routed for GET but not for HEAD")
	assert.NotContains(t, err.Error(), "/docs")
}

func TestLoadNamesTheBrokenPlace(t *testing.T) {
	for name, test := range map[string]struct{ old, new, place string }{
		"not YAML":           {"openapi: 3.1.0", "openapi: [", "line"},
		"not OpenAPI":        {"openapi: 3.1.0", "swagger: '2.0'", "openapi"},
		"dangling reference": {"'#/components/schemas/Thing'", "'#/components/schemas/Thong'", "Thong"},
		"broken pattern":     {`'^"[0-9]+"$'`, `'^(?!x)'`, "If-Match"},
		"no operationId":     {"operationId: getThing", "summary: x", "GET /things/{id}: operationId is missing"},
		"cookie parameter":   {"in: header, schema", "in: cookie, schema", "/paths/~1things~1{id}/get/parameters/5"},
		"another media type": {"content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}", "content: {text/csv: {schema: {type: string}}}", "/get/responses/200/content"},
		"a third media type": {"content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}", "content: {application/json: {schema: {}}, text/plain: {schema: {type: string}}}", "/get/responses/200/content"},
		"range of statuses":  {"'204': {description: none}", "2XX: {description: none}", "responses/2XX"},
		"broken limit":       {"operationId: getThing", "operationId: getThing\n      x-rate-limit: {limit: 5}", "x-rate-limit"},
		"broken time-out":    {"operationId: getThing", "operationId: getThing\n      x-timeout-seconds: soon", "x-timeout-seconds"},
		"broken condition":   {"{name: kind, in: query, required: true,", "{name: kind, in: query, x-required-without: 1,", "x-required-without"},
		"needless condition": {"{name: kind, in: query,", "{name: kind, in: query, x-required-without: tag,", "x-required-without"},
		"misspelt type":      {"{type: string, minLength: 1}", "{type: strnig}", "type"},
	} {
		require.Contains(t, document, test.old, name)
		_, err := openapi.Load([]byte(strings.Replace(document, test.old, test.new, 1)))
		if assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), test.place, name)
		}
	}
}

// A parameter may be required only where another one is absent.
func TestParameterRequiredWithoutAnother(t *testing.T) {
	const required = "{name: kind, in: query, required: true,"
	require.Contains(t, document, required)
	conditional := strings.Replace(document, required, "{name: kind, in: query, x-required-without: tag,", 1)
	for query, problem := range map[string]string{
		"":                            "platform and kind query params required",
		"platform=procore":            "kind query param required",
		"platform=procore&=x":         "kind query param required; query.: unknown parameter",
		"platform=procore&kind=a":     "",
		"platform=procore&tag=x":      "",
		"platform=procore&tag=x&kind": "",
		"tag=x":                       "platform query param required",
	} {
		w := serve(t, conditional, noContent, httptest.NewRequest(http.MethodGet, "/v1/things/7?"+query, nil))
		if problem == "" {
			assert.Equal(t, http.StatusNoContent, w.Code, "%s: %s", query, w.Body)
			continue
		}
		assert.Equal(t, http.StatusBadRequest, w.Code, query)
		assert.Contains(t, w.Body.String(), problem, query)
	}
}

// Walks openapi.yaml: wherever a schema and an example stand side by side, the one accepts the other.
func TestEveryExampleOfTheContractIsValid(t *testing.T) {
	d, err := openapi.Load(structural.OpenAPI)
	require.NoError(t, err)
	schemas, err := jsonschema.NewCompiler(d.JSON())
	require.NoError(t, err)
	var root any
	require.NoError(t, yaml.Unmarshal(structural.OpenAPI, &root))
	checked := 0
	var walk func(value any, place string)
	walk = func(value any, place string) {
		switch v := value.(type) {
		case map[string]any:
			if example, ok := v["example"]; ok {
				at := place
				if _, beside := v["schema"]; beside {
					at += "/schema"
				}
				s, err := schemas.Compile(at)
				require.NoError(t, err, place)
				text, err := json.Marshal(example)
				require.NoError(t, err)
				assert.NoError(t, s.Validate(text), place)
				checked++
			}
			for key, child := range v {
				if key != "example" {
					walk(child, jsontext.AppendPointer(place, key))
				}
			}
		case []any:
			for i, child := range v {
				walk(child, place+"/"+strconv.Itoa(i))
			}
		}
	}
	walk(root, "")
	assert.Greater(t, checked, 15)
}

func message(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct{ Error string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body), "%s", w.Body)
	return body.Error
}
