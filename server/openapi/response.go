package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// CheckResponse validates a response of the operation: that its status is documented, its headers, its media type and its
// body. scratch is memory to work in, or nil. The error is for the log: it says what is wrong, and holds no value of the response.
func (op *Operation) CheckResponse(status int, header http.Header, body, scratch []byte) error {
	if err := op.checkHeaders(status, header, scratch); err != nil {
		return err
	}
	r := op.responses[status]
	if r.schema == nil {
		if len(body) > 0 {
			return fmt.Errorf("status %d: has a body, and none is documented", status)
		}
		return nil
	}
	switch mediaType := mediaTypeOf(header); {
	case mediaType == mediaTypeJSON:
		return op.CheckBody(status, body)
	case !slices.Contains(r.tables, mediaType):
		return fmt.Errorf("status %d: Content-Type is none that is documented", status)
	case mediaType == mediaTypeCSV && !utf8.Valid(body):
		return fmt.Errorf("status %d: body is not UTF-8", status)
	}
	return nil
}

// checkHeaders checks that a status is documented, and its headers.
func (op *Operation) checkHeaders(status int, header http.Header, scratch []byte) error {
	r := op.responses[status]
	if r == nil {
		return fmt.Errorf("status %d is not documented", status)
	}
	for i := range r.headers {
		h := &r.headers[i]
		if found := h.check(header[h.name], scratch); found != nil {
			return fmt.Errorf("status %d: header %s: %s", status, h.name, strings.Join(found, "; "))
		}
	}
	return nil
}

// CheckBody holds a body to the document that is to become that of a response: before anything is written that could not be
// answered.
func (op *Operation) CheckBody(status int, body []byte) error {
	r := op.responses[status]
	if r == nil || r.schema == nil {
		return fmt.Errorf("status %d: no body is documented", status)
	}
	if found := linesOf(r.schema.Validate(body)); found != nil {
		return fmt.Errorf("status %d: body: %s", status, strings.Join(found, "; "))
	}
	return nil
}
