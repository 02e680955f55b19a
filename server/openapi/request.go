package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"structural.app/structural/jsonschema"
	"structural.app/structural/jsontext"
	"structural.app/structural/server/budget"
	"structural.app/structural/server/problems"
)

// RequestError says how a request breaks the document.
type RequestError struct {
	Status int // 400, 413 or 415
	// Problems are one line each, for the caller: where, by JSON pointer or parameter, and what was expected. They never
	// hold a value that was sent, and are as few and short as package problems makes them.
	Problems []string
}

func (e *RequestError) Error() string { return strings.Join(e.Problems, "; ") }

// checkParameters validates path, query and header parameters; all problems come at once. scratch is memory to work in.
func (op *Operation) checkParameters(c echo.Context, scratch []byte) error {
	r := c.Request()
	if r.URL.RawQuery == "" && len(op.parameters) == 0 {
		return nil
	}
	// Echo drops what is not well-formed; it can only be so where one of these stands.
	if strings.ContainsAny(r.URL.RawQuery, "%;") {
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			return &RequestError{http.StatusBadRequest, []string{"query string is not well-formed"}}
		}
	}
	query := c.QueryParams() // kept by Echo, for the handler
	known := 0
	var missing []string
	var found problems.List
	for i := range op.parameters {
		p := &op.parameters[i]
		var values []string
		switch p.in {
		case openapi3.ParameterInQuery:
			var given bool
			if values, given = query[p.name]; given {
				known++
			} else if p.required {
				if p.without == "" || !query.Has(p.without) {
					missing = append(missing, p.name)
				}
				continue
			}
		case openapi3.ParameterInHeader:
			values = r.Header[p.name]
		case openapi3.ParameterInPath:
			values = []string{pathParameter(c, p.name)}
		}
		for _, problem := range p.check(values, scratch) {
			found.Add("", p.in+"."+p.name+": "+problem)
		}
	}
	if known < len(query) {
		op.unknownParameters(query, &found)
	}
	lines := found.Lines()
	switch last := len(missing) - 1; last {
	case -1:
	case 0:
		lines = append([]string{missing[0] + " query param required"}, lines...)
	default:
		lines = append([]string{strings.Join(missing[:last], ", ") + " and " + missing[last] + " query params required"}, lines...)
	}
	if lines != nil {
		return &RequestError{http.StatusBadRequest, lines}
	}
	return nil
}

// pathParameter decodes what Echo takes from the path as it was sent, where that is not in the usual form.
func pathParameter(c echo.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	if decoded, err := url.PathUnescape(value); err == nil {
		return decoded
	}
	return value
}

func (op *Operation) unknownParameters(query url.Values, found *problems.List) {
	var unknown []string
	for name := range query {
		if !slices.ContainsFunc(op.parameters, func(p parameter) bool { return p.in == openapi3.ParameterInQuery && p.name == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		found.Add("", "query."+jsontext.CutName(name)+": unknown parameter")
	}
}

// readBody reads the body of at most max bytes, and reserves what will be made of it.
//
// While the body comes, only what has come is reserved: a client that sends slowly, or not at all, takes nobody's place.
func (op *Operation) readBody(w http.ResponseWriter, r *http.Request, e *exchange, max int64) error {
	if r.ContentLength == 0 || r.Body == nil || op.body == nil && op.Method == http.MethodGet {
		// The body of a GET means nothing (RFC 9110, section 9.3.1), and is not read.
		return e.reservation.GrowTo(r.Context(), budget.Small)
	}
	if r.ContentLength > max {
		return tooLarge(max)
	}
	e.reservation.Shrink(0)
	source := http.MaxBytesReader(w, r.Body, max)
	for {
		const chunk = 32 << 10
		n, err := io.CopyN(&e.requestBody, source, chunk)
		if err := e.reservation.Grow(r.Context(), 2*n); err != nil { // the buffer grows by doubling
			return err
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge(max)
		}
		if err != nil {
			return &RequestError{http.StatusBadRequest, []string{"request body could not be read to its end"}}
		}
	}
	return e.reservation.GrowTo(r.Context(), budget.Small+budget.PerBodyByte*int64(e.requestBody.Len()))
}

// checkBody validates the body, and puts it back for the handler.
func (op *Operation) checkBody(r *http.Request, text []byte) error {
	if op.body == nil && op.Method == http.MethodGet {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(text))

	if len(text) == 0 {
		if op.body != nil && op.body.required {
			return &RequestError{http.StatusBadRequest, []string{"request body is required"}}
		}
		return nil
	}
	mediaType := mediaTypeOf(r.Header)
	isCSV := op.body != nil && slices.Contains(op.body.tables, mediaTypeCSV) && mediaType == mediaTypeCSV
	if mediaType != mediaTypeJSON && !isCSV {
		return op.unsupportedMediaType()
	}
	r.Header.Set("Content-Type", mediaType) // for the handler, which compares it as it is
	if isCSV {
		return checkText(text)
	}
	if op.body == nil {
		return checkNoBody(text)
	}
	if found := linesOf(op.body.schema.ValidateInput(text)); found != nil {
		return &RequestError{http.StatusBadRequest, found}
	}
	return nil
}

func (op *Operation) unsupportedMediaType() error {
	supported := mediaTypeJSON
	switch {
	case op.body != nil && slices.Contains(op.body.tables, mediaTypeCSV):
		supported += " or " + mediaTypeCSV
	case op.body != nil && op.body.lines:
		supported = mediaTypeNDJSON
	}
	return &RequestError{http.StatusUnsupportedMediaType, []string{"A request body must be sent with Content-Type: " + supported}}
}

// checkText holds a body that has no schema to what all text must be.
func checkText(text []byte) error {
	switch {
	case !utf8.Valid(text):
		return &RequestError{http.StatusBadRequest, []string{"request body is not UTF-8"}}
	case bytes.IndexByte(text, 0) >= 0:
		return &RequestError{http.StatusBadRequest, []string{"request body holds U+0000, which cannot be stored"}}
	}
	return nil
}

func tooLarge(max int64) error {
	return &RequestError{http.StatusRequestEntityTooLarge, []string{fmt.Sprintf("Request body is larger than %d MiB", max>>20)}}
}

// checkNoBody lets an operation that takes no body be sent {}, as many clients do, and refuses what would be ignored.
func checkNoBody(text []byte) error {
	if found := linesOf(jsonschema.CheckSyntax(text)); found != nil {
		return &RequestError{http.StatusBadRequest, found}
	}
	text = bytes.TrimSpace(text)
	if text[0] == '{' && len(bytes.TrimSpace(text[1:len(text)-1])) == 0 {
		return nil
	}
	return &RequestError{http.StatusBadRequest, []string{"this operation takes no request body; send none, or {}"}}
}

// mediaTypeOf is the media type of a body, without parameters; empty if there is none.
func mediaTypeOf(header http.Header) string {
	contentType := header.Get("Content-Type")
	if contentType == mediaTypeJSON {
		return contentType
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return mediaType
}

// linesOf turns what the schema package says of a JSON text into lines for the caller; nil for nil. The package lists 50 problems
// at the most, and then how many more there are.
func linesOf(err error) []string {
	if err == nil {
		return nil
	}
	violations, ok := errors.AsType[jsonschema.Violations](err)
	if !ok {
		return []string{"request body is not valid JSON: " + err.Error()}
	}
	lines := make([]string, len(violations))
	for i, v := range violations {
		lines[i] = v.Message
		if v.Pointer != "" {
			lines[i] = v.Pointer + ": " + v.Message
		}
	}
	return lines
}
